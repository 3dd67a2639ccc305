"""When a check-in is taken, corrected, withdrawn, and which day it is about."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import AcknowledgeCheckIn, CorrectCheckIn, RecordCheckIn, WithdrawCheckIn
from okr_contracts.envelope import Recorded
from okr_contracts.events import CheckInAcknowledged, CheckInCorrected, CheckInRecorded, CheckInWithdrawn, Event
from services.ledger.domain import cycle as cycles
from services.ledger.domain import key_result as key_results
from services.ledger.domain.cycle import Cycle, CycleIsNotOpen
from services.ledger.domain.definition import check_value
from services.ledger.domain.key_result import KeyResult
from services.ledger.domain.known import Context, Deciders, Known, bare
from services.ledger.domain.objective import Objective
from services.ledger.domain.person import require_present
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, Refusal, SubjectUnknown


class NothingReported(Refusal):
    """A check-in says nothing."""

    code = "nothing_reported"

    def __init__(self) -> None:
        super().__init__("A check-in reports at least one of value, confidence, forecast and narrative.")


class OutsideCycle(Refusal):
    """A check-in is dated outside the cycle of its key result."""

    code = "outside_cycle"

    def __init__(self, day: date, cycle: Cycle) -> None:
        planned = cycle.planned
        super().__init__(
            f"{day} is not in cycle {planned.cycle_id}. Date the check-in from {planned.starts_on}"
            f" to {planned.ends_on}; up to {planned.thresholds.check_in_grace_days} days later count for its last day.",
            "/effective_on",
        )


class FedByChildren(Refusal):
    """A key result that is fed by its children would get a value by check-in."""

    code = "fed_by_children"

    def __init__(self, key_result_id: str, pointer: str) -> None:
        super().__init__(
            f"Key result {key_result_id} takes its progress from the objectives that contribute to it."
            " Leave the value and the forecast out, and report in the narrative.",
            pointer,
        )


class CheckInWasWithdrawn(Refusal):
    """A check-in that was withdrawn would be corrected."""

    code = "check_in_was_withdrawn"

    def __init__(self, check_in_id: str) -> None:
        super().__init__(f"Check-in {check_in_id} was withdrawn. Record a new one instead.")


class ReaderUnnamed(Refusal):
    """A service says that somebody has read a check-in, and not who."""

    code = "reader_unnamed"

    def __init__(self) -> None:
        super().__init__("A service names who has read it.", "/person_id")


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What the rules read of a check-in: as it was recorded, as it is now, on which day."""

    recorded: CheckInRecorded
    recorded_on: date
    now: CheckInRecorded
    effective_on: date
    withdrawn: bool = False
    acknowledged_by: frozenset[str] = frozenset()


def record(command: RecordCheckIn, context: Context, known: Known) -> list[Event]:
    """Take a report on a key result."""
    check_in_id = command.check_in_id or ""
    recorded = CheckInRecorded(
        check_in_id=check_in_id,
        key_result_id=command.key_result_id,
        value=command.value,
        confidence=command.confidence,
        forecast=command.forecast,
        narrative=command.narrative,
    )
    check_in = known.get(subjects.check_in(check_in_id), CheckIn)
    if check_in is not None:
        same_day = command.effective_on is None or check_in.recorded_on == day_of_record(command, context, known)
        if check_in.recorded == recorded and same_day:
            return []
        raise IdTaken("check-in", check_in_id, "/check_in_id")
    key_result, cycle = _measured_by(command.key_result_id, known)
    key_results.require_live_key_result(key_result, "/key_result_id", known)
    _check_content(recorded, key_result)
    if cycle.state == "planned" and not context.imports:
        raise CycleIsNotOpen(cycle.planned.cycle_id, cycle.state)
    _day_within(cycle, command.effective_on or context.today, context)
    return [recorded]


def correct(command: CorrectCheckIn, context: Context, known: Known) -> list[Event]:
    """Say what a check-in should have said; the event carries the whole check-in after it."""
    check_in = _existing(command.check_in_id, known)
    if check_in.withdrawn:
        raise CheckInWasWithdrawn(command.check_in_id)
    given = {
        name: getattr(command, name)
        for name in ("value", "confidence", "forecast", "narrative")
        if name in command.model_fields_set
    }
    after = check_in.now.model_copy(update=given)
    if after == check_in.now and day_of_correction(command, context, known) == check_in.effective_on:
        return []
    key_result, _ = _measured_by(check_in.now.key_result_id, known)
    _check_content(after, key_result)
    if not command.reason:
        raise ReasonMissing("A correction says why the check-in was wrong.")
    return [
        CheckInCorrected(
            check_in_id=command.check_in_id,
            key_result_id=after.key_result_id,
            value=after.value,
            confidence=after.confidence,
            forecast=after.forecast,
            narrative=after.narrative,
        )
    ]


