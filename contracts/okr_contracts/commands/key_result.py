"""Commands about key results."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import (
    CadenceDays,
    ExactDecimal,
    Identifier,
    InputSource,
    KeyResultKind,
    MeasureUnit,
    PhasedTargets,
    ReportedValue,
    Title,
    UnitInterval,
    Weight,
    Words,
)


class AddKeyResult(Command):
    """
    Add a key result to an objective, with one responsible person.

    Which of ``baseline``, ``target``, ``floor``, ``ceiling``, ``low`` and ``high`` it needs depends on ``kind``.
    Without ``cadence_days`` check-ins are due as the organisation's settings say.
    """

    id_field: ClassVar[str | None] = "key_result_id"

    key_result_id: Identifier | None = None
    objective_id: Identifier
    title: Title
    kind: KeyResultKind
    unit: MeasureUnit = MeasureUnit()
    baseline: ExactDecimal | None = None
    target: ExactDecimal | None = None
    floor: ExactDecimal | None = None
    ceiling: ExactDecimal | None = None
    low: ExactDecimal | None = None
    high: ExactDecimal | None = None
    weight: Weight = Decimal(1)
    source: InputSource = "check_ins"
    responsible_id: Identifier
    partner_ids: Annotated[tuple[Identifier, ...], Field(max_length=100)] = ()
    cadence_days: CadenceDays | None = None
    phased_targets: PhasedTargets | None = None

    @property
    @override
    def subject(self) -> str:
        return subjects.key_result(self.key_result_id or "")

    @property
    @override
    def names(self) -> tuple[str, ...]:
        people = map(subjects.person, (self.responsible_id, *self.partner_ids))
        return (self.subject, subjects.objective(self.objective_id), *people)


class _OfKeyResult(Command):
    key_result_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.key_result(self.key_result_id)


class RedefineKeyResult(_OfKeyResult):
    """
    Change what a key result measures; in an open cycle it needs a reason.

    Fields left out keep their value; null clears. Where kind or unit changes, earlier check-ins are no longer read, and
    ``restated_value`` says where things stand under the new definition, and phased targets lapse unless given anew.
    """

    kind: KeyResultKind | None = None
    unit: MeasureUnit | None = None
    baseline: ExactDecimal | None = None
    target: ExactDecimal | None = None
    floor: ExactDecimal | None = None
    ceiling: ExactDecimal | None = None
    low: ExactDecimal | None = None
    high: ExactDecimal | None = None
    restated_value: ReportedValue | None = None
    phased_targets: PhasedTargets | None = None


class AssignResponsible(_OfKeyResult):
    """Name the one person who is responsible for a key result."""

    person_id: Identifier

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.person_id))


class NameKeyPartner(_OfKeyResult):
    """Name a key partner of a key result, who is never also the responsible person."""

    person_id: Identifier

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.person_id))


class ReleaseKeyPartner(_OfKeyResult):
    """Say that a person is a key partner no longer."""

    person_id: Identifier

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.person_id))


class ReviseKeyResult(_OfKeyResult):
    """Change the words of a key result."""

    title: Title


class ReweighKeyResult(_OfKeyResult):
    """Let a key result count more or less among its siblings; in an open cycle it needs a reason."""

    weight: Weight


class SetCadence(_OfKeyResult):
    """Say at which intervals check-ins are due, from today on."""

    cadence_days: CadenceDays


class SetPhasedTargets(_OfKeyResult):
    """Say what should have been reached on days within the cycle; the empty list means a straight line."""

    phased_targets: PhasedTargets


class DropKeyResult(_OfKeyResult):
    """Give a key result up, with a reason: it counts nowhere, and what it was stays readable."""


class ReinstateKeyResult(_OfKeyResult):
    """Let a key result that was dropped count again, with a reason."""


class GradeKeyResult(_OfKeyResult):
    """
    Close a key result with a grade from 0 to 1 and what was learnt.

    The ledger proposes its progress at the cycle's end; to differ needs a reason. ``proposed`` is what whoever grades
    a key result that is fed by children was shown.
    """

    grade: UnitInterval
    proposed: UnitInterval | None = None
    reflection: Words = None

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.reports(self.key_result_id))
