"""How far a key result came by its own check-ins, as the rules of progress have it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from okr_contracts import subjects
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    CheckInCorrected,
    CheckInRecorded,
    CheckInWithdrawn,
    KeyResultAdded,
    KeyResultRedefined,
)
from okr_rules import (
    CheckInVersion,
    Definition,
    DefinitionVersion,
    ValueInForce,
    definition_in_force,
    key_result_progress,
    value_in_force,
)
from services.ledger.domain.collected import Collected
from services.ledger.domain.known import Known


def value_on(key_result_id: str, day: date, known: Known) -> ValueInForce | None:
    """The value in force on *day*, as known now. Cost: the check-ins of the key result."""
    definitions, check_ins, newest = _reports(key_result_id, known)
    return value_in_force(check_ins, definitions, day, newest)


def progress_on(key_result_id: str, day: date, known: Known) -> Decimal:
    """Its progress on *day*, 6 places, as known now; 0 without a value in force. Cost: its check-ins."""
    definitions, check_ins, newest = _reports(key_result_id, known)
    definition = definition_in_force(definitions, day, newest)
    value = value_in_force(check_ins, definitions, day, newest)
    if definition is None:
        return Decimal("0.000000")
    return key_result_progress(definition.definition, None if value is None else value.value).progress


def _reports(key_result_id: str, known: Known) -> tuple[list[DefinitionVersion], list[CheckInVersion], int]:
    collected = known.get(subjects.reports(key_result_id), Collected)
    recorded = [] if collected is None else list(collected)[::-1]
    return list(_definitions(recorded)), list(_check_ins(recorded)), recorded[-1].sequence if recorded else 0


def _definitions(reports: Iterable[Recorded]) -> Iterable[DefinitionVersion]:
    for recorded in reports:
        event = recorded.event
        if isinstance(event, KeyResultAdded | KeyResultRedefined):
            restated = event.restated_value if isinstance(event, KeyResultRedefined) else None
            definition = Definition(
                event.kind, event.baseline, event.target, event.floor, event.ceiling, event.low, event.high
            )
            unit = f"{event.unit.kind}/{event.unit.code}" if event.unit.code else event.unit.kind
            yield DefinitionVersion(recorded.sequence, recorded.effective_on, definition, unit, restated)


def _check_ins(reports: Iterable[Recorded]) -> Iterable[CheckInVersion]:
    first: dict[str, int] = {}
    for recorded in reports:
        event, sequence, day = recorded.event, recorded.sequence, recorded.effective_on
        match event:
            case CheckInRecorded():
                first[event.check_in_id] = sequence
                yield CheckInVersion(sequence, sequence, day, event.value)
            case CheckInCorrected():
                yield CheckInVersion(first[event.check_in_id], sequence, day, event.value)
            case CheckInWithdrawn():
                yield CheckInVersion(first[event.check_in_id], sequence, day, None, withdrawn=True)
            case _:
                pass
