"""
The lock: what may still be changed in a locked or closed cycle, and the mark of what was changed after it.

It covers objectives, key results, check-ins, and links at either end. It is applied to the events that a decider wants,
in one place, so that no decider can forget it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import Command
from okr_contracts.events import (
    AlignmentMoved,
    CheckInAcknowledged,
    CheckInCorrected,
    Event,
    GradeCorrected,
    KeyResultAdded,
    KeyResultGraded,
    ObjectiveCreated,
    ObjectiveGraded,
    ObjectiveOpened,
    ObjectiveRestricted,
)
from okr_contracts.events.alignment import AlignmentEvent
from okr_contracts.events.check_in import CheckInEvent
from okr_contracts.events.cycle import CycleEvent
from okr_contracts.events.key_result import KeyResultEvent
from okr_contracts.events.objective import ObjectiveEvent
from services.ledger.domain import cycle as cycles
from services.ledger.domain import exception as exceptions
from services.ledger.domain.cycle import Cycle
from services.ledger.domain.key_result import KeyResult
from services.ledger.domain.known import Context, Known, State
from services.ledger.domain.objective import Objective
from services.ledger.domain.refusal import Refusal

_FREE_WHEN_CLOSED: Final = (CheckInAcknowledged, ObjectiveRestricted, ObjectiveOpened)
_FREE_WHEN_LOCKED: Final = (*_FREE_WHEN_CLOSED, ObjectiveGraded, KeyResultGraded, GradeCorrected)
_BY_EXCEPTION_WHEN_CLOSED: Final = (CheckInCorrected, GradeCorrected)


class CycleIsClosed(Refusal):
    """Something would be changed in a closed cycle."""

    code = "cycle_is_closed"

    def __init__(self, cycle_id: str) -> None:
        super().__init__(
            f"Cycle {cycle_id} is closed: by exception a check-in or a grade can be corrected, nothing else. Reopen it"
            " first with ReopenCycle, itself by exception."
        )


def checked(command: Command, events: Sequence[Event], context: Context, known: Known) -> list[Event]:
    """
    The events, marked where they come after a lock.

    Raises CycleIsClosed, or one of the refusals of exceptions where one is needed, does not fit or is not needed.
    """
    if all(isinstance(event, CycleEvent) for event in events):
        # A cycle's own steps look at exceptions themselves.
        return list(events)
    created = {event.objective_id: event.cycle_id for event in events if isinstance(event, ObjectiveCreated)}
    added = {event.key_result_id: event.objective_id for event in events if isinstance(event, KeyResultAdded)}
    marked: list[Event] = []
    locked: dict[str, Cycle] = {}
    for event in events:
        mark: str | None = None
        for cycle_id in _cycles_of(event, created, added, known):
            cycle = cycles.existing(cycle_id, known)
            needs = not context.imports and _needs_exception(event, cycle)
            if needs:
                locked[cycle_id] = cycle
            if needs or cycle.reopened:
                mark = mark or cycle_id
        marked.append(event if mark is None else event.model_copy(update={"after_lock": mark}))
    if not locked:
        exceptions.refuse_needless(command)
    else:
        # One grant is enough where a link has both ends in locked cycles.
        grants = {sequence: grant for cycle in locked.values() for sequence, grant in cycle.grants.items()}
        names = " and ".join(f"{cycle_id} is {cycle.state}" for cycle_id, cycle in locked.items())
        exceptions.require(command, grants, context, f"Cycle {names}.")
        marked = [_of_the_grant(event, command.exception, locked) for event in marked]
    return marked


def _of_the_grant(event: Event, exception: int | None, locked: dict[str, Cycle]) -> Event:
    """The event with the mark of the cycle that has the grant, so that the grant is used up there."""
    if event.after_lock not in locked:
        return event
    granting = next(cycle_id for cycle_id, cycle in locked.items() if exception in cycle.grants)
    return event.model_copy(update={"after_lock": granting})


def _needs_exception(event: Event, cycle: Cycle) -> bool:
    """Raises CycleIsClosed where not even an exception would help."""
    match cycle.state:
        case "planned" | "open":
            return False
        case "locked":
            return not isinstance(event, _FREE_WHEN_LOCKED)
        case "closed":
            if isinstance(event, _FREE_WHEN_CLOSED):
                return False
            if not isinstance(event, _BY_EXCEPTION_WHEN_CLOSED):
                raise CycleIsClosed(cycle.planned.cycle_id)
            return True


def _cycles_of(event: Event, created: dict[str, str], added: dict[str, str], known: Known) -> Iterator[str]:
    """The cycles that an event is in: an alignment is in those of both its ends."""

    def of_objective(objective_id: str) -> str:
        return (
            created.get(objective_id) or _existing(subjects.objective(objective_id), Objective, known).created.cycle_id
        )

    def of_key_result(key_result_id: str) -> str:
        objective_id = added.get(key_result_id)
        if objective_id is None:
            objective_id = _existing(subjects.key_result(key_result_id), KeyResult, known).added.objective_id
        return of_objective(objective_id)

    match event:
        case ObjectiveEvent(objective_id=objective_id):
            yield of_objective(objective_id)
        case KeyResultEvent(key_result_id=key_result_id) | CheckInEvent(key_result_id=key_result_id):
            yield of_key_result(key_result_id)
        case AlignmentEvent():
            yield of_objective(event.child_id)
            parents = (event.parent, event.to_parent) if isinstance(event, AlignmentMoved) else (event.parent,)
            for parent in parents:
                yield of_objective(parent.id) if parent.kind == "objective" else of_key_result(parent.id)
        case _:
            return


def _existing(subject: str, kind: type[State], known: Known) -> State:
    state = known.get(subject, kind)
    if state is None:
        raise LookupError(f"{subject} is missing from the ledger")
    return state
