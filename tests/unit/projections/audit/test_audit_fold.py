"""What each event changed, against the plain recomputation and by hand."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from okr_contracts.commands import CorrectCheckIn, NameKeyPartner, OverrideProgress, RecordCheckIn, ReviseObjective
from okr_contracts.envelope import Recorded, decode
from okr_contracts.events import EVENTS
from okr_contracts.fields import text_fields_of
from projections.audit import READ_MODEL
from projections.audit.fold import NOTHING, Change, Changes, Subject, fold
from tests.given import History
from tests.histories import HISTORIES, accepted
from tests.ledger_writer import as_json
from tests.plain_recomputation import recompute_changes
from tests.unit.contracts.golden_examples import FOLDER
from tests.unit.contracts.test_golden_bytes import read


def folded(events: list[Recorded]) -> dict[int, Changes]:
    subjects: dict[str, Subject] = {}
    changes: dict[int, Changes] = {}
    for recorded in events:
        subjects[recorded.subject], changes[recorded.sequence] = fold(subjects.get(recorded.subject, NOTHING), recorded)
    return changes


def newest(history: History) -> Changes:
    return folded(history.recorded)[len(history.recorded)]


def test_every_event_type_is_audited() -> None:
    assert READ_MODEL.handles == {name for name, _ in EVENTS}
    assert READ_MODEL.ignores == frozenset()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_event_that_was_ever_written_is_audited(path: Path) -> None:
    for golden in read(path.name):
        stored = golden.stored
        _, changes = fold(NOTHING, decode(stored.entry, stored.data, stored.text))
        assert all(each[1] is None for each in changes.fields)


@settings(max_examples=60, deadline=None)
@given(HISTORIES)
def test_changes_equal_the_plain_recomputation(history: History) -> None:
    plain = recompute_changes([as_json(recorded) for recorded in history.recorded])
    text_fields = {name for event in EVENTS.values() for name in text_fields_of(event)}
    for sequence, changes in folded(history.recorded).items():
        expected = [
            Change(each.field, each.before, each.after) for each in plain[sequence] if each.field not in text_fields
        ]
        assert changes.fields == expected
        assert {each.field for each in plain[sequence]} & text_fields <= changes.earlier_words.keys()


def test_a_corrected_day_is_a_change_of_the_check_in() -> None:
    history = accepted([])
    history.accept(RecordCheckIn.model_validate({"check_in_id": "c", "key_result_id": "k1", "value": "42"}))
    said = history.recorded[-1].sequence
    correction = {"check_in_id": "c", "value": "40", "effective_on": "2026-05-19", "reason": "counted twice"}
    history.accept(CorrectCheckIn.model_validate(correction))
    assert newest(history) == Changes(
        [Change("effective_on", "2026-05-20", "2026-05-19"), Change("value", "42", "40")], {"narrative": said}
    )


def test_an_override_is_a_change_of_progress() -> None:
    history = accepted([])
    history.accept(OverrideProgress.model_validate({"objective_id": "o1", "progress": "0.5", "reason": "seen"}))
    assert newest(history).fields == [Change("progress", None, "0.5")]


def test_a_new_partner_joins_the_others() -> None:
    history = accepted([])
    history.accept(NameKeyPartner(key_result_id="k1", person_id="p-ben"))
    assert newest(history).fields == [Change("partner_ids", [], ["p-ben"])]


def test_words_are_kept_as_where_they_stand_and_not_as_words() -> None:
    history = accepted([])
    created = next(each.sequence for each in history.recorded if each.subject == "objectives/o1")
    history.accept(ReviseObjective(objective_id="o1", title="Secret plan"))
    changes = newest(history)
    assert changes == Changes([], {"description": created, "title": created})
