"""Events of cycles."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import (
    CommandName,
    Day,
    Identifier,
    Instant,
    ReopenedTo,
    SequenceNumber,
    SubjectName,
    Text,
    Thresholds,
)


class CycleEvent(Event):
    """An event of one cycle."""

    cycle_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.cycle(self.cycle_id)


class CyclePlanned(CycleEvent):
    """A cycle was planned; ``rule_version`` and ``thresholds`` are those that its figures keep for ever."""

    name: Text = None
    starts_on: Day
    ends_on: Day
    parent_id: Identifier | None = None
    rule_version: int
    thresholds: Thresholds

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.cycle_contents(self.parent_id)) if self.parent_id else (self.subject,)

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.cycle(self.parent_id),) if self.parent_id else ()


class CycleRevised(CycleEvent):
    """The name, the days or the thresholds of a cycle changed; all of them are carried as they are now."""

    name: Text = None
    starts_on: Day
    ends_on: Day
    thresholds: Thresholds


class CycleOpened(CycleEvent):
    """A cycle is open: its objectives count, and changes of what is measured have a reason."""


class CycleLocked(CycleEvent):
    """A cycle is locked: what it holds changes by exception alone, but for grades and who may see it."""


class CycleReopened(CycleEvent):
    """A locked or closed cycle was opened again; whatever is changed in it from here on is marked for ever."""

    to: ReopenedTo


class CycleClosed(CycleEvent):
    """A cycle is closed; ``ungraded`` is what an exception allowed to remain without a grade."""

    ungraded: tuple[SubjectName, ...] = ()


class ExceptionGranted(CycleEvent):
    """
    Leave to send one command on one subject in spite of the lock, once, before ``expires_at``.

    The grant is named by the sequence of this event. ``grantee_id`` is the only person who may use it, None for
    anybody but the granter.
    """

    command: CommandName
    on: SubjectName
    grantee_id: Identifier | None = None
    expires_at: Instant

    @property
    @override
    def related(self) -> tuple[str, ...]:
        person = (subjects.person(self.grantee_id),) if self.grantee_id else ()
        return (self.on, *person)


class ExceptionRevoked(CycleEvent):
    """A grant that was not used is taken back."""

    granted: SequenceNumber
