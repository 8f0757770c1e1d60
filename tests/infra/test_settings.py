"""The environment is read once, by the rules of the specification; production starts only on what is durable."""

import pytest

from engine.usecases.artifacts import ArtifactMode
from infra.settings.reading import Backend, Misconfigured, Profile, Settings, at_least, flag

PRODUCTION = {
    "DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB",
    "DPM_TABLE_NAME": "runs",
    "DPM_PAYLOAD_BUCKET": "payloads",
    "PROPOSAL_STORE_BACKEND": "DYNAMODB",
    "PROPOSAL_TABLE_NAME": "proposals",
}
PACKS = {"DPM_POLICY_PACK_CATALOG_BACKEND": "DYNAMODB", "DPM_POLICY_PACK_TABLE_NAME": "packs"}
LOCAL = {"APP_PERSISTENCE_PROFILE": "LOCAL"}
ON_LAMBDA = LOCAL | {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}
REQUIRES = "PERSISTENCE_PROFILE_REQUIRES_"


def code_of(environ):
    with pytest.raises(Misconfigured) as refused:
        Settings.from_environ(environ)
    return refused.value.code


@pytest.mark.parametrize("profile", [None, "PRODUCTION", " production ", "", "PROD", "STAGING", "LOCALS"])
def test_anything_but_local_is_production(profile):
    environ = PRODUCTION if profile is None else PRODUCTION | {"APP_PERSISTENCE_PROFILE": profile}
    settings = Settings.from_environ(environ)
    assert (settings.profile, settings.local, settings.backend) == (Profile.PRODUCTION, False, Backend.DYNAMODB)
    assert (settings.table, settings.bucket) == ("runs", "payloads")


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
    ],
)
def test_production_names_the_first_thing_that_it_lacks(change, code):
    environ = {name: value for name, value in (PRODUCTION | change).items() if value is not None}
    assert code_of(environ) == REQUIRES + code


def test_production_starts_with_packs_and_a_queue():
    queue = {"DPM_ASYNC_EXECUTION_MODE": "ACCEPT_ONLY", "DPM_OPERATIONS_QUEUE_URL": "https://queue.example/ops"}
    assert Settings.from_environ(PRODUCTION | PACKS | queue | {"DPM_POLICY_PACKS_ENABLED": "true"}).profile is Profile.PRODUCTION


def test_an_empty_environment_is_production_without_a_store():
    assert code_of({}) == REQUIRES + "DPM_STORE"


def test_local_runs_on_memory_or_an_emulator():
    assert Settings.from_environ(LOCAL) == Settings()
    assert Settings.from_environ(LOCAL | {"DPM_SUPPORTABILITY_STORE_BACKEND": "IN_MEMORY"}).warnings == ()
    emulated = Settings.from_environ(LOCAL | PRODUCTION)
    assert (emulated.local, emulated.backend) == (True, Backend.DYNAMODB)
    assert code_of(LOCAL | {"DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB"}) == "DPM_SUPPORTABILITY_TABLE_REQUIRED"


def test_local_never_starts_on_a_real_lambda():
    assert code_of(ON_LAMBDA) == "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA"
    assert code_of(ON_LAMBDA | {"AWS_ENDPOINT_URL": ""}) == "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA"
    for emulator in (
        {"AWS_SAM_LOCAL": "true"},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"},
    ):
        assert Settings.from_environ(ON_LAMBDA | emulator).local


@pytest.mark.parametrize(
    ("value", "meant"),
    [(None, True), ("1", True), (" TRUE ", True), ("Yes", True), ("on", True), ("", False), ("0", False), ("false", False), ("y", False)],
)
def test_flags(value, meant):
    environ = {} if value is None else {"DPM_IDEMPOTENCY_REPLAY_ENABLED": value}
    assert flag(environ, "DPM_IDEMPOTENCY_REPLAY_ENABLED", default=True) is meant
    assert Settings.from_environ(LOCAL | environ).replay_enabled is meant


@pytest.mark.parametrize(
    ("value", "least", "number"),
    [("7", 0, 7), (" 7 ", 0, 7), ("0", 0, 0), ("0", 1, None), ("-1", 0, None), ("x", 0, None), ("1.5", 0, None)],
)
def test_whole_numbers(value, least, number):
    assert at_least(least, {"N": value}, "N") == number


def test_numbers_out_of_bounds_are_defaults():
    odd = {"DPM_SUPPORTABILITY_RETENTION_DAYS": "-3", "DPM_INLINE_PAYLOAD_MAX_BYTES": "many"}
    settings = Settings.from_environ(LOCAL | odd)
    assert (settings.retention_days, settings.inline_payload_max_bytes) == (0, None)
    given = Settings.from_environ(LOCAL | {"DPM_SUPPORTABILITY_RETENTION_DAYS": "30", "DPM_INLINE_PAYLOAD_MAX_BYTES": "0"})
    assert (given.retention_days, given.inline_payload_max_bytes) == (30, 0)


def test_what_is_rarely_meant_is_warned_about():
    odd = {"DPM_IDEMPOTENCY_REPLAY_ENABLED": "", "DPM_SUPPORTABILITY_STORE_BACKEND": "MONGO"}
    settings = Settings.from_environ(LOCAL | odd)
    assert settings.backend is Backend.IN_MEMORY
    assert settings.warnings == (
        "FLAG_EMPTY: DPM_IDEMPOTENCY_REPLAY_ENABLED",
        "BACKEND_UNKNOWN: DPM_SUPPORTABILITY_STORE_BACKEND",
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
def test_artifacts_are_kept_in_production_unless_told_otherwise(stated, in_production, in_local):
    told = {} if stated is None else {"DPM_ARTIFACT_STORE_MODE": stated}
    modes = [Settings.from_environ(environ | told).artifacts for environ in (PRODUCTION, LOCAL)]
    assert modes == [ArtifactMode(in_production), ArtifactMode(in_local)]


def test_a_mode_of_artifacts_that_nobody_knows_is_warned_of():
    assert Settings.from_environ(LOCAL | {"DPM_ARTIFACT_STORE_MODE": "X"}).warnings == (
        "ARTIFACT_STORE_MODE_UNKNOWN: DPM_ARTIFACT_STORE_MODE",
    )
