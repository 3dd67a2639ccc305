"""Events of units."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Identifier, Text


class UnitAdded(Event):
    """A unit was added below ``parent_id``; the root unit has none."""

    unit_id: Identifier
    name: Text = None
    parent_id: Identifier | None = None

    @property
    @override
    def subject(self) -> str:
        return subjects.unit(self.unit_id)

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.unit(self.parent_id),) if self.parent_id else ()
