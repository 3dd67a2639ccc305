"""Commands about objectives."""

from typing import ClassVar

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
