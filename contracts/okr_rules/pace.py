"""
How far a node is expected to be on a day, and whether its check-ins are late (rule pace/1).

Days are calendar days in the organisation's time zone. docs/rules/pace.md has the rules with examples.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, assert_never

from okr_rules.exact import ONE, ZERO, multiply, quotient
from okr_rules.progress import Definition
from okr_rules.roll_up import Input, RollUp, weighted_mean, why_not


@dataclass(frozen=True, slots=True)
class Period:
    """The days over which a node is expected to go from 0 to 1, both included, and the day that is asked about."""

    on: date
    starts_on: date
    """The later of the cycle's first day and the day of creation: see ``period``."""
    ends_on: date
    """The cycle's last day."""


class PhasedTarget(NamedTuple):
    """A step on the way: the value, in the key result's own unit, that is expected by the end of a day."""

    on: date
    value: Decimal


def period(on: date, cycle_starts_on: date, cycle_ends_on: date, created_on: date) -> Period:
    """The period of a node that was created on *created_on*, asked about *on*."""
    return Period(on, max(cycle_starts_on, created_on), cycle_ends_on)


def straight_line(days: Period) -> Decimal:
    """Days from the start, this one included ÷ days from start to end, both included: 0 before, 1 from the end on."""
    if days.on >= days.ends_on:
        return ONE
    if days.on < days.starts_on:
        return ZERO
    return quotient(Decimal(_day_of(days.on, days)), Decimal(_day_of(days.ends_on, days)))


def expected_of_key_result(definition: Definition, days: Period, phased: Iterable[PhasedTarget] = ()) -> Decimal:
    """
    The progress that a key result is expected to show, in [0, 1], 6 places; also of one that is fed by objectives.

    1 for the stay kinds; for ``achieve`` 0 before the last day and 1 from it on; else the straight line, or the
    piecewise line through the *phased* targets, in any order.
    """
    match definition.kind:
        case "stay_above" | "stay_below" | "stay_within":
            return ONE
        case "achieve":
            return ONE if days.on >= days.ends_on else ZERO
        case "increase" | "reduce":
            steps = sorted(phased)
            if not steps or days.starts_on > days.ends_on:
                return straight_line(days)
            return _piecewise_line(definition, days, steps)
        case _:
            assert_never(definition.kind)


def expected_of_objective(rule: RollUp, inputs: Iterable[tuple[Input, Decimal]], days: Period) -> Decimal:
    """
    The weighted mean of what is expected of the inputs that count, 6 places; *inputs* are pairs of input and expected.

    Where nothing counts, so that only an override can give it a number, the straight line of its own days.
    """
    terms = [
        (multiply(given.weight, given.share), expected) for given, expected in inputs if why_not(rule, given) is None
    ]
    return weighted_mean(terms) if terms else straight_line(days)


def stale(days: Period, last_check_in: date | None, cadence_days: int, stale_after_days: int) -> bool:
    """
    Whether the last check-in of a key result is older than its cadence plus *stale_after_days*.

    *last_check_in* is the latest day of a check-in that is not withdrawn, with or without a value; None counts from the
    start. After the end nothing more is due, so that the flag stays as it was on the last day.
    """
    last = days.starts_on if last_check_in is None else last_check_in
    return min(days.on, days.ends_on) - last > timedelta(days=cadence_days + stale_after_days)


def _day_of(day: date, days: Period) -> int:
    """The number of *day* within the period: 1 on its first day, 0 on the day before."""
    return (day - days.starts_on).days + 1


def _piecewise_line(definition: Definition, days: Period, steps: list[PhasedTarget]) -> Decimal:
    assert definition.baseline is not None
    assert definition.target is not None
    points = [(0, Fraction(definition.baseline))]
    # A cycle whose days were changed may have left some of them outside.
    within = [step for step in steps if days.starts_on <= step.on <= days.ends_on]
    points += [(_day_of(step.on, days), Fraction(step.value)) for step in within]
    last = _day_of(days.ends_on, days)
    if points[-1][0] < last:
        points.append((last, Fraction(definition.target)))
    value = _on_line(points, _day_of(min(days.on, days.ends_on), days))
    way = Fraction(definition.target) - Fraction(definition.baseline)
    expected = min(max((value - Fraction(definition.baseline)) / way, Fraction(0)), Fraction(1))
    return quotient(Decimal(expected.numerator), Decimal(expected.denominator))


def _on_line(points: list[tuple[int, Fraction]], day: int) -> Fraction:
    """The value at *day* on the line through *points*, pairs of day and value by day; level before and after them."""
    if day <= points[0][0]:
        return points[0][1]
    for (before, low), (after, high) in pairwise(points):
        if day <= after:
            return low + (high - low) * Fraction(day - before, after - before)
    return points[-1][1]
