"""Where a node should be on a day, and the word for where it is."""

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


def expected_of_kind(kind: object, cycle: Event, created_on: date, on: date) -> Fraction:
    """What is expected of a key result of *kind*."""
    if kind in ("stay_above", "stay_below", "stay_within"):
        return Fraction(1)
    if kind == "achieve":
        return Fraction(1 if on >= days_of(cycle)[1] else 0)
    return expected_by_days(cycle, created_on, on)


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
