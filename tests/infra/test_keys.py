"""Keys: tenant first, nothing injectable, times that sort."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records.pages import instant
from infra.aws import keys

IDS = st.text(min_size=1, max_size=128)
TENANTS = st.from_regex(r"\A[A-Za-z0-9_.-]{1,64}\Z")
BUILDERS: list[Callable[[str, str], str]] = [
    *(keys.run, keys.request_hash, keys.idempotency, keys.operation, keys.portfolio, keys.simulated_proposal),
    *(keys.proposal, keys.proposals_of_creator),
    lambda tenant, identifier: keys.proposals_in_state(tenant, identifier, 0),
    lambda tenant, identifier: keys.proposal_command(tenant, "CREATE", None, identifier),
    lambda tenant, identifier: keys.proposal_command(tenant, "VERSION", "pp_1", identifier),
    lambda tenant, identifier: keys.proposal_command(tenant, "VERSION", identifier, "key"),
]
TIMES = st.datetimes(timezones=st.timezones(), min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29))  # noqa: DTZ001  (the strategy wants naive bounds)


def everywhere(tenant: str, identifier: str) -> list[str]:
    return [*(build(tenant, identifier) for build in BUILDERS), *keys.correlations(tenant, identifier)]


@given(st.lists(st.tuples(TENANTS, IDS | st.just("c_none")), min_size=2, max_size=2, unique=True))
def test_different_owners_never_share_a_partition(pairs: list[tuple[str, str]]) -> None:
    (first, second) = (everywhere(*pair) for pair in pairs)
    assert not set(first) & set(second)
    assert len(set(first)) == len(first)


@given(TENANTS, IDS)
def test_every_partition_starts_with_its_tenant_and_fits(tenant: str, identifier: str) -> None:
    for text in everywhere(tenant, identifier):
        assert text.startswith(f"T#{tenant}#")
        assert len(text.encode()) <= 2048
    assert len(keys.payload(tenant, "runs", identifier[:60], "0" * 64).encode()) <= 1024


@given(IDS)
def test_an_escaped_id_holds_no_separator(identifier: str) -> None:
    text = keys.escaped(identifier)
    assert text.isascii()
    assert text.isprintable()
    assert not set("#/ ") & set(text)


@given(st.tuples(TIMES, IDS), st.tuples(TIMES, IDS))
def test_sort_keys_sort_as_instants(one: tuple[datetime, str], two: tuple[datetime, str]) -> None:
    if one[0].astimezone(UTC) < two[0].astimezone(UTC):
        assert keys.at(*one) < keys.at(*two)


@given(TIMES)
def test_an_instant_reads_back(time: datetime) -> None:
    assert keys.moment(instant(time)) == time.astimezone(UTC)
    assert len(instant(time)) == 27


def test_an_instant_in_full() -> None:
    east = timezone(timedelta(hours=8))
    assert instant(datetime(2026, 2, 20, 20, 0, tzinfo=east)) == "2026-02-20T12:00:00.000000Z"
    assert keys.at(datetime(2026, 2, 20, 12, 0, 0, 7, UTC), "rr_1#") == "2026-02-20T12:00:00.000007Z#rr_1%23"


def test_the_pointer_of_no_correlation_spreads_over_all_shards() -> None:
    used = {keys.correlation("t", "c_none", f"rr_{n}") for n in range(200)}
    assert used == set(keys.correlations("t", "c_none"))
    assert len(used) == keys.SHARDS
    assert keys.correlation("t", "c_1", "rr_1") == "T#t#CORR#c_1"


@pytest.mark.parametrize("tenant", ["", "a#", "../x", "a b", "é", "a" * 65])
def test_a_tenant_outside_the_alphabet_has_no_keys(tenant: str) -> None:
    with pytest.raises(ValueError, match="TENANT_INVALID"):
        keys.run(tenant, "rr_1")
    with pytest.raises(ValueError, match="TENANT_INVALID"):
        keys.payload(tenant, "runs", "rr_1", "0" * 64)


@given(TIMES, TENANTS, IDS)
def test_a_proposal_is_named_by_its_end(end: datetime, tenant: str, identifier: str) -> None:
    assert keys.owed(keys.due(end, tenant, identifier)) == (tenant, identifier)
    assert keys.due(end, tenant, identifier).startswith(instant(end))
