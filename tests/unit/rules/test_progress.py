from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from okr_rules import (
    Definition,
    DefinitionDoesNotFit,
    KeyResultProgress,
    Kind,
    Value,
    ValueDoesNotFit,
    counted,
    key_result_progress,
    raw_progress,
)
from tests.unit.rules.given_numbers import decimals, in_six_places

D = Decimal

GROW = Definition("increase", baseline=D(20), target=D(80))
SHRINK = Definition("reduce", baseline=D(12), target=D(4))
KEEP_UP = Definition("stay_above", target=D("99.9"), floor=D(99))
KEEP_DOWN = Definition("stay_below", target=D(200), ceiling=D(400))
KEEP_WITHIN = Definition("stay_within", low=D(10), high=D(20), floor=D(0), ceiling=D(40))
DONE = Definition("achieve")


@pytest.mark.parametrize(
    ("definition", "value", "raw"),
    [
        (GROW, D(20), "0.000000"),
        (GROW, D(50), "0.500000"),
        (GROW, D(80), "1.000000"),
        (GROW, D(92), "1.200000"),
        (GROW, D(14), "-0.100000"),
        (GROW, D(40), "0.333333"),
        (SHRINK, D(12), "0.000000"),
        (SHRINK, D(6), "0.750000"),
        (SHRINK, D(4), "1.000000"),
        (SHRINK, D(2), "1.250000"),
        (SHRINK, D(14), "-0.250000"),
        (KEEP_UP, D("99.95"), "1.000000"),
        (KEEP_UP, D("99.9"), "1.000000"),
        (KEEP_UP, D("99.6"), "0.666667"),
        (KEEP_UP, D(99), "0.000000"),
        (KEEP_UP, D(50), "0.000000"),
        (Definition("stay_above", target=D(5)), D(5), "1.000000"),
        (Definition("stay_above", target=D(5)), D("4.999"), "0.000000"),
        (KEEP_DOWN, D(180), "1.000000"),
        (KEEP_DOWN, D(200), "1.000000"),
        (KEEP_DOWN, D(250), "0.750000"),
        (KEEP_DOWN, D(400), "0.000000"),
        (KEEP_DOWN, D(900), "0.000000"),
        (Definition("stay_below", target=D(5)), D(5), "1.000000"),
        (Definition("stay_below", target=D(5)), D("5.001"), "0.000000"),
        (KEEP_WITHIN, D(10), "1.000000"),
        (KEEP_WITHIN, D(20), "1.000000"),
        (KEEP_WITHIN, D(5), "0.500000"),
        (KEEP_WITHIN, D(25), "0.750000"),
        (KEEP_WITHIN, D(-1), "0.000000"),
        (KEEP_WITHIN, D(41), "0.000000"),
        (Definition("stay_within", low=D(10), high=D(20), ceiling=D(40)), D("9.99"), "0.000000"),
        (Definition("stay_within", low=D(10), high=D(20), floor=D(0)), D("20.01"), "0.000000"),
        (DONE, True, "1.000000"),
        (DONE, False, "0.000000"),
    ],
)
def test_raw_progress_of_each_kind(definition: Definition, value: Value, raw: str):
    assert str(raw_progress(definition, value)) == raw


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ("0.0000005", "0.000000"),
        ("0.0000015", "0.000002"),
        ("0.0000025", "0.000002"),
        ("0.00000250000000000001", "0.000003"),
        ("-0.0000004", "0.000000"),
        ("-0.0000005", "0.000000"),
        ("-0.0000015", "-0.000002"),
    ],
)
def test_ties_go_to_the_even_digit_and_zero_has_no_sign(value: str, raw: str):
    assert str(raw_progress(Definition("increase", baseline=D(0), target=D(1)), D(value))) == raw


def test_what_counts_is_clamped_and_the_raw_number_is_shown_beside_it():
    assert key_result_progress(GROW, D(92)) == KeyResultProgress(D("1.2"), D(1), D(1))
    assert key_result_progress(GROW, D(14)) == KeyResultProgress(D("-0.1"), D(0), D(1))


def test_a_key_result_without_a_value_in_force_counts_as_0_and_is_not_measured():
    assert key_result_progress(GROW, None) == KeyResultProgress(None, D(0), D(0))


