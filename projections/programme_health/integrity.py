"""What was changed of what is measured, corrected, or done after a lock."""

from collections.abc import Iterator
from typing import Final

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentChanged,
    AmbitionSet,
    CheckInCorrected,
    CheckInWithdrawn,
    ExceptionGranted,
    ExceptionRevoked,
    GradeCorrected,
    KeyResultRedefined,
    KeyResultReweighed,
    PhasedTargetsSet,
    RollUpSet,
)
from projections.programme_health.folded_facts import fact, instant, json
from projections.programme_health.rows import Fact

_REDEFINES: Final = (
    KeyResultRedefined,
    KeyResultReweighed,
    PhasedTargetsSet,
    RollUpSet,
    AmbitionSet,
    AlignmentChanged,
)


def facts(recorded: Recorded) -> Iterator[Fact]:
    """The facts of one event; none for nearly all."""
    event = recorded.event
    if recorded.exception is not None:
        yield _fact(recorded, "exception_used")
    if event.after_lock is not None:
        yield _fact(recorded, "after_lock", event.after_lock)
    if isinstance(event, _REDEFINES):
        yield _fact(recorded, "redefinition")
    elif isinstance(event, CheckInCorrected | GradeCorrected):
        yield _fact(recorded, "correction")
    elif isinstance(event, CheckInWithdrawn):
        yield _fact(recorded, "withdrawal")
    elif isinstance(event, ExceptionGranted):
        yield _fact(recorded, "exception_granted", event.cycle_id)
    elif isinstance(event, ExceptionRevoked):
        yield _fact(recorded, "exception_revoked", event.cycle_id)


def _fact(recorded: Recorded, what: str, cycle_id: str | None = None) -> Fact:
    said: dict[str, object] = {"type": recorded.type, "at": instant(recorded)}
    event = recorded.event
    key_result_id = getattr(event, "key_result_id", None)
    if cycle_id is not None:
        said["cycle_id"] = cycle_id
    if key_result_id is not None:
        said["key_result_id"] = key_result_id
    return fact(recorded, "integrity", recorded.subject, what, json(said))
