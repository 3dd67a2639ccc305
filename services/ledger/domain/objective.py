"""When an objective is created, and how its words and its progress rule change."""

from dataclasses import dataclass, replace
from decimal import Decimal

from okr_contracts import subjects
from okr_contracts.commands import CreateObjective, LiftOverride, OverrideProgress, ReviseObjective, SetRollUp
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentLinked,
    AlignmentUnlinked,
    Event,
    ObjectiveCreated,
    ObjectiveRevised,
    OverrideLifted,
    ProgressOverridden,
    RollUpSet,
)
from okr_contracts.fields import RollUp
from services.ledger.domain import cycle as cycles
from services.ledger.domain.cycle import Cycle
from services.ledger.domain.known import Context, Known, bare
from services.ledger.domain.person import Person
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, SubjectUnknown
from services.ledger.domain.unit import Unit


@dataclass(frozen=True, slots=True)
class Link:
    """A live alignment, as its child sees it."""

    linked: AlignmentLinked

    @property
    def claimed(self) -> Decimal:
        """The share of the child that the parent claims: 0 where the link only supports."""
        return self.linked.share if self.linked.effect == "contributes" else Decimal(0)


@dataclass(frozen=True, slots=True)
class Objective:
    """What the rules read of an objective; ``links`` are its live alignments upwards, by their subject."""

    created: ObjectiveCreated
    title: str | None
    description: str | None
    roll_up: RollUp
    override: Decimal | None = None
    links: tuple[tuple[str, Link], ...] = ()

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
    owner = command.owner
    kind = Person if owner.kind == "person" else Unit
    if known.get(subjects.owner(owner.kind, owner.id), kind) is None:
        raise ReferenceUnknown(owner.kind, owner.id, "/owner/id")
    return [created]


def revise(command: ReviseObjective, context: Context, known: Known) -> list[Event]:
    """Change the words; a field that the command leaves out keeps its words."""
    objective = existing(command.objective_id, known)
    given = command.model_fields_set
    title = command.title if command.title is not None else objective.title
    description = command.description if "description" in given else objective.description
    if (title, description) == (objective.title, objective.description):
        return []
    return [ObjectiveRevised(objective_id=command.objective_id, title=title, description=description)]


def set_roll_up(command: SetRollUp, context: Context, known: Known) -> list[Event]:
    """Choose what progress is made of."""
    objective = existing(command.objective_id, known)
    if objective.roll_up == command.roll_up:
        return []
    cycle = cycles.existing(objective.created.cycle_id, known)
    cycles.require_reason_when_open(cycle, command.reason, "a change of what progress is made of")
    return [RollUpSet(objective_id=command.objective_id, roll_up=command.roll_up)]


def override_progress(command: OverrideProgress, context: Context, known: Known) -> list[Event]:
    """Replace the computed progress by a number."""
    objective = existing(command.objective_id, known)
    if objective.override == command.progress:
        return []
    if not command.reason:
        raise ReasonMissing("An override replaces a number that was computed.")
    return [ProgressOverridden(objective_id=command.objective_id, progress=command.progress)]


def lift_override(command: LiftOverride, context: Context, known: Known) -> list[Event]:
    """Let the computed progress count again."""
    objective = existing(command.objective_id, known)
    if objective.override is None:
        return []
    if not command.reason:
        raise ReasonMissing("Lifting an override changes the number that counts.")
    return [OverrideLifted(objective_id=command.objective_id)]


def existing(objective_id: str, known: Known) -> Objective:
    """The objective that a command is addressed to. Raises SubjectUnknown where there is none."""
    objective = known.get(subjects.objective(objective_id), Objective)
    if objective is None:
        raise SubjectUnknown("objective", objective_id)
    return objective


def evolve(state: Objective | None, recorded: Recorded) -> Objective | None:
    """The objective after the event."""
    match recorded.event, state:
        case ObjectiveCreated() as created, _:
            return Objective(bare(created), created.title, created.description, created.roll_up)
        case ObjectiveRevised(title=title, description=description), Objective():
            return replace(state, title=title, description=description)
        case RollUpSet(roll_up=roll_up), Objective():
            return replace(state, roll_up=roll_up)
        case ProgressOverridden(progress=progress), Objective():
            return replace(state, override=progress)
        case OverrideLifted(), Objective():
            return replace(state, override=None)
        case AlignmentLinked() as linked, Objective():
            others = tuple((subject, link) for subject, link in state.links if subject != linked.subject)
            return replace(state, links=(*others, (linked.subject, Link(bare(linked)))))
        case AlignmentUnlinked() as unlinked, Objective():
            return replace(
                state, links=tuple((subject, link) for subject, link in state.links if subject != unlinked.subject)
            )
        case _:
            return state
