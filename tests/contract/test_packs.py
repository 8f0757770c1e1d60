"""What every PackAdministration promises: revisions that count up, changes that see what they change."""

from typing import Any

import pytest

from engine.contracts.packs import PackContent, parse_pack
from engine.policy_packs import PolicyPack
from engine.ports.packs import PackAdministration, Removal
from tests.support.samples import TENANT
from tests.support.worlds import World


def content(version: str = "1", **policies: Any) -> PackContent:
    fields = "".join(f',"{name}":{text}' for name, text in policies.items())
    return parse_pack(f'{{"version":"{version}"{fields}}}'.encode())


FULL = content(
    turnover_policy='{"max_turnover_pct":"0.15"}',
    tax_policy='{"enable_tax_awareness":true,"max_realized_capital_gains":"10000.00"}',
    constraint_policy='{"group_constraints":{"sector:TECH":{"max_weight":"0.2"}}}',
    idempotency_policy='{"replay_enabled":false}',
)


def pack(name: str = "pack", body: PackContent = FULL) -> PolicyPack:
    return PolicyPack(name, body, 0)


@pytest.fixture
def packs(world: World) -> PackAdministration:
    return world.packs()


@pytest.mark.parametrize("given", ['"0.0000001"', "1e-300", '"0.00"', "5"])
def test_every_decimal_that_a_pack_may_hold_comes_back(packs: PackAdministration, given: str) -> None:
    """Written out, the first is `1E-7`, which no caller's text may be."""
    stated = content(tax_policy=f'{{"max_realized_capital_gains":{given}}}')
    assert (
        packs.put(TENANT, pack(body=stated), expected=None, actor="adviser-7")
        == packs.pack(TENANT, "pack")
        == PolicyPack("pack", stated, 1)
    )


def test_a_pack_comes_back_as_it_was_put(packs: PackAdministration) -> None:
    kept = packs.put(TENANT, pack(), expected=None, actor="adviser-7")
    assert kept == PolicyPack("pack", FULL, 1)
    assert packs.pack(TENANT, "pack") == kept
    assert packs.pack(TENANT, "other") is None
    assert packs.pack("bank-b", "pack") is None
    assert packs.pack(TENANT, "x" * 3000) is None
    assert packs.packs("bank-b") == ()


def test_the_catalog_is_in_order_of_ids(packs: PackAdministration) -> None:
    for name in ("b", "a.1", "B", "a_1", "a-1"):
        packs.put(TENANT, pack(name), expected=None, actor="x")
    assert [found.policy_pack_id for found in packs.packs(TENANT)] == ["B", "a-1", "a.1", "a_1", "b"]


def test_revisions_count_every_change_even_beyond_a_removal(packs: PackAdministration) -> None:
    assert packs.put(TENANT, pack(), expected=0, actor="x") == PolicyPack("pack", FULL, 1)
    assert packs.put(TENANT, pack(body=content("2")), expected=1, actor="x") == PolicyPack("pack", content("2"), 2)
    assert packs.remove(TENANT, "pack", expected=2, actor="x") is Removal.REMOVED
    assert packs.pack(TENANT, "pack") is None
    assert packs.packs(TENANT) == ()
    assert packs.put(TENANT, pack(), expected=0, actor="x") == PolicyPack("pack", FULL, 4)
    assert packs.put(TENANT, pack(), expected=None, actor="x") == PolicyPack("pack", FULL, 5)


def test_a_change_of_what_another_changed_is_refused(packs: PackAdministration) -> None:
    assert packs.put(TENANT, pack(), expected=1, actor="x") is None
    packs.put(TENANT, pack(), expected=None, actor="x")
    assert packs.put(TENANT, pack(), expected=0, actor="x") is None
    assert packs.put(TENANT, pack(), expected=2, actor="x") is None
    assert packs.remove(TENANT, "pack", expected=2, actor="x") is Removal.CHANGED_SINCE
    assert packs.remove(TENANT, "other", expected=1, actor="x") is Removal.CHANGED_SINCE
    assert packs.pack(TENANT, "pack") == PolicyPack("pack", FULL, 1)


def test_removing_what_is_not_there_is_no_change(packs: PackAdministration) -> None:
    assert packs.remove(TENANT, "pack", expected=None, actor="x") is Removal.NOTHING_THERE
    assert packs.remove(TENANT, "pack", expected=0, actor="x") is Removal.NOTHING_THERE
    packs.put(TENANT, pack(), expected=None, actor="x")
    assert packs.remove(TENANT, "pack", expected=None, actor="x") is Removal.REMOVED
    assert packs.remove(TENANT, "pack", expected=None, actor="x") is Removal.NOTHING_THERE
