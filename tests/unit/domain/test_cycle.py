"""When a cycle is revised, opened, locked, reopened and closed."""

from datetime import date
from decimal import Decimal

import pytest

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AddKeyResult,
    CloseCycle,
    GrantException,
    ImportSource,
    LockCycle,
    OpenCycle,
    PlanCycle,
    ReopenCycle,
    ReviseCycle,
)
from okr_contracts.events import CycleClosed, CycleLocked, CycleReopened, CycleRevised
from okr_contracts.fields import Thresholds, ThresholdsChange
from services.ledger.domain.closing import ContainsLiveCycle, NotEverythingGraded
from services.ledger.domain.cycle import (
    ContainingCycleIsClosed,
    ContainsLongerCycle,
    CycleIsElsewhere,
    DaysOutOfOrder,
    OutsideParentCycle,
    ThresholdsOutOfOrder,
)
from services.ledger.domain.exception import ExceptionMissing, ExceptionNotNeeded
from services.ledger.domain.refusal import ReasonMissing, SubjectUnknown
from tests.given import By, Given, given
from tests.unit.domain.acme import CYCLES, K1, O1, OPEN_YEAR, OPENED, PEOPLE, QUARTER, YEAR

LEAD = Actor("person", "p-ben")
LOCK = LockCycle(cycle_id="q2")
CLOSE = CloseCycle(cycle_id="q2")
REVISED = CycleRevised(
    cycle_id="q2",
    name="Second quarter",
    starts_on=QUARTER.starts_on,
    ends_on=QUARTER.ends_on,
    thresholds=Thresholds(),
)


def granted(command: str, on: str = "cycles/q2") -> By:
    return By(LEAD, GrantException(cycle_id="q2", command=command, on=on, reason="figures came late"))


def newest(history: Given) -> int:
    return history.history().recorded[-1].sequence


def reopened(*before: object, to: str = "open") -> Given:
    """A cycle that was locked and opened again."""
    asked = given(OPENED, *before, LOCK, granted("ReopenCycle"))  # type: ignore[arg-type]
    reopen = ReopenCycle.model_validate(
        {"cycle_id": "q2", "to": to, "reason": "a figure was wrong", "exception": newest(asked)}
    )
    return given(asked.commands, reopen)


def test_a_planned_cycle_is_revised_freely_and_what_is_left_out_stays():
    given(CYCLES).when(ReviseCycle(cycle_id="q2", ends_on=date(2026, 6, 28))).then(
        REVISED.model_copy(update={"ends_on": date(2026, 6, 28)})
    )
    given(CYCLES).when(ReviseCycle(cycle_id="q2", name="Second quarter")).then_nothing_happened()


def test_single_thresholds_are_changed():
    change = ThresholdsChange(stale_after_days=5, committed_at_risk=Decimal("0.8"))
    after = Thresholds(stale_after_days=5, committed_at_risk=Decimal("0.8"))
    given(CYCLES).when(ReviseCycle(cycle_id="q2", thresholds=change)).then(
        REVISED.model_copy(update={"thresholds": after})
    )
    upside_down = ThresholdsChange(aspirational_at_risk=Decimal("0.8"))
    given(CYCLES).when(ReviseCycle(cycle_id="q2", thresholds=upside_down)).then_refused(
        ThresholdsOutOfOrder, "aspirational", "/thresholds/aspirational_at_risk"
    )


def test_days_and_thresholds_of_an_open_cycle_need_an_exception_and_its_name_does_not():
    given(OPENED).when(ReviseCycle(cycle_id="q2", name="Spring")).then(REVISED.model_copy(update={"name": "Spring"}))
    later = ReviseCycle(cycle_id="q2", ends_on=date(2026, 7, 5))
    given(OPENED).when(later).then_refused(ExceptionMissing, "ReviseCycle on cycles/q2")
    asked = given(OPENED, granted("ReviseCycle"))
    asked.when(later.model_copy(update={"exception": newest(asked)})).then(
        REVISED.model_copy(update={"ends_on": date(2026, 7, 5)})
    )


def test_a_revised_cycle_stays_within_its_parent_and_around_its_children():
    given(CYCLES).when(ReviseCycle(cycle_id="q2", ends_on=date(2027, 1, 1))).then_refused(OutsideParentCycle, "y26")
    given(CYCLES).when(ReviseCycle(cycle_id="y26", ends_on=date(2026, 5, 1))).then_refused(ContainsLongerCycle, "q2")
    given(CYCLES).when(ReviseCycle(cycle_id="q2", ends_on=date(2026, 3, 1))).then_refused(DaysOutOfOrder, "2026-04-01")


def test_a_cycle_is_there():
    for command in (ReviseCycle(cycle_id="q9"), LockCycle(cycle_id="q9"), CloseCycle(cycle_id="q9")):
        given(CYCLES).when(command).then_refused(SubjectUnknown, "q9")


def test_the_same_plan_again_is_nothing_also_after_a_revision():
    given(CYCLES, ReviseCycle(cycle_id="q2", name="Spring")).when(QUARTER).then_nothing_happened()


def test_a_leap_day_is_a_day_of_a_cycle():
    leap = PlanCycle(cycle_id="leap", name="Leap", starts_on=date(2028, 2, 29), ends_on=date(2028, 2, 29))
    assert given(CYCLES).when(leap).refusal is None


