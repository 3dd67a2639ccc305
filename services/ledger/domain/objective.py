"""When an objective is created, and how its words, its owner, its rules and its readers change."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Literal

from okr_contracts import subjects
from okr_contracts.commands import (
    CreateObjective,
    DeclareTopLevel,
    DismissSignal,
    LiftOverride,
    OpenObjective,
    OverrideProgress,
    ReassignObjective,
    RestrictObjective,
    ReviseObjective,
    SetAmbition,
    SetLabels,
    SetRollUp,
)
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentAccepted,
    AlignmentDeclined,
    AlignmentLinked,
    AlignmentMoved,
    AlignmentUnlinked,
    AmbitionSet,
    Event,
    GradeCorrected,
    KeyResultAdded,
    LabelsSet,
    ObjectiveAbandoned,
    ObjectiveCarriedOver,
    ObjectiveCreated,
    ObjectiveGraded,
    ObjectiveOpened,
    ObjectiveReassigned,
    ObjectiveReinstated,
    ObjectiveRestricted,
    ObjectiveRevised,
    OverrideLifted,
    ProgressOverridden,
    RollUpSet,
    SignalDismissed,
    TopLevelDeclared,
)
from okr_contracts.fields import Ambition, Owner, RollUp
from services.ledger.domain import cycle as cycles
from services.ledger.domain.cycle import Cycle
from services.ledger.domain.known import Context, Deciders, Known, bare
from services.ledger.domain.person import Person, require_active
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, Refusal, SubjectUnknown
from services.ledger.domain.unit import Unit, require_open


class ObjectiveHasEnded(Refusal):
    """Something would be changed about an objective that was abandoned or carried over."""

    code = "objective_has_ended"

    def __init__(self, objective: "Objective", pointer: str) -> None:
        objective_id = objective.created.objective_id
        fix = "Reinstate it first." if objective.ended == "abandoned" else "Change its successor instead."
        super().__init__(f"Objective {objective_id} was {str(objective.ended).replace('_', ' ')}. {fix}", pointer)


@dataclass(frozen=True, slots=True)
class Link:
    """A live alignment, as its child sees it."""

    linked: AlignmentLinked
    declined: bool = False

    @property
    def claimed(self) -> Decimal:
        """The share of the child that the parent claims: 0 where the link only supports, or was declined."""
        return self.linked.share if self.linked.effect == "contributes" and not self.declined else Decimal(0)


@dataclass(frozen=True, slots=True)
class Objective:
    """
    What the rules read of an objective.

    ``links`` are its live alignments upwards, by their subject; ``key_result_ids`` are all that were ever added to it,
    dropped ones included. ``readers`` are those that a restriction names, none where it is in the open.
    ``successor`` is the cycle and the objective in which it goes on.
    ``dismissed`` are quality signals that do not apply, each of a key result or, where that is None, of itself.
    """

    created: ObjectiveCreated
    title: str | None
    description: str | None
    owner: Owner
    ambition: Ambition
    roll_up: RollUp
    top_level: bool
    labels: tuple[str, ...] | None
    override: Decimal | None = None
    links: tuple[tuple[str, Link], ...] = ()
    key_result_ids: tuple[str, ...] = ()
    ended: Literal["abandoned", "carried_over"] | None = None
    successor: tuple[str, str] | None = None
    grade: Decimal | None = None
    readers: tuple[Owner, ...] = ()
    dismissed: frozenset[tuple[str | None, str]] = frozenset()

    @property
    def is_live(self) -> bool:
        """Whether it counts, and may be changed."""
        return self.ended is None

    def link(self, subject: str) -> Link | None:
        """The live alignment with that subject."""
        return dict(self.links).get(subject)


def create(command: CreateObjective, context: Context, known: Known) -> list[Event]:
    """Create an objective, owned by somebody who exists."""
    objective_id = command.objective_id or ""
    created = ObjectiveCreated(
        objective_id=objective_id,
        cycle_id=command.cycle_id,
        owner=command.owner,
        title=command.title,
        description=command.description,
        ambition=command.ambition,
        roll_up=command.roll_up,
        top_level=command.top_level,
        labels=command.labels,
    )
    objective = known.get(subjects.objective(objective_id), Objective)
    if objective is not None:
        if objective.created == created:
            return []
        raise IdTaken("objective", objective_id, "/objective_id")
    if known.get(subjects.cycle(command.cycle_id), Cycle) is None:
        raise ReferenceUnknown("cycle", command.cycle_id, "/cycle_id")
    require_owner(command.owner, known)
    return [created]


def require_owner(owner: Owner, known: Known) -> None:
    """Refuse an owner that does not exist or is not active any more."""
    if owner.kind == "person":
        require_active(owner.id, known, "/owner/id")
    else:
        require_open(owner.id, known, "/owner/id")


def revise(command: ReviseObjective, context: Context, known: Known) -> list[Event]:
    """Change the words; a field that the command leaves out keeps its words."""
    objective = live(command.objective_id, known)
    given = command.model_fields_set
    title = command.title if command.title is not None else objective.title
    description = command.description if "description" in given else objective.description
    if (title, description) == (objective.title, objective.description):
        return []
    return [ObjectiveRevised(objective_id=command.objective_id, title=title, description=description)]


def set_roll_up(command: SetRollUp, context: Context, known: Known) -> list[Event]:
    """Choose what progress is made of."""
    objective = live(command.objective_id, known)
    if objective.roll_up == command.roll_up:
        return []
    cycle = cycles.existing(objective.created.cycle_id, known)
    cycles.require_reason_when_open(cycle, command.reason, "a change of what progress is made of")
    return [RollUpSet(objective_id=command.objective_id, roll_up=command.roll_up)]


def override_progress(command: OverrideProgress, context: Context, known: Known) -> list[Event]:
    """Replace the computed progress by a number."""
    objective = live(command.objective_id, known)
    if objective.override == command.progress:
        return []
    if not command.reason:
        raise ReasonMissing("An override replaces a number that was computed.")
    return [ProgressOverridden(objective_id=command.objective_id, progress=command.progress)]


def lift_override(command: LiftOverride, context: Context, known: Known) -> list[Event]:
    """Let the computed progress count again."""
    objective = live(command.objective_id, known)
    if objective.override is None:
        return []
    if not command.reason:
        raise ReasonMissing("Lifting an override changes the number that counts.")
    return [OverrideLifted(objective_id=command.objective_id)]


def reassign(command: ReassignObjective, context: Context, known: Known) -> list[Event]:
    """Give an objective another owner."""
    objective = live(command.objective_id, known)
    if objective.owner == command.owner:
        return []
    require_owner(command.owner, known)
    return [ObjectiveReassigned(objective_id=command.objective_id, owner=command.owner)]


def declare_top_level(command: DeclareTopLevel, context: Context, known: Known) -> list[Event]:
    """Declare an objective top-level, or take that back."""
    objective = live(command.objective_id, known)
    if objective.top_level == command.top_level:
        return []
    return [TopLevelDeclared(objective_id=command.objective_id, top_level=command.top_level)]


def set_ambition(command: SetAmbition, context: Context, known: Known) -> list[Event]:
    """Say whether an objective is aspirational or committed."""
    objective = live(command.objective_id, known)
    if objective.ambition == command.ambition:
        return []
    cycle = cycles.existing(objective.created.cycle_id, known)
    cycles.require_reason_when_open(cycle, command.reason, "a change of ambition")
    return [AmbitionSet(objective_id=command.objective_id, ambition=command.ambition)]


def set_labels(command: SetLabels, context: Context, known: Known) -> list[Event]:
    """Set all labels."""
    objective = live(command.objective_id, known)
    if objective.labels == command.labels:
        return []
    # No labels are no words: what is not there cannot be told from what was erased but by its number.
    return [
        LabelsSet(objective_id=command.objective_id, count=len(command.labels or ()), labels=command.labels or None)
    ]


def restrict(command: RestrictObjective, context: Context, known: Known) -> list[Event]:
    """Let only some read an objective; the owner and those who answer for its key results always can."""
    objective = existing(command.objective_id, known)
    if objective.readers == command.readers:
        return []
    for place, reader in enumerate(command.readers):
        kind = Person if reader.kind == "person" else Unit
        if known.get(subjects.owner(reader.kind, reader.id), kind) is None:
            raise ReferenceUnknown(reader.kind, reader.id, f"/readers/{place}/id")
    if not command.reason:
        raise ReasonMissing("Objectives are in the open; a restriction is an exception.")
    return [ObjectiveRestricted(objective_id=command.objective_id, readers=command.readers)]


def open_objective(command: OpenObjective, context: Context, known: Known) -> list[Event]:
    """Bring an objective into the open again."""
    objective = existing(command.objective_id, known)
    return [ObjectiveOpened(objective_id=command.objective_id)] if objective.readers else []


def dismiss_signal(command: DismissSignal, context: Context, known: Known) -> list[Event]:
    """Say that a quality signal does not apply."""
    objective = live(command.objective_id, known)
    if command.key_result_id is not None and command.key_result_id not in objective.key_result_ids:
        raise ReferenceUnknown("key result", command.key_result_id, "/key_result_id")
    if (command.key_result_id, command.code) in objective.dismissed:
        return []
    if not command.reason:
        raise ReasonMissing("A signal is dismissed by an argument.")
    return [SignalDismissed(objective_id=command.objective_id, key_result_id=command.key_result_id, code=command.code)]


def existing(objective_id: str, known: Known) -> Objective:
    """The objective that a command is addressed to. Raises SubjectUnknown where there is none."""
    objective = known.get(subjects.objective(objective_id), Objective)
    if objective is None:
        raise SubjectUnknown("objective", objective_id)
    return objective


def live(objective_id: str, known: Known) -> Objective:
    """The same, which was neither abandoned nor carried over. Raises ObjectiveHasEnded."""
    objective = existing(objective_id, known)
    require_live(objective, "")
    return objective


def require_live(objective: Objective, pointer: str) -> None:
    """Raises ObjectiveHasEnded where the objective was abandoned or carried over."""
    if objective.ended is not None:
        raise ObjectiveHasEnded(objective, pointer)


def evolve(state: Objective | None, recorded: Recorded) -> Objective | None:
    """The objective after the event."""
    match recorded.event, state:
        case ObjectiveCreated() as created, _:
            return Objective(
                bare(created),
                created.title,
                created.description,
                created.owner,
                created.ambition,
                created.roll_up,
                created.top_level,
                created.labels,
            )
        case (
            (
                AlignmentLinked() | AlignmentMoved() | AlignmentUnlinked() | AlignmentDeclined() | AlignmentAccepted()
            ) as event,
            Objective(),
        ):
            return replace(state, links=_links_after(state.links, event))
        case _, Objective():
            return replace(state, **_changed_by(recorded.event, state))
        case _:
            return state


_TAKEN_OVER: Final[dict[type[Event], tuple[str, ...]]] = {
    ObjectiveRevised: ("title", "description"),
    ObjectiveReassigned: ("owner",),
    TopLevelDeclared: ("top_level",),
    AmbitionSet: ("ambition",),
    RollUpSet: ("roll_up",),
    ObjectiveRestricted: ("readers",),
    ObjectiveGraded: ("grade",),
}
"""Which fields of an event are the objective's own after it."""
_SET: Final[dict[type[Event], dict[str, object]]] = {
    ObjectiveOpened: {"readers": ()},
    ObjectiveAbandoned: {"ended": "abandoned"},
    ObjectiveReinstated: {"ended": None},
    OverrideLifted: {"override": None},
}


