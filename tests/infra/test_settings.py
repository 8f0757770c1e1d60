"""The environment is read once, by the rules of the specification; production starts only on what is durable."""

from typing import Any

import pytest

from engine.usecases.artifacts import ArtifactMode
from engine.usecases.refusals import Code
from infra.settings.container import Settings
from infra.settings.guardrails import Misconfigured, Need, Profile
from infra.settings.reading import at_least, flag
from infra.settings.stores import Backend

PRODUCTION = {
    "DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB",
    "DPM_TABLE_NAME": "runs",
    "DPM_PAYLOAD_BUCKET": "payloads",
    "PROPOSAL_STORE_BACKEND": "DYNAMODB",
    "PROPOSAL_TABLE_NAME": "proposals",
    "BOOKS_BUCKET": "books",
    "BOOK_MACHINE_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:books",
}
PACKS = {"DPM_POLICY_PACK_CATALOG_BACKEND": "DYNAMODB", "DPM_POLICY_PACK_TABLE_NAME": "packs"}
LOCAL = {"APP_PERSISTENCE_PROFILE": "LOCAL"}
ON_LAMBDA = LOCAL | {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}
REQUIRES = "PERSISTENCE_PROFILE_REQUIRES_"


def code_of(environ: dict[str, Any]) -> Code:
    with pytest.raises(Misconfigured) as refused:
        Settings.from_environ(environ)
    return refused.value.code


@pytest.mark.parametrize("profile", [None, "PRODUCTION", " production ", "", "PROD", "STAGING", "LOCALS"])
def test_anything_but_local_is_production(profile: str | None) -> None:
    environ = PRODUCTION if profile is None else PRODUCTION | {"APP_PERSISTENCE_PROFILE": profile}
    settings = Settings.from_environ(environ)
    assert (settings.profile, settings.local, settings.store.backend) == (Profile.PRODUCTION, False, Backend.DYNAMODB)
    assert (settings.store.table, settings.store.bucket) == ("runs", "payloads")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DPM_SUPPORTABILITY_STORE_BACKEND": None}, "DPM_STORE"),
        ({"DPM_SUPPORTABILITY_STORE_BACKEND": "IN_MEMORY"}, "DPM_STORE"),
        ({"DPM_SUPPORTABILITY_STORE_BACKEND": "MONGO", "DPM_TABLE_NAME": None}, "DPM_STORE"),
        ({"DPM_TABLE_NAME": None, "PROPOSAL_STORE_BACKEND": None}, "DPM_STORE_TABLE"),
        ({"DPM_TABLE_NAME": "  "}, "DPM_STORE_TABLE"),
        ({"PROPOSAL_STORE_BACKEND": "IN_MEMORY"}, "ADVISORY_STORE"),
        ({"PROPOSAL_TABLE_NAME": None, "DPM_POLICY_PACKS_ENABLED": "1"}, "ADVISORY_STORE_TABLE"),
        ({"DPM_POLICY_PACKS_ENABLED": "1"}, "POLICY_PACK_STORE"),
        ({"DPM_POLICY_PACK_ADMIN_APIS_ENABLED": "yes"}, "POLICY_PACK_STORE"),
        ({"DPM_POLICY_PACKS_ENABLED": "on", "DPM_POLICY_PACK_CATALOG_BACKEND": "DYNAMODB"}, "POLICY_PACK_STORE_TABLE"),
        ({"DPM_PAYLOAD_BUCKET": None, "DPM_ASYNC_EXECUTION_MODE": "ACCEPT_ONLY"}, "DPM_PAYLOAD_BUCKET"),
        ({"DPM_ASYNC_EXECUTION_MODE": "accept_only "}, "DPM_QUEUE"),
        ({"BOOKS_BUCKET": " "}, "BOOKS_BUCKET"),
        ({"BOOK_MACHINE_ARN": None}, "BOOK_MACHINE"),
    ],
)
def test_production_names_the_first_thing_that_it_lacks(change: dict[str, Any], code: str) -> None:
    environ = {name: value for name, value in (PRODUCTION | change).items() if value is not None}
    assert code_of(environ) == REQUIRES + code


