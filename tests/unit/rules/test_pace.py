from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_rules import (
    Definition,
    Input,
    Kind,
    Period,
    PhasedTarget,
    expected_of_key_result,
    expected_of_objective,
    period,
    stale,
    straight_line,
)
from tests.unit.rules.given_numbers import in_six_places, shown

D = Decimal
STARTS, ENDS = date(2026, 1, 1), date(2026, 3, 31)  # 90 days
GROW = Definition("increase", baseline=D(0), target=D(100))
DEFINITIONS: dict[Kind, Definition] = {
    "increase": GROW,
    "reduce": Definition("reduce", baseline=D(100), target=D(0)),
    "stay_above": Definition("stay_above", target=D(5)),
    "stay_below": Definition("stay_below", target=D(5)),
    "stay_within": Definition("stay_within", low=D(5), high=D(6)),
    "achieve": Definition("achieve"),
}


def asked(on: date, created_on: date = STARTS) -> Period:
    return period(on, STARTS, ENDS, created_on)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 12, 31), "0.000000"),
        (date(2026, 1, 1), "0.011111"),
        (date(2026, 2, 14), "0.500000"),
        (date(2026, 3, 30), "0.988889"),
        (date(2026, 3, 31), "1.000000"),
        (date(2026, 7, 1), "1.000000"),
    ],
)
def test_the_day_itself_counts_and_so_do_the_first_and_the_last(on: date, expected: str):
    assert str(straight_line(asked(on))) == expected
    assert str(expected_of_key_result(GROW, asked(on))) == expected
    assert str(expected_of_key_result(DEFINITIONS["reduce"], asked(on))) == expected


def test_the_clock_of_what_is_created_later_starts_then():
    late = date(2026, 3, 22)
    assert str(straight_line(asked(date(2026, 3, 26), created_on=late))) == "0.500000"
    assert str(straight_line(asked(date(2026, 3, 21), created_on=late))) == "0.000000"
    assert asked(late, created_on=date(2025, 12, 1)).starts_on == STARTS


def test_what_is_created_after_the_end_is_expected_to_be_done():
    late = asked(date(2026, 4, 2), created_on=date(2026, 4, 1))
    assert straight_line(late) == 1
    assert expected_of_key_result(GROW, late, [PhasedTarget(STARTS, D(10))]) == 1


@pytest.mark.parametrize("kind", ["stay_above", "stay_below", "stay_within"])
def test_staying_is_expected_all_the_time(kind: Kind):
    for on in (date(2025, 12, 1), STARTS, ENDS, date(2026, 12, 1)):
        assert expected_of_key_result(DEFINITIONS[kind], asked(on)) == 1


def test_an_achievement_is_expected_on_the_last_day_and_not_before():
    assert expected_of_key_result(DEFINITIONS["achieve"], asked(ENDS - timedelta(days=1))) == 0
    assert expected_of_key_result(DEFINITIONS["achieve"], asked(ENDS)) == 1
    assert expected_of_key_result(DEFINITIONS["achieve"], asked(ENDS + timedelta(days=1))) == 1


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 12, 31), "0.000000"),
        (date(2026, 1, 1), "0.006667"),  # 20 over 30 days
        (date(2026, 1, 15), "0.100000"),
        (date(2026, 1, 30), "0.200000"),
        (date(2026, 2, 14), "0.300000"),
        (date(2026, 3, 1), "0.400000"),
        (date(2026, 3, 16), "0.700000"),  # from 40 to 100 over the last 30 days
        (date(2026, 3, 31), "1.000000"),
        (date(2026, 5, 31), "1.000000"),
    ],
)
def test_phased_targets_are_joined_by_straight_lines_in_value(on: date, expected: str):
    steps = [PhasedTarget(date(2026, 3, 1), D(40)), PhasedTarget(date(2026, 1, 30), D(20))]
    assert str(expected_of_key_result(GROW, asked(on), steps)) == expected
    mirrored = [PhasedTarget(step.on, 100 - step.value) for step in steps]
    assert str(expected_of_key_result(DEFINITIONS["reduce"], asked(on), mirrored)) == expected


