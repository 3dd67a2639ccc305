"""Which rows an event makes. Every row restates its event alone, so that no earlier state has to be read."""

from collections.abc import Iterator
from typing import Final

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentLinked,
    AlignmentUnlinked,
    CycleOpened,
    CyclePlanned,
    KeyResultAdded,
    ManagerChanged,
    ObjectiveCreated,
    ObjectiveRevised,
    OverrideLifted,
    PersonAdded,
    ProgressOverridden,
    ResponsibleAssigned,
    RollUpSet,
    UnitAdded,
    UnitJoined,
)
from projections.alignment import rows
from projections.alignment.rows import Row

HANDLES: Final = frozenset(
    event.__name__
    for event in (
        UnitAdded,
        PersonAdded,
        ManagerChanged,
        UnitJoined,
        CyclePlanned,
        CycleOpened,
        ObjectiveCreated,
        ObjectiveRevised,
        RollUpSet,
        ProgressOverridden,
        OverrideLifted,
        KeyResultAdded,
        ResponsibleAssigned,
        AlignmentLinked,
        AlignmentUnlinked,
    )
)

IGNORES: Final = frozenset(
    {
        # What is measured, and how far it came, changes neither the graph nor who is responsible.
        "KeyResultRedefined",
        "KeyPartnerNamed",
        "CheckInRecorded",
        "CheckInCorrected",
        "CheckInWithdrawn",
        # Its root unit comes as an event of its own.
        "OrganisationRegistered",
        # Whether numbers are used again changes nothing of what stands.
        "EpochBegun",
    }
)


def fold(recorded: Recorded) -> Iterator[Row]:
    """The rows of one event; none for a type that is not in HANDLES."""
    match recorded.event:
        case UnitAdded() | PersonAdded() | ManagerChanged() | UnitJoined():
            yield from _directory(recorded)
        case CyclePlanned() | CycleOpened():
            yield from _cycles(recorded)
        case AlignmentLinked() | AlignmentUnlinked():
            yield from _links(recorded)
        case _:
            yield from _nodes(recorded)


def _directory(recorded: Recorded) -> Iterator[Row]:
    organisation, sequence, day = recorded.organisation, recorded.sequence, recorded.effective_on
    match recorded.event:
        case UnitAdded() as unit:
            yield rows.Unit(organisation, unit.unit_id, sequence, day, unit.parent_id, unit.name)
        case PersonAdded() as person:
            yield rows.Person(organisation, person.person_id, sequence, day, person.title, person.placeholder)
            yield rows.Manager(organisation, person.person_id, sequence, day, person.manager_id)
            for place, unit_id in enumerate(person.unit_ids):
                yield rows.Membership(organisation, person.person_id, sequence, unit_id, day, place == 0, place)
        case ManagerChanged() as changed:
            yield rows.Manager(organisation, changed.person_id, sequence, day, changed.manager_id)
        case UnitJoined() as joined:
            yield rows.Membership(organisation, joined.person_id, sequence, joined.unit_id, day, joined.primary, 0)
        case _:
            pass


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
        case ResponsibleAssigned() as assigned:
            yield rows.Responsible(organisation, assigned.key_result_id, sequence, day, assigned.person_id)
        case _:
            pass


def _links(recorded: Recorded) -> Iterator[Row]:
    actor = recorded.actor
    drawn_by = actor.on_behalf_of or (actor.id if actor.kind == "person" else None)
    match recorded.event:
        case AlignmentLinked() as link:
            said = (True, link.effect, link.origin, link.weight, link.share)
        case AlignmentUnlinked() as link:
            said = (False, None, None, None, None)
        case _:
            return
    ends = (recorded.organisation, link.child_id, link.parent.kind, link.parent.id)
    yield rows.Link(*ends, recorded.sequence, recorded.effective_on, *said, drawn_by)
