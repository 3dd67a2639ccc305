"""Commands about cycles."""

from typing import ClassVar

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import Day, Identifier, Title


class PlanCycle(Command):
    """Plan a period in which OKRs live, first and last day inclusive, within ``parent_id`` where one is named."""

    id_field: ClassVar[str | None] = "cycle_id"

    cycle_id: Identifier | None = None
    name: Title
    starts_on: Day
    ends_on: Day
    parent_id: Identifier | None = None

    @property
    @override
    def subject(self) -> str:
        return subjects.cycle(self.cycle_id or "")

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.cycle(self.parent_id)) if self.parent_id else (self.subject,)


class OpenCycle(Command):
    """Open a planned cycle: from here on a change of what is measured needs a reason."""

    cycle_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.cycle(self.cycle_id)
