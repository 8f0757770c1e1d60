"""What was read before is read again as it was: no answer tells whether its texts and options were seen by an earlier request."""

import dataclasses
from collections.abc import Iterator
from typing import Annotated, Any, Final, get_args, get_type_hints

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from pydantic import TypeAdapter, ValidationError

from engine.advisory.proposal import propose
from engine.contracts.market_data import FxRate, Price
from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.options.rebalance import EngineOptions
from engine.contracts.proposals import ProposalSimulateRequest
from engine.contracts.received.columns import LARGEST_OBJECT, MOST_OBJECTS, MOST_TEXTS, Column, column_of, objects_of
from engine.contracts.received.reader import Reader
from engine.contracts.received.rows import taken_apart
from engine.contracts.requests import RebalanceRequest
from engine.contracts.scalars import DECIMAL_CHARACTERS, Amount, Fraction, NonNegative, Positive
from engine.rebalance import rebalance
from tests.golden.scenarios import Scenario, scenarios

PAIR: Final = Annotated[taken_apart(FxRate.declared["pair"])[0], *taken_apart(FxRate.declared["pair"])[1]]
ACCRUED: Final = Annotated[taken_apart(Price.declared["accrued"])[0], *taken_apart(Price.declared["accrued"])[1]]
KINDS: Final = {"amount": Amount, "not negative": NonNegative, "positive": Positive, "fraction": Fraction, "pair": PAIR, "accrued": ACCRUED}

ODD: Final = (
    *(
        "",
        "-",
        "--1",
        "1-2",
        "+1",
        "1e3",
        "NaN",
        "sNaN",
        "-Infinity",
        " 1",
        "1 ",
        "1_0",
        "1.",
        ".5",
        "-.5",
        "٣",
        "1,2",
        "/",
        "A/B",
        "A/B/C",
    ),
    *("0" * 64, "0" * 65, "9" * 18, "9" * 19, "-" + "9" * 18, "0." + "1" * 28, "0." + "1" * 29, "1." + "0" * 60, "-0", "-0.0", "0.0", "00"),
)
TEXTS: Final = st.one_of(st.sampled_from(ODD), st.from_regex(r"\A-?[0-9]{1,3}(\.[0-9]{1,3})?\Z"), st.text(max_size=3))
VALUES: Final = st.one_of(TEXTS, st.integers(-2, 2), st.floats(-2, 2), st.decimals(-2, 2), st.none(), st.booleans())
COLUMNS: Final = st.lists(st.one_of(st.lists(TEXTS, max_size=4), st.lists(VALUES, max_size=4)), min_size=1, max_size=4)


def read(by: Any, values: list[Any]) -> str:
    """What is made of the values, to the digit and with its types."""
    try:
        return repr(list(by(values)))
    except ValidationError:
        return "refused"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(columns=COLUMNS)
def test_a_column_is_read_as_the_contract_reads_it_whatever_was_read_before(kind: Any, columns: list[list[Any]]) -> None:
    column, contract = Column(kind), TypeAdapter(list[kind]).validate_python
    for values in (*columns, *columns):
        assert read(column.read, values) == read(contract, values)


def test_amounts_of_any_sign_are_read_by_their_contract_alone() -> None:
    names = [getattr(column_of(kind), "__func__", None) for kind in (Amount, Amount | None, NonNegative)]
    assert names == [None, None, Column.read]


def test_equal_keys_of_other_types_are_not_taken_for_a_text() -> None:
    column = Column(Amount)
    for values in (["1"], [1], [1.0], ["1.0"], ["1"], [1, 1.0], ["1", 1]):
        assert read(column.read, values) == read(TypeAdapter(list[Amount]).validate_python, values)


def test_a_warm_process_remembers_no_more_than_it_may() -> None:
    column = Column(Amount)
    for start in range(0, 3 * MOST_TEXTS, 700):
        texts = [str(number) for number in range(start, start + 700)]
        assert list(map(str, column.read(texts))) == texts
        assert len(column._known) <= MOST_TEXTS
    assert read(column.read, ["7", "x"]) == "refused"
    assert "x" not in column._known
    many = [str(number) for number in range(MOST_TEXTS + 1)]
    assert list(map(str, column.read(many))) == many
    assert len(column._known) <= MOST_TEXTS
    long = "A/" + "B" * DECIMAL_CHARACTERS
    pairs = Column(PAIR)
    assert [list(pairs.read([text])) for text in (long, "A/B")] == [[long], ["A/B"]]
    assert set(pairs._known) == {"A/B"}


def test_equal_options_are_one_object_and_others_are_not() -> None:
    options = objects_of(EngineOptions)
    one, again, blank, desk = (options([Raw(text)])[0] for text in (b"{}", b"{}", b"{ }", b'{"conventions":"DESK"}'))
    assert one is again
    assert blank == one
    assert blank is not one
    assert desk.explain
    assert not one.explain
    assert isinstance(objects_of(ProposalOptions)([Raw(b"{}")])[0], ProposalOptions)


def test_large_options_are_not_remembered_and_of_many_the_last() -> None:
    options = objects_of(EngineOptions)
    large = b'{"fx_hub":"USD"%b}' % (b" " * LARGEST_OBJECT)
    assert options([Raw(large)])[0] is not options([Raw(large)])[0]
    first = options([Raw(b"{}")])[0]
    for days in range(MOST_OBJECTS):
        options([Raw(b'{"plausibility":{"max_market_data_age_days":%d}}' % days)])
    assert options([Raw(b"{}")])[0] is not first


def test_refused_options_are_refused_again() -> None:
    options = objects_of(EngineOptions)
    for _ in range(2):
        with pytest.raises(ValidationError):
            options([Raw(b'{"fx_hub":"USD","unknown":1}')])


def test_what_can_be_changed_is_read_anew() -> None:
    read_anew = objects_of(dict[str, Any])
    assert read_anew([Raw(b'{"a":[1]}')])[0] is not read_anew([Raw(b'{"a":[1]}')])[0]


def dataclasses_in(kind: Any) -> Iterator[Any]:
    """A dataclass and all below it; the parts of every other type."""
    if dataclasses.is_dataclass(kind):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from dataclasses_in(hint)
    for part in get_args(kind):
        yield from dataclasses_in(part)


@pytest.mark.parametrize("kind", [EngineOptions, ProposalOptions])
def test_options_are_frozen_all_the_way_down(kind: type[EngineOptions | ProposalOptions]) -> None:
    found = set(dataclasses_in(kind))
    assert len(found) > 4
    assert [part.__name__ for part in found if not part.__dataclass_params__.frozen] == []
    with pytest.raises(dataclasses.FrozenInstanceError):
        kind().conventions = None  # type: ignore[misc,assignment]  # that is the point


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.name)
def test_a_decision_leaves_its_options_as_they_were_and_the_next_one_is_the_same(scenario: Scenario) -> None:
    """Frozen objects hold dicts and lists: nothing that decides changes those either."""
    reader: Reader[Any] = Reader(ProposalSimulateRequest if scenario.proposed else RebalanceRequest)
    anew = reader.by_contract(scenario.body)
    before = repr(anew.options)
    answers = [decided(scenario, anew)]
    for _ in range(2):
        request = reader(scenario.body)
        answers.append(decided(scenario, request))
        assert repr(request.options) == before
    assert answers[1:] == answers[:1] * 2


def decided(scenario: Scenario, request: Any) -> bytes:
    decision = propose(request, run_id="r", correlation_id="c") if scenario.proposed else rebalance(request, run_id="r", correlation_id="c")
    return orjson.dumps(orjson.loads(decision.to_json()))
