"""When a person is added, revised, gets a manager, leads, joins and leaves units."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from okr_contracts import subjects
from okr_contracts.commands import AddPerson, ChangeManager, JoinUnit, LeaveUnit, NameUnitLead, RevisePerson
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    Event,
    ManagerChanged,
    PersonAdded,
    PersonDeactivated,
    PersonErased,
    PersonReactivated,
    PersonRevised,
    UnitJoined,
    UnitLeadNamed,
    UnitLeft,
)
from services.ledger.domain import unit as units
from services.ledger.domain.known import Context, Deciders, Known, bare
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, Refusal, SubjectUnknown


class OwnManager(Refusal):
    """A person would be their own manager."""

    code = "own_manager"

    def __init__(self) -> None:
        super().__init__("Nobody is their own manager. Name another person, or null for nobody.", "/manager_id")


class UnitNamedTwice(Refusal):
    """A unit stands twice among the units of a person."""

    code = "unit_named_twice"

    def __init__(self, unit_id: str, place: int) -> None:
        super().__init__(
            f"Unit {unit_id} stands twice. Name each unit once; the first is the primary one.", f"/unit_ids/{place}"
        )


class PersonIsInactive(Refusal):
    """Somebody who left would own, lead or answer for something."""

    code = "person_is_inactive"

    def __init__(self, person_id: str, pointer: str) -> None:
        super().__init__(f"{person_id} was deactivated. Name somebody who is active, or reactivate them.", pointer)


class PersonIsErased(Refusal):
    """Something would be done with somebody who was erased."""

    code = "person_is_erased"

    def __init__(self, person_id: str, pointer: str) -> None:
        super().__init__(f"{person_id} was erased and remains as a pseudonym alone. Name another person.", pointer)


class PlaceholderAgain(Refusal):
    """A person would become a post that nobody holds."""

    code = "placeholder_again"

    def __init__(self) -> None:
        super().__init__("A person does not become a placeholder. Add a placeholder of its own.", "/placeholder")


PersonState = Literal["active", "inactive", "erased"]


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules read of a person."""

    added: PersonAdded
    title: str | None
    placeholder: bool
    manager_id: str | None
    unit_ids: tuple[str, ...]
    primary_unit_id: str | None
    state: PersonState = "active"

    @property
    def person_id(self) -> str:
        """Their id."""
        return self.added.person_id


def add(command: AddPerson, context: Context, known: Known) -> list[Event]:
    """Add a person or a placeholder; name and address go to the vault, not into the event."""
    person_id = command.person_id or ""
    added = PersonAdded(
        person_id=person_id,
        title=command.title,
        manager_id=command.manager_id,
        unit_ids=command.unit_ids,
        placeholder=command.placeholder,
    )
    person = known.get(subjects.person(person_id), Person)
    if person is not None:
        if person.added == added:
            return []
        raise IdTaken("person", person_id, "/person_id")
    if command.manager_id is not None:
        _check_manager(person_id, command.manager_id, known)
    for place, unit_id in enumerate(command.unit_ids):
        units.require_open(unit_id, known, f"/unit_ids/{place}")
        if unit_id in command.unit_ids[:place]:
            raise UnitNamedTwice(unit_id, place)
    return [added]


def revise(command: RevisePerson, context: Context, known: Known) -> list[Event]:
    """
    Change name, address, title, or that it is a placeholder.

    Names are in no event, so that the ledger cannot tell whether one is the same: to send one is always news.
    """
    person = addressed(command.person_id, known)
    require_not_erased(person, "/person_id")
    given = command.model_fields_set
    title = command.title if "title" in given else person.title
    placeholder = person.placeholder if command.placeholder is None else command.placeholder
    if placeholder and not person.placeholder:
        raise PlaceholderAgain
    same = (title, placeholder) == (person.title, person.placeholder)
    if same and not given & {"name", "email"}:
        return []
    return [PersonRevised(person_id=command.person_id, title=title, placeholder=placeholder)]


def change_manager(command: ChangeManager, context: Context, known: Known) -> list[Event]:
    """Name another manager, or nobody."""
    person = addressed(command.person_id, known)
    if command.manager_id == person.manager_id:
        return []
    require_not_erased(person, "/person_id")
    if command.manager_id is not None:
        _check_manager(command.person_id, command.manager_id, known)
    return [ManagerChanged(person_id=command.person_id, manager_id=command.manager_id)]


