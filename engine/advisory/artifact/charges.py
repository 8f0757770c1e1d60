"""What a proposal costs, before the fact: once for the trades, and every year for what is held then (advisory-practice 6).

All sums are exact; amounts are shown in minor units of base, shares with six decimals, each rounded half-even by itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.advisory.artifact.material import FX_SPOT, SECURITY_TRADE, Json, Material
from engine.advisory.artifact.texts import in_minor_units, ratio
from engine.contracts.options.proposals import CostDisclosure
from engine.contracts.proposals import AdvisoryShelfEntry
from engine.valuation import State, Valued

NOTHING: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Charges:
    """Costs in base: of the trades, and of a year after them. `not_stated` are held and tell no running cost."""

    base: str
    commission: Fraction
    tax: Fraction
    fx: Fraction
    traded: Fraction
    products_before: Fraction
    products_after: Fraction
    service: Fraction
    not_stated: list[str]
    worth: Fraction
    years: int

    @property
    def one_off(self) -> Fraction:
        """What the trades cost."""
        return self.commission + self.tax + self.fx

    @property
    def yearly(self) -> Fraction:
        """What a year costs after the trades."""
        return self.products_after + self.service

    @classmethod
    def of(cls, material: Material) -> "Charges | None":
        """Of a proposal that is asked for them, or whose shelf tells running costs; else None."""
        options = material.options
        told = any(entry.ongoing_cost_pct is not None for entry in material.request.shelf_entries)
        if options.costs is None and options.cost_disclosure is None and not told:
            return None
        disclosure = options.cost_disclosure or CostDisclosure()
        rows = material.result["costs"]["trades"] if options.costs is not None else []
        return cls(
            base=material.base,
            commission=_in_base(material, (row["commission"] for row in rows)),
            tax=_in_base(material, (row["transaction_tax"] for row in rows)),
            fx=_lost_in_deals(material),
            traded=_in_base(material, (trade["notional"] for trade in material.intents(SECURITY_TRADE))),
            products_before=_running(material.before),
            products_after=_running(material.after),
            service=Fraction(disclosure.service_fee_pct) * max(NOTHING, Fraction(material.after.total)),
            not_stated=sorted(row.instrument_id for row in _held(material.after) if _pct(row) is None),
            worth=material.worth,
            years=disclosure.holding_years,
        )


def render_charges(charges: Charges) -> Json:
    """The member `costs_and_charges`."""
    return {
        "one_off": {
            **_money(charges, commission=charges.commission, transaction_tax=charges.tax, fx=charges.fx, total=charges.one_off),
            "pct_of_traded": ratio(charges.one_off / charges.traded) if charges.traded else None,
        },
        "running": {
            **_money(
                charges,
                products_before=charges.products_before,
                products_after=charges.products_after,
                service=charges.service,
                total_after=charges.yearly,
            ),
            "not_stated": charges.not_stated,
        },
        "effect": [_effect(charges, years) for years in sorted({1, charges.years})],
    }


def _effect(charges: Charges, years: int) -> Json:
    """What so many years cost, as a share of what the portfolio is worth with the money that comes or goes; no growth is assumed."""
    amount = charges.one_off + years * charges.yearly
    share = amount / charges.worth if charges.worth else None
    return {
        "years": years,
        **_money(charges, amount=amount),
        "pct": None if share is None else ratio(share),
        "pct_per_year": None if share is None else ratio(share / years),
    }


def _money(charges: Charges, **amounts: Fraction) -> Json:
    return {name: {"amount": in_minor_units(amount, charges.base), "currency": charges.base} for name, amount in amounts.items()}


def _in_base(material: Material, amounts: Iterable[Json]) -> Fraction:
    """The exact sum of amounts at the exact rates; an amount without a rate has no worth."""
    market = material.market
    return sum((Fraction(money["amount"]) * (market.exact_rate(money["currency"]) or NOTHING) for money in amounts), NOTHING)


def _lost_in_deals(material: Material) -> Fraction:
    """What was sold less what was bought, at mid: spread and rounding."""
    deals = material.intents(FX_SPOT)
    sold = ({"amount": deal["sell_amount_estimated"], "currency": deal["sell_currency"]} for deal in deals)
    bought = ({"amount": deal["buy_amount"], "currency": deal["buy_currency"]} for deal in deals)
    return _in_base(material, sold) - _in_base(material, bought)


def _running(state: State) -> Fraction:
    return sum((Fraction(row.base_value) * Fraction(_pct(row) or 0) for row in _held(state)), NOTHING)


def _held(state: State) -> Iterator[Valued]:
    return (row for row in state.positions if row.quantity > 0)


def _pct(row: Valued) -> Decimal | None:
    return row.entry.ongoing_cost_pct if isinstance(row.entry, AdvisoryShelfEntry) else None