def test_production_starts_with_packs_and_a_queue() -> None:
    queue = {"DPM_ASYNC_EXECUTION_MODE": "ACCEPT_ONLY", "DPM_OPERATIONS_QUEUE_URL": "https://queue.example/ops"}
    assert Settings.from_environ(PRODUCTION | PACKS | queue | {"DPM_POLICY_PACKS_ENABLED": "true"}).profile is Profile.PRODUCTION


def test_an_empty_environment_is_production_without_a_store() -> None:
    assert code_of({}) == REQUIRES + "DPM_STORE"


def test_local_runs_on_memory_or_an_emulator() -> None:
    assert Settings.from_environ(LOCAL) == Settings()
    assert Settings.from_environ(LOCAL | {"DPM_SUPPORTABILITY_STORE_BACKEND": "IN_MEMORY"}).warnings == ()
    emulated = Settings.from_environ(LOCAL | PRODUCTION)
    assert (emulated.local, emulated.store.backend) == (True, Backend.DYNAMODB)
    assert (emulated.proposals.backend, emulated.proposals.table) == (Backend.DYNAMODB, "proposals")
    assert code_of(LOCAL | {"DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB"}) == "DPM_SUPPORTABILITY_TABLE_REQUIRED"
    assert code_of(LOCAL | {"PROPOSAL_STORE_BACKEND": "DYNAMODB"}) == "STORE_PROPOSAL_TABLE_REQUIRED"


def test_local_never_starts_on_a_real_lambda() -> None:
    assert code_of(ON_LAMBDA) == "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA"
    assert code_of(ON_LAMBDA | {"AWS_ENDPOINT_URL": ""}) == "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA"
    assert code_of(ON_LAMBDA | {"AWS_ENDPOINT_URL_S3": ""}) == "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA"


@pytest.mark.parametrize(
    "emulator",
    [
        {"AWS_SAM_LOCAL": "true"},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
        {"AWS_ENDPOINT_URL": "http://[::1]:4566"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "http://localhost:8000", "AWS_ENDPOINT_URL_S3": "https://127.8.9.10"},
    ],
)
def test_an_emulator_on_this_machine_is_no_real_lambda(emulator: dict[str, str]) -> None:
    assert Settings.from_environ(ON_LAMBDA | emulator).local


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://vpce-0a1b2c3d.dynamodb.eu-central-1.vpce.amazonaws.com",
        "https://10.0.0.17",
        "http://localhost.example.com",
        "http://127.0.0.1@10.0.0.17",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:4566",
        "127.0.0.1:4566",
        "http://[::1",
        "on",
    ],
)
def test_an_endpoint_that_a_platform_sets_lifts_no_guard(endpoint: str) -> None:
    for named in ({"AWS_ENDPOINT_URL": endpoint}, {"AWS_ENDPOINT_URL_S3": endpoint, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}):
        assert code_of(ON_LAMBDA | named) == "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA"


def test_a_function_is_refused_only_for_what_it_needs() -> None:
    without_proposals = {name: value for name, value in PRODUCTION.items() if not name.startswith("PROPOSAL")}
    assert Settings.from_environ(without_proposals, {Need.RUNS, Need.PACKS, Need.QUEUE}).store.table == "runs"
    with pytest.raises(Misconfigured, match="REQUIRES_ADVISORY_STORE"):
        Settings.from_environ(without_proposals, {Need.RUNS, Need.PROPOSALS})
    alone = {name: value for name, value in PRODUCTION.items() if name.startswith("PROPOSAL")} | {"DPM_PAYLOAD_BUCKET": "payloads"}
    assert Settings.from_environ(alone, {Need.PROPOSALS}).proposals.table == "proposals"
    with pytest.raises(Misconfigured, match="REQUIRES_DPM_PAYLOAD_BUCKET"):
        Settings.from_environ(alone | {"DPM_PAYLOAD_BUCKET": ""}, {Need.PROPOSALS})
    assert Settings.from_environ(PACKS | {"DPM_POLICY_PACKS_ENABLED": "1"}, {Need.PACKS}).store.backend is Backend.DYNAMODB
    with pytest.raises(Misconfigured, match="LOCAL_ON_LAMBDA"):
        Settings.from_environ(ON_LAMBDA, ())