def join_unit(command: JoinUnit, context: Context, known: Known) -> list[Event]:
    """Put a person into a unit, or make one of their units the primary one; the first unit is primary by itself."""
    person = addressed(command.person_id, known)
    if command.unit_id in person.unit_ids and (not command.primary or person.primary_unit_id == command.unit_id):
        return []
    require_not_erased(person, "/person_id")
    units.require_open(command.unit_id, known, "/unit_id")
    primary = command.primary or not person.unit_ids
    return [UnitJoined(person_id=command.person_id, unit_id=command.unit_id, primary=primary)]


def leave_unit(command: LeaveUnit, context: Context, known: Known) -> list[Event]:
    """Take a person out of a unit; the first of the others becomes the primary one where that was it."""
    person = addressed(command.person_id, known)
    if known.get(subjects.unit(command.unit_id), units.Unit) is None:
        raise ReferenceUnknown("unit", command.unit_id, "/unit_id")
    if command.unit_id not in person.unit_ids:
        return []
    left = [each for each in person.unit_ids if each != command.unit_id]
    primary = person.primary_unit_id if person.primary_unit_id in left else next(iter(left), None)
    return [UnitLeft(person_id=command.person_id, unit_id=command.unit_id, primary_unit_id=primary)]


def name_unit_lead(command: NameUnitLead, context: Context, known: Known) -> list[Event]:
    """Name who leads a unit, or nobody."""
    unit = units.addressed(command.unit_id, known)
    if unit.lead_id == command.person_id:
        return []
    if command.person_id is not None:
        if unit.closed:
            raise units.UnitIsClosed(command.unit_id, "/unit_id")
        require_active(command.person_id, known, "/person_id")
    return [UnitLeadNamed(unit_id=command.unit_id, person_id=command.person_id)]


def addressed(person_id: str, known: Known) -> Person:
    """The person that a command is addressed to. Raises SubjectUnknown where there is none."""
    person = known.get(subjects.person(person_id), Person)
    if person is None:
        raise SubjectUnknown("person", person_id)
    return person


def require_present(person_id: str, known: Known, pointer: str) -> Person:
    """The person that a field names. Raises ReferenceUnknown or PersonIsErased."""
    person = known.get(subjects.person(person_id), Person)
    if person is None:
        raise ReferenceUnknown("person", person_id, pointer)
    require_not_erased(person, pointer)
    return person


def require_active(person_id: str, known: Known, pointer: str) -> Person:
    """The same, who has not left. Raises PersonIsInactive, too."""
    person = require_present(person_id, known, pointer)
    if person.state == "inactive":
        raise PersonIsInactive(person_id, pointer)
    return person


def require_not_erased(person: Person, pointer: str) -> None:
    """Raises PersonIsErased."""
    if person.state == "erased":
        raise PersonIsErased(person.person_id, pointer)


def _check_manager(person_id: str, manager_id: str, known: Known) -> None:
    if manager_id == person_id:
        raise OwnManager
    require_present(manager_id, known, "/manager_id")


def evolve(state: Person | None, recorded: Recorded) -> Person | None:
    """The person after the event."""
    match recorded.event, state:
        case PersonAdded() as added, _:
            primary = added.unit_ids[0] if added.unit_ids else None
            return Person(bare(added), added.title, added.placeholder, added.manager_id, added.unit_ids, primary)
        case PersonRevised(title=title, placeholder=placeholder), Person():
            return replace(state, title=title, placeholder=placeholder)
        case ManagerChanged(manager_id=manager_id), Person():
            return replace(state, manager_id=manager_id)
        case UnitJoined(unit_id=unit_id, primary=primary), Person():
            return replace(
                state,
                unit_ids=state.unit_ids if unit_id in state.unit_ids else (*state.unit_ids, unit_id),
                primary_unit_id=unit_id if primary else state.primary_unit_id,
            )
        case UnitLeft(unit_id=unit_id, primary_unit_id=primary_unit_id), Person():
            left = tuple(each for each in state.unit_ids if each != unit_id)
            return replace(state, unit_ids=left, primary_unit_id=primary_unit_id)
        case (PersonDeactivated() | PersonReactivated() | PersonErased()) as event, Person():
            return replace(state, state=_STATE_AFTER[type(event)])
        case _:
            return state


_STATE_AFTER: Final[dict[type[Event], PersonState]] = {
    PersonDeactivated: "inactive",
    PersonReactivated: "active",
    PersonErased: "erased",
}

DECIDERS: Final[Deciders] = {
    AddPerson: add,
    RevisePerson: revise,
    ChangeManager: change_manager,
    JoinUnit: join_unit,
    LeaveUnit: leave_unit,
    NameUnitLead: name_unit_lead,
}
"""Which function answers which command."""
