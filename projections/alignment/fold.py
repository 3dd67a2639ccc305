"""Which rows an event makes. Every row restates its event alone, so that no earlier state has to be read."""

from collections.abc import Iterator
from typing import Final

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentAccepted,
    AlignmentChanged,
    AlignmentDeclined,
    AlignmentLinked,
    AlignmentMoved,
    AlignmentUnlinked,
    CycleOpened,
    CyclePlanned,
    KeyResultAdded,
    KeyResultDropped,
    KeyResultReinstated,
    KeyResultRevised,
    KeyResultReweighed,
    ManagerChanged,
    ObjectiveAbandoned,
    ObjectiveCarriedOver,
    ObjectiveCreated,
    ObjectiveReassigned,
    ObjectiveReinstated,
    ObjectiveRevised,
    OverrideLifted,
    PersonAdded,
    PersonDeactivated,
    PersonErased,
    PersonReactivated,
    PersonRevised,
    ProgressOverridden,
    ResponsibleAssigned,
    RollUpSet,
    SettingsChanged,
    TopLevelDeclared,
    UnitAdded,
    UnitClosed,
    UnitJoined,
    UnitLeadNamed,
    UnitLeft,
    UnitMoved,
    UnitRenamed,
)
from okr_contracts.events.alignment import AlignmentEvent
from okr_contracts.events.person import PersonEvent
from okr_contracts.events.unit import UnitEvent
from okr_contracts.fields import Parent, plain
from projections.alignment import rows
from projections.alignment.directory_fold import decision, fold_directory
from projections.alignment.rows import Row

HANDLES: Final = frozenset(
    event.__name__
    for event in (
        UnitAdded,
        UnitRenamed,
        UnitMoved,
        UnitLeadNamed,
        UnitClosed,
        PersonAdded,
        PersonRevised,
        ManagerChanged,
        UnitJoined,
        UnitLeft,
        PersonDeactivated,
        PersonReactivated,
        PersonErased,
        CyclePlanned,
        CycleOpened,
        ObjectiveCreated,
        ObjectiveRevised,
        ObjectiveReassigned,
        TopLevelDeclared,
        RollUpSet,
        ObjectiveAbandoned,
        ObjectiveReinstated,
        ObjectiveCarriedOver,
        ProgressOverridden,
        OverrideLifted,
        KeyResultAdded,
        KeyResultRevised,
        KeyResultReweighed,
        ResponsibleAssigned,
        KeyResultDropped,
        KeyResultReinstated,
        AlignmentLinked,
        AlignmentChanged,
        AlignmentMoved,
        AlignmentUnlinked,
        AlignmentAccepted,
        AlignmentDeclined,
        SettingsChanged,
    )
)

IGNORES: Final = frozenset(
    {
        # What is measured, how far it came and how it was graded, who partners, sees or is told, and the steps of a
        # cycle after its opening change neither the graph nor the directory. The root unit has an event of its own.
        "OrganisationRegistered",
        "EpochBegun",
        "RoleAssigned",
        "RoleRevoked",
        "HoldPlaced",
        "HoldReleased",
        "OrganisationClosed",
        "CycleRevised",
        "CycleLocked",
        "CycleReopened",
        "CycleClosed",
        "ExceptionGranted",
        "ExceptionRevoked",
        "AmbitionSet",
        "LabelsSet",
        "ObjectiveRestricted",
        "ObjectiveOpened",
        "ObjectiveGraded",
        "GradeCorrected",
        "SignalDismissed",
        "KeyResultRedefined",
        "KeyPartnerNamed",
        "KeyPartnerReleased",
        "CadenceSet",
        "PhasedTargetsSet",
        "KeyResultGraded",
        "CheckInRecorded",
        "CheckInCorrected",
        "CheckInWithdrawn",
        "CheckInAcknowledged",
        "Announced",
        "ViewsRecorded",
        "ActionRecorded",
    }
)


def fold(recorded: Recorded) -> Iterator[Row]:
    """The rows of one event; none for a type that is not in HANDLES."""
    match recorded.event:
        case UnitEvent() | PersonEvent():
            yield from fold_directory(recorded)
        case CyclePlanned() | CycleOpened():
            yield from _cycles(recorded)
        case AlignmentEvent():
            yield from _links(recorded)
        case SettingsChanged(organisation=organisation, settings=settings):
            yield decision(recorded, "organisation", organisation, "settings", settings.model_dump_json())
        case KeyResultDropped() | KeyResultReinstated() | KeyResultReweighed() as event:
            yield _of_key_result(recorded, event)
        case _:
            yield from _of_objective(recorded)


