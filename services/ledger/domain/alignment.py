"""When an objective is aligned with a parent: no circles, and no result counted twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from okr_contracts import subjects
from okr_contracts.commands import (
    AcceptAlignment,
    ChangeAlignment,
    DeclineAlignment,
    LinkAlignment,
    MoveAlignment,
    UnlinkAlignment,
)
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentAccepted,
    AlignmentChanged,
    AlignmentDeclined,
    AlignmentLinked,
    AlignmentMoved,
    AlignmentUnlinked,
    Event,
)
from okr_contracts.fields import Owner, Parent
from services.ledger.domain import cycle as cycles
from services.ledger.domain.key_result import KeyResult, KeyResultHasEnded
from services.ledger.domain.known import Context, Deciders, Known, bare
from services.ledger.domain.objective import Link, Objective, ObjectiveHasEnded, moved_to, require_live
from services.ledger.domain.person import Person
from services.ledger.domain.refusal import ReasonMissing, ReferenceUnknown, Refusal, SubjectUnknown
from services.ledger.domain.unit import Unit

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

    def __init__(self, child_id: str, parent: Parent, pointer: str) -> None:
        super().__init__(
            f"{parent.kind} {parent.id} is itself below objective {child_id}: nothing may contribute to itself."
            " Choose another parent, or unlink what is in between.",
            pointer,
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


class AlignedInClosedCycle(Refusal):
    """A link would be drawn to or from what is in a closed cycle."""

    code = "aligned_in_closed_cycle"

    def __init__(self, cycle_id: str) -> None:
        super().__init__(f"Cycle {cycle_id} is closed: nothing in it is linked any more.", "/parent/id")


class AcceptanceNotAwaited(Refusal):
    """An alignment would be accepted or declined that waits for nobody."""

    code = "acceptance_not_awaited"

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} waits for nobody: it counts as it is. Unlink it if it should not.")


class NotTheParentsOwner(Refusal):
    """Somebody else than the parent's owner would accept or decline."""

    code = "not_the_parents_owner"

    def __init__(self, kind: str, owner_id: str) -> None:
        whose = f"a member or the lead of unit {owner_id}" if kind == "unit" else owner_id
        super().__init__(f"The parent's owner accepts and declines: {whose}.")


@dataclass(frozen=True, slots=True)
class Alignment:
    """What the rules read of an alignment: the link, or None since it was unlinked, and the day of that last word."""

    linked: AlignmentLinked | None
    said_on: date
    acceptance: Literal["not_needed", "awaited", "accepted", "declined"] = "not_needed"


def link(command: LinkAlignment, context: Context, known: Known) -> list[Event]:
    """Align an objective with a parent."""
    child = _child(command.child_id, known)
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
        if before.linked.model_copy(update={"awaits_acceptance": None}) == linked:
            return []
        raise AlignedOtherwise(linked.subject)
    _check_order(known.get(linked.subject, Alignment), command.effective_on, context)
    return [_judged(linked, child, "/parent", context, known)]


def change(command: ChangeAlignment, context: Context, known: Known) -> list[Event]:
    """Change how an objective is aligned with a parent."""
    child, before = _linked(command, known)
    after = before.linked.model_copy(update=_given(command))
    if after == before.linked:
        return []
    _check_order(known.get(before.linked.subject, Alignment), command.effective_on, context)
    _require_reason(child, command.reason, known)
    judged = _judged(after, child, "/parent", context, known)
    return [AlignmentChanged.model_validate(dict(judged))]