def test_a_phased_target_of_the_last_day_is_what_is_expected_then():
    assert expected_of_key_result(GROW, asked(ENDS), [PhasedTarget(ENDS, D(90))]) == D("0.9")
    assert expected_of_key_result(GROW, asked(ENDS), [PhasedTarget(ENDS, D(130))]) == 1


@pytest.mark.parametrize("on", [date(2026, 2, 14), date(2026, 3, 16), ENDS, date(2026, 6, 1)])
def test_a_phased_target_that_other_days_of_the_cycle_left_outside_is_not_read(on: date):
    within = [PhasedTarget(date(2026, 1, 30), D(20))]
    outside = [PhasedTarget(STARTS - timedelta(days=9), D(80)), PhasedTarget(ENDS + timedelta(days=30), D(90))]
    assert expected_of_key_result(GROW, asked(on), within + outside) == expected_of_key_result(GROW, asked(on), within)
    assert expected_of_key_result(GROW, asked(on), outside) == straight_line(asked(on))


def test_an_objective_is_expected_the_weighted_mean_of_its_inputs_that_count():
    one = Input("key_result", "k1", D(0), D(0), weight=D(3))
    other = Input("key_result", "k2", D(0), D(0))
    dropped = Input("key_result", "k3", D(0), D(0), why_not="dropped")
    inputs = [(one, D("0.5")), (other, D(1)), (dropped, D(1))]
    assert expected_of_objective("key_results", inputs, asked(STARTS)) == D("0.625")


def test_an_objective_with_nothing_that_counts_is_expected_along_its_own_days():
    assert expected_of_objective("both", [], asked(date(2026, 2, 14))) == D("0.5")


@given(st.integers(-10, 100), st.integers(0, 89))
def test_the_straight_line_is_the_exact_part_of_the_days(on: int, created: int):
    days = asked(STARTS + timedelta(days=on), created_on=STARTS + timedelta(days=created))
    exact = Fraction((days.on - days.starts_on).days + 1, (ENDS - days.starts_on).days + 1)
    assert straight_line(days) == in_six_places(min(max(exact, Fraction(0)), Fraction(1)))


@given(
    st.sampled_from([GROW, DEFINITIONS["reduce"]]),
    st.integers(-5, 95),
    st.lists(st.builds(PhasedTarget, st.dates(STARTS, ENDS), st.integers(0, 100).map(Decimal)), max_size=4),
)
def test_what_is_expected_lies_in_0_to_1(definition: Definition, on: int, steps: list[PhasedTarget]):
    assert 0 <= expected_of_key_result(definition, asked(STARTS + timedelta(days=on)), steps) <= 1


@given(st.integers(-5, 95), st.lists(st.integers(1, 90), unique=True, max_size=5))
def test_phased_targets_on_the_straight_line_change_nothing(on: int, some_days: list[int]):
    ninety = Definition("increase", baseline=D(0), target=D(90))
    steps = [PhasedTarget(STARTS + timedelta(days=each - 1), D(each)) for each in some_days]
    days = asked(STARTS + timedelta(days=on))
    assert expected_of_key_result(ninety, days, steps) == straight_line(days)


@given(st.lists(shown(), min_size=1, max_size=5))
def test_an_objective_is_expected_no_more_than_its_most_and_no_less_than_its_least(expected: list[Decimal]):
    inputs = [(Input("key_result", str(index), D(0), D(0)), each) for index, each in enumerate(expected)]
    assert min(expected) <= expected_of_objective("key_results", inputs, asked(STARTS)) <= max(expected)


@pytest.mark.parametrize(
    ("on", "last", "is_stale"),
    [
        (date(2026, 2, 11), date(2026, 2, 1), False),
        (date(2026, 2, 12), date(2026, 2, 1), True),
        (date(2026, 1, 11), None, False),
        (date(2026, 1, 12), None, True),
        (date(2025, 12, 1), None, False),
        (date(2027, 1, 1), date(2026, 3, 21), False),
        (date(2027, 1, 1), date(2026, 3, 20), True),
    ],
)
def test_a_key_result_is_stale_when_its_last_check_in_is_older_than_the_cadence_plus_3_days(
    on: date, last: date | None, is_stale: bool
):
    assert stale(asked(on), last, cadence_days=7, stale_after_days=3) is is_stale
