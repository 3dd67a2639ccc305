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
    ReportedValue,
    Title,
    Weight,
)


class AddKeyResult(Command):
    """
    Add a key result to an objective, with one responsible person.

    Which of ``baseline``, ``target``, ``floor``, ``ceiling``, ``low`` and ``high`` it needs depends on ``kind``.
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
    cadence_days: CadenceDays = 7

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
    ``restated_value`` says where things stand under the new definition.
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