@pytest.mark.parametrize(
    ("value", "meant"),
    [(None, True), ("1", True), (" TRUE ", True), ("Yes", True), ("on", True), ("", False), ("0", False), ("false", False), ("y", False)],
)
def test_flags(value: str | None, meant: bool) -> None:
    environ = {} if value is None else {"DPM_IDEMPOTENCY_REPLAY_ENABLED": value}
    assert flag(environ, "DPM_IDEMPOTENCY_REPLAY_ENABLED", default=True) is meant
    assert Settings.from_environ(LOCAL | environ).replay_enabled is meant


@pytest.mark.parametrize(
    ("value", "least", "number"),
    [("7", 0, 7), (" 7 ", 0, 7), ("0", 0, 0), ("0", 1, None), ("-1", 0, None), ("x", 0, None), ("1.5", 0, None)],
)
def test_whole_numbers(value: str, least: int, number: int | None) -> None:
    assert at_least({"N": value}, "N", least) == number


def test_numbers_out_of_bounds_are_defaults() -> None:
    odd = {"DPM_SUPPORTABILITY_RETENTION_DAYS": "-3", "DPM_INLINE_PAYLOAD_MAX_BYTES": "many"}
    settings = Settings.from_environ(LOCAL | odd)
    assert (settings.store.retention_days, settings.store.inline_payload_max_bytes) == (0, None)
    given = Settings.from_environ(LOCAL | {"DPM_SUPPORTABILITY_RETENTION_DAYS": "30", "DPM_INLINE_PAYLOAD_MAX_BYTES": "0"})
    assert (given.store.retention_days, given.store.inline_payload_max_bytes) == (30, 0)


@pytest.mark.parametrize(("stated", "seconds"), [(None, 86_400), ("3600", 3_600), ("0", 86_400), ("-1", 86_400), ("a day", 86_400)])
def test_keys_of_proposals_stand_for_a_day_unless_told_otherwise(stated: str | None, seconds: int) -> None:
    told = {} if stated is None else {"PROPOSAL_SIMULATE_IDEMPOTENCY_TTL_SECONDS": stated}
    assert Settings.from_environ(LOCAL | told).proposals.key_ttl_seconds == seconds


def test_what_is_rarely_meant_is_warned_about() -> None:
    odd = {"DPM_IDEMPOTENCY_REPLAY_ENABLED": "", "DPM_SUPPORTABILITY_STORE_BACKEND": "MONGO", "PROPOSAL_STORE_BACKEND": "MARIA"}
    settings = Settings.from_environ(LOCAL | odd)
    assert (settings.store.backend, settings.proposals.backend) == (Backend.IN_MEMORY, Backend.IN_MEMORY)
    assert settings.warnings == (
        "FLAG_EMPTY: DPM_IDEMPOTENCY_REPLAY_ENABLED",
        "BACKEND_UNKNOWN: DPM_SUPPORTABILITY_STORE_BACKEND",
        "BACKEND_UNKNOWN: PROPOSAL_STORE_BACKEND",
    )


@pytest.mark.parametrize(
    ("stated", "in_production", "in_local"),
    [
        (None, "PERSISTED", "DERIVED"),
        (" persisted ", "PERSISTED", "PERSISTED"),
        ("Derived", "DERIVED", "DERIVED"),
        ("X", "PERSISTED", "DERIVED"),
    ],
)
def test_artifacts_are_kept_in_production_unless_told_otherwise(stated: str | None, in_production: str, in_local: str) -> None:
    told = {} if stated is None else {"DPM_ARTIFACT_STORE_MODE": stated}
    modes = [Settings.from_environ(environ | told).store.artifacts for environ in (PRODUCTION, LOCAL)]
    assert modes == [ArtifactMode(in_production), ArtifactMode(in_local)]


def test_a_mode_of_artifacts_that_nobody_knows_is_warned_of() -> None:
    assert Settings.from_environ(LOCAL | {"DPM_ARTIFACT_STORE_MODE": "X"}).warnings == (
        "ARTIFACT_STORE_MODE_UNKNOWN: DPM_ARTIFACT_STORE_MODE",
    )
