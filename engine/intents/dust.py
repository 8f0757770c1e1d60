"""What is too small to trade: the option's threshold wins over the shelf's (RFC-0006)."""

from decimal import Decimal

from engine.contracts import EngineOptions
from engine.contracts.limits import OptionMoney
from engine.contracts.shelf import ShelfEntry, Threshold
from engine.market import Market, Shelf
from engine.notes import Notes, SuppressedIntent

DustThreshold = Threshold | OptionMoney


def dust_threshold(entry: ShelfEntry | None, options: EngineOptions) -> DustThreshold | None:
    """The threshold of an instrument's trades, as it is stated."""
    return options.min_trade_notional or (entry.min_notional if entry else None)


def states_dust(options: EngineOptions, shelf: Shelf) -> bool:
    """Whether any threshold is stated."""
    return bool(options.min_trade_notional) or shelf.has_minimum


def smallest_notional(
    threshold: DustThreshold, instrument_id: str, currency: str, market: Market, options: EngineOptions, notes: Notes
) -> Decimal | None:
    """The threshold in the currency of a trade; None where it leaves nothing out. Warns where it would and no rate converts it."""
    if not options.suppress_dust_trades or not threshold.amount:
        return None
    if threshold.currency == currency:
        return threshold.amount
    rate = market.rate_through_base(threshold.currency, currency)
    if rate is None:
        notes.warn(f"DUST_THRESHOLD_UNCONVERTIBLE_{instrument_id}")
        return None
    return threshold.amount * rate


class Dust:
    """Decides once per instrument whether its trade is dust, in the trade's currency; `asked_for` if any threshold is stated."""

    def __init__(self, market: Market, shelf: Shelf, options: EngineOptions, notes: Notes) -> None:
        self._market, self._entries, self._options, self._notes = market, shelf.entries, options, notes
        self.asked_for = states_dust(options, shelf)
        self._smallest: dict[str, Decimal | None] = {}
        self._decided: dict[str, bool] = {}

    def watches(self, instrument_id: str, currency: str) -> bool:
        """Whether a threshold applies to the instrument's trades."""
        threshold = dust_threshold(self._entries.get(instrument_id), self._options)
        if threshold is None:
            return False
        if instrument_id not in self._smallest:
            self._smallest[instrument_id] = smallest_notional(threshold, instrument_id, currency, self._market, self._options, self._notes)
        return self._smallest[instrument_id] is not None or self._market.rate_through_base(threshold.currency, currency) is not None

    def suppresses(self, instrument_id: str, notional: Decimal, currency: str) -> bool:
        """Whether a trade of this notional is left out; the first answer for an instrument stands."""
        threshold = dust_threshold(self._entries.get(instrument_id), self._options)
        if threshold is None or not self.watches(instrument_id, currency):
            return False
        decided = self._decided.get(instrument_id)
        if decided is None:
            smallest = self._smallest[instrument_id]
            decided = self._decided[instrument_id] = smallest is not None and notional < smallest
            if decided:
                self._notes.suppressed.append(SuppressedIntent(instrument_id, notional, currency, threshold))
        return decided
