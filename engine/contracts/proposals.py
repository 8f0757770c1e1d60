"""The advisor's request: a client's portfolio, and what is proposed to do with it (RFC-0014, advisory-practice 1)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from msgspec import field
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.received.reader import Reader
from engine.contracts.received.rows import BUILT_LATE, Row, always
from engine.contracts.requests import snapshot_violations
from engine.contracts.scalars import MAX_ROWS, AddressedId, Amount, Fraction, FreeText, Identifier, Positive, Text
from engine.contracts.shelf import ShelfEntry
from engine.contracts.snapshots import Money, OrderSide, PortfolioSnapshot
from engine.contracts.violations import InvalidRequest, Violation, duplicates
from engine.numbers import ZERO

MAX_PROPOSED: Final = 500
MAX_SOURCES: Final = 20
LAST_PRIORITY: Final = 100
"""Of a buy that states none: after every one that does."""

INVALID_TRADE: Final = "PROPOSAL_INVALID_TRADE_INPUT"


def _no_float(given: Any) -> Any:
    if isinstance(given, float):
        raise PydanticCustomError(INVALID_TRADE, "PROPOSAL_INVALID_TRADE_INPUT: a decimal is a string or a whole number")
    return given


def _no_float_amount(given: Any) -> Any:
    if isinstance(given, Money):
        _no_float(given.amount)
    elif isinstance(given, dict):
        _no_float(given.get("amount"))
    return given


class ProposedCashFlow(Row):
    """Money that the proposal brings in or takes out."""

    currency: Annotated[Identifier, Field(description="Currency code.", examples=["EUR"])]
    amount: Annotated[
        Amount,
        BeforeValidator(_no_float),
        Field(description="Positive comes in, negative goes out; no JSON fraction.", examples=["-50000"]),
    ]
    description: Annotated[FreeText | None, Field(description="For people; echoed.", examples=["Purchase of a house"])] = None
    intent_type: Annotated[Literal["CASH_FLOW"], Field(description="Always CASH_FLOW.", examples=["CASH_FLOW"])] = "CASH_FLOW"


def _few_sources(sources: list[str]) -> list[str]:
    if not 1 <= len(sources) <= MAX_SOURCES:
        raise PydanticCustomError(INVALID_TRADE, f"PROPOSAL_INVALID_TRADE_INPUT: proceeds_of names 1 to {MAX_SOURCES} ids")
    return sources


def _rank(priority: int) -> int:
    if not 1 <= priority < LAST_PRIORITY:
        raise PydanticCustomError(INVALID_TRADE, f"PROPOSAL_INVALID_TRADE_INPUT: priority is 1 to {LAST_PRIORITY - 1}")
    return priority


def _given(sell_all: bool | None) -> bool | None:  # noqa: FBT001  (a validator takes its value alone)
    return sell_all or None


class ProposedTrade(Row, omit_defaults=True):
    """One trade that the advisor proposes: exactly one of quantity, notional, sell_all and proceeds_of says how much."""

    side: Annotated[OrderSide, Field(description="Whether it is bought or sold.", examples=["BUY"])]
    instrument_id: Annotated[AddressedId, Field(description="Instrument to trade.", examples=["EQ_US_1"])]
    quantity: Annotated[
        Positive | None, BeforeValidator(_no_float), Field(description="Units, of a PERCENT instrument its nominal.", examples=["40"])
    ] = always(None)
    notional: Annotated[
        Money | None,
        BeforeValidator(_no_float_amount),
        Field(description="Amount to trade for, in the currency of the price.", examples=[{"amount": "4000", "currency": "USD"}]),
    ] = always(None)
    intent_type: Annotated[Literal["SECURITY_TRADE"], Field(description="Always SECURITY_TRADE.", examples=["SECURITY_TRADE"])] = always(
        "SECURITY_TRADE"
    )
    sell_all: Annotated[bool | None, AfterValidator(_given), Field(description="Sell the whole holding that is free.", examples=[True])] = (
        None
    )
    proceeds_of: Annotated[
        Annotated[list[AddressedId], AfterValidator(_few_sources)] | None,
        Field(
            description="Buy for what the sells of these instruments in this proposal bring: a switch. 1 to 20 ids, each in one trade only.",
            examples=[["EQ_US_1"]],
            json_schema_extra={"minItems": 1, "maxItems": MAX_SOURCES},
        ),
    ] = None
    priority: Annotated[
        Annotated[int, AfterValidator(_rank)] | None,
        Field(
            description="Of a buy where money is short, 1 to 99: 1 is paid first, absent last.",
            examples=[1],
            json_schema_extra={"minimum": 1, "maximum": LAST_PRIORITY - 1},
        ),
    ] = None


def _one_way(trade: ProposedTrade) -> ProposedTrade:
    notional, sources = trade.notional, trade.proceeds_of
    given = (trade.quantity is not None) + (notional is not None) + (trade.sell_all is not None) + (sources is not None)
    if given != 1:
        reason = (
            "one of quantity, notional, sell_all and proceeds_of is required" if not given else "give one way to say how much, not more"
        )
        raise PydanticCustomError(INVALID_TRADE, f"PROPOSAL_INVALID_TRADE_INPUT: {reason}")
    if notional is not None and notional.amount <= ZERO:
        raise PydanticCustomError(INVALID_TRADE, "PROPOSAL_INVALID_TRADE_INPUT: notional.amount must exceed zero")
    if trade.sell_all and trade.side is OrderSide.BUY:
        raise PydanticCustomError(INVALID_TRADE, "PROPOSAL_INVALID_TRADE_INPUT: sell_all is for a SELL")
    if trade.side is OrderSide.SELL and (sources is not None or trade.priority is not None):
        raise PydanticCustomError(INVALID_TRADE, "PROPOSAL_INVALID_TRADE_INPUT: proceeds_of and priority are for a BUY")
    return trade


class AdvisoryShelfEntry(ShelfEntry):
    """What the bank knows of an instrument, with what concerns the client who is advised (advisory-practice 1)."""

    ultimate_issuer_id: Annotated[
        FreeText | None, Field(description="Head of the issuer's group; issuers are summed by it where given.", examples=["GRP_1"])
    ] = None
    ongoing_cost_pct: Annotated[
        Fraction | None,
        Field(description="Running cost of the product a year, as a share of its value; null is not stated.", examples=["0.015"]),
    ] = None
    product_risk: Annotated[int | None, Field(description="Risk class of the product, 1 to 7.", ge=1, le=7, examples=[4])] = None
    knowledge_required: Annotated[
        FreeText | None, Field(description="Product knowledge that a buyer needs; null is none.", examples=["STRUCTURED"])
    ] = None
    min_holding_years: Annotated[
        int | None, Field(description="Years that the product should be held, 0 to 99.", ge=0, le=99, examples=[3])
    ] = None


class AssetClassTarget(Row):
    """The weight that the reference model gives an asset class; not checked, the last row of a class holds."""

    asset_class: Annotated[FreeText, Field(description="Asset class, CASH too.", examples=["EQUITY"])]
    weight: Annotated[Amount, Field(description="Share of the total value.", examples=["0.60"])]


class InstrumentTarget(Row):
    """The weight that the reference model gives an instrument; not checked, the last row of an instrument holds."""

    instrument_id: Annotated[Identifier, Field(description="Instrument.", examples=["EQ_US_1"])]
    weight: Annotated[Amount, Field(description="Share of the total value.", examples=["0.25"])]


class ReferenceModel(Row):
    """What drift is measured against (RFC-0014)."""

    model_id: Annotated[Text, Field(description="The model.", examples=["balanced"])]
    as_of: Annotated[Text, Field(description="When it was decided; echoed.", examples=["2026-03-31"])]
    base_currency: Annotated[Identifier, Field(description="Drift is measured in this currency only.", examples=["EUR"])]
    asset_class_targets: Annotated[
        list[AssetClassTarget],
        Field(description="At most 10,000.", max_length=MAX_ROWS, examples=[[{"asset_class": "EQUITY", "weight": "0.60"}]]),
    ] = field(default_factory=list)
    instrument_targets: Annotated[
        list[InstrumentTarget],
        Field(description="At most 10,000.", max_length=MAX_ROWS, examples=[[{"instrument_id": "EQ_US_1", "weight": "0.25"}]]),
    ] = field(default_factory=list)


class ProposalSimulateRequest(Row):
    """Everything that decides one proposal."""

    portfolio_snapshot: Annotated[PortfolioSnapshot, Field(description="What the client holds.")]
    market_data_snapshot: Annotated[MarketDataSnapshot, Field(description="Prices and FX rates; may be empty.")]
    shelf_entries: Annotated[list[AdvisoryShelfEntry], Field(description="What the bank allows; may be empty.", max_length=MAX_ROWS)]
    options: Annotated[ProposalOptions, Field(description="How to decide.")] = field(default_factory=ProposalOptions)
    proposed_cash_flows: Annotated[
        list[ProposedCashFlow], Field(description="Money in and out, before the trades; at most 500.", max_length=MAX_PROPOSED)
    ] = field(default_factory=list)
    proposed_trades: Annotated[
        list[Annotated[ProposedTrade, AfterValidator(_one_way)]],
        Field(description="What is bought and sold, at most 500 trades.", max_length=MAX_PROPOSED),
    ] = field(default_factory=list)
    reference_model: Annotated[ReferenceModel | None, Field(description="What drift is measured against.")] = None


PROPOSAL: Final = TypeAdapter(ProposalSimulateRequest, config=BUILT_LATE)
_READ: Final = Reader(ProposalSimulateRequest)


def parse_proposal(body: bytes) -> ProposalSimulateRequest:
    """Parse and validate an advisor's request; raises `InvalidRequest` with every violation found."""
    request = _READ(body)
    if found := proposal_violations(request):
        raise InvalidRequest(found)
    return request