def _of_key_result(
    recorded: Recorded, event: KeyResultDropped | KeyResultReinstated | KeyResultReweighed
) -> rows.Decision:
    match event:
        case KeyResultDropped(key_result_id=key_result_id):
            return decision(recorded, "key_result", key_result_id, "ended", "dropped")
        case KeyResultReinstated(key_result_id=key_result_id):
            return decision(recorded, "key_result", key_result_id, "ended", None)
        case KeyResultReweighed(key_result_id=key_result_id, weight=weight):
            return decision(recorded, "key_result", key_result_id, "weight", plain(weight))


def _of_objective(recorded: Recorded) -> Iterator[Row]:
    match recorded.event:
        case ObjectiveReassigned(objective_id=objective_id, owner=owner):
            yield decision(recorded, "objective", objective_id, "owner", f"{owner.kind}/{owner.id}")
        case TopLevelDeclared(objective_id=objective_id, top_level=top_level):
            yield decision(recorded, "objective", objective_id, "top_level", "true" if top_level else "false")
        case ObjectiveAbandoned(objective_id=objective_id):
            yield decision(recorded, "objective", objective_id, "ended", "abandoned")
        case ObjectiveCarriedOver(objective_id=objective_id):
            yield decision(recorded, "objective", objective_id, "ended", "carried_over")
        case ObjectiveReinstated(objective_id=objective_id):
            yield decision(recorded, "objective", objective_id, "ended", None)
        case _:
            yield from _nodes(recorded)


def _cycles(recorded: Recorded) -> Iterator[Row]:
    organisation, sequence, day = recorded.organisation, recorded.sequence, recorded.effective_on
    match recorded.event:
        case CyclePlanned() as cycle:
            yield rows.Cycle(organisation, cycle.cycle_id, sequence, day, cycle.parent_id)
        case CycleOpened() as opened:
            yield rows.Opening(organisation, opened.cycle_id, sequence, day)
        case _:
            pass


def _nodes(recorded: Recorded) -> Iterator[Row]:
    organisation, sequence, day = recorded.organisation, recorded.sequence, recorded.effective_on
    match recorded.event:
        case ObjectiveCreated() as made:
            owner, node = made.owner, made.objective_id
            yield rows.Objective(organisation, node, sequence, day, made.cycle_id, owner.kind, owner.id, made.top_level)
            yield rows.Title(organisation, "objective", node, sequence, day, made.title)
            yield rows.RollUpRule(organisation, node, sequence, day, made.roll_up)
        case ObjectiveRevised() as revised:
            yield rows.Title(organisation, "objective", revised.objective_id, sequence, day, revised.title)
        case RollUpSet() as rule:
            yield rows.RollUpRule(organisation, rule.objective_id, sequence, day, rule.roll_up)
        case ProgressOverridden(objective_id=node):
            yield rows.Override(organisation, node, sequence, day, overridden=True)
        case OverrideLifted(objective_id=node):
            yield rows.Override(organisation, node, sequence, day, overridden=False)
        case KeyResultAdded() as added:
            node = added.key_result_id
            yield rows.KeyResult(organisation, node, sequence, day, added.objective_id, added.source, added.weight)
            yield rows.Title(organisation, "key_result", node, sequence, day, added.title)
            yield rows.Responsible(organisation, node, sequence, day, added.responsible_id)
        case KeyResultRevised() as revised:
            yield rows.Title(organisation, "key_result", revised.key_result_id, sequence, day, revised.title)
        case ResponsibleAssigned() as assigned:
            yield rows.Responsible(organisation, assigned.key_result_id, sequence, day, assigned.person_id)
        case _:
            pass


def _links(recorded: Recorded) -> Iterator[Row]:
    match recorded.event:
        case AlignmentLinked() as link:
            yield _link(recorded, link.child_id, link.parent, link)
        case AlignmentUnlinked() as link:
            yield _link(recorded, link.child_id, link.parent, None)
        case AlignmentMoved() as link:
            yield _link(recorded, link.child_id, link.parent, None)
            yield _link(recorded, link.child_id, link.to_parent, link)
        case AlignmentAccepted() | AlignmentDeclined() as link:
            pair = f"{link.child_id}~{link.parent.kind}~{link.parent.id}"
            answer = "accepted" if isinstance(link, AlignmentAccepted) else "declined"
            yield decision(recorded, "alignment", pair, "acceptance", answer)
        case _:
            return


def _link(
    recorded: Recorded, child_id: str, parent: Parent, said: AlignmentLinked | AlignmentMoved | None
) -> rows.Link:
    """What an event says of a pair; None that the alignment ended."""
    actor = recorded.actor
    drawn_by = actor.on_behalf_of or (actor.id if actor.kind == "person" else None)
    ends = (recorded.organisation, child_id, parent.kind, parent.id, recorded.sequence, recorded.effective_on)
    if said is None:
        return rows.Link(*ends, False, None, None, None, None, False, drawn_by)
    content = (said.effect, said.origin, said.weight, said.share, bool(said.awaits_acceptance))
    return rows.Link(*ends, True, *content, drawn_by)
