"""Events of units."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Identifier, Text


class UnitEvent(Event):
    """An event of one unit."""

    unit_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.unit(self.unit_id)


class UnitAdded(UnitEvent):
    """A unit was added below ``parent_id``; the root unit has none."""

    name: Text = None
    parent_id: Identifier | None = None

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.unit_contents(self.parent_id)) if self.parent_id else (self.subject,)

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.unit(self.parent_id),) if self.parent_id else ()


class UnitRenamed(UnitEvent):
    """A unit has another name."""

    name: Text = None


class UnitMoved(UnitEvent):
    """A unit hangs, with all below it, below another one."""

    parent_id: Identifier

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.unit_contents(self.parent_id))

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.unit(self.parent_id),)


class UnitLeadNamed(UnitEvent):
    """A unit has another lead, or none."""

    person_id: Identifier | None

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.person_id),) if self.person_id else ()


class UnitClosed(UnitEvent):
    """A unit takes nobody and nothing new; what it had stays readable."""