def _changed_by(event: Event, state: Objective) -> dict[str, Any]:
    match event:
        case ProgressOverridden(progress=progress):
            return {"override": progress}
        case GradeCorrected(key_result_id=None, grade=grade):
            return {"grade": grade}
        case LabelsSet(count=count, labels=labels):
            return {"labels": labels if count else ()}
        case ObjectiveCarriedOver(cycle_id=cycle_id, successor_id=successor_id):
            return {"ended": "carried_over", "successor": (cycle_id, successor_id)}
        case SignalDismissed(key_result_id=key_result_id, code=code):
            return {"dismissed": state.dismissed | {(key_result_id, code)}}
        case KeyResultAdded(key_result_id=key_result_id):
            return {"key_result_ids": (*state.key_result_ids, key_result_id)}
        case _:
            taken = {name: getattr(event, name) for name in _TAKEN_OVER.get(type(event), ())}
            return taken or _SET.get(type(event), {})


def _links_after(
    links: tuple[tuple[str, Link], ...],
    event: AlignmentLinked | AlignmentMoved | AlignmentUnlinked | AlignmentDeclined | AlignmentAccepted,
) -> tuple[tuple[str, Link], ...]:
    if isinstance(event, AlignmentDeclined | AlignmentAccepted):
        declined = isinstance(event, AlignmentDeclined)
        return tuple(
            (subject, replace(link, declined=declined) if subject == event.subject else link) for subject, link in links
        )
    ended = {event.subject}
    made: AlignmentLinked | None = None
    if isinstance(event, AlignmentLinked):
        made = bare(event)
    elif isinstance(event, AlignmentMoved):
        made = moved_to(event)
        ended.add(made.subject)
    others = tuple((subject, link) for subject, link in links if subject not in ended)
    return others if made is None else (*others, (made.subject, Link(made)))


def moved_to(event: AlignmentMoved) -> AlignmentLinked:
    """The alignment that a move leaves behind, as if it had been linked so."""
    return AlignmentLinked(
        child_id=event.child_id,
        parent=event.to_parent,
        effect=event.effect,
        origin=event.origin,
        weight=event.weight,
        share=event.share,
        awaits_acceptance=event.awaits_acceptance,
    )


DECIDERS: Final[Deciders] = {
    CreateObjective: create,
    ReviseObjective: revise,
    SetRollUp: set_roll_up,
    OverrideProgress: override_progress,
    LiftOverride: lift_override,
    ReassignObjective: reassign,
    DeclareTopLevel: declare_top_level,
    SetAmbition: set_ambition,
    SetLabels: set_labels,
    RestrictObjective: restrict,
    OpenObjective: open_objective,
    DismissSignal: dismiss_signal,
}
"""Which function answers which command."""
