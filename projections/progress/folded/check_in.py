"""What the events of a check-in change: the value in force of its key result."""

from datetime import date

from okr_contracts.envelope import Recorded
from okr_contracts.events import CheckInCorrected, CheckInRecorded, CheckInWithdrawn
from okr_contracts.events.check_in import CheckInEvent
from okr_rules import CheckInVersion, Node, ValueInForce, readable
from projections.progress.folded.key_result import look_again
from projections.progress.folding import Folding
from projections.progress.graph import Reported
from projections.progress.inputs import written
from projections.progress.rows import CheckInRow


def fold(folding: Folding, recorded: Recorded, event: CheckInEvent) -> None:
    """Folds one event of a check-in."""
    match event:
        case CheckInRecorded():
            _row(folding, recorded, event, recorded.sequence, recorded.effective_on)
            _recorded(folding, recorded, event)
        case CheckInCorrected():
            before = _supersede(folding, event)
            version = before._replace(sequence=recorded.sequence, effective_on=recorded.effective_on, value=event.value)
            _again(folding, recorded, event, version)
        case CheckInWithdrawn():
            before = _supersede(folding, event)
            # Its own day: the day of the withdrawal says nothing about what was withdrawn.
            version = before._replace(sequence=recorded.sequence, value=None, withdrawn=True)
            _again(folding, recorded, event, version)
        case _:
            pass


def _recorded(folding: Folding, recorded: Recorded, event: CheckInRecorded) -> None:
    key_result = folding.graph.key_results[event.key_result_id]
    sequence, day, value = recorded.sequence, recorded.effective_on, event.value
    history = folding.graph.histories.get(event.key_result_id)
    if history is not None:
        version = CheckInVersion(sequence, sequence, day, value)
        history.check_ins.append(Reported(event.check_in_id, version))
    if value is None or key_result.fed:
        return
    assert key_result.definition is not None
    # The newest sequence wins among equals and was recorded under the newest definition: only the day decides.
    dated_before = key_result.value is not None and day < key_result.value.effective_on
    if dated_before or not readable(key_result.definition.definition.kind, value):
        return
    key_result.value = ValueInForce(value, day, sequence, sequence)
    folding.compute(Node("key_result", event.key_result_id))


def _again(
    folding: Folding, recorded: Recorded, event: CheckInCorrected | CheckInWithdrawn, version: CheckInVersion
) -> None:
    _row(folding, recorded, event, version.first_sequence, version.effective_on)
    folding.graph.histories[event.key_result_id].check_ins.append(Reported(event.check_in_id, version))
    look_again(folding, event.key_result_id)


def _supersede(folding: Folding, event: CheckInCorrected | CheckInWithdrawn) -> CheckInVersion:
    """Ends the version that was the newest of this check-in, and returns it."""
    reported = folding.graph.histories[event.key_result_id].check_ins
    versions = [each.version for each in reported if each.check_in_id == event.check_in_id]
    if not versions:
        raise KeyError(event.subject)
    newest = max(versions, key=lambda version: version.sequence)
    made_now = folding.check_ins.get(newest.sequence)
    if made_now is not None:
        made_now.superseded_at = folding.sequence
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
    event: CheckInRecorded | CheckInCorrected | CheckInWithdrawn,
    first_sequence: int,
    day: date,
) -> None:
    withdrawn = isinstance(event, CheckInWithdrawn)
    folding.check_ins[recorded.sequence] = CheckInRow(
        folding.organisation,
        event.key_result_id,
        day,
        first_sequence,
        recorded.sequence,
        None,
        event.check_in_id,
        None if withdrawn else written(event.value),
        None if withdrawn else written(event.forecast),
        None if withdrawn else event.confidence,
        None if withdrawn else event.narrative,
        withdrawn,
        event.reason,
        recorded.actor.kind,
        recorded.actor.id,
        recorded.recorded_at,
    )
