"""Events of objectives."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Ambition, Identifier, Labels, Owner, RollUp, Text, UnitInterval


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
