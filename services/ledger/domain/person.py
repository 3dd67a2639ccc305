"""When a person is added, gets a manager, joins a unit."""

from dataclasses import dataclass, replace

from okr_contracts import subjects
from okr_contracts.commands import AddPerson, ChangeManager, JoinUnit
from okr_contracts.envelope import Recorded
from okr_contracts.events import Event, ManagerChanged, PersonAdded, UnitJoined
from services.ledger.domain.known import Context, Known, bare
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, Refusal, SubjectUnknown
from services.ledger.domain.unit import Unit


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


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules read of a person."""

    added: PersonAdded
    manager_id: str | None
    unit_ids: tuple[str, ...]
    primary_unit_id: str | None


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
        if known.get(subjects.unit(unit_id), Unit) is None:
            raise ReferenceUnknown("unit", unit_id, f"/unit_ids/{place}")
        if unit_id in command.unit_ids[:place]:
            raise UnitNamedTwice(unit_id, place)
    return [added]


def change_manager(command: ChangeManager, context: Context, known: Known) -> list[Event]:
    """Name another manager, or nobody."""
    person = _existing(command.person_id, known)
    if command.manager_id == person.manager_id:
        return []
    if command.manager_id is not None:
        _check_manager(command.person_id, command.manager_id, known)
    return [ManagerChanged(person_id=command.person_id, manager_id=command.manager_id)]


def join_unit(command: JoinUnit, context: Context, known: Known) -> list[Event]:
    """Put a person into a unit, or make one of their units the primary one; the first unit is primary by itself."""
    person = _existing(command.person_id, known)
    if known.get(subjects.unit(command.unit_id), Unit) is None:
        raise ReferenceUnknown("unit", command.unit_id, "/unit_id")
    if command.unit_id in person.unit_ids and (not command.primary or person.primary_unit_id == command.unit_id):
        return []
    primary = command.primary or not person.unit_ids
    return [UnitJoined(person_id=command.person_id, unit_id=command.unit_id, primary=primary)]


def _existing(person_id: str, known: Known) -> Person:
    person = known.get(subjects.person(person_id), Person)
    if person is None:
        raise SubjectUnknown("person", person_id)
    return person


def _check_manager(person_id: str, manager_id: str, known: Known) -> None:
    if manager_id == person_id:
        raise OwnManager
    if known.get(subjects.person(manager_id), Person) is None:
        raise ReferenceUnknown("person", manager_id, "/manager_id")


def evolve(state: Person | None, recorded: Recorded) -> Person | None:
    """The person after the event."""
    match recorded.event, state:
        case PersonAdded() as added, _:
            return Person(bare(added), added.manager_id, added.unit_ids, added.unit_ids[0] if added.unit_ids else None)
        case ManagerChanged(manager_id=manager_id), Person():
            return replace(state, manager_id=manager_id)
        case UnitJoined(unit_id=unit_id, primary=primary), Person():
            return replace(
                state,
                unit_ids=state.unit_ids if unit_id in state.unit_ids else (*state.unit_ids, unit_id),
                primary_unit_id=unit_id if primary else state.primary_unit_id,
            )
        case _:
            return state
