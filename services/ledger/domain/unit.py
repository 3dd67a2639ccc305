"""When a unit of the organisation chart is added, renamed, moved and closed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import AddUnit, CloseUnit, MoveUnit, RenameUnit
from okr_contracts.envelope import Recorded
from okr_contracts.events import Event, UnitAdded, UnitClosed, UnitLeadNamed, UnitMoved, UnitRenamed
from services.ledger.domain.collected import Collected
from services.ledger.domain.known import Context, Deciders, Known, bare
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, Refusal, SubjectUnknown

_SHOWN: Final = 20


class UnitIsClosed(Refusal):
    """Something would be done with a unit that was closed."""

    code = "unit_is_closed"

    def __init__(self, unit_id: str, pointer: str) -> None:
        super().__init__(f"Unit {unit_id} is closed. Name one that is not.", pointer)


class UnitWouldCircle(Refusal):
    """A unit would hang below itself."""

    code = "unit_would_circle"

    def __init__(self, unit_id: str, parent_id: str) -> None:
        super().__init__(
            f"Unit {parent_id} is unit {unit_id} or lies below it. Name a unit outside of it.", "/parent_id"
        )


class RootStays(Refusal):
    """The root unit would be moved or closed."""

    code = "root_stays"

    def __init__(self) -> None:
        super().__init__("The root unit stays where it is, and open. Name another unit.", "/unit_id")


class UnitsBelowAreOpen(Refusal):
    """A unit would be closed while units below it are open."""

    code = "units_below_are_open"

    def __init__(self, unit_id: str, below: Iterable[str]) -> None:
        names = sorted(below)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        super().__init__(f"Below unit {unit_id} are open: {', '.join(names[:_SHOWN])}{more}. Close or move them first.")


@dataclass(frozen=True, slots=True)
class Unit:
    """What the rules read of a unit; the root unit has no parent."""

    added: UnitAdded
    name: str | None
    parent_id: str | None
    lead_id: str | None = None
    closed: bool = False


def add(command: AddUnit, context: Context, known: Known) -> list[Event]:
    """Add a unit below an existing one."""
    unit_id = command.unit_id or ""
    added = UnitAdded(unit_id=unit_id, name=command.name, parent_id=command.parent_id)
    unit = known.get(subjects.unit(unit_id), Unit)
    if unit is not None:
        if unit.added == added:
            return []
        raise IdTaken("unit", unit_id, "/unit_id")
    require_open(command.parent_id, known, "/parent_id")
    return [added]


def rename(command: RenameUnit, context: Context, known: Known) -> list[Event]:
    """Give a unit another name."""
    unit = addressed(command.unit_id, known)
    return [] if unit.name == command.name else [UnitRenamed(unit_id=command.unit_id, name=command.name)]


def move(command: MoveUnit, context: Context, known: Known) -> list[Event]:
    """Hang a unit below another one; never below itself. Cost: the units above the new parent."""
    unit = addressed(command.unit_id, known)
    if unit.parent_id is None:
        raise RootStays
    if unit.parent_id == command.parent_id:
        return []
    parent: Unit | None = require_open(command.parent_id, known, "/parent_id")
    above: str | None = command.parent_id
    while parent is not None and above is not None:
        if above == command.unit_id:
            raise UnitWouldCircle(command.unit_id, command.parent_id)
        above = parent.parent_id
        parent = known.get(subjects.unit(above), Unit) if above is not None else None
    return [UnitMoved(unit_id=command.unit_id, parent_id=command.parent_id)]


def close(command: CloseUnit, context: Context, known: Known) -> list[Event]:
    """Close a unit below which none is open. Cost: the units that were ever put directly below it."""
    unit = addressed(command.unit_id, known)
    if unit.closed:
        return []
    if unit.parent_id is None:
        raise RootStays
    if still_open := [each for each, state in below(command.unit_id, known).items() if not state.closed]:
        raise UnitsBelowAreOpen(command.unit_id, still_open)
    return [UnitClosed(unit_id=command.unit_id)]


def addressed(unit_id: str, known: Known) -> Unit:
    """The unit that a command is addressed to. Raises SubjectUnknown where there is none."""
    unit = known.get(subjects.unit(unit_id), Unit)
    if unit is None:
        raise SubjectUnknown("unit", unit_id)
    return unit


def require_open(unit_id: str, known: Known, pointer: str) -> Unit:
    """The unit that a field names. Raises ReferenceUnknown where there is none, UnitIsClosed where it was closed."""
    unit = known.get(subjects.unit(unit_id), Unit)
    if unit is None:
        raise ReferenceUnknown("unit", unit_id, pointer)
    if unit.closed:
        raise UnitIsClosed(unit_id, pointer)
    return unit


def below(unit_id: str, known: Known) -> dict[str, Unit]:
    """The units directly below a unit, the closed ones among them."""
    collected = known.get(subjects.unit_contents(unit_id), Collected)
    events = [] if collected is None else [recorded.event for recorded in collected]
    ever = {event.unit_id for event in events if isinstance(event, UnitAdded | UnitMoved)}
    known.require(map(subjects.unit, sorted(ever)))
    units = {each: known.get(subjects.unit(each), Unit) for each in ever}
    return {each: unit for each, unit in units.items() if unit is not None and unit.parent_id == unit_id}


def evolve(state: Unit | None, recorded: Recorded) -> Unit | None:
    """The unit after the event."""
    match recorded.event, state:
        case UnitAdded() as added, _:
            return Unit(bare(added), added.name, added.parent_id)
        case UnitRenamed(name=name), Unit():
            return replace(state, name=name)
        case UnitMoved(parent_id=parent_id), Unit():
            return replace(state, parent_id=parent_id)
        case UnitLeadNamed(person_id=person_id), Unit():
            return replace(state, lead_id=person_id)
        case UnitClosed(), Unit():
            return replace(state, closed=True)
        case _:
            return state


DECIDERS: Final[Deciders] = {AddUnit: add, RenameUnit: rename, MoveUnit: move, CloseUnit: close}
"""Which function answers which command."""
