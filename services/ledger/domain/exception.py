"""Exceptions: leave to change something in spite of the lock, granted by somebody else, used once."""

from collections.abc import Mapping
from dataclasses import dataclass

from okr_contracts.actor import Actor
from okr_contracts.commands import Command
from okr_contracts.events import ExceptionGranted
from services.ledger.domain.known import Context
from services.ledger.domain.refusal import Refusal


class ExceptionMissing(Refusal):
    """The command needs an exception."""

    code = "exception_missing"

    def __init__(self, command: Command, why: str) -> None:
        super().__init__(
            f"{why} Ask a programme lead for an exception: GrantException with the command"
            f" {type(command).__name__} on {command.subject}. Then send this one with 'exception', the sequence of the"
            " grant."
        )


class ExceptionUnknown(Refusal):
    """The command cites an exception that nobody granted in this cycle."""

    code = "exception_unknown"

    def __init__(self, sequence: int) -> None:
        super().__init__(
            f"Event {sequence} grants no exception in this cycle. Name the sequence of the grant's event.", "/exception"
        )


class ExceptionNotNeeded(Refusal):
    """The command cites an exception, and would be taken without one."""

    code = "exception_not_needed"

    def __init__(self) -> None:
        super().__init__(
            "Nothing here needs an exception. Leave 'exception' out, so that the grant stays.", "/exception"
        )


class ExceptionDoesNotFit(Refusal):
    """The exception was granted for another command, on another subject or to somebody else."""

    code = "exception_does_not_fit"

    def __init__(self, granted: ExceptionGranted) -> None:
        to = f", to {granted.grantee_id} alone" if granted.grantee_id else ""
        super().__init__(
            f"The exception is for {granted.command} on {granted.on}{to}. Ask for one that fits.", "/exception"
        )


class ExceptionOfOneself(Refusal):
    """The exception would be used by whoever granted it."""

    code = "exception_of_oneself"

    def __init__(self) -> None:
        super().__init__(
            "Whoever grants an exception does not use it. Let somebody else send the command, or ask another programme"
            " lead for a grant.",
            "/exception",
        )


class ExceptionUsedUp(Refusal):
    """The exception was used, taken back or is too old."""

    code = "exception_used_up"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The exception {why}: each is good once, and until it expires. Ask for another.", "/exception"
        )


@dataclass(frozen=True, slots=True)
class Grant:
    """An exception: what was granted, by whom, and whether it can still be used."""

    granted: ExceptionGranted
    by: Actor
    used: bool = False
    revoked: bool = False


def require(command: Command, grants: Mapping[int, Grant], context: Context, why: str) -> None:
    """Refuse *command* unless it cites one of *grants* that allows it to this actor now; *why* says what needs it."""
    if command.exception is None:
        raise ExceptionMissing(command, why)
    grant = grants.get(command.exception)
    if grant is None:
        raise ExceptionUnknown(command.exception)
    granted, actor = grant.granted, context.actor
    who = {actor.id, actor.on_behalf_of} - {None}
    if grant.by.id in who:
        raise ExceptionOfOneself
    fits = granted.command == type(command).__name__ and granted.on in command.names
    if not fits or (granted.grantee_id is not None and granted.grantee_id not in who):
        raise ExceptionDoesNotFit(granted)
    if grant.used:
        raise ExceptionUsedUp("was used")
    if grant.revoked:
        raise ExceptionUsedUp("was taken back")
    if context.now >= granted.expires_at:
        raise ExceptionUsedUp("has expired")


def refuse_needless(command: Command) -> None:
    """Refuse an exception that is not needed: what stands in an event is taken for true."""
    if command.exception is not None:
        raise ExceptionNotNeeded
