"""Events of key results."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import (
    CadenceDays,
    ExactDecimal,
    Identifier,
    InputSource,
    KeyResultKind,
    MeasureUnit,
    ReportedValue,
    Text,
    Weight,
)


class KeyResultEvent(Event):
    """An event of one key result."""

    key_result_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.key_result(self.key_result_id)


class KeyResultAdded(KeyResultEvent):
    """A key result was added to an objective; its numbers are in ``unit``."""

    objective_id: Identifier
    title: Text = None
    kind: KeyResultKind
    unit: MeasureUnit
    baseline: ExactDecimal | None = None
    target: ExactDecimal | None = None
    floor: ExactDecimal | None = None
    ceiling: ExactDecimal | None = None
    low: ExactDecimal | None = None
    high: ExactDecimal | None = None
    weight: Weight
    source: InputSource
    responsible_id: Identifier
    partner_ids: tuple[Identifier, ...] = ()
    cadence_days: CadenceDays

    @property
    @override
    def related(self) -> tuple[str, ...]:
        people = map(subjects.person, (self.responsible_id, *self.partner_ids))
        return (subjects.objective(self.objective_id), *people)


class KeyResultRedefined(KeyResultEvent):
    """What a key result measures changed; the whole definition after the change."""

    kind: KeyResultKind
    unit: MeasureUnit
    baseline: ExactDecimal | None = None
    target: ExactDecimal | None = None
    floor: ExactDecimal | None = None
    ceiling: ExactDecimal | None = None
    low: ExactDecimal | None = None
    high: ExactDecimal | None = None
    restated_value: ReportedValue | None = None


class ResponsibleAssigned(KeyResultEvent):
    """Another person is responsible for a key result."""

    person_id: Identifier

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.person_id),)


class KeyPartnerNamed(KeyResultEvent):
    """One more key partner of a key result."""

    person_id: Identifier

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.person_id),)