def withdraw(command: WithdrawCheckIn, context: Context, known: Known) -> list[Event]:
    """Take a check-in back with all its corrections."""
    check_in = _existing(command.check_in_id, known)
    if check_in.withdrawn:
        return []
    if not command.reason:
        raise ReasonMissing("Withdrawing a check-in changes what was reported.")
    return [CheckInWithdrawn(check_in_id=command.check_in_id, key_result_id=check_in.now.key_result_id)]


def acknowledge(command: AcknowledgeCheckIn, context: Context, known: Known) -> list[Event]:
    """Say that somebody has read a check-in."""
    check_in = _existing(command.check_in_id, known)
    person_id = command.person_id or (context.actor.id if context.actor.kind == "person" else None)
    if person_id is None:
        raise ReaderUnnamed
    require_present(person_id, known, "/person_id")
    if person_id in check_in.acknowledged_by:
        return []
    return [
        CheckInAcknowledged(
            check_in_id=command.check_in_id, key_result_id=check_in.now.key_result_id, person_id=person_id
        )
    ]


def day_of_record(command: RecordCheckIn, context: Context, known: Known) -> date:
    """The day that a new check-in is about. Raises OutsideCycle where the cycle does not reach so far."""
    _, cycle = _measured_by(command.key_result_id, known)
    return _day_within(cycle, command.effective_on or context.today, context)


def day_of_correction(command: CorrectCheckIn, context: Context, known: Known) -> date:
    """The day of a check-in after a correction: left out, the day stays. Raises OutsideCycle like a new check-in."""
    check_in = _existing(command.check_in_id, known)
    if command.effective_on is None:
        return check_in.effective_on
    _, cycle = _measured_by(check_in.now.key_result_id, known)
    return _day_within(cycle, command.effective_on, context)


def _day_within(cycle: Cycle, day: date, context: Context) -> date:
    planned = cycle.planned
    if context.imports or planned.starts_on <= day <= planned.ends_on:
        return day
    if day < planned.starts_on or day - planned.ends_on > timedelta(days=planned.thresholds.check_in_grace_days):
        raise OutsideCycle(day, cycle)
    return min(day, planned.ends_on)


def _measured_by(key_result_id: str, known: Known) -> tuple[KeyResult, Cycle]:
    key_result = known.get(subjects.key_result(key_result_id), KeyResult)
    if key_result is None:
        raise ReferenceUnknown("key result", key_result_id, "/key_result_id")
    objective = known.get(subjects.objective(key_result.added.objective_id), Objective)
    if objective is None:
        raise LookupError(f"objective {key_result.added.objective_id} is missing from the ledger")
    return key_result, cycles.existing(objective.created.cycle_id, known)


def _check_content(content: CheckInRecorded, key_result: KeyResult) -> None:
    if content.value is None and content.forecast is None and content.confidence is None and not content.narrative:
        raise NothingReported
    for name, value in (("value", content.value), ("forecast", content.forecast)):
        if value is None:
            continue
        if key_result.added.source == "children":
            raise FedByChildren(key_result.added.key_result_id, f"/{name}")
        check_value(key_result.definition, value, f"/{name}")


def _existing(check_in_id: str, known: Known) -> CheckIn:
    check_in = known.get(subjects.check_in(check_in_id), CheckIn)
    if check_in is None:
        raise SubjectUnknown("check-in", check_in_id)
    return check_in


def evolve(state: CheckIn | None, recorded: Recorded) -> CheckIn | None:
    """The check-in after the event."""
    match recorded.event, state:
        case CheckInRecorded() as event, _:
            content = bare(event)
            return CheckIn(content, recorded.effective_on, content, recorded.effective_on)
        case CheckInCorrected() as event, CheckIn():
            content = state.recorded.model_copy(
                update={
                    "value": event.value,
                    "confidence": event.confidence,
                    "forecast": event.forecast,
                    "narrative": event.narrative,
                }
            )
            return replace(state, now=content, effective_on=recorded.effective_on)
        case CheckInWithdrawn(), CheckIn():
            return replace(state, withdrawn=True)
        case CheckInAcknowledged(person_id=person_id), CheckIn():
            return replace(state, acknowledged_by=state.acknowledged_by | {person_id})
        case _:
            return state


DECIDERS: Final[Deciders] = {
    RecordCheckIn: record,
    CorrectCheckIn: correct,
    WithdrawCheckIn: withdraw,
    AcknowledgeCheckIn: acknowledge,
}
"""Which function answers which command."""
