"""Where a node should be on a day, and the word for where it is."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from tests.plain_recomputation.event import Event, Json, number_of, part
from tests.plain_recomputation.node import Status, clamped


def days_of(cycle: Event) -> tuple[date, date]:
    """First and last day of a cycle, both inclusive."""
    return date.fromisoformat(str(cycle.data["starts_on"])), date.fromisoformat(str(cycle.data["ends_on"]))


def expected_by_days(cycle: Event, created_on: date, on: date) -> Fraction:
    """The share of the days from the start to the end that are over by the evening of *on*."""
    first, last = days_of(cycle)
    start = max(first, created_on)
    if on >= last or start > last:
        return Fraction(1)
    return clamped(Fraction((on - start).days + 1, (last - start).days + 1))


def expected_of_kind(
    definition: Json, cycle: Event, created_on: date, on: date, steps: Sequence[tuple[date, Fraction]] = ()
) -> Fraction:
    """What is expected of a key result so defined; *steps* are its phased targets, days with values."""
    kind = definition["kind"]
    if kind in ("stay_above", "stay_below", "stay_within"):
        return Fraction(1)
    if kind == "achieve":
        return Fraction(1 if on >= days_of(cycle)[1] else 0)
    first, last = days_of(cycle)
    start = max(first, created_on)
    if not steps or start > last:
        return expected_by_days(cycle, created_on, on)
    baseline, target = number_of(definition, "baseline"), number_of(definition, "target")
    # Day 0 is the evening before the start.
    points = {0: baseline, (last - start).days + 1: target}
    points |= {(day - start).days + 1: value for day, value in steps if day >= start}
    today = (min(on, last) - start).days + 1
    value = _at(points, max(today, 0))
    return clamped((value - baseline) / (target - baseline))


def _at(points: Mapping[int, Fraction], day: int) -> Fraction:
    """The value on the line through the points, on a day between the first and the last."""
    if day in points:
        return points[day]
    before, after = max(known for known in points if known < day), min(known for known in points if known > day)
    return points[before] + (points[after] - points[before]) * Fraction(day - before, after - before)


def status_of(
    *,
    progress: Fraction,
    raw: Fraction | None,
    measured: Fraction,
    expected: Fraction,
    ambition: Literal["aspirational", "committed"],
    cycle: Event,
) -> Status:
    """The status word, from the shown numbers."""
    if measured == 0:
        return "not_measured"
    behind_the_start = raw is not None and raw < 0
    if expected < Fraction("0.1") and not behind_the_start:
        return "on_track"
    if expected == 0:
        return "off_track"
    thresholds: Json = part(cycle.data, "thresholds")
    ratio = progress / expected
    if ratio >= number_of(thresholds, f"{ambition}_on_track"):
        return "on_track"
    return "at_risk" if ratio >= number_of(thresholds, f"{ambition}_at_risk") else "off_track"
