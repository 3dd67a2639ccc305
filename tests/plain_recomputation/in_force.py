"""Which definition, which value and which check-in are in force on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import cast

from tests.plain_recomputation.event import Event, Json, latest, number_of, part, reported
from tests.plain_recomputation.node import Value


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A check-in as its newest correction has it; ``sequence`` stays that of the check-in itself."""

    sequence: int
    effective_on: date
    value: Fraction | bool | None
    rests_on: tuple[int, ...]


def definitions(key_result_id: str, events: Sequence[Event], on: date) -> list[Event]:
    """The definitions of a key result that hold by *on*, the one in force last."""
    own = [
        event
        for event in events
        if event.type in ("KeyResultAdded", "KeyResultRedefined")
        and event.data["key_result_id"] == key_result_id
        and event.effective_on <= on
    ]
    return sorted(own, key=lambda event: (event.effective_on, event.sequence))


def phased_targets(key_result_id: str, events: Sequence[Event], on: date) -> list[tuple[date, Fraction]]:
    """The phased targets in force on a day; a redefinition that gives none ends those before it."""
    said = [
        event
        for event in events
        if event.type in ("KeyResultAdded", "KeyResultRedefined", "PhasedTargetsSet")
        and event.data["key_result_id"] == key_result_id
    ]
    newest = latest(said, on)
    steps = cast("list[Json]", (newest.data.get("phased_targets") if newest else None) or [])
    return [(date.fromisoformat(str(step["on"])), number_of(step, "value")) for step in steps]


def check_ins(key_result_id: str, events: Sequence[Event], on: date) -> list[CheckIn]:
    """The check-ins of a key result that are not withdrawn and not for a day after *on*, as corrected."""
    of_key_result = [event for event in events if event.data.get("key_result_id") == key_result_id]
    found: list[CheckIn] = []
    for recorded in of_key_result:
        if recorded.type != "CheckInRecorded":
            continue
        later = [event for event in of_key_result if event.subject == recorded.subject and event is not recorded]
        if any(event.type == "CheckInWithdrawn" for event in later):
            continue
        corrections = [event for event in later if event.type == "CheckInCorrected"]
        newest = max(corrections, key=lambda event: event.sequence, default=recorded)
        if newest.effective_on <= on:
            found.append(
                CheckIn(
                    sequence=recorded.sequence,
                    effective_on=newest.effective_on,
                    value=reported(newest.data, "value"),
                    rests_on=tuple(sorted({recorded.sequence, newest.sequence})),
                )
            )
    return found


def value_in_force(key_result_id: str, events: Sequence[Event], on: date) -> Value | None:
    """The value of a key result with check-ins on a day, among the events given; None without any."""
    held = definitions(key_result_id, events, on)
    changes = [after for before, after in pairwise(held) if _measure(before) != _measure(after)]
    # From here on the measure is the one of the day; what was restated in an earlier one is in other numbers.
    since = held.index(changes[-1]) if changes else 0
    readable = [
        one for one in check_ins(key_result_id, events, on) if not changes or one.sequence > changes[-1].sequence
    ]
    for definition in held[since:]:
        restated = reported(definition.data, "restated_value")
        readable.append(CheckIn(definition.sequence, definition.effective_on, restated, (definition.sequence,)))
    yes_or_no = held[-1].data["kind"] == "achieve"
    candidates = [
        check_in
        for check_in in readable
        if check_in.value is not None and isinstance(check_in.value, bool) == yes_or_no
    ]
    if not candidates:
        return None
    latest = max(candidates, key=lambda check_in: (check_in.effective_on, check_in.sequence))
    assert latest.value is not None
    return Value(latest.value, latest.effective_on, latest.rests_on)


def _measure(definition: Event) -> tuple[object, ...]:
    unit = part(definition.data, "unit")
    return definition.data["kind"], unit["kind"], unit.get("code")
