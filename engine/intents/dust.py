"""What is too small to trade: the option's threshold wins over the shelf's (RFC-0006)."""

from decimal import Decimal

from engine.contracts import EngineOptions
from engine.contracts.options import OptionMoney
from engine.contracts.snapshots import Threshold
from engine.market import Market, Shelf
from engine.notes import Notes, SuppressedIntent


class Dust:
    """Decides once per instrument whether its trade is dust, in the trade's currency.

    `thresholds` are those that apply. A threshold without a rate to the trade's currency does not, and is warned of.
    """

    def __init__(self, market: Market, shelf: Shelf, options: EngineOptions, notes: Notes) -> None:
        self._market, self._entries, self._options, self._notes = market, shelf.entries, options, notes
        self._decided: dict[str, bool] = {}
        self.thresholds: dict[str, Threshold | OptionMoney] = {}

    def suppresses(self, instrument_id: str, notional: Decimal, currency: str) -> bool:
        """Whether a trade of this notional is left out; the first answer for an instrument stands."""
        entry = self._entries.get(instrument_id)
        threshold = self._options.min_trade_notional or (entry.min_notional if entry else None)
        if threshold is None:
            return False
        decided = self._decided.get(instrument_id)
        if decided is None:
            decided = self._decided[instrument_id] = self._is_dust(instrument_id, notional, currency, threshold)
        return decided

    def _is_dust(self, instrument_id: str, notional: Decimal, currency: str, threshold: Threshold | OptionMoney) -> bool:
        rate = self._market.rate(threshold.currency, currency)
        if rate is None:
            self._notes.warn(f"DUST_THRESHOLD_UNCONVERTIBLE_{instrument_id}")
            return False
        self.thresholds[instrument_id] = threshold
        smallest = threshold.amount if threshold.currency == currency else threshold.amount * rate
        if not self._options.suppress_dust_trades or notional >= smallest:
            return False
        self._notes.suppressed.append(SuppressedIntent(instrument_id, notional, currency, threshold))
        return True
