"""What was changed of what is measured, corrected, or done after a lock."""

from collections.abc import Iterator, Mapping
from typing import Final

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentChanged,
    AmbitionSet,
    CheckInCorrected,
    CheckInWithdrawn,
    Event,
    ExceptionGranted,
    ExceptionRevoked,
    GradeCorrected,
    KeyResultRedefined,
    KeyResultReweighed,
    PhasedTargetsSet,
    RollUpSet,
)
from okr_contracts.events.cycle import CycleEvent
from projections.programme_health.folded_facts import fact, instant, json
from projections.programme_health.rows import Fact

_WHAT: Final[Mapping[type[Event], str]] = {
    KeyResultRedefined: "redefinition",
    KeyResultReweighed: "redefinition",
    PhasedTargetsSet: "redefinition",
    RollUpSet: "redefinition",
    AmbitionSet: "redefinition",
    AlignmentChanged: "redefinition",
    CheckInCorrected: "correction",
    GradeCorrected: "correction",
    CheckInWithdrawn: "withdrawal",
    ExceptionGranted: "exception_granted",
    ExceptionRevoked: "exception_revoked",
}


def facts(recorded: Recorded) -> Iterator[Fact]:
    """The facts of one event; none for nearly all."""
    event = recorded.event
    if recorded.exception is not None:
        yield _fact(recorded, "exception_used")
    if event.after_lock is not None:
        yield _fact(recorded, "after_lock", event.after_lock)
    what = _WHAT.get(type(event))
    if what is not None:
        yield _fact(recorded, what, event.cycle_id if isinstance(event, CycleEvent) else None)


def _fact(recorded: Recorded, what: str, cycle_id: str | None = None) -> Fact:
    said: dict[str, object] = {"type": recorded.type, "at": instant(recorded)}
    event = recorded.event
    key_result_id = getattr(event, "key_result_id", None)
    if cycle_id is not None:
        said["cycle_id"] = cycle_id
    if key_result_id is not None:
        said["key_result_id"] = key_result_id
    return fact(recorded, "integrity", recorded.subject, what, json(said))
