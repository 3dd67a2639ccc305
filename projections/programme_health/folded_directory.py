"""What events say of units and people."""

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
from projections.programme_health.folded_facts import always, fact
from projections.programme_health.rows import Fact


def facts(recorded: Recorded) -> Iterator[Fact]:
    """The facts of an event of a person or a unit."""
    match recorded.event:
        case UnitAdded(unit_id=unit_id, parent_id=None, name=name):
            # The root is the organisation: it was there before whatever was dated back.
            yield always(fact(recorded, "unit", unit_id, "parent", None))
            yield always(fact(recorded, "unit", unit_id, "name", name))
        case UnitAdded() as unit:
            yield fact(recorded, "unit", unit.unit_id, "parent", unit.parent_id)
            yield fact(recorded, "unit", unit.unit_id, "name", unit.name)
        case UnitRenamed(unit_id=unit_id, name=name):
            yield fact(recorded, "unit", unit_id, "name", name)
        case UnitMoved(unit_id=unit_id, parent_id=parent_id):
            yield fact(recorded, "unit", unit_id, "parent", parent_id)
        case UnitLeadNamed(unit_id=unit_id, person_id=person_id):
            yield fact(recorded, "unit", unit_id, "lead", person_id)
        case UnitClosed(unit_id=unit_id):
            yield fact(recorded, "unit", unit_id, "closed", "true")
        case _:
            yield from _of_person(recorded)


def _of_person(recorded: Recorded) -> Iterator[Fact]:
    match recorded.event:
        case PersonAdded() as person:
            yield fact(recorded, "person", person.person_id, "state", "active")
            yield fact(recorded, "person", person.person_id, "placeholder", _truth(person.placeholder))
            yield fact(recorded, "person", person.person_id, "manager", person.manager_id)
            for place, unit_id in enumerate(person.unit_ids):
                yield fact(recorded, "membership", person.person_id, unit_id, "member" if place else "primary")
        case PersonRevised(person_id=person_id, placeholder=placeholder):
            yield fact(recorded, "person", person_id, "placeholder", _truth(placeholder))
        case ManagerChanged(person_id=person_id, manager_id=manager_id):
            yield fact(recorded, "person", person_id, "manager", manager_id)
        case UnitJoined(person_id=person_id, unit_id=unit_id, primary=primary):
            yield fact(recorded, "membership", person_id, unit_id, "primary" if primary else "member")
        case UnitLeft(person_id=person_id, unit_id=unit_id, primary_unit_id=primary_unit_id):
            yield fact(recorded, "membership", person_id, unit_id, None)
            if primary_unit_id is not None:
                yield fact(recorded, "membership", person_id, primary_unit_id, "primary")
        case PersonDeactivated(person_id=person_id):
            yield fact(recorded, "person", person_id, "state", "inactive")
        case PersonReactivated(person_id=person_id):
            yield fact(recorded, "person", person_id, "state", "active")
        case PersonErased(person_id=person_id):
            yield fact(recorded, "person", person_id, "state", "erased")
        case _:
            return


def _truth(value: bool) -> str:
    return "true" if value else "false"
