"""When something is graded, what is proposed, and how a grade is corrected."""

from datetime import date
from decimal import Decimal

from okr_contracts.commands import (
    AddKeyResult,
    CorrectCheckIn,
    CorrectGrade,
    GradeKeyResult,
    GradeObjective,
    RedefineKeyResult,
    WithdrawCheckIn,
)
from okr_contracts.events import GradeCorrected, KeyResultGraded, ObjectiveGraded
from okr_contracts.fields import MeasureUnit
from services.ledger.domain.grading import GradedOtherwise, NotGraded, ProposedOtherwise
from services.ledger.domain.refusal import ReasonMissing, ReferenceUnknown, SubjectUnknown
from tests.given import given
from tests.unit.domain.acme import K1, MEASURED, check_in


def grade(text: str, **fields: object) -> GradeKeyResult:
    return GradeKeyResult.model_validate({"key_result_id": "k1", "grade": text, **fields})


def graded(text: str, proposed: str, **fields: object) -> KeyResultGraded:
    return KeyResultGraded.model_validate({"key_result_id": "k1", "grade": text, "proposed": proposed, **fields})


def test_the_progress_at_the_end_of_the_cycle_is_proposed():
    reported = given(MEASURED, check_in("c1", 40), check_in("c2", 70))
    reported.when(grade("0.7", reflection="Fairs work.")).then(graded("0.7", "0.700000", reflection="Fairs work."))
    given(MEASURED).when(grade("0")).then(graded("0", "0.000000"))


def test_what_is_proposed_knows_corrections_withdrawals_and_redefinitions():
    corrected = CorrectCheckIn(check_in_id="c1", value=Decimal(20), reason="counted twice")
    given(MEASURED, check_in("c1", 40), corrected).when(grade("0.2")).then(graded("0.2", "0.200000"))
    withdrawn = WithdrawCheckIn(check_in_id="c2", reason="wrong")
    both = (check_in("c1", 40, date(2026, 5, 1)), check_in("c2", 70))
    given(MEASURED, both, withdrawn).when(grade("0.4")).then(graded("0.4", "0.400000"))
    redefined = RedefineKeyResult(key_result_id="k1", target=Decimal(80), reason="less")
    given(MEASURED, check_in("c1", 40), redefined).when(grade("0.5")).then(graded("0.5", "0.500000"))
    other_unit = RedefineKeyResult(key_result_id="k1", unit=MeasureUnit(kind="percent"), reason="another unit")
    given(MEASURED, check_in("c1", 40), other_unit).when(grade("0")).then(graded("0", "0.000000"))


def test_to_differ_needs_a_reason_and_both_are_kept():
    reported = given(MEASURED, check_in("c1", 40))
    reported.when(grade("0.6")).then_refused(ReasonMissing, "0.400000 is proposed")
    reported.when(grade("0.6", reason="the trend")).then(graded("0.6", "0.400000", reason="the trend"))


def test_what_is_proposed_is_the_ledgers_to_say():
    reported = given(MEASURED, check_in("c1", 40))
    reported.when(grade("0.4", proposed="0.400000")).then(graded("0.4", "0.400000"))
    reported.when(grade("0.6", proposed="0.6")).then_refused(ProposedOtherwise, "0.400000", "/proposed")


def test_a_key_result_that_is_fed_by_children_takes_what_its_sender_was_shown():
    fed = AddKeyResult.model_validate({**K1.model_dump(), "key_result_id": "k2", "source": "children"})
    history = given(MEASURED, fed)
    shown = grade("0.6", key_result_id="k2", proposed="0.5")
    history.when(shown).then_refused(ReasonMissing, "0.5 is proposed")
    history.when(grade("0.6", key_result_id="k2")).then(
        KeyResultGraded(key_result_id="k2", grade=Decimal("0.6"), proposed=None)
    )


def test_a_grade_is_given_once():
    once = given(MEASURED, grade("0"))
    once.when(grade("0")).then_nothing_happened()
    once.when(grade("0.1", reason="so")).then_refused(GradedOtherwise, "CorrectGrade", "/grade")
    given(MEASURED).when(grade("0", key_result_id="k9")).then_refused(SubjectUnknown, "k9")


def test_an_objective_is_graded_with_what_was_shown():
    command = GradeObjective(objective_id="o1", grade=Decimal("0.7"), proposed=Decimal("0.7"))
    given(MEASURED).when(command).then(
        ObjectiveGraded(objective_id="o1", grade=Decimal("0.7"), proposed=Decimal("0.7"))
    )
    given(MEASURED, command).when(command).then_nothing_happened()
    other = GradeObjective(objective_id="o1", grade=Decimal(1), proposed=Decimal("0.7"))
    given(MEASURED).when(other).then_refused(ReasonMissing, "0.7 is proposed")
    given(MEASURED, command).when(other).then_refused(GradedOtherwise, "0.7")


def test_a_grade_is_corrected_with_a_reason():
    correct = CorrectGrade(objective_id="o1", key_result_id="k1", grade=Decimal(1), reason="a region was missing")
    history = given(MEASURED, grade("0"))
    history.when(correct).then(
        GradeCorrected(objective_id="o1", key_result_id="k1", grade=Decimal(1), reason=correct.reason)
    )
    history.when(correct.model_copy(update={"reason": None})).then_refused(ReasonMissing, "reason")
    given(history.commands, correct).when(correct).then_nothing_happened()
    history.when(CorrectGrade(objective_id="o1", grade=Decimal(1), reason="so")).then_refused(
        NotGraded, "objectives/o1"
    )
    given(MEASURED).when(correct).then_refused(NotGraded, "key-results/k1")
    stranger = correct.model_copy(update={"key_result_id": "k9"})
    history.when(stranger).then_refused(ReferenceUnknown, "k9", "/key_result_id")
