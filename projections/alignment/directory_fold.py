"""What events say of units and people, and how a decision about anything becomes a row."""

from collections.abc import Iterator

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    ManagerChanged,
    PersonAdded,
    PersonDeactivated,
    PersonErased,
    PersonReactivated,
    PersonRevised,
    UnitAdded,
    UnitClosed,
    UnitJoined,
    UnitLeadNamed,
    UnitLeft,
    UnitMoved,
    UnitRenamed,
)
from okr_contracts.events.person import PersonEvent
from okr_contracts.events.unit import UnitEvent
from projections.alignment import rows
from projections.alignment.rows import Row


def decision(recorded: Recorded, kind: str, subject_id: str, what: str, value: str | None) -> rows.Decision:
    """What *recorded* decides about something, by name."""
    return rows.Decision(recorded.organisation, kind, subject_id, what, recorded.sequence, recorded.effective_on, value)


def fold_directory(recorded: Recorded) -> Iterator[Row]:
    """The rows of one event of a unit or a person."""
    match recorded.event:
        case UnitEvent() as event:
            yield _unit(recorded, event)
        case PersonEvent() as event:
            yield from _person(recorded, event)
        case _:
            return


def _unit(recorded: Recorded, event: UnitEvent) -> Row:
    organisation, sequence, day = recorded.organisation, recorded.sequence, recorded.effective_on
    match event:
        case UnitAdded() as unit:
            return rows.Unit(organisation, unit.unit_id, sequence, day, unit.parent_id, unit.name)
        case UnitRenamed(unit_id=unit_id, name=name):
            return decision(recorded, "unit", unit_id, "name", name)
        case UnitMoved(unit_id=unit_id, parent_id=parent_id):
            return decision(recorded, "unit", unit_id, "parent", parent_id)
        case UnitLeadNamed(unit_id=unit_id, person_id=person_id):
            return decision(recorded, "unit", unit_id, "lead", person_id)
        case UnitClosed(unit_id=unit_id):
            return decision(recorded, "unit", unit_id, "closed", "true")
        case _:
            raise TypeError(f"{type(event).__name__} is not known here")


def _person(recorded: Recorded, event: PersonEvent) -> Iterator[Row]:
    organisation, sequence, day = recorded.organisation, recorded.sequence, recorded.effective_on
    person_id = event.person_id
    match event:
        case PersonAdded() as person:
            yield rows.Person(organisation, person_id, sequence, day, person.title, person.placeholder)
            yield rows.Manager(organisation, person_id, sequence, day, person.manager_id)
            for place, unit_id in enumerate(person.unit_ids):
                yield rows.Membership(organisation, person_id, sequence, unit_id, day, place == 0, place)
        case PersonRevised(title=title, placeholder=placeholder):
            yield decision(recorded, "person", person_id, "title", title)
            yield decision(recorded, "person", person_id, "placeholder", "true" if placeholder else "false")
        case ManagerChanged(manager_id=manager_id):
            yield rows.Manager(organisation, person_id, sequence, day, manager_id)
        case UnitJoined(unit_id=unit_id, primary=primary):
            yield rows.Membership(organisation, person_id, sequence, unit_id, day, primary, 0)
        case UnitLeft(unit_id=unit_id, primary_unit_id=primary_unit_id):
            yield rows.Membership(organisation, person_id, sequence, unit_id, day, False, 0, left=True)
            if primary_unit_id is not None:
                yield rows.Membership(organisation, person_id, sequence, primary_unit_id, day, True, 0)
        case PersonDeactivated():
            yield decision(recorded, "person", person_id, "state", "inactive")
        case PersonReactivated():
            yield decision(recorded, "person", person_id, "state", "active")
        case PersonErased():
            yield decision(recorded, "person", person_id, "state", "erased")
        case _:
            return
