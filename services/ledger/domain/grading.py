"""When key results and objectives are graded, and how a grade is corrected."""

from decimal import Decimal
from typing import Final

from okr_contracts.commands import CorrectGrade, GradeKeyResult, GradeObjective
from okr_contracts.events import Event, GradeCorrected, KeyResultGraded, ObjectiveGraded
from services.ledger.domain import key_result as key_results
from services.ledger.domain import objective as objectives
from services.ledger.domain.known import Context, Deciders, Known
from services.ledger.domain.refusal import ReasonMissing, ReferenceUnknown, Refusal
from services.ledger.domain.reported import progress_on


class GradedOtherwise(Refusal):
    """Something that has a grade would be graded again."""

    code = "graded_otherwise"

    def __init__(self, subject: str, grade: Decimal) -> None:
        super().__init__(
            f"{subject} has the grade {grade:f} already. Change it with CorrectGrade, and say why.", "/grade"
        )


class NotGraded(Refusal):
    """A grade would be corrected that there is not."""

    code = "not_graded"

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} has no grade yet. Grade it first.")


class ProposedOtherwise(Refusal):
    """The command says that another grade was proposed than the ledger proposes."""

    code = "proposed_otherwise"

    def __init__(self, proposed: Decimal) -> None:
        super().__init__(
            f"The ledger proposes {proposed:f}, its progress at the end of its cycle. Look again, or leave 'proposed'"
            " out.",
            "/proposed",
        )


def grade_key_result(command: GradeKeyResult, context: Context, known: Known) -> list[Event]:
    """Close a key result; where its own check-ins say how far it came, that is proposed."""
    key_result = key_results.live(command.key_result_id, known)
    if key_result.grade is not None:
        if key_result.grade == command.grade:
            return []
        raise GradedOtherwise(f"key-results/{command.key_result_id}", key_result.grade)
    proposed = command.proposed
    if key_result.added.source == "check_ins":
        ends_on = key_results.cycle_of(key_result, known).planned.ends_on
        proposed = progress_on(command.key_result_id, ends_on, known)
        if command.proposed not in (None, proposed):
            raise ProposedOtherwise(proposed)
    _require_reason(command.grade, proposed, command.reason)
    return [
        KeyResultGraded(
            key_result_id=command.key_result_id,
            grade=command.grade,
            proposed=proposed,
            reflection=command.reflection,
        )
    ]


def grade_objective(command: GradeObjective, context: Context, known: Known) -> list[Event]:
    """Close an objective; what was proposed is what its sender was shown."""
    objective = objectives.live(command.objective_id, known)
    if objective.grade is not None:
        if objective.grade == command.grade:
            return []
        raise GradedOtherwise(f"objectives/{command.objective_id}", objective.grade)
    _require_reason(command.grade, command.proposed, command.reason)
    return [
        ObjectiveGraded(
            objective_id=command.objective_id,
            grade=command.grade,
            proposed=command.proposed,
            reflection=command.reflection,
        )
    ]


def correct_grade(command: CorrectGrade, context: Context, known: Known) -> list[Event]:
    """Say that a grade was wrong, and why."""
    objective = objectives.existing(command.objective_id, known)
    grade, subject = objective.grade, f"objectives/{command.objective_id}"
    if command.key_result_id is not None:
        if command.key_result_id not in objective.key_result_ids:
            raise ReferenceUnknown("key result", command.key_result_id, "/key_result_id")
        key_result = key_results.existing(command.key_result_id, known)
        grade, subject = key_result.grade, f"key-results/{command.key_result_id}"
    if grade is None:
        raise NotGraded(subject)
    if grade == command.grade and not command.reflection:
        return []
    if not command.reason:
        raise ReasonMissing("A grade that was given changes only for a reason.")
    return [
        GradeCorrected(
            objective_id=command.objective_id,
            key_result_id=command.key_result_id,
            grade=command.grade,
            reflection=command.reflection,
        )
    ]


def _require_reason(grade: Decimal, proposed: Decimal | None, reason: str | None) -> None:
    if proposed is not None and grade != proposed and not reason:
        raise ReasonMissing(f"{proposed:f} is proposed, and {grade:f} differs; both are kept.")


DECIDERS: Final[Deciders] = {
    GradeKeyResult: grade_key_result,
    GradeObjective: grade_objective,
    CorrectGrade: correct_grade,
}
"""Which function answers which command."""
