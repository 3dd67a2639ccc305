"""
The value and the definition of a key result that are in force on a day, as known at a sequence (rule in_force/1).

Two clocks: *effective_on* is the day asked about, *known_at* the sequence of the last event that the answer may know.
Versions are kept for ever, so that every past answer can be given again. docs/rules/in-force.md has examples.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from okr_rules.progress import Definition, Value, readable


class CheckInVersion(NamedTuple):
    """A check-in as it stood after one of its events; it carries the whole check-in after that event."""

    first_sequence: int
    """The sequence of the check-in itself: it names the check-in and breaks ties, whatever its corrections do."""
    sequence: int
    """The sequence of the event that made this version; equal to ``first_sequence`` for the check-in as recorded."""
    effective_on: date
    value: Value | None = None
    """None for a check-in that reports no value, or whose correction cleared it."""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class DefinitionVersion:
    """The whole definition of a key result after the event that added or redefined it."""

    sequence: int
    effective_on: date
    definition: Definition
    unit: str
    """The unit of the numbers, as one word that is equal when the unit is: ``percent``, ``money/EUR``."""
    restated_value: Value | None = None
    """The value in force said again under this definition; it counts as a value effective on this version's day."""


class ValueInForce(NamedTuple):
    """The value that counts, and where it comes from."""

    value: Value
    effective_on: date
    first_sequence: int
    """The check-in, or the redefinition that restated the value."""
    sequence: int
    """The correction that the value was taken from; equal to ``first_sequence`` when never corrected."""

    @property
    def cites(self) -> tuple[int, ...]:
        """The sequences that the value rests on, the check-in first."""
        return tuple(dict.fromkeys((self.first_sequence, self.sequence)))


def definition_in_force(
    definitions: Iterable[DefinitionVersion], effective_on: date, known_at: int
) -> DefinitionVersion | None:
    """The latest definition by (effective_on, sequence) not after *effective_on*, known at *known_at*, if any."""
    history = _history(definitions, effective_on, known_at)
    return history[-1] if history else None


def value_in_force(
    check_ins: Iterable[CheckInVersion],
    definitions: Iterable[DefinitionVersion],
    effective_on: date,
    known_at: int,
) -> ValueInForce | None:
    """
    The value with the latest day not after *effective_on*, ties to the higher sequence, as known at *known_at*.

    *check_ins* are all versions of all check-ins of one key result, in any order; *definitions* all its definitions.
    Where kind or unit was redefined, check-ins with a lower sequence than that redefinition are not read. None when
    there is no value, or no definition in force. A value that the kind in force cannot read is not read.
    """
    same_measure = _same_measure(_history(definitions, effective_on, known_at))
    if not same_measure:
        return None
    kind = same_measure[-1].definition.kind
    # Not the first: an imported redefinition may be dated before an older one that already measured the same.
    redefined_at = min(version.sequence for version in same_measure)
    reported = [
        version
        for version in _newest_versions(check_ins, known_at)
        if not version.withdrawn and version.effective_on <= effective_on and version.first_sequence >= redefined_at
    ]
    restated = [
        CheckInVersion(version.sequence, version.sequence, version.effective_on, version.restated_value)
        for version in same_measure
    ]
    latest: ValueInForce | None = None
    for candidate in (*reported, *restated):
        if latest is not None and (candidate.effective_on, candidate.first_sequence) < latest[1:3]:
            continue
        value = candidate.value
        if value is not None and readable(kind, value):
            latest = ValueInForce(value, candidate.effective_on, candidate.first_sequence, candidate.sequence)
    return latest


def _newest_versions(check_ins: Iterable[CheckInVersion], known_at: int) -> Iterable[CheckInVersion]:
    newest: dict[int, CheckInVersion] = {}
    for version in check_ins:
        known = newest.get(version.first_sequence)
        if version.sequence <= known_at and (known is None or known.sequence < version.sequence):
            newest[version.first_sequence] = version
    return newest.values()


def _history(definitions: Iterable[DefinitionVersion], effective_on: date, known_at: int) -> list[DefinitionVersion]:
    return sorted(
        (each for each in definitions if each.effective_on <= effective_on and each.sequence <= known_at),
        key=lambda each: (each.effective_on, each.sequence),
    )


def _same_measure(history: list[DefinitionVersion]) -> list[DefinitionVersion]:
    """The definitions since kind or unit last changed, the one in force last."""
    since = len(history) - 1
    while since > 0 and _measure(history[since - 1]) == _measure(history[since]):
        since -= 1
    return history[max(since, 0) :]


def _measure(version: DefinitionVersion) -> tuple[str, str]:
    return version.definition.kind, version.unit