def move(command: MoveAlignment, context: Context, known: Known) -> list[Event]:
    """Align an objective with another parent instead, in one step."""
    child = _child(command.child_id, known)
    to_subject = subjects.alignment(command.child_id, command.to_parent)
    before = child.link(command.subject)
    there = child.link(to_subject)
    if before is None and there is not None:
        return []
    child, before = _linked(command, known)
    if there is not None:
        raise AlignedOtherwise(to_subject)
    for subject in (command.subject, to_subject):
        _check_order(known.get(subject, Alignment), command.effective_on, context)
    _require_reason(child, command.reason, known)
    wanted = before.linked.model_copy(update={**_given(command), "parent": command.to_parent})
    without = replace(child, links=tuple(each for each in child.links if each[0] != command.subject))
    judged = _judged(wanted, without, "/to_parent", context, known)
    return [
        AlignmentMoved(
            child_id=command.child_id,
            parent=command.parent,
            to_parent=command.to_parent,
            effect=judged.effect,
            origin=judged.origin,
            weight=judged.weight,
            share=judged.share,
            awaits_acceptance=judged.awaits_acceptance,
        )
    ]


def accept(command: AcceptAlignment, context: Context, known: Known) -> list[Event]:
    """Accept, as the parent's owner, that an objective contributes."""
    child, link = _linked(command, known)
    alignment = known.get(command.subject, Alignment)
    if alignment is None or alignment.acceptance == "not_needed":
        raise AcceptanceNotAwaited(command.subject)
    if alignment.acceptance == "accepted":
        return []
    _require_parents_owner(command.parent, context, known)
    if link.declined:
        # It claims its share again.
        _check_share(link.linked, replace(child, links=_others(child, command.subject)), "/parent")
    return [AlignmentAccepted(child_id=command.child_id, parent=command.parent)]


def decline(command: DeclineAlignment, context: Context, known: Known) -> list[Event]:
    """Decline, as the parent's owner, that an objective contributes."""
    _linked(command, known)
    alignment = known.get(command.subject, Alignment)
    if alignment is None or alignment.acceptance == "not_needed":
        raise AcceptanceNotAwaited(command.subject)
    if alignment.acceptance == "declined":
        return []
    _require_parents_owner(command.parent, context, known)
    if not command.reason:
        raise ReasonMissing("Whoever offered it is told why it is declined.")
    return [AlignmentDeclined(child_id=command.child_id, parent=command.parent)]


def _judged(linked: AlignmentLinked, child: Objective, pointer: str, context: Context, known: Known) -> AlignmentLinked:
    """The link as it may be, given the child's other links; it says whether it waits for the parent's owner."""
    require_live(child, "/child_id")
    parent_objective = _objective_of(linked.parent, pointer, known)
    cycle_ids = cycles.containing(child.created.cycle_id, known)
    if parent_objective.created.cycle_id not in cycle_ids:
        raise ParentInAnotherCycle(child.created.cycle_id, parent_objective.created.cycle_id)
    for cycle_id in {child.created.cycle_id, parent_objective.created.cycle_id}:
        if cycles.existing(cycle_id, known).state == "closed":
            raise AlignedInClosedCycle(cycle_id)
    others = replace(child, links=_others(child, linked.subject))
    _check_share(linked, others, pointer)
    if _is_above(linked.child_id, linked.parent, known):
        raise AlignmentWouldCircle(linked.child_id, linked.parent, f"{pointer}/id")
    awaits = (
        context.settings.alignment_acceptance == "other_owner"
        and linked.effect == "contributes"
        and parent_objective.owner != child.owner
        and not _acts_for(parent_objective.owner, context, known)
    )
    return linked.model_copy(update={"awaits_acceptance": True if awaits else None})


def _check_share(linked: AlignmentLinked, others: Objective, pointer: str) -> None:
    if linked.effect != "contributes":
        return
    left = 1 - sum((link.claimed for _, link in others.links), Decimal(0))
    if linked.share > left:
        raise ShareTooLarge(linked.child_id, left)


def _others(child: Objective, subject: str) -> tuple[tuple[str, Link], ...]:
    return tuple(each for each in child.links if each[0] != subject)


def _given(command: ChangeAlignment) -> dict[str, object]:
    names = ("effect", "origin", "weight", "share")
    return {name: value for name in names if (value := getattr(command, name)) is not None}


def _child(child_id: str, known: Known) -> Objective:
    child = known.get(subjects.objective(child_id), Objective)
    if child is None:
        raise ReferenceUnknown("objective", child_id, "/child_id")
    return child


