"""Commands about objectives."""

from typing import Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import Ambition, Flag, Identifier, Labels, Owner, RollUp, Title, UnitInterval, Words


class CreateObjective(Command):
    """Create an objective in a planned or open cycle, owned by a unit or a person."""

    id_field: ClassVar[str | None] = "objective_id"

    objective_id: Identifier | None = None
    cycle_id: Identifier
    owner: Owner
    title: Title
    description: Words = None
    ambition: Ambition = "aspirational"
    roll_up: RollUp = "key_results"
    top_level: Flag = False
    labels: Labels = ()

    @property
    @override
    def subject(self) -> str:
        return subjects.objective(self.objective_id or "")

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.cycle(self.cycle_id), subjects.owner(self.owner.kind, self.owner.id))


class _OfObjective(Command):
    objective_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.objective(self.objective_id)


class ReviseObjective(_OfObjective):
    """Change the words of an objective; a field left out keeps its words, null clears the description."""

    title: Title | None = None
    description: Words = None


class SetRollUp(_OfObjective):
    """Choose what an objective's progress is made of; in an open cycle it needs a reason."""

    roll_up: RollUp


class OverrideProgress(_OfObjective):
    """Replace an objective's progress by a number, with a reason, until it is lifted."""

    progress: UnitInterval


class LiftOverride(_OfObjective):
    """End an override, with a reason: the computed progress counts again."""


class ReassignObjective(_OfObjective):
    """Give an objective another owner: a unit or a person."""

    owner: Owner

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.owner(self.owner.kind, self.owner.id))


class DeclareTopLevel(_OfObjective):
    """Declare an objective one of the organisation's top-level ones, or (false) take that back."""

    top_level: Flag = True


class SetAmbition(_OfObjective):
    """Say whether an objective is aspirational or committed; in an open cycle it needs a reason."""

    ambition: Ambition


class SetLabels(_OfObjective):
    """Set the labels of an objective, all of them."""

    labels: Labels


class RestrictObjective(_OfObjective):
    """Let only ``readers``, the owner and those who answer for its key results read an objective, with a reason."""

    readers: Annotated[tuple[Owner, ...], Field(min_length=1, max_length=100)]

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, *(subjects.owner(reader.kind, reader.id) for reader in self.readers))


class OpenObjective(_OfObjective):
    """Bring an objective that was restricted into the open again."""


class AbandonObjective(_OfObjective):
    """Give an objective up, with a reason: it counts nowhere, and what it was stays readable."""


class ReinstateObjective(_OfObjective):
    """Let an objective that was abandoned count again, with a reason."""


class CarryOverObjective(_OfObjective):
    """
    Let an objective go on in another cycle.

    Its key results that met their target stay behind; the others start from their last value, or from their old
    baseline with ``keep_baselines``. If it is restricted, its successor is too, with the same readers.
    """

    cycle_id: Identifier
    successor_id: Identifier | None = None
    keep_baselines: Flag = False

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.cycle(self.cycle_id))


class GradeObjective(_OfObjective):
    """
    Close an objective with a grade from 0 to 1 and what was learnt.

    ``proposed`` is the grade that was proposed to whoever grades; to differ needs a reason.
    """

    grade: UnitInterval
    proposed: UnitInterval | None = None
    reflection: Words = None


class CorrectGrade(_OfObjective):
    """Say that the grade of an objective, or of one of its key results, was wrong, and why."""

    key_result_id: Identifier | None = None
    grade: UnitInterval
    reflection: Words = None

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.key_result(self.key_result_id)) if self.key_result_id else (self.subject,)


class DismissSignal(_OfObjective):
    """Say, with a reason, that a quality signal of an objective, or of one of its key results, does not apply."""

    key_result_id: Identifier | None = None
    code: Identifier

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.key_result(self.key_result_id)) if self.key_result_id else (self.subject,)