@pytest.mark.parametrize(
    ("field", "define"),
    [
        ("target", partial(Definition, "increase", baseline=D(5), target=D(5))),
        ("target", partial(Definition, "increase", target=D(5))),
        ("target", partial(Definition, "reduce", baseline=D(5), target=D(6))),
        ("target", partial(Definition, "reduce", baseline=D(5))),
        ("target", partial(Definition, "stay_above")),
        ("floor", partial(Definition, "stay_above", target=D(5), floor=D(5))),
        ("target", partial(Definition, "stay_below", ceiling=D(5))),
        ("ceiling", partial(Definition, "stay_below", target=D(5), ceiling=D(4))),
        ("high", partial(Definition, "stay_within", low=D(5), high=D(5))),
        ("high", partial(Definition, "stay_within", low=D(5))),
        ("floor", partial(Definition, "stay_within", low=D(5), high=D(6), floor=D(5))),
        ("ceiling", partial(Definition, "stay_within", low=D(5), high=D(6), ceiling=D(6))),
    ],
)
def test_a_definition_that_measures_nothing_names_the_field_to_change(field: str, define: Callable[[], Definition]):
    with pytest.raises(DefinitionDoesNotFit) as refused:
        define()
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("definition", "value"), [(GROW, True), (KEEP_UP, False), (DONE, D(1)), (GROW, D("NaN")), (GROW, D("Infinity"))]
)
def test_a_value_of_another_kind_is_refused(definition: Definition, value: Value):
    with pytest.raises(ValueDoesNotFit):
        raw_progress(definition, value)


@given(decimals(), decimals(), decimals())
def test_an_increase_is_the_exact_quotient_rounded_once(baseline: Decimal, target: Decimal, value: Decimal):
    assume(baseline < target)
    exact = (Fraction(value) - Fraction(baseline)) / (Fraction(target) - Fraction(baseline))
    assert raw_progress(Definition("increase", baseline=baseline, target=target), value) == in_six_places(exact)


@given(decimals(), decimals(), decimals())
def test_a_reduction_is_an_increase_read_in_the_mirror(baseline: Decimal, target: Decimal, value: Decimal):
    assume(target < baseline)
    down = Definition("reduce", baseline=baseline, target=target)
    up = Definition("increase", baseline=baseline.copy_negate(), target=target.copy_negate())
    assert raw_progress(down, value) == raw_progress(up, value.copy_negate())


@given(st.lists(decimals(), min_size=4, max_size=4, unique=True).map(sorted), decimals())
def test_staying_is_linear_between_its_bounds(bounds: list[Decimal], value: Decimal):
    floor, low, high, ceiling = bounds
    v, f, lo, hi, c = map(Fraction, (value, floor, low, high, ceiling))
    above = in_six_places(min(max((v - f) / (lo - f), Fraction(0)), Fraction(1)))
    below = in_six_places(min(max((c - v) / (c - hi), Fraction(0)), Fraction(1)))
    assert raw_progress(Definition("stay_above", target=low, floor=floor), value) == above
    assert raw_progress(Definition("stay_below", target=high, ceiling=ceiling), value) == below
    within = Definition("stay_within", low=low, high=high, floor=floor, ceiling=ceiling)
    assert raw_progress(within, value) == min(above, below)


@given(st.lists(decimals(), min_size=4, max_size=4, unique=True).map(sorted), decimals(), decimals())
def test_a_better_value_never_counts_less(bounds: list[Decimal], one: Decimal, other: Decimal):
    least, low, high, most = bounds
    worse, better = sorted((one, other))
    for up in (
        Definition("increase", baseline=least, target=most),
        Definition("stay_above", target=high),
        Definition("stay_above", target=high, floor=low),
    ):
        assert raw_progress(up, worse) <= raw_progress(up, better)
    for down in (
        Definition("reduce", baseline=most, target=least),
        Definition("stay_below", target=low),
        Definition("stay_below", target=low, ceiling=high),
    ):
        assert raw_progress(down, better) <= raw_progress(down, worse)


@given(st.lists(decimals(), min_size=4, max_size=4, unique=True).map(sorted), decimals())
def test_every_kind_is_0_at_its_worst_1_at_its_best_and_counts_between(bounds: list[Decimal], value: Decimal):
    floor, low, high, ceiling = bounds
    ends: dict[Kind, tuple[Definition, Value, Value]] = {
        "increase": (Definition("increase", baseline=low, target=high), low, high),
        "reduce": (Definition("reduce", baseline=high, target=low), high, low),
        "stay_above": (Definition("stay_above", target=high, floor=low), low, high),
        "stay_below": (Definition("stay_below", target=low, ceiling=high), high, low),
        "stay_within": (
            Definition("stay_within", low=low, high=high, floor=floor, ceiling=ceiling),
            ceiling,
            low,
        ),
        "achieve": (DONE, False, True),
    }
    assert set(ends) == set(get_args(Kind))
    for definition, worst, best in ends.values():
        assert raw_progress(definition, worst) == 0
        assert raw_progress(definition, best) == 1
        if definition.kind != "achieve":
            raw = raw_progress(definition, value)
            assert 0 <= counted(raw) <= 1
            assert raw.as_tuple().exponent == counted(raw).as_tuple().exponent == -6
