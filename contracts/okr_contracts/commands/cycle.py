"""Commands about cycles."""

from typing import ClassVar

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import (
    CommandName,
    Day,
    Identifier,
    Instant,
    ReopenedTo,
    SequenceNumber,
    SubjectName,
    ThresholdsChange,
    Title,
)


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


class _OfCycle(Command):
    cycle_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.cycle(self.cycle_id)


class ReviseCycle(_OfCycle):
    """
    Change the name, the days or the thresholds of a cycle; what is left out stays.

    Freely while it is planned; afterwards days and thresholds need an exception.
    """

    name: Title | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    thresholds: ThresholdsChange | None = None


class OpenCycle(_OfCycle):
    """Open a planned cycle: from here on a change of what is measured needs a reason."""


class LockCycle(_OfCycle):
    """Lock an open cycle: from here on what it holds changes by exception alone."""


class ReopenCycle(_OfCycle):
    """Open a locked or closed cycle again, by exception; what follows is marked for ever."""

    to: ReopenedTo


class CloseCycle(_OfCycle):
    """Close a locked cycle in which everything was graded, abandoned, dropped or carried over; else by exception."""

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.cycle_contents(self.cycle_id))


class GrantException(_OfCycle):
    """
    Let somebody else send ``command`` on the subject ``on`` in spite of the lock, once, with a reason.

    ``on`` is what the command is addressed to, or something that its fields name: a key result for a check-in on it.
    Without ``expires_at`` it is good for a week.
    """

    command: CommandName
    on: SubjectName
    grantee_id: Identifier | None = None
    expires_at: Instant | None = None


class RevokeException(_OfCycle):
    """Take a grant back that was not used, named by the sequence of its event."""

    granted: SequenceNumber
