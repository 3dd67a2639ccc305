"""When a cycle is closed: everything in it was brought to its end, or an exception allows that it was not."""

from collections.abc import Iterable
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import CloseCycle
from okr_contracts.events import CycleClosed, Event, ObjectiveCreated
from services.ledger.domain import cycle as cycles
from services.ledger.domain import exception as exceptions
from services.ledger.domain.cycle import CycleIsElsewhere
from services.ledger.domain.key_result import KeyResult
from services.ledger.domain.known import Context, Deciders, Known
from services.ledger.domain.objective import Objective
from services.ledger.domain.refusal import ReasonMissing, Refusal

_SHOWN: Final = 20


class NotEverythingGraded(Refusal):
    """A cycle would be closed although something in it was not brought to its end."""

    code = "not_everything_graded"

    def __init__(self, cycle_id: str, missing: Iterable[str]) -> None:
        names = sorted(missing)
        shown, more = ", ".join(names[:_SHOWN]), len(names) - _SHOWN
        super().__init__(
            f"In cycle {cycle_id} {len(names)} objectives and key results are neither graded, abandoned, dropped nor"
            f" carried over: {shown}{f' and {more} more' if more > 0 else ''}. Grade them, or close by an exception."
        )


class ContainsLiveCycle(Refusal):
    """A cycle would be closed before the cycles that it contains."""

    code = "contains_live_cycle"

    def __init__(self, cycle_id: str, live: Iterable[str]) -> None:
        super().__init__(
            f"Cycle {cycle_id} contains cycles that are not closed: {', '.join(sorted(live)[:_SHOWN])}. Close them"
            " first."
        )


def close(command: CloseCycle, context: Context, known: Known) -> list[Event]:
    """
    Close a locked cycle in which everything came to its end, or by exception.

    Cost: the cycle's objectives and key results, all of which are read.
    """
    cycle = cycles.addressed(command.cycle_id, known)
    if cycle.state == "closed":
        return []
    if cycle.state != "locked":
        raise CycleIsElsewhere(command.cycle_id, cycle.state, "a locked one", "Lock it first with LockCycle.")
    children = cycles.children(command.cycle_id, known)
    if live := [child for child in children if cycles.existing(child, known).state != "closed"]:
        raise ContainsLiveCycle(command.cycle_id, live)
    missing = sorted(_without_end(cycles.contents(command.cycle_id, known), known))
    if not missing:
        exceptions.refuse_needless(command)
    elif command.exception is None:
        raise NotEverythingGraded(command.cycle_id, missing)
    else:
        exceptions.require(command, cycle.grants, context, "")
        if not command.reason:
            raise ReasonMissing("To close a cycle in which grades are missing is on the record with its reason.")
    return [cycles.marked(CycleClosed(cycle_id=command.cycle_id, ungraded=tuple(missing)), cycle)]


def _without_end(contents: Iterable[Event], known: Known) -> Iterable[str]:
    """The subjects that are neither graded, abandoned, dropped nor carried over."""
    created = [event for event in contents if isinstance(event, ObjectiveCreated)]
    known.require(event.subject for event in created)
    objectives = [known.get(event.subject, Objective) for event in created]
    live = [objective for objective in objectives if objective is not None and objective.is_live]
    key_results = [subjects.key_result(each) for objective in live for each in objective.key_result_ids]
    known.require(key_results)
    for objective in live:
        if objective.grade is None:
            yield objective.created.subject
    for subject in key_results:
        key_result = known.get(subject, KeyResult)
        if key_result is not None and not key_result.dropped and key_result.grade is None:
            yield subject


DECIDERS: Final[Deciders] = {CloseCycle: close}
"""Which function answers which command."""