def proposal_violations(request: ProposalSimulateRequest) -> list[Violation]:
    """What a request breaks that is no matter of one member alone."""
    return [
        *snapshot_violations(request.portfolio_snapshot, request.market_data_snapshot, request.shelf_entries),
        *_sources_named_twice(request.proposed_trades),
        *_costs_stated_twice(request.options),
        *_funding_violations(request.options),
    ]


def _sources_named_twice(trades: list[ProposedTrade]) -> Iterator[Violation]:
    """A sale pays for one switch, once."""
    seen: set[str] = set()
    for index, sources in [(index, trade.proceeds_of) for index, trade in enumerate(trades) if trade.proceeds_of]:
        if len(set(sources)) < len(sources) or not seen.isdisjoint(sources):
            message = "PROPOSAL_INVALID_TRADE_INPUT: an id stands in proceeds_of of one trade only"
            yield Violation(("body", "proposed_trades", index), INVALID_TRADE, message)
        seen.update(sources)


def _costs_stated_twice(options: ProposalOptions) -> Iterator[Violation]:
    if options.costs is not None:
        path = ("options", "costs")
        yield from duplicates([(row.match, row.currency, row.side) for row in options.costs.commission], (*path, "commission"), "match")
        yield from duplicates([(row.match, row.side) for row in options.costs.transaction_tax], (*path, "transaction_tax"), "match")


def _funding_violations(options: ProposalOptions) -> Iterator[Violation]:
    if options.guards_funds and not options.reduces_buys:
        yield Violation(("body", "options", "funding"), "FUNDING_REQUIRED", "These options need funding REDUCE_BUYS")


def weights_of(model: ReferenceModel) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """The model's weights by asset class and by instrument; of several rows the last one holds (advisory-engine 3)."""
    return (
        {row.asset_class: row.weight for row in model.asset_class_targets},
        {row.instrument_id: row.weight for row in model.instrument_targets},
    )
