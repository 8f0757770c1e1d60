"""What release 1.0 published stands: a member that joins later changes no hash, no options document and no digest until it is given.

The digests below are recorded, not derived: callers and stored runs hold them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

import orjson
import pytest
from msgspec import to_builtins
from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from engine.contracts import parse_request
from engine.contracts.batches import parse_batch
from engine.contracts.conventions import Default
from engine.contracts.limits import OptionMoney
from engine.contracts.market_data import MarketDataSnapshot, Price
from engine.contracts.options.rebalance import EngineOptions
from engine.contracts.packs import PACK_CONTENT, PackContent, TurnoverPolicy, parse_pack
from engine.contracts.proposals import AdvisoryShelfEntry, ProposedTrade
from engine.contracts.received.reader import Reader
from engine.contracts.received.rows import Row
from engine.contracts.requests import OPTIONS, REQUEST, RebalanceRequest
from engine.contracts.scalars import STRICT_MEMBERS, NonNegative
from engine.contracts.shelf import ShelfEntry, ShelfStatus
from engine.contracts.snapshots import PortfolioSnapshot
from engine.evidence.canonical import (
    PACK,
    SINCE_1_0,
    canonical,
    canonical_request,
    canonical_rows,
    digest,
    document_of,
    options_document,
    request_document,
)
from engine.policy_packs import PackSource, PolicyPack
from engine.result.provenance import Origin
from tests.engine import published

PUBLISHED: Final = {
    "first request": "sha256:bbcc6cba9588e8810b13a891f2fa344c329a5234db592d5c4698341e7eb0ceb9",
    "small": "sha256:1f74f7856469d251bf7874ee48fbffbf0321336b79ffb6ac03463d96d02020ec",
    "empty": "sha256:9809cce6bd7f1f05718f47aac4d1984c8eb5027f3d001d1c55a07083fedb11b2",
    "dated": "sha256:c6e0baeed94fcc9f624d912299fbca130f50ac9cd7af14e834473f708c111367",
    "full shelf": "sha256:cdf67e58180a0bd489b432250518cc7e1b71500317f693654c40159cab8f7e03",
    "lots": "sha256:400603b8cfaad5ffef96d487da2eb545002445864c28aa81a7600837eb287ad7",
    "settled cash": "sha256:cc9ddf2206c0d177183f4480644cc20534167061352ebada5a63111b64495415",
    "valuation and targets": "sha256:ca2d24964a2e113d8f1b561f9067ae177a4a9d381d040b9c904cfec7395ee467",
    "sizing": "sha256:59f250ff9963fb203643f83b2b42705e5d8670fe96d1c37d70d11b3e2d101ac3",
    "settlement and gates": "sha256:3ab398e8f22212786c694c2e9eec8c58d77490348b30430ab342a4dc16974d52",
    "groups": "sha256:9f388178214c0aa462bad63876320c3da2e3e6b8be452e038e879a4e6fe8d87d",
    "advisory": "sha256:c241083974ab89d42a6807008754ec23e510937fc15a795c9b785caef96701d3",
}
BATCH: Final = "sha256:7f369e819adff9c4782a21a4dce4f05e760346fe387289a1fcb0f313aecb5160"
PACK_DIGEST: Final = "sha256:285f50e5d5c8059a53b30d0a092dd2d00f6f9deadb202782be80a992f4ccbe16"
OPTIONS_DIGEST: Final = "sha256:054d11cac6586eb60f3fa4667914262499c14539f57fd942d2e3ba53b2ab0e93"
UNNAMED_PORTFOLIO: Final = "sha256:00d4e944f5bb96fcde92f836bffc6efb01586de779b5a28f812c5dce921a65c1"
UNNAMED_MARKET: Final = "sha256:5da58a96950043774ce2abb417257c62be76c9cfecfade81600b8088569b9842"


@dataclass(slots=True, config=STRICT_MEMBERS)
class Fees:
    """An object that joins as a whole."""

    rate: NonNegative
    least: OptionMoney | None = None


@dataclass(slots=True, frozen=True, config=STRICT_MEMBERS)
class LaterOptions(EngineOptions):
    """Options of a later release."""

    only_cash: bool = False
    band: NonNegative | None = None
    fees: Fees | None = None


class LaterEntry(ShelfEntry):
    """A shelf row of a later release."""

    board_lot: int = 1


class LaterPortfolio(PortfolioSnapshot):
    """A portfolio of a later release."""

    mandate: str | None = None


class LaterRequest(RebalanceRequest):
    """A request of a later release."""

    portfolio_snapshot: LaterPortfolio
    shelf_entries: Annotated[list[LaterEntry], Field()]  # type: ignore[assignment]  # a list is of its own rows
    options: LaterOptions


@dataclass(slots=True)
class LaterTurnover(TurnoverPolicy):
    """A policy of a later release."""

    per_year: NonNegative | None = None


@dataclass(slots=True)
class LaterPack(PackContent):
    """A pack of a later release."""

    turnover_policy: LaterTurnover = Field(default_factory=LaterTurnover)


LATER: Final = TypeAdapter(LaterRequest)
SINCE: Final = {
    **SINCE_1_0,
    ("options",): {**SINCE_1_0[("options",)], "only_cash": False, "band": None, "fees": None},
    (PACK, "turnover_policy"): {"per_year": None},
}


def later_hash(body: Any) -> str:
    return digest(canonical(document_of(LATER.validate_json(orjson.dumps(body)), since=SINCE)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_request_keeps_its_published_hash(name: str) -> None:
    body = orjson.dumps(published.REQUESTS[name])
    assert digest(canonical_request(parse_request(body))) == PUBLISHED[name]


def test_every_published_request_has_its_hash_here() -> None:
    assert list(PUBLISHED) == list(published.REQUESTS)


def test_a_batch_a_pack_and_effective_options_keep_theirs() -> None:
    assert digest(canonical(request_document(parse_batch(orjson.dumps(published.BATCH))))) == BATCH
    pack = PolicyPack("p", parse_pack(orjson.dumps(published.PACK)), revision=1)
    assert pack.trace(PackSource.REQUEST).digest == PACK_DIGEST
    assert digest(canonical(options_document(EngineOptions()))) == OPTIONS_DIGEST


def test_snapshots_without_an_id_keep_theirs() -> None:
    request = parse_request(orjson.dumps(published.REQUESTS["lots"]))
    assert Origin.of_portfolio(request.portfolio_snapshot) == Origin(UNNAMED_PORTFOLIO, None)
    assert Origin.of_market(request.market_data_snapshot) == Origin(UNNAMED_MARKET, None)


@pytest.mark.parametrize("name", PUBLISHED)
def test_members_of_a_later_release_change_no_hash_at_their_default(name: str) -> None:
    assert later_hash(published.REQUESTS[name]) == PUBLISHED[name]


@pytest.mark.parametrize("stated", [{"only_cash": False}, {"band": None, "fees": None}])
def test_stating_a_default_is_leaving_it_out(stated: dict[str, Any]) -> None:
    assert later_hash(published.SMALL | {"options": stated}) == PUBLISHED["small"]


def test_a_member_that_is_given_counts() -> None:
    entry = published.SMALL["shelf_entries"][0]
    portfolio = published.SMALL["portfolio_snapshot"]
    given: list[dict[str, Any]] = [
        {"options": {"only_cash": True}},
        {"options": {"band": "0"}},
        {"shelf_entries": [entry | {"board_lot": 100}]},
        {"portfolio_snapshot": portfolio | {"mandate": "m"}},
    ]
    hashes = {later_hash(published.SMALL | change) for change in given}
    assert len(hashes) == len(given)
    assert PUBLISHED["small"] not in hashes


def test_a_given_object_is_written_with_all_its_members() -> None:
    options = TypeAdapter(LaterOptions).validate_python({"fees": {"rate": "0.001"}})
    document = document_of(options, within=("options",), since=SINCE)
    assert document["fees"] == {"rate": "0.001", "least": None}
    assert "only_cash" not in document


def test_later_options_and_packs_leave_documents_as_they_were() -> None:
    options = document_of(LaterOptions(), within=("options",), since=SINCE)
    assert digest(canonical(options)) == OPTIONS_DIGEST
    later = TypeAdapter(LaterPack).validate_python(published.PACK)
    definition = {"policy_pack_id": "p"} | document_of(later, within=(PACK,), since=SINCE)
    assert digest(canonical(definition)) == PACK_DIGEST


def test_without_the_table_a_new_member_is_a_new_hash() -> None:
    assert digest(canonical(document_of(LATER.validate_python(published.SMALL)))) != PUBLISHED["small"]


def test_every_member_of_the_table_stands_at_its_default_where_nothing_is_given() -> None:
    """A row of the table that names no member, or another default, would change published hashes or hide what is given."""
    request = parse_request(orjson.dumps(published.SMALL))
    written = orjson.loads(REQUEST.dump_json(request)) | {"options": orjson.loads(OPTIONS.dump_json(EngineOptions()))}
    written[PACK] = orjson.loads(PACK_CONTENT.dump_json(parse_pack(orjson.dumps(published.PACK))))
    for path, members in SINCE_1_0.items():
        holder = written
        for step in path:
            holder = holder[step]
        classic = {name: default.classic if isinstance(default, Default) else default for name, default in members.items()}
        assert {name: holder[name] for name in members} == classic


LATER_MEMBERS: Final[Mapping[type[Row], set[str]]] = {
    PortfolioSnapshot: {"as_of", "open_orders", "cash_flows"},
    MarketDataSnapshot: {"as_of"},
    Price: {"basis", "accrued", "multiplier"},
    ShelfEntry: {"lot_size", "min_quantity"},
    AdvisoryShelfEntry: {
        *{"lot_size", "min_quantity", "ultimate_issuer_id", "ongoing_cost_pct", "product_risk"},
        *{"knowledge_required", "min_holding_years"},
    },
    ProposedTrade: {"sell_all", "proceeds_of", "priority"},
}
"""What rows got after release 1.0."""

SMALLEST: Final[Mapping[type[Row], dict[str, Any]]] = {
    PortfolioSnapshot: {"portfolio_id": "pf", "base_currency": "EUR"},
    MarketDataSnapshot: {},
    Price: {"instrument_id": "A", "price": "1", "currency": "EUR"},
    ShelfEntry: {"instrument_id": "A", "status": "APPROVED"},
    AdvisoryShelfEntry: {"instrument_id": "A", "status": "APPROVED"},
    ProposedTrade: {"side": "BUY", "instrument_id": "A"},
}


@pytest.mark.parametrize("kind", LATER_MEMBERS)
def test_of_what_a_row_leaves_out_all_but_later_members_are_written(kind: type[Row]) -> None:
    row = TypeAdapter(kind).validate_python(SMALLEST[kind])
    written = orjson.loads(canonical_rows(row))
    assert written.keys() == kind.declared.keys() - LATER_MEMBERS[kind]


@pytest.mark.parametrize("kind", LATER_MEMBERS)
@pytest.mark.parametrize("quickly", [False, True])
def test_a_row_that_states_its_defaults_is_written_as_if_it_did_not(kind: type[Row], *, quickly: bool) -> None:
    contract = TypeAdapter(kind)
    least = contract.validate_python(SMALLEST[kind])
    stated = orjson.dumps(contract.dump_python(least, mode="json"))
    assert orjson.loads(stated).keys() == kind.declared.keys()
    again = Reader(kind).quickly(stated) if quickly else contract.validate_json(stated)
    assert again is not None
    assert canonical_rows(again) == canonical_rows(least)


def test_rows_are_written_as_json_types_of_them_would_be() -> None:
    attributes = {"é": "ü", "b": 'a"b\\', "a": "\U0001f600", "aa": "", "B": "/", "~": "\x7f"}
    for given in (attributes, {key: text for key, text in attributes.items() if (key + text).isascii()}):
        row = ShelfEntry("A", ShelfStatus.APPROVED, attributes=given, lot_size=Decimal("1E+2"))
        assert canonical_rows(row) == canonical(to_builtins(row))
        assert orjson.loads(canonical_rows(row))["attributes"] == given
