"""Commands about check-ins."""

from typing import ClassVar

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import Confidence, Identifier, ReportedValue, Words


class RecordCheckIn(Command):
    """Report on a key result for a day: a value, a confidence, a forecast, a narrative, or several of them."""

    back_datable: ClassVar[bool] = True
    id_field: ClassVar[str | None] = "check_in_id"

    check_in_id: Identifier | None = None
    key_result_id: Identifier
    value: ReportedValue | None = None
    confidence: Confidence | None = None
    forecast: ReportedValue | None = None
    narrative: Words = None

    @property
    @override
    def subject(self) -> str:
        return subjects.check_in(self.check_in_id or "")

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.key_result(self.key_result_id))


class CorrectCheckIn(Command):
    """
    Say that a check-in was wrong, and why.

    Fields left out keep their value, null clears. ``effective_on`` moves the check-in to another day; left out, the day
    stays.
    """

    back_datable: ClassVar[bool] = True

    check_in_id: Identifier
    value: ReportedValue | None = None
    confidence: Confidence | None = None
    forecast: ReportedValue | None = None
    narrative: Words = None

    @property
    @override
    def subject(self) -> str:
        return subjects.check_in(self.check_in_id)


class WithdrawCheckIn(Command):
    """Take a check-in back with all its corrections, with a reason; it stays readable."""

    check_in_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.check_in(self.check_in_id)


class AcknowledgeCheckIn(Command):
    """Say that a person has read a check-in; without ``person_id`` whoever sends it."""

    check_in_id: Identifier
    person_id: Identifier | None = None

    @property
    @override
    def subject(self) -> str:
        return subjects.check_in(self.check_in_id)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.person_id)) if self.person_id else (self.subject,)
