"""What the events of a check-in change: the value in force of its key result."""

from datetime import date, datetime
from functools import lru_cache

from okr_contracts.envelope import Recorded
from okr_contracts.events import CheckInCorrected, CheckInRecorded, CheckInWithdrawn
from okr_contracts.events.check_in import CheckInEvent
from okr_rules import CheckInVersion, ValueInForce, readable
from projections.progress.folded.key_result import look_again
from projections.progress.folding import Folding
from projections.progress.graph import Reported
from projections.progress.inputs import written
from projections.progress.rows import CheckInRow


def fold_recorded(folding: Folding, recorded: Recorded, event: CheckInRecorded) -> None:
    """Folds a new check-in."""
    sequence, day, value = recorded.sequence, recorded.effective_on, event.value
    _row(folding, recorded, event, sequence, day)
    key_result = folding.graph.key_results[event.key_result_id]
    earlier = folding.graph.check_ins.get(event.key_result_id)
    if earlier is not None:
        earlier.append(Reported(event.check_in_id, CheckInVersion(sequence, sequence, day, value)))
    if value is None or key_result.fed:
        return
    assert key_result.definition is not None
    # The newest sequence wins among equals and was recorded under the newest definition: only the day decides.
    dated_before = key_result.value is not None and day < key_result.value.effective_on
    if dated_before or not readable(key_result.definition.definition.kind, value):
        return
    key_result.value = ValueInForce(value, day, sequence, sequence)
    folding.compute(key_result)


def fold(folding: Folding, recorded: Recorded, event: CheckInEvent) -> None:
    """Folds a later event of a check-in."""
    match event:
        case CheckInCorrected():
            before = _supersede(folding, event)
            version = before._replace(sequence=recorded.sequence, effective_on=recorded.effective_on, value=event.value)
            _row(folding, recorded, event, version.first_sequence, version.effective_on)
        case CheckInWithdrawn():
            before = _supersede(folding, event)
            # Its own day: the day of the withdrawal says nothing about what was withdrawn.
            version = before._replace(sequence=recorded.sequence, value=None, withdrawn=True)
            _withdrawn_row(folding, recorded, event, version)
        case _:
            return
    folding.graph.check_ins[event.key_result_id].append(Reported(event.check_in_id, version))
    look_again(folding, folding.graph.key_results[event.key_result_id])


def _supersede(folding: Folding, event: CheckInCorrected | CheckInWithdrawn) -> CheckInVersion:
    """Ends the version that was the newest of this check-in, and returns it."""
    reported = folding.graph.check_ins[event.key_result_id]
    versions = [each.version for each in reported if each.check_in_id == event.check_in_id]
    if not versions:
        raise KeyError(event.subject)
    newest = max(versions, key=lambda version: version.sequence)
    made_now = folding.check_ins.get(newest.sequence)
    if made_now is not None:
        folding.check_ins[newest.sequence] = made_now._replace(superseded_at=str(folding.sequence))
    else:
        folding.rows.check_ins_changed.append(
            (
                folding.organisation,
                event.key_result_id,
                newest.effective_on,
                newest.first_sequence,
                newest.sequence,
                folding.sequence,
            )
        )
    return newest


def _row(
    folding: Folding,
    recorded: Recorded,
    event: CheckInRecorded | CheckInCorrected,
    first_sequence: int,
    day: date,
) -> None:
    confidence = event.confidence
    folding.check_ins[recorded.sequence] = CheckInRow(
        folding.organisation,
        event.key_result_id,
        _day(day),
        str(first_sequence),
        str(recorded.sequence),
        "",
        event.check_in_id,
        written(event.value) or "",
        written(event.forecast) or "",
        "" if confidence is None else str(confidence),
        event.narrative,
        "f",
        event.reason,
        recorded.actor.kind,
        recorded.actor.id,
        _instant(recorded.recorded_at),
    )


def _withdrawn_row(folding: Folding, recorded: Recorded, event: CheckInWithdrawn, version: CheckInVersion) -> None:
    folding.check_ins[recorded.sequence] = CheckInRow(
        folding.organisation,
        event.key_result_id,
        _day(version.effective_on),
        str(version.first_sequence),
        str(recorded.sequence),
        "",
        event.check_in_id,
        "",
        "",
        "",
        None,
        "t",
        event.reason,
        recorded.actor.kind,
        recorded.actor.id,
        _instant(recorded.recorded_at),
    )


# Many are of one day, and those of a group of one moment.
@lru_cache(maxsize=1_024)
def _day(day: date) -> str:
    return day.isoformat()


@lru_cache(maxsize=64)
def _instant(instant: datetime) -> str:
    return instant.isoformat()
