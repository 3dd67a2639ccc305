"""Events of key results."""

from typing import Annotated

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
    PhasedTargets,
    ReportedValue,
    Text,
    UnitInterval,
    Weight,
    WhereGiven,
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
    phased_targets: Annotated[PhasedTargets | None, WhereGiven()] = None

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (
            self.subject,
            subjects.objective(self.objective_id),
            subjects.responsibilities(self.responsible_id),
            subjects.reports(self.key_result_id),
        )

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
    phased_targets: Annotated[PhasedTargets | None, WhereGiven()] = None

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.reports(self.key_result_id))


class ResponsibleAssigned(KeyResultEvent):
    """Another person is responsible for a key result."""

    person_id: Identifier

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.responsibilities(self.person_id))

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


class KeyPartnerReleased(KeyResultEvent):
    """A person is a key partner no longer."""

    person_id: Identifier

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.person_id),)


class KeyResultRevised(KeyResultEvent):
    """The words of a key result changed."""

    title: Text = None


class KeyResultReweighed(KeyResultEvent):
    """A key result counts more or less among its siblings from here on."""

    weight: Weight


class CadenceSet(KeyResultEvent):
    """Check-ins are due at other intervals: a fresh grid starts on the day of the event."""

    cadence_days: CadenceDays


class PhasedTargetsSet(KeyResultEvent):
    """The values that should have been reached on days within the cycle, all of them; none means a straight line."""

    phased_targets: PhasedTargets


class KeyResultDropped(KeyResultEvent):
    """A key result was given up: it counts nowhere, and what it was stays readable."""


class KeyResultReinstated(KeyResultEvent):
    """A key result that was dropped counts again."""


class KeyResultGraded(KeyResultEvent):
    """
    The grade that closes a key result, with its reflection.

    ``proposed`` is its progress at the cycle's end as known when it was graded; None for one that is fed by children
    where whoever graded did not say.
    """

    grade: UnitInterval
    proposed: UnitInterval | None = None
    reflection: Text = None
