"""When a unit is added to the organisation chart."""

from dataclasses import dataclass

from okr_contracts import subjects
from okr_contracts.commands import AddUnit
from okr_contracts.envelope import Recorded
from okr_contracts.events import Event, UnitAdded
from services.ledger.domain.known import Context, Known, bare
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown


@dataclass(frozen=True, slots=True)
class Unit:
    """What the rules read of a unit."""

    added: UnitAdded


def add(command: AddUnit, context: Context, known: Known) -> list[Event]:
    """Add a unit below an existing one."""
    unit_id = command.unit_id or ""
    added = UnitAdded(unit_id=unit_id, name=command.name, parent_id=command.parent_id)
    unit = known.get(subjects.unit(unit_id), Unit)
    if unit is not None:
        if unit.added == added:
            return []
        raise IdTaken("unit", unit_id, "/unit_id")
    if known.get(subjects.unit(command.parent_id), Unit) is None:
        raise ReferenceUnknown("unit", command.parent_id, "/parent_id")
    return [added]


def evolve(state: Unit | None, recorded: Recorded) -> Unit | None:
    """The unit after the event."""
    match recorded.event:
        case UnitAdded() as added:
            return Unit(bare(added))
        case _:
            return state
