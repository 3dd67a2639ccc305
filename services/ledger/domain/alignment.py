"""When an objective is aligned with a parent: no circles, and no result counted twice."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import LinkAlignment, UnlinkAlignment
from okr_contracts.envelope import Recorded
from okr_contracts.events import AlignmentLinked, AlignmentUnlinked, Event
from okr_contracts.fields import Parent
from services.ledger.domain import cycle as cycles
from services.ledger.domain.key_result import KeyResult
from services.ledger.domain.known import Context, Known, bare
from services.ledger.domain.objective import Objective
from services.ledger.domain.refusal import ReferenceUnknown, Refusal, SubjectUnknown

_MOST_LEVELS: Final = 100


class AlignedOtherwise(Refusal):
    """The objective is already aligned with this parent, in another way."""

    code = "aligned_otherwise"

    def __init__(self, subject: str) -> None:
        super().__init__(
            f"{subject} exists with other content. Unlink it first, with a reason, then link it as it shall be.",
            "/parent",
        )


class AlignmentWouldCircle(Refusal):
    """The parent hangs, over any number of links, under the child."""

    code = "alignment_would_circle"

    def __init__(self, child_id: str, parent: Parent) -> None:
        super().__init__(
            f"{parent.kind} {parent.id} is itself below objective {child_id}: nothing may contribute to itself."
            " Choose another parent, or unlink what is in between.",
            "/parent/id",
        )


class ShareTooLarge(Refusal):
    """The contributing links of one child would claim more than the whole of it."""

    code = "share_too_large"

    def __init__(self, child_id: str, left: Decimal) -> None:
        fix = f"Ask for a share of at most {left:f}" if left > 0 else "Unlink another parent first"
        super().__init__(
            f"The shares of objective {child_id} add up to at most 1, and {left:f} is left. {fix}, or use the effect"
            " supports, which counts nowhere.",
            "/share",
        )


class AlignedLater(Refusal):
    """An import would date a link, or its end, before the last word on that pair."""

    code = "aligned_later"

    def __init__(self, said_on: date) -> None:
        super().__init__(
            f"The last word on this child and parent is effective on {said_on}. Date this one to that day or later, and"
            " import links and their ends in the order of their days.",
            "/effective_on",
        )


class AlignmentTooDeep(Refusal):
    """There would be more levels of objectives than anybody can follow."""

    code = "alignment_too_deep"

    def __init__(self) -> None:
        super().__init__(
            f"There are {_MOST_LEVELS} levels above this parent already. Link to one that is nearer to the top.",
            "/parent/id",
        )


class ParentInAnotherCycle(Refusal):
    """The parent's cycle neither is nor contains the child's."""

    code = "parent_in_another_cycle"

    def __init__(self, child_cycle: str, parent_cycle: str) -> None:
        super().__init__(
            f"The parent lives in cycle {parent_cycle}, which is not the child's {child_cycle} and does not contain it."
            " Choose a parent in the same cycle or in one that contains it.",
            "/parent/id",
        )


@dataclass(frozen=True, slots=True)
class Alignment:
    """What the rules read of an alignment: the link, or None since it was unlinked, and the day of that last word."""

    linked: AlignmentLinked | None
    said_on: date


def link(command: LinkAlignment, context: Context, known: Known) -> list[Event]:
    """Align an objective with a parent."""
    child = known.get(subjects.objective(command.child_id), Objective)
    if child is None:
        raise ReferenceUnknown("objective", command.child_id, "/child_id")
    linked = AlignmentLinked(
        child_id=command.child_id,
        parent=command.parent,
        effect=command.effect,
        origin=command.origin,
        weight=command.weight,
        share=command.share,
    )
    before = child.link(linked.subject)
    if before is not None:
        if before.linked == linked:
            return []
        raise AlignedOtherwise(linked.subject)
    _check_order(known.get(linked.subject, Alignment), command.effective_on, context)
    parent_objective = _objective_of(command.parent, known)
    cycle_ids = cycles.containing(child.created.cycle_id, known)
    if parent_objective.created.cycle_id not in cycle_ids:
        raise ParentInAnotherCycle(child.created.cycle_id, parent_objective.created.cycle_id)
    if command.effect == "contributes":
        left = 1 - sum((link.claimed for _, link in child.links), Decimal(0))
        if command.share > left:
            raise ShareTooLarge(command.child_id, left)
    if _is_above(command.child_id, command.parent, known):
        raise AlignmentWouldCircle(command.child_id, command.parent)
    return [linked]


def unlink(command: UnlinkAlignment, context: Context, known: Known) -> list[Event]:
    """End an alignment; one that ended already stays so."""
    subject = subjects.alignment(command.child_id, command.parent)
    alignment = known.get(subject, Alignment)
    if alignment is None:
        raise SubjectUnknown("alignment", subject.removeprefix("alignments/"))
    if alignment.linked is None:
        return []
    _check_order(alignment, command.effective_on, context)
    return [AlignmentUnlinked(child_id=command.child_id, parent=command.parent)]


def _check_order(alignment: Alignment | None, day: date | None, context: Context) -> None:
    # Readers take the latest word by day, the rules the last one recorded: an import must not make them two.
    if alignment is not None and (day or context.today) < alignment.said_on:
        raise AlignedLater(alignment.said_on)


def _objective_of(parent: Parent, known: Known) -> Objective:
    """The parent objective, or the objective of the parent key result."""
    objective_id = parent.id
    if parent.kind == "key_result":
        key_result = known.get(subjects.key_result(parent.id), KeyResult)
        if key_result is None:
            raise ReferenceUnknown("key result", parent.id, "/parent/id")
        objective_id = key_result.added.objective_id
    objective = known.get(subjects.objective(objective_id), Objective)
    if objective is None:
        raise ReferenceUnknown("objective", objective_id, "/parent/id")
    return objective


def _is_above(child_id: str, parent: Parent, known: Known) -> bool:
    """
    Whether *child_id* is the parent or lies above it, over all links and from key results to their objectives.

    Cost: the number of nodes above the parent. Raises one NotLoaded for all subjects of a level that were not read, and
    AlignmentTooDeep beyond 100 levels, which bounds how long one command can occupy everybody.
    """
    seen: set[str] = set()
    level = {subjects.node(parent.kind, parent.id)}
    target = subjects.objective(child_id)
    for _ in range(_MOST_LEVELS):
        if not level:
            break
        if target in level:
            return True
        seen |= level
        known.require(sorted(level))
        above: set[str] = set()
        for subject in level:
            kind, _, node_id = subject.partition("/")
            if kind == "key-results":
                key_result = known.get(subject, KeyResult)
                if key_result is None:
                    raise LookupError(f"key result {node_id} is missing from the ledger")
                above.add(subjects.objective(key_result.added.objective_id))
            else:
                objective = known.get(subject, Objective)
                if objective is None:
                    raise LookupError(f"objective {node_id} is missing from the ledger")
                above |= {subjects.node(link.linked.parent.kind, link.linked.parent.id) for _, link in objective.links}
        level = above - seen
    if level:
        raise AlignmentTooDeep
    return False


def evolve(state: Alignment | None, recorded: Recorded) -> Alignment | None:
    """The alignment after the event."""
    match recorded.event:
        case AlignmentLinked() as linked:
            return Alignment(bare(linked), recorded.effective_on)
        case AlignmentUnlinked():
            return Alignment(None, recorded.effective_on)
        case _:
            return state
