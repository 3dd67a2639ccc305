"""What is recomputed of one objective or key result."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

NodeKind = Literal["objective", "key_result"]
NodeKey = tuple[NodeKind, str]
Status = Literal["not_measured", "on_track", "at_risk", "off_track"]
WhyNot = Literal[
    "abandoned", "carried_over", "dropped", "declined", "not_accepted", "cycle_not_open", "weight_0", "no_inputs"
]


@dataclass(frozen=True, slots=True)
class Value:
    """A value in force, the day that it is for, and the sequences that it rests on."""

    value: Fraction | bool
    effective_on: date
    rests_on: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """An input as its parent reads it: its reported numbers, its weight and share, and why it does not count."""

    key: NodeKey
    progress: Fraction
    measured: Fraction
    expected: Fraction
    weight: Fraction
    share: Fraction
    why_not: WhyNot | None


@dataclass(frozen=True, slots=True)
class Node:
    """
    One node on one day as known at one sequence; every number but ``override`` and the value has at most 6 places.

    ``progress`` is what counts above: the override where there is one, otherwise ``computed``.
    """

    kind: NodeKind
    id: str
    progress: Fraction
    computed: Fraction
    override: Fraction | None
    raw: Fraction | None
    measured: Fraction
    expected: Fraction
    status: Status
    stale: bool
    no_inputs: bool
    value: Value | None
    inputs: tuple[Input, ...]


Nodes = dict[NodeKey, Node]


def rounded(number: Fraction) -> Fraction:
    """*number* to 6 places, half to even."""
    return round(number, 6)


def clamped(number: Fraction) -> Fraction:
    """*number*, but at least 0 and at most 1."""
    return min(max(number, Fraction(0)), Fraction(1))


def shown(number: Fraction | None) -> str | None:
    """The number as the API writes it: six places, or null."""
    if number is None:
        return None
    millionths = round(number * 1_000_000)
    sign = "-" if millionths < 0 else ""
    return f"{sign}{abs(millionths) // 1_000_000}.{abs(millionths) % 1_000_000:06d}"
