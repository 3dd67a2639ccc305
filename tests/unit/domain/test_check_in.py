"""When a check-in is taken, corrected, withdrawn."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from okr_contracts.commands import (
    AddKeyResult,
    CorrectCheckIn,
    ImportSource,
    OpenCycle,
    PlanCycle,
    RecordCheckIn,
    WithdrawCheckIn,
)
from okr_contracts.events import CheckInCorrected, CheckInRecorded, CheckInWithdrawn
from okr_contracts.subjects import is_collection
from services.ledger.domain.check_in import CheckInWasWithdrawn, FedByChildren, NothingReported, OutsideCycle
from services.ledger.domain.cycle import CycleIsNotOpen
from services.ledger.domain.decide import InTheFuture
from services.ledger.domain.definition import ValueDoesNotFit
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, SubjectUnknown
from tests.given import given
from tests.unit.domain.acme import CYCLES, K1, MEASURED, O1, OPENED, PEOPLE, check_in, objective

TODAY = date(2026, 5, 20)
RECORDED = CheckInRecorded(check_in_id="c1", key_result_id="k1", value=Decimal(42))
CORRECTED = CheckInCorrected(check_in_id="c1", key_result_id="k1", value=Decimal(40), reason="a typing error")
correct = CorrectCheckIn(check_in_id="c1", value=Decimal(40), reason="a typing error")
withdraw = WithdrawCheckIn(check_in_id="c1", reason="it was another key result")


def test_a_check_in_is_recorded_for_today():
    given(MEASURED).when(check_in("c1", 42)).then_on(TODAY, RECORDED)


def test_today_is_counted_in_the_time_zone_of_the_organisation():
    late_in_utc = datetime(2026, 5, 20, 22, 30, tzinfo=UTC)  # half past midnight in Berlin
    given(MEASURED).at(late_in_utc).when(check_in("c1", 42)).then_on(date(2026, 5, 21), RECORDED)


def test_a_check_in_can_be_dated_back_within_its_cycle():
    day = date(2026, 4, 1)
    given(MEASURED).when(check_in("c1", 42, on=day)).then_on(day, RECORDED)


def test_the_same_check_in_twice_is_recorded_once():
    given(MEASURED, check_in("c1", 42)).when(check_in("c1", 42)).then_nothing_happened()


def test_the_same_id_with_another_value_is_refused():
    given(MEASURED, check_in("c1", 42)).when(check_in("c1", 43)).then_refused(IdTaken, "c1", "/check_in_id")


def test_the_same_value_under_another_id_is_news():
    given(MEASURED, check_in("c1", 42)).when(check_in("c2", 42)).then(RECORDED.model_copy(update={"check_in_id": "c2"}))


def test_a_repetition_after_a_correction_is_still_the_same_check_in():
    given(MEASURED, check_in("c1", 42), correct).when(check_in("c1", 42)).then_nothing_happened()


def test_a_check_in_for_tomorrow_is_refused():
    given(MEASURED).when(check_in("c1", 42, on=date(2026, 5, 21))).then_refused(
        InTheFuture, "2026-05-20", "/effective_on"
    )


def test_a_check_in_before_its_cycle_is_refused():
    given(MEASURED).when(check_in("c1", 42, on=date(2026, 3, 31))).then_refused(OutsideCycle, "2026-04-01")


def test_a_check_in_a_week_after_its_cycle_counts_for_the_last_day():
    a_week_late = datetime(2026, 7, 7, 9, 0, tzinfo=UTC)
    given(MEASURED).at(a_week_late).when(check_in("c1", 42)).then_on(date(2026, 6, 30), RECORDED)


def test_a_check_in_eight_days_after_its_cycle_is_refused():
    too_late = datetime(2026, 7, 8, 9, 0, tzinfo=UTC)
    given(MEASURED).at(too_late).when(check_in("c1", 42)).then_refused(OutsideCycle, "2026-06-30")


def test_a_cycle_to_the_end_of_the_calendar_takes_check_ins():
    for_ever = PlanCycle(cycle_id="x", name="X", starts_on=date(2026, 1, 1), ends_on=date(9999, 12, 31))
    history = (*PEOPLE, for_ever, OpenCycle(cycle_id="x"), objective("o1", "x"), K1)
    given(history).when(check_in("c1", 42)).then_on(TODAY, RECORDED)


def test_a_planned_cycle_takes_no_check_ins():
    given(CYCLES, O1, K1).when(check_in("c1", 42)).then_refused(CycleIsNotOpen, "OpenCycle")


def test_a_check_in_of_nothing_is_refused():
    given(MEASURED).when(RecordCheckIn(check_in_id="c1", key_result_id="k1", narrative="")).then_refused(
        NothingReported, "at least one"
    )


def test_a_narrative_alone_is_a_check_in():
    given(MEASURED).when(RecordCheckIn(check_in_id="c1", key_result_id="k1", narrative="blocked")).then(
        CheckInRecorded(check_in_id="c1", key_result_id="k1", narrative="blocked")
    )


def test_a_check_in_of_an_unknown_key_result_is_refused():
    given(OPENED).when(check_in("c1", 42)).then_refused(ReferenceUnknown, "k1", "/key_result_id")


@pytest.mark.parametrize("field", ["value", "forecast"])
def test_a_number_is_not_reported_as_true(field: str):
    command = RecordCheckIn.model_validate({"check_in_id": "c1", "key_result_id": "k1", field: True})
    given(MEASURED).when(command).then_refused(ValueDoesNotFit, "decimal", f"/{field}")


def test_yes_or_no_is_not_reported_as_a_number():
    achieve = AddKeyResult(
        key_result_id="k2", objective_id="o1", title="Certified", kind="achieve", responsible_id="p-ada"
    )
    command = RecordCheckIn(check_in_id="c1", key_result_id="k2", value=Decimal(1))
    given(MEASURED, achieve).when(command).then_refused(ValueDoesNotFit, "true or false", "/value")


def test_a_key_result_fed_by_children_takes_a_narrative_and_no_value():
    fed = AddKeyResult.model_validate({**K1.model_dump(), "key_result_id": "k2", "source": "children"})
    told = RecordCheckIn(check_in_id="c1", key_result_id="k2", narrative="on its way")
    counted = RecordCheckIn(check_in_id="c1", key_result_id="k2", value=Decimal(1))
    given(MEASURED, fed).when(told).then(CheckInRecorded(check_in_id="c1", key_result_id="k2", narrative="on its way"))
    given(MEASURED, fed).when(counted).then_refused(FedByChildren, "narrative", "/value")


def test_a_correction_carries_the_whole_check_in_and_keeps_its_day():
    yesterday = date(2026, 5, 19)
    given(MEASURED, check_in("c1", 42, on=yesterday)).when(correct).then_on(yesterday, CORRECTED)


def test_a_correction_can_move_the_day():
    moved = CorrectCheckIn(check_in_id="c1", effective_on=date(2026, 5, 2), reason="it was on the 2nd")
    given(MEASURED, check_in("c1", 42)).when(moved).then_on(
        date(2026, 5, 2),
        CheckInCorrected(check_in_id="c1", key_result_id="k1", value=Decimal(42), reason="it was on the 2nd"),
    )


def test_a_correction_can_clear_a_field():
    first = RecordCheckIn(check_in_id="c1", key_result_id="k1", value=Decimal(42), confidence=3)
    clear = CorrectCheckIn(check_in_id="c1", confidence=None, reason="nobody said so")
    given(MEASURED, first).when(clear).then(
        CheckInCorrected(check_in_id="c1", key_result_id="k1", value=Decimal(42), reason="nobody said so")
    )


def test_a_correction_without_a_reason_is_refused():
    bare = CorrectCheckIn(check_in_id="c1", value=Decimal(40))
    given(MEASURED, check_in("c1", 42)).when(bare).then_refused(ReasonMissing, "reason", "/reason")


def test_blanks_are_no_reason_and_no_narrative():
    blank = CorrectCheckIn(check_in_id="c1", value=Decimal(40), reason=" \n ")
    given(MEASURED, check_in("c1", 42)).when(blank).then_refused(ReasonMissing, "reason", "/reason")
    silent = RecordCheckIn(check_in_id="c1", key_result_id="k1", narrative="   ")
    given(MEASURED).when(silent).then_refused(NothingReported, "at least one")


def test_a_correction_that_changes_nothing_is_already_so():
    given(MEASURED, check_in("c1", 42), correct).when(correct).then_nothing_happened()


def test_a_correction_of_nothing_is_refused():
    given(MEASURED).when(correct).then_refused(SubjectUnknown, "c1")


def test_a_correction_that_leaves_nothing_is_refused():
    clear = CorrectCheckIn(check_in_id="c1", value=None, reason="wrong")
    given(MEASURED, check_in("c1", 42)).when(clear).then_refused(NothingReported, "at least one")


def test_a_withdrawal_ends_a_check_in():
    given(MEASURED, check_in("c1", 42)).when(withdraw).then(
        CheckInWithdrawn(check_in_id="c1", key_result_id="k1", reason="it was another key result")
    )


def test_a_withdrawal_needs_a_reason_and_happens_once():
    bare = WithdrawCheckIn(check_in_id="c1")
    given(MEASURED, check_in("c1", 42)).when(bare).then_refused(ReasonMissing, "reason", "/reason")
    given(MEASURED, check_in("c1", 42), withdraw).when(withdraw).then_nothing_happened()
    given(MEASURED).when(withdraw).then_refused(SubjectUnknown, "c1")


def test_a_withdrawn_check_in_is_not_corrected():
    given(MEASURED, check_in("c1", 42), withdraw).when(correct).then_refused(CheckInWasWithdrawn, "Record a new one")


def test_an_import_dates_check_ins_to_where_its_source_has_them():
    imported = RecordCheckIn(
        check_in_id="c1",
        key_result_id="k1",
        value=Decimal(42),
        effective_on=date(2026, 2, 1),
        import_source=ImportSource(system="sheet", record="K4"),
    )
    outcome = given(MEASURED).as_import().when(imported)
    assert outcome.decision is not None
    assert outcome.decision.effective_on == date(2026, 2, 1)


def test_a_key_result_is_not_read_with_its_check_ins():
    """Whoever decides folds what touches a subject: a key result must not cost more with each report on it."""
    events = (RECORDED, CORRECTED, CheckInWithdrawn(check_in_id="c1", key_result_id="k1"))
    touched = {subject for event in events for subject in event.touches}
    assert {subject for subject in touched if not is_collection(subject)} == {"check-ins/c1"}
