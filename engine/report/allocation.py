"""Weights before and after the orders beside what they aim at: by asset class, currency, attribute and instrument, as rows of bars."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from engine.report.figures import Kind
from engine.report.places import Figure, Phrase, Place, rest, share, total, written
from engine.report.rows import Bars, Share

MOST: Final = 20
"""Rows of a chart."""
STATES: Final = ("before", "after_simulated")
AIMS: Final = ("final_weight", "model_weight")
STATE_COLUMNS, AIM_COLUMNS, MODEL_COLUMN = ("Before", "After"), ("Target", "Model"), ("Model",)
CASH: Final = "CASH"

Column = Mapping[str, Figure]
Classified = Callable[[str], str | None]


def by_asset_class(here: Place) -> Bars:
    """Weights by asset class; cash is a class, and what targets leave of one. Of a proposal beside the reference model."""
    classified = _from_positions(here, "asset_class")
    modelled = _modelled(here, "asset_class")
    return _of_metrics(here, "Asset class", lambda state: state["allocation_by_asset_class"], classified, cash=True, modelled=modelled)


def by_currency(here: Place) -> Bars:
    """What securities of each currency weigh, by the currency of their value; cash of all currencies is a row of its own."""
    columns = [{**_shares(here[state]), **_cash_of(here[state])} for state in STATES]
    return _bars("Currency of the securities, and cash", [*columns, *_aims(here, _from_positions(here, "instrument_currency"), cash=True)])


def by_attribute(here: Place, attribute: str, classified: Classified | None) -> Bars:
    """Weights by the values of an attribute of the shelf; what they aim at only where the shelf is at hand to `classified`."""
    title = Phrase("By ", written(attribute.replace("_", " ")))
    return _of_metrics(here, title, lambda state: state["allocation_by_attribute"].get(attribute), classified)


def by_instrument(here: Place) -> Bars:
    """The instruments that weigh most, before, after or in the target."""
    modelled = _modelled(here, "instrument")
    return _of_metrics(
        here,
        "Instrument",
        lambda state: state["allocation_by_instrument"],
        lambda instrument: instrument,
        kind=Kind.TEXT,
        modelled=modelled,
    )


def attributes(here: Place) -> list[str]:
    """The attributes that either state is told by; the region first."""
    named = dict.fromkeys(name for state in STATES for name, _ in here[state].get("allocation_by_attribute").items())
    return sorted(named, key=lambda name: name != "region")


def by_shelf(request: Place, attribute: str) -> Classified:
    """The value of an attribute by the shelf of a request."""
    known = {row["instrument_id"]: (row.get("attributes") or {}).get(attribute) for row in request.value["shelf_entries"]}
    return known.get


def _of_metrics(
    here: Place,
    title: str,
    metrics: Callable[[Place], Place],
    classified: Classified | None,
    *,
    cash: bool = False,
    kind: Kind = Kind.NAME,
    modelled: Column | None = None,
) -> Bars:
    columns = [{row["key"].value: row["weight"].weight for row in metrics(here[state])} for state in STATES]
    names = {row["key"].value: row["key"].show(kind) for state in STATES for row in metrics(here[state])}
    aims = [modelled] if modelled else _aims(here, classified, cash=cash)
    return _bars(title, [*columns, *aims], names)


def _bars(title: str, columns: Sequence[Column], names: Mapping[str, str] | None = None) -> Bars:
    """The rows that weigh most, in the order in which they are met."""
    heads = (*STATE_COLUMNS, *(AIM_COLUMNS if len(columns) > len(STATES) + 1 else MODEL_COLUMN))[: len(columns)]
    keys = list(dict.fromkeys(key for column in columns for key in column))
    weight = {key: max(abs(Decimal(column[key].value)) for column in columns if key in column) for key in keys}
    largest = sorted(keys, key=lambda key: (key == CASH, -weight[key], key))
    kept = largest[:MOST]
    named = names or {}
    rows = [Share(named.get(key, Figure(Kind.NAME, "", key)), [column.get(key) for column in columns]) for key in kept]
    return Bars(heads, rows, title, len(keys) - len(kept))


def _aims(here: Place, classified: Classified | None, *, cash: bool) -> list[Column]:
    """Target and model by the same keys; none of a run without targets. A proposal has no targets, but may have a model."""
    rows = list(here.get("target").get("targets"))
    return [dict(_summed(rows, member, classified, cash=cash)) for member in AIMS] if rows and classified else []


def _summed(rows: Sequence[Place], member: str, classified: Classified, *, cash: bool) -> Iterator[tuple[str, Figure]]:
    groups: dict[str, list[Place]] = defaultdict(list)
    for row in rows:
        if (key := classified(row["instrument_id"].value)) is not None:
            groups[key].append(row[member])
    for key, weights in groups.items():
        yield key, weights[0].weight if len(weights) == 1 else total(weights, Kind.WEIGHT)
    if cash:
        yield CASH, rest([row[member] for row in rows])


def _modelled(here: Place, dimension: str) -> Column:
    """The reference model's weights that drift is measured against; empty where it is not."""
    buckets = here.get("drift_analysis").get(dimension).get("buckets")
    return {row["bucket"].value: row["model_weight"].weight for row in buckets}


def _from_positions(here: Place, member: str) -> Classified:
    """A member of the instrument's position in either state; UNKNOWN for one that nobody holds."""
    known = {row["instrument_id"]: row[member] for state in STATES for row in here.value[state]["positions"]}
    return lambda instrument: known.get(instrument, "UNKNOWN")


def _shares(state: Place) -> Column:
    """By currency what positions are worth as a share of the total."""
    worth: dict[str, list[Place]] = defaultdict(list)
    for position in state["positions"]:
        worth[position["instrument_currency"].value].append(position["value_in_base_ccy"]["amount"])
    return {currency: share(values, state["total_value"]["amount"]) for currency, values in worth.items()}


def _cash_of(state: Place) -> Column:
    return {key: row["weight"].weight for row in state["allocation_by_asset_class"] if (key := row["key"].value) == CASH}
