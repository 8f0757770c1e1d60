"""The rows of a state in canonical text, for the hashes: their members change places, and what they hold is not read."""

from typing import Final, Self

import orjson
from msgspec import Raw, Struct
from msgspec.json import Decoder, Encoder

from engine.advisory.artifact.reading import Json
from engine.evidence.canonical import canonical
from engine.market import Market
from engine.result.states import ShownState
from engine.valuation import State


class Position(Struct, forbid_unknown_fields=True, gc=False):
    """A row of `positions`, its members in the order of canonical text."""

    asset_class: Raw
    instrument_currency: Raw
    instrument_id: Raw
    price: Raw
    quantity: Raw
    value_in_base_ccy: Raw
    value_in_instrument_ccy: Raw
    weight: Raw


class Bucket(Struct, forbid_unknown_fields=True, gc=False):
    """A row of an allocation, its members in the order of canonical text."""

    key: Raw
    value: Raw
    weight: Raw


_POSITIONS: Final = Decoder(list[Position])
_BUCKETS: Final = Decoder(list[Bucket])
_IN_ORDER: Final = Encoder()


class Rows(Struct):
    """The rows of a state: its allocation by instrument in the order of the state; `known` says what stands for a list that the result has as text."""

    allocation: list[Bucket]
    known: dict[orjson.Fragment, orjson.Fragment]

    @classmethod
    def of(cls, state: State, shown: ShownState, market: Market) -> Self:
        """Take what is shown of a state apart, as far as members change places."""
        document: Json = shown.document
        positions = _POSITIONS.decode(orjson.dumps(document["positions"]))
        allocation = [Bucket(row.instrument_id, row.value_in_base_ccy, row.weight) for row in positions]
        if market.unusual:
            _sort_prices(positions, state, market)
        known = {document["positions"]: _text(positions), document["allocation"]: _text(allocation)}
        for buckets in document["allocation_by_attribute"].values():
            known[buckets] = _text(_BUCKETS.decode(orjson.dumps(buckets)))
        return cls(allocation, known)

    def ranked(self, places: list[int]) -> orjson.Fragment:
        """The buckets in another order, in canonical text."""
        return _text([self.allocation[place] for place in places])


def _sort_prices(positions: list[Position], state: State, market: Market) -> None:
    """Write the prices that state more than an amount in canonical text; the members of others stand in its order."""
    for position, held in zip(positions, state.positions, strict=True):
        if held.instrument_id in market.unusual:
            position.price = Raw(canonical(orjson.loads(memoryview(position.price))))


def _text(rows: list[Position] | list[Bucket]) -> orjson.Fragment:
    return orjson.Fragment(_IN_ORDER.encode(rows))
