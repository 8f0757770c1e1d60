"""What a deployment insists on in the life of proposals, as its environment says it (advisory-lifecycle 2, advisory-practice 10, rulings-2 proposal 2)."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.workflow.proposal_commands import Safeguards
from infra.settings.container import Settings
from infra.settings.guardrails import Misconfigured
from infra.settings.proposals import SAFEGUARDS, ProposalSettings
from infra.template import Template

ROOT = Path(__file__).parents[2]
LOCAL = {"APP_PERSISTENCE_PROFILE": "LOCAL"}
FUNCTIONS = ("ProposalWorkflowFunction", "WorkerFunction")


def settings(**environ: str) -> ProposalSettings:
    return Settings.from_environ(LOCAL | environ).proposals


def test_gates_resets_and_records_are_on_unless_told() -> None:
    guards = settings().safeguards
    on = ("enforce_gates", "reset_on_new_version", "approvals_need_record", "require_expected_state", "require_simulation_flag")
    assert all(getattr(guards, name) for name in on)
    assert not any((guards.approvals_name_hash, guards.four_eyes, guards.portfolio_may_change, guards.execution_check_minutes))
    assert (settings().validity_hours, settings().evidence) == (0, True)


@pytest.mark.parametrize(("name", "variable"), SAFEGUARDS.items())
@pytest.mark.parametrize(("text", "value"), [("1", True), (" Yes ", True), ("enabled", False), ("", False), ("false", False)])
def test_a_safeguard_is_told_by_its_variable(name: str, variable: str, text: str, value: bool) -> None:
    assert getattr(settings(**{variable: text}).safeguards, name) is value


def test_every_safeguard_that_is_on_or_off_has_a_variable() -> None:
    flags = {name for name in Safeguards.__slots__ if isinstance(getattr(Safeguards(), name), bool)}
    assert set(SAFEGUARDS) == flags


@pytest.mark.parametrize(("text", "value"), [("60", 60), ("0", 0), ("-1", 0), ("soon", 0)])
def test_minutes_and_hours(text: str, value: int) -> None:
    assert settings(PROPOSAL_EXECUTION_CHECK_MINUTES=text).safeguards.execution_check_minutes == value
    assert settings(PROPOSAL_VALIDITY_HOURS=text).validity_hours == value


def test_the_banks_own_limits() -> None:
    standards = settings(PROPOSAL_SUITABILITY_THRESHOLDS='{"issuer_max_weight":"0.15"}', PROPOSAL_VALIDITY_HOURS="5").standards()
    assert (standards.thresholds.issuer_max_weight, standards.validity_hours) == (Decimal("0.15"), 5)
    assert settings().standards().thresholds.issuer_max_weight == Decimal("0.20")


@pytest.mark.parametrize("text", ["none", '{"issuer_max":"0.15"}', '{"issuer_max_weight":"2"}', '{"cash_band_min_weight":"0.5"}'])
def test_limits_that_cannot_be_read_stop_the_start(text: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        settings(PROPOSAL_SUITABILITY_THRESHOLDS=text)
    assert refused.value.code == "PROPOSAL_SUITABILITY_THRESHOLDS_INVALID"


def told(stage: str) -> list[dict[str, Any]]:
    """The variables of the functions that live by them, as samconfig.toml deploys a stage."""
    said = tomllib.loads((ROOT / "samconfig.toml").read_text())[stage]["deploy"]["parameters"]["parameter_overrides"]
    given = dict(parameter.split("=", 1) for parameter in said) | ({"AlarmEmail": "night@bank.example"} if stage == "prod" else {})
    template = Template.load(ROOT / "template.yaml", given)
    return [{name: str(value) for name, value in template.properties(f)["Environment"]["Variables"].items()} for f in FUNCTIONS]


def test_prod_insists_on_more_than_others() -> None:
    for environ in told("prod"):
        made = ProposalSettings.from_environ(environ)
        guards = made.safeguards
        assert (guards.four_eyes, guards.approvals_name_hash, guards.execution_check_minutes, made.validity_hours) == (True, True, 60, 672)
    for environ in told("dev"):
        made = ProposalSettings.from_environ(environ)
        assert (made.safeguards, made.validity_hours) == (Safeguards(), 0)


def test_api_and_workers_insist_on_the_same() -> None:
    api, worker = ({name: value for name, value in environ.items() if name in _OF_LIFE} for environ in told("prod"))
    assert api == worker
    assert set(api) == _OF_LIFE


_OF_LIFE = {
    *SAFEGUARDS.values(),
    "PROPOSAL_EXECUTION_CHECK_MINUTES",
    "PROPOSAL_VALIDITY_HOURS",
    "PROPOSAL_SUITABILITY_THRESHOLDS",
    "PROPOSAL_STORE_EVIDENCE_BUNDLE",
}