def _linked(command: ChangeAlignment | AcceptAlignment | DeclineAlignment, known: Known) -> tuple[Objective, Link]:
    """The child and its live link to the parent. Raises SubjectUnknown where there is none."""
    child = known.get(subjects.objective(command.child_id), Objective)
    link = None if child is None else child.link(command.subject)
    if child is None or link is None:
        raise SubjectUnknown("live alignment", command.subject.removeprefix("alignments/"))
    return child, link


def _require_reason(child: Objective, reason: str | None, known: Known) -> None:
    cycle = cycles.existing(child.created.cycle_id, known)
    cycles.require_reason_when_open(cycle, reason, "a change of an alignment")


def _require_parents_owner(parent: Parent, context: Context, known: Known) -> None:
    owner = _objective_of(parent, "/parent", known).owner
    if not _acts_for(owner, context, known):
        raise NotTheParentsOwner(owner.kind, owner.id)


def _acts_for(owner: Owner, context: Context, known: Known) -> bool:
    """Whether whoever acts, or for whom they act, is the owner, or leads or is in the unit that is."""
    actor = context.actor
    person_id = actor.id if actor.kind == "person" else actor.on_behalf_of
    if person_id is None:
        return False
    if owner.kind == "person":
        return owner.id == person_id
    unit = known.get(subjects.unit(owner.id), Unit)
    person = known.get(subjects.person(person_id), Person)
    leads = unit is not None and unit.lead_id == person_id
    return leads or (person is not None and owner.id in person.unit_ids)


def may_go_on_with(parent: Parent, cycle_ids: Sequence[str], known: Known) -> bool:
    """Whether a link is kept by a successor: its parent is live, in one of those cycles, and that one is not closed."""
    try:
        cycle_id = _objective_of(parent, "/parent", known).created.cycle_id
    except (ObjectiveHasEnded, KeyResultHasEnded):
        return False
    return cycle_id in cycle_ids and cycles.existing(cycle_id, known).state != "closed"


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


def _objective_of(parent: Parent, pointer: str, known: Known) -> Objective:
    """The parent objective, or the objective of the parent key result; it is live, and so is the key result."""
    objective_id = parent.id
    if parent.kind == "key_result":
        key_result = known.get(subjects.key_result(parent.id), KeyResult)
        if key_result is None:
            raise ReferenceUnknown("key result", parent.id, f"{pointer}/id")
        if key_result.dropped:
            raise KeyResultHasEnded(parent.id, f"{pointer}/id")
        objective_id = key_result.added.objective_id
    objective = known.get(subjects.objective(objective_id), Objective)
    if objective is None:
        raise ReferenceUnknown("objective", objective_id, f"{pointer}/id")
    require_live(objective, f"{pointer}/id")
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
    """The alignment with that subject after the event: a move ends one and makes the other."""
    day = recorded.effective_on
    match recorded.event, state:
        case AlignmentLinked() as linked, _:
            return Alignment(bare(linked), day, "awaited" if linked.awaits_acceptance else "not_needed")
        case AlignmentUnlinked(), _:
            return Alignment(None, day)
        case AlignmentMoved(subject=ended), Alignment(linked=AlignmentLinked(subject=own)) if own == ended:
            return Alignment(None, day)
        case AlignmentMoved() as moved, _:
            return Alignment(moved_to(moved), day, "awaited" if moved.awaits_acceptance else "not_needed")
        case AlignmentAccepted(), Alignment():
            return replace(state, said_on=day, acceptance="accepted")
        case AlignmentDeclined(), Alignment():
            return replace(state, said_on=day, acceptance="declined")
        case _:
            return state


DECIDERS: Final[Deciders] = {
    LinkAlignment: link,
    UnlinkAlignment: unlink,
    ChangeAlignment: change,
    MoveAlignment: move,
    AcceptAlignment: accept,
    DeclineAlignment: decline,
}
"""Which function answers which command."""
