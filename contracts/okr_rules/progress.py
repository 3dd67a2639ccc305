"""
The progress of one key result, from what is measured and the value in force (rule progress/1).

docs/rules/progress.md has every formula with an example. A new formula is progress/2 beside it, never a change of this
one, so that every number ever shown can be computed again.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias, assert_never

from okr_rules.exact import ONE, ZERO, quotient, subtract

RULE_VERSION: Final = 1
"""The version of all rules in this package; CyclePlanned records it, every explanation cites it."""

Kind: TypeAlias = Literal["increase", "reduce", "stay_above", "stay_below", "stay_within", "achieve"]
Value: TypeAlias = Decimal | bool
"""What a check-in reports: a decimal in the key result's own unit, or true or false for the kind ``achieve``."""


class DefinitionDoesNotFit(ValueError):
    """A definition lacks a number that its kind needs, or has its numbers in an order that measures nothing."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(rule)
        self.field = field
        """The field to change: ``target``, ``floor``, …"""


class ValueDoesNotFit(ValueError):
    """A value that the kind cannot read: true or false is for ``achieve`` alone, and ``achieve`` takes nothing else."""


@dataclass(frozen=True, slots=True)
class Definition:
    """
    What a key result measures; every number in its own unit.

    ``increase`` and ``reduce`` need baseline and target; ``stay_above`` a target, and may have a lower floor;
    ``stay_below`` a target, and may have a higher ceiling; ``stay_within`` low and high, and may have a lower floor and
    a higher ceiling; ``achieve`` needs none. A number that the kind has no use for is not read.
    Raises DefinitionDoesNotFit.
    """

    kind: Kind
    baseline: Decimal | None = None
    target: Decimal | None = None
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    def __post_init__(self) -> None:
        match self.kind:
            case "increase":
                _in_order("target", "an increase needs a target above its baseline", self.baseline, self.target)
            case "reduce":
                _in_order("target", "a reduction needs a target below its baseline", self.target, self.baseline)
            case "stay_above":
                _required("target", self.target)
                _optional("floor", "the floor lies below the target", self.floor, self.target)
            case "stay_below":
                _required("target", self.target)
                _optional("ceiling", "the ceiling lies above the target", self.target, self.ceiling)
            case "stay_within":
                _in_order("high", "a range needs a high above its low", self.low, self.high)
                _optional("floor", "the floor lies below the low of the range", self.floor, self.low)
                _optional("ceiling", "the ceiling lies above the high of the range", self.high, self.ceiling)
            case "achieve":
                pass
            case _:
                assert_never(self.kind)


def _in_order(field: str, rule: str, lower: Decimal | None, higher: Decimal | None) -> None:
    if lower is None or higher is None or not lower < higher:
        raise DefinitionDoesNotFit(field, rule)


def _required(field: str, number: Decimal | None) -> None:
    if number is None:
        raise DefinitionDoesNotFit(field, f"a key result of this kind needs a {field}")


def _optional(field: str, rule: str, lower: Decimal | None, higher: Decimal | None) -> None:
    if lower is not None and higher is not None and not lower < higher:
        raise DefinitionDoesNotFit(field, rule)


def readable(kind: Kind, value: Value) -> bool:
    """Whether *kind* can read *value*: true and false for ``achieve``, finite decimals for every other kind."""
    if isinstance(value, bool):
        return kind == "achieve"
    return kind != "achieve" and value.is_finite()


def raw_progress(definition: Definition, value: Value) -> Decimal:
    """
    The share of the way that *value* has covered: 0 at the baseline, 1 at the target; the exact quotient, rounded once.

    For ``increase`` and ``reduce`` not clamped: 1.2 is a fifth beyond the target, -0.1 a step back. The stay kinds and
    ``achieve`` lie in [0, 1]. Raises ValueDoesNotFit.
    """
    if not readable(definition.kind, value):
        raise ValueDoesNotFit(f"{value!r} is not a value of the kind {definition.kind}")
    if isinstance(value, bool):
        return ONE if value else ZERO
    match definition.kind:
        case "increase" | "reduce":
            return _between(definition.baseline, value, definition.target)
        case "stay_above":
            return _at_least(definition.floor, value, definition.target)
        case "stay_below":
            return _at_most(definition.target, value, definition.ceiling)
        case "stay_within":
            return min(
                _at_least(definition.floor, value, definition.low),
                _at_most(definition.high, value, definition.ceiling),
            )
        case "achieve":
            raise ValueDoesNotFit("achieve takes true or false")
        case _:
            assert_never(definition.kind)


def _between(start: Decimal | None, value: Decimal, end: Decimal | None) -> Decimal:
    """How far *value* lies on the way from *start* to *end*, in either direction."""
    assert start is not None
    assert end is not None
    return quotient(subtract(value, start), subtract(end, start))


def _at_least(floor: Decimal | None, value: Decimal, target: Decimal | None) -> Decimal:
    """1 from *target* up; below it linear down to 0 at *floor*, or 0 at once where there is none."""
    assert target is not None
    if value >= target:
        return ONE
    if floor is None or value <= floor:
        return ZERO
    return _between(floor, value, target)


def _at_most(target: Decimal | None, value: Decimal, ceiling: Decimal | None) -> Decimal:
    """1 up to *target*; above it linear down to 0 at *ceiling*, or 0 at once where there is none."""
    assert target is not None
    if value <= target:
        return ONE
    if ceiling is None or value >= ceiling:
        return ZERO
    return _between(ceiling, value, target)


def counted(raw: Decimal) -> Decimal:
    """
    What counts of *raw*: clamped to [0, 1].

    Clamping the rounded number equals rounding the clamped one, because 0 and 1 are themselves numbers of 6 places.
    """
    return min(max(raw, ZERO), ONE)


class KeyResultProgress(NamedTuple):
    """Where a key result with check-ins stands; decimals of 6 places."""

    raw: Decimal | None
    """Not clamped; None while there is no value in force."""
    progress: Decimal
    """What is shown and what counts above, in [0, 1]."""
    measured: Decimal
    """1 with a value in force, else 0."""


NOT_MEASURED: Final = KeyResultProgress(None, ZERO, ZERO)
"""A key result without a value in force: it counts, as 0."""


def key_result_progress(definition: Definition, value: Value | None) -> KeyResultProgress:
    """The progress of a key result with check-ins at *value*, the value in force if any. Raises ValueDoesNotFit."""
    if value is None:
        return NOT_MEASURED
    raw = raw_progress(definition, value)
    return KeyResultProgress(raw, counted(raw), ONE)
