"""Events of objectives."""

from typing import Annotated

from pydantic import Field
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import (
    Ambition,
    CarriedKeyResult,
    Identifier,
    Labels,
    Owner,
    RollUp,
    Text,
    UnitInterval,
)


class ObjectiveEvent(Event):
    """An event of one objective."""

    objective_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.objective(self.objective_id)


class ObjectiveCreated(ObjectiveEvent):
    """An objective was created; ``top_level`` says that it was declared so, whoever owns it."""

    cycle_id: Identifier
    owner: Owner
    title: Text = None
    description: Text = None
    ambition: Ambition
    roll_up: RollUp
    top_level: bool
    labels: Labels = None

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.cycle_contents(self.cycle_id))

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.cycle(self.cycle_id), subjects.owner(self.owner.kind, self.owner.id))


class ObjectiveRevised(ObjectiveEvent):
    """The words of an objective changed; both are carried as they are now."""

    title: Text = None
    description: Text = None


class RollUpSet(ObjectiveEvent):
    """An objective's progress is made of other inputs from here on."""

    roll_up: RollUp


class ProgressOverridden(ObjectiveEvent):
    """An objective's progress was replaced by a number, which counts above until the override is lifted."""

    progress: UnitInterval


class OverrideLifted(ObjectiveEvent):
    """The computed progress of an objective counts again."""


class ObjectiveReassigned(ObjectiveEvent):
    """Another person or unit owns an objective."""

    owner: Owner

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.owner(self.owner.kind, self.owner.id),)


class TopLevelDeclared(ObjectiveEvent):
    """An objective is one of the organisation's top-level ones, whoever owns it, or is so no longer."""

    top_level: bool


class AmbitionSet(ObjectiveEvent):
    """An objective is aspirational or committed from here on."""

    ambition: Ambition


class LabelsSet(ObjectiveEvent):
    """The labels of an objective, all of them as they are now; ``count`` tells none from erased ones."""

    count: Annotated[int, Field(ge=0)]
    labels: Labels = None


class ObjectiveRestricted(ObjectiveEvent):
    """From here on only ``readers``, its owner and those who answer for its key results see what it says."""

    readers: tuple[Owner, ...]

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return tuple(subjects.owner(reader.kind, reader.id) for reader in self.readers)


class ObjectiveOpened(ObjectiveEvent):
    """An objective that was restricted is in the open again."""


class ObjectiveAbandoned(ObjectiveEvent):
    """An objective was given up: it counts nowhere, and what it was stays readable."""


class ObjectiveReinstated(ObjectiveEvent):
    """An objective that was abandoned counts again."""


class ObjectiveCarriedOver(ObjectiveEvent):
    """
    An objective goes on in another cycle as ``successor_id``; it counts nowhere itself from here on.

    ``key_results`` are those that go on, each with its successor; the others met their target or were dropped.
    """

    cycle_id: Identifier
    successor_id: Identifier
    key_results: tuple[CarriedKeyResult, ...] = ()

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.cycle(self.cycle_id), subjects.objective(self.successor_id))


class ObjectiveGraded(ObjectiveEvent):
    """
    The grade that closes an objective, with its reflection.

    ``proposed`` is what its inputs made of it when it was graded, as far as whoever graded said so.
    """

    grade: UnitInterval
    proposed: UnitInterval | None = None
    reflection: Text = None


class GradeCorrected(ObjectiveEvent):
    """The grade of an objective, or of one of its key results, was wrong; why is its reason."""

    key_result_id: Identifier | None = None
    grade: UnitInterval
    reflection: Text = None

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.key_result(self.key_result_id)) if self.key_result_id else (self.subject,)


class SignalDismissed(ObjectiveEvent):
    """A quality signal of an objective, or of one of its key results, was looked at and does not apply."""

    key_result_id: Identifier | None = None
    code: Identifier

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.key_result(self.key_result_id),) if self.key_result_id else ()
