"""Events of check-ins."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Confidence, Identifier, ReportedValue, Text


class CheckInEvent(Event):
    """An event of one check-in of one key result."""

    check_in_id: Identifier
    key_result_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.check_in(self.check_in_id)

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.reports(self.key_result_id))

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.key_result(self.key_result_id),)

    @property
    @override
    def about(self) -> tuple[str, ...]:
        # What every event says of itself, without asking: of ten events nine are these.
        lock = () if self.after_lock is None else (subjects.cycle(self.after_lock),)
        return (self.subject, *lock, *self.related)


class CheckInRecorded(CheckInEvent):
    """A report on a key result for the day that the event is effective on."""

    value: ReportedValue | None = None
    confidence: Confidence | None = None
    forecast: ReportedValue | None = None
    narrative: Text = None


class CheckInCorrected(CheckInEvent):
    """A check-in was wrong; the whole check-in after the correction, effective on its day after it."""

    value: ReportedValue | None = None
    confidence: Confidence | None = None
    forecast: ReportedValue | None = None
    narrative: Text = None


class CheckInWithdrawn(CheckInEvent):
    """A check-in was taken back with all its corrections."""


class CheckInAcknowledged(CheckInEvent):
    """A person has read a check-in."""

    person_id: Identifier

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject,)