def test_an_open_cycle_is_locked_once():
    given(OPENED).when(LOCK).then(CycleLocked(cycle_id="q2"))
    given(OPENED, LOCK).when(LOCK).then_nothing_happened()
    given(CYCLES).when(LOCK).then_refused(CycleIsElsewhere, "planned")
    given(OPENED, LOCK).when(OpenCycle(cycle_id="q2")).then_refused(CycleIsElsewhere, "ReopenCycle")


def test_a_cycle_is_reopened_by_exception_alone_with_a_reason():
    reopen = ReopenCycle(cycle_id="q2", to="open", reason="a figure was wrong")
    given(OPENED, LOCK).when(reopen).then_refused(ExceptionMissing, "ReopenCycle on cycles/q2")
    asked = given(OPENED, LOCK, granted("ReopenCycle"))
    by_exception = reopen.model_copy(update={"exception": newest(asked)})
    asked.when(by_exception).then(CycleReopened(cycle_id="q2", to="open", after_lock="q2", reason=reopen.reason))
    asked.when(by_exception.model_copy(update={"reason": None})).then_refused(ReasonMissing, "reason")
    given(OPENED).when(ReopenCycle(cycle_id="q2", to="locked", reason="so")).then_refused(CycleIsElsewhere, "LockCycle")
    given(OPENED).when(ReopenCycle(cycle_id="q2", to="open")).then_nothing_happened()


def test_what_follows_in_a_reopened_cycle_is_marked_for_ever():
    reopened().when(LOCK).then(CycleLocked(cycle_id="q2", after_lock="q2"))
    outcome = reopened().when(O1)
    assert outcome.decision is not None
    assert [event.after_lock for event in outcome.decision.events] == ["q2"]


def test_an_empty_cycle_closes_when_it_is_locked():
    given(OPENED, LOCK).when(CLOSE).then(CycleClosed(cycle_id="q2"))
    given(OPENED, LOCK, CLOSE).when(CLOSE).then_nothing_happened()
    given(OPENED).when(CLOSE).then_refused(CycleIsElsewhere, "LockCycle")


def test_the_parent_closes_last():
    given(OPENED, LockCycle(cycle_id="y26")).when(CloseCycle(cycle_id="y26")).then_refused(ContainsLiveCycle, "q2")
    closed = given(OPENED, LOCK, CLOSE, LockCycle(cycle_id="y26"))
    closed.when(CloseCycle(cycle_id="y26")).then(CycleClosed(cycle_id="y26"))


def test_a_cycle_with_something_ungraded_closes_by_exception_alone_and_says_what():
    standing = given(OPENED, O1, K1, LOCK)
    standing.when(CLOSE).then_refused(NotEverythingGraded, "key-results/k1, objectives/o1")
    asked = given(standing.commands, granted("CloseCycle"))
    by_exception = CLOSE.model_copy(update={"exception": newest(asked), "reason": "its owner left"})
    asked.when(by_exception).then(
        CycleClosed(cycle_id="q2", ungraded=("key-results/k1", "objectives/o1"), reason="its owner left")
    )
    asked.when(by_exception.model_copy(update={"reason": None})).then_refused(ReasonMissing, "grades are missing")


def test_an_exception_that_is_not_needed_is_kept():
    asked = given(OPENED, LOCK, granted("CloseCycle"))
    asked.when(CLOSE.model_copy(update={"exception": newest(asked)})).then_refused(ExceptionNotNeeded, "stays")


@pytest.mark.parametrize("count", [1_000])
def test_a_thousand_missing_grades_are_not_all_named(count: int):
    many = [AddKeyResult.model_validate({**K1.model_dump(), "key_result_id": f"k{n}"}) for n in range(count)]
    refusal = given(OPENED, O1, many, LOCK).when(CLOSE).refusal
    assert isinstance(refusal, NotEverythingGraded)
    assert "1001 objectives and key results" in str(refusal)
    assert "and 981 more" in str(refusal)


def test_a_locked_cycle_is_reopened_to_locked_from_closed():
    closed = given(OPENED, LOCK, CLOSE, granted("ReopenCycle"))
    again = ReopenCycle(cycle_id="q2", to="locked", reason="a grade is wrong", exception=newest(closed))
    closed.when(again).then(CycleReopened(cycle_id="q2", to="locked", after_lock="q2", reason="a grade is wrong"))


YEAR_CLOSED = given(PEOPLE, YEAR, OPEN_YEAR, LockCycle(cycle_id="y26"), CloseCycle(cycle_id="y26"))


def test_no_cycle_is_planned_within_a_closed_one():
    YEAR_CLOSED.when(QUARTER).then_refused(ContainingCycleIsClosed, "Reopen it first", "/parent_id")
    source = ImportSource(system="sheet", record="row-7")
    assert YEAR_CLOSED.as_import().when(QUARTER.model_copy(update={"import_source": source})).refusal is None


def test_a_cycle_is_not_reopened_within_a_closed_one():
    year = [LockCycle(cycle_id="y26"), CloseCycle(cycle_id="y26")]
    closed = given(OPENED, LOCK, CLOSE, granted("ReopenCycle"))
    again = ReopenCycle(cycle_id="q2", to="locked", reason="a grade is wrong", exception=newest(closed))
    given(closed.commands, year).when(again).then_refused(ContainingCycleIsClosed, "y26")
