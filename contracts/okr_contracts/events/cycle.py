"""Events of cycles."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Day, Identifier, Text, Thresholds


class CyclePlanned(Event):
    """A cycle was planned; ``rule_version`` and ``thresholds`` are those that its figures keep for ever."""

    cycle_id: Identifier
    name: Text = None
    starts_on: Day
    ends_on: Day
    parent_id: Identifier | None = None
    rule_version: int
    thresholds: Thresholds

    @property
    @override
    def subject(self) -> str:
        return subjects.cycle(self.cycle_id)

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.cycle(self.parent_id),) if self.parent_id else ()


class CycleOpened(Event):
    """A cycle is open: its objectives count, and changes of what is measured have a reason."""

    cycle_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.cycle(self.cycle_id)
