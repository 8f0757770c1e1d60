"""The texts of the contract: ids, which may stand in paths, and free texts."""

import pytest

from engine.contracts import InvalidRequest, parse_request
from engine.contracts.packs import parse_pack_id
from tests.engine.contract_requests import MISSING, refusal, request, violations


@pytest.mark.parametrize("given", ["a", "x" * 128, "Fünd 9", "\u20ac/\U0001f600", "a b", "'; --"])
def test_ids_of_1_to_128_characters(given: str) -> None:
    body = request("portfolio_snapshot.portfolio_id", given)
    assert parse_request(body).portfolio_snapshot.portfolio_id == given


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("", "string_too_short"),
        ("x" * 129, "string_too_long"),
        ("a\nb", "string_pattern_mismatch"),
        ("a\x00", "string_pattern_mismatch"),
        ("a\x9f", "string_pattern_mismatch"),
        (1, "string_type"),
        (None, "string_type"),
        (MISSING, "missing"),
    ],
)
def test_other_texts_are_no_ids(given: object, kind: str) -> None:
    assert refusal("portfolio_snapshot.portfolio_id", given) == ("body.portfolio_snapshot.portfolio_id", kind)


ADDRESSED = (
    "portfolio_snapshot.portfolio_id",
    "portfolio_snapshot.positions.0.instrument_id",
    "market_data_snapshot.prices.0.instrument_id",
    "model_portfolio.targets.0.instrument_id",
    "shelf_entries.0.instrument_id",
)


@pytest.mark.parametrize("path", ADDRESSED)
@pytest.mark.parametrize("given", [".", ".."])
def test_ids_that_may_stand_in_a_path_are_no_steps_of_it(path: str, given: str) -> None:
    (found,) = violations(request(path, given))
    assert (found.loc, found.type) == (
        ("body", *(int(part) if part.isdigit() else part for part in path.split("."))),
        "string_pattern_mismatch",
    )
    assert found.msg == "An id is neither . nor .."


@pytest.mark.parametrize("path", ADDRESSED)
@pytest.mark.parametrize("given", ["...", ".a", "..a", "a.", ".a.", "....", "." * 128, "a" * 126 + ".."])
def test_other_ids_hold_dots_anywhere(path: str, given: str) -> None:
    parse_request(request(path, given))


def test_other_ids_never_stand_in_a_path() -> None:
    parse_request(request("portfolio_snapshot.snapshot_id", ".."))


@pytest.mark.parametrize("path", ["shelf_entries.0.asset_class", "shelf_entries.0.issuer_id", "shelf_entries.0.attributes.sector"])
@pytest.mark.parametrize("control", ["\n", "\x00", "\x1f", "\x7f", "\x85", "\x9f"])
def test_free_texts_hold_no_control_characters(path: str, control: str) -> None:
    owner, _, member = path.rpartition(".")
    given = (owner, {member: f"a{control}b"}) if owner.endswith("attributes") else (path, f"a{control}b")
    (found,) = violations(request(*given))
    assert (found.loc[-1], found.type, found.msg) == (member, "string_pattern_mismatch", "String should hold no control characters")


def test_names_of_attributes_are_free_texts_too() -> None:
    (found,) = violations(request("shelf_entries.0.attributes", {"a\tb": "x"}))
    assert found.type == "string_pattern_mismatch"
    parse_request(request("shelf_entries.0.attributes", {"": "", "\u2028 \u00a0é": "\U0001f600"}))


def test_free_texts_have_1000_characters_at_most() -> None:
    parse_request(request("shelf_entries.0.asset_class", "x" * 1000))
    assert refusal("shelf_entries.0.asset_class", "x" * 1001)[1] == "string_too_long"
    parse_request(request("shelf_entries.0.asset_class", ""))


@pytest.mark.parametrize("given", [".", "..", " .. "])
def test_a_pack_id_is_no_step_of_a_path(given: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_pack_id(given)
    (found,) = refused.value.violations
    assert (found.loc, found.type) == (("path", "policy_pack_id"), "string_pattern_mismatch")


@pytest.mark.parametrize("given", ["...", ".a", "..1", "a.", "-" * 128])
def test_a_pack_id_may_hold_dots(given: str) -> None:
    assert parse_pack_id(given) == given
