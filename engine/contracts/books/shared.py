"""The document that all portfolios of a book share: market, models, shelf, options, policy pack."""

from functools import cache
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import field
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.received.members import refuse_duplicates
from engine.contracts.received.reader import Reader, refuse_non_finite_literals
from engine.contracts.received.rows import Row
from engine.contracts.requests import parse_options, snapshot_violations
from engine.contracts.scalars import MAX_ROWS, STRICT_MEMBERS, Identifier
from engine.contracts.shelf import ShelfEntry
from engine.contracts.snapshots import ModelPortfolio, PortfolioSnapshot
from engine.contracts.violations import InvalidRequest, Path, Violation, duplicates

MAX_MODELS: Final = 1_000
_NOTHING_HELD: Final = PortfolioSnapshot(portfolio_id="none", base_currency="none")


@dataclass(slots=True, config=STRICT_MEMBERS)
class CatalogPack:
    """The catalog's policy pack that applied to a book when it was started first: whoever verifies its runs later needs no catalog."""

    definition: Annotated[dict[str, Any], Field(description="The pack as the catalog answers it.", examples=[None])]
    revision: Annotated[int, Field(description="Its revision; packs of the environment have 0.", ge=0, examples=[3])]
    source: Annotated[
        Literal["REQUEST", "TENANT_DEFAULT", "GLOBAL_DEFAULT"],
        Field(description="Who named it: the document, the tenant's default or the deployment's.", examples=["TENANT_DEFAULT"]),
    ]


class BookShared(Row):
    """Everything of a book that is not a portfolio's own. Unknown members are refused: a misspelt one would be left out for thousands."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT_MEMBERS
    market_data_snapshot: Annotated[MarketDataSnapshot, Field(description="Prices and FX rates.")]
    models: Annotated[
        dict[Identifier, ModelPortfolio],
        Field(
            description="Model id to model, 1 to 1,000.",
            min_length=1,
            max_length=MAX_MODELS,
            examples=[{"balanced": {"targets": [{"instrument_id": "EQ_US_1", "weight": "0.25"}]}}],
        ),
    ]
    shelf_entries: Annotated[list[ShelfEntry], Field(description="What the bank allows; may be empty.", max_length=MAX_ROWS)]
    options: Annotated[
        dict[str, Any],
        Field(description="Options of every portfolio; a line's own win, member by member.", examples=[{"conventions": "DESK"}]),
    ] = field(default_factory=dict)
    policy_pack: Annotated[
        dict[str, Any] | None,
        Field(description="Definition of the pack that shapes every portfolio's options, as the catalog answers it.", examples=[None]),
    ] = None
    catalog_pack: Annotated[
        CatalogPack | None,
        Field(description="Stands in a book's own copy, in place of `policy_pack`; who starts a book leaves it out.", examples=[None]),
    ] = None


_READ: Final = Reader(BookShared)


def parse_shared(body: bytes) -> BookShared:
    """Parse and validate a shared document but for its policy pack; raises `InvalidRequest` with every violation found."""
    refuse_non_finite_literals(body)
    refuse_duplicates(body)
    shared = _READ(body)
    found = snapshot_violations(_NOTHING_HELD, shared.market_data_snapshot, shared.shelf_entries)
    for model_id, model in shared.models.items():
        names = [row.instrument_id for row in model.targets]
        found.extend(duplicates(names, ("models", model_id, "targets"), "instrument_id"))
    found.extend(option_violations(shared.options))
    if found:
        raise InvalidRequest(found)
    return shared


def option_violations(options: dict[str, Any]) -> list[Violation]:
    """What is wrong with options, with places in their document."""
    try:
        parse_options(options)
    except InvalidRequest as invalid:
        return placed(invalid, ("body", "options"))
    return []


def place_of(violation: Violation) -> str:
    """Where in a shared document a violation is, without what was sent: members of the contract and positions, `*` for every other name."""
    own = _names()
    return ".".join(str(part) if isinstance(part, int) or part in own else "*" for part in violation.loc[1:]) or "*"


@cache
def _names() -> frozenset[str]:
    """The members that the contracts of a shared document name."""
    from pydantic import TypeAdapter  # noqa: PLC0415  (only who is refused waits for it, as for the next two)

    from engine.contracts.options.rebalance import EngineOptions  # noqa: PLC0415
    from engine.contracts.packs import PACK_CONTENT  # noqa: PLC0415

    schemas = [adapter.json_schema() for adapter in (TypeAdapter(BookShared), TypeAdapter(EngineOptions), PACK_CONTENT)]
    return frozenset(
        name for schema in schemas for part in (schema, *schema.get("$defs", {}).values()) for name in part.get("properties", ())
    )


def placed(invalid: InvalidRequest, within: Path) -> list[Violation]:
    """The violations of a part, with their places in the whole."""
    return [Violation((*within, *found.loc), found.type, found.msg, found.other_loc) for found in invalid.violations]
