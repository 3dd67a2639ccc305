"""When an exception is granted and taken back."""

from datetime import datetime, timedelta
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import COMMANDS, GrantException, RevokeException
from okr_contracts.events import Event, ExceptionGranted, ExceptionRevoked
from services.ledger.domain import cycle as cycles
from services.ledger.domain.exception import ExceptionUnknown, ExceptionUsedUp
from services.ledger.domain.known import Context, Deciders, Known
from services.ledger.domain.person import Person
from services.ledger.domain.refusal import ReasonMissing, ReferenceUnknown, Refusal

_GOOD_FOR: Final = timedelta(days=7)
_LONGEST: Final = timedelta(days=90)


class GrantedByNobody(Refusal):
    """An exception would be granted by a service, for which nobody answers."""

    code = "granted_by_nobody"

    def __init__(self) -> None:
        super().__init__("A person grants an exception, by name. Send it with the token of a programme lead.")


class ExceptionNeededNowhere(Refusal):
    """An exception would be granted for a cycle that needs none, or for a command that there is not."""

    code = "exception_needed_nowhere"


class ExpiryOutOfBounds(Refusal):
    """An exception would expire in the past, or long after anybody remembers it."""

    code = "expiry_out_of_bounds"

    def __init__(self, now: datetime) -> None:
        latest = (now + _LONGEST).date()
        super().__init__(
            f"An exception expires after now and at most 90 days later. Name a moment up to {latest}.", "/expires_at"
        )


def grant(command: GrantException, context: Context, known: Known) -> list[Event]:
    """Grant an exception; each grant is news."""
    cycle = cycles.addressed(command.cycle_id, known)
    if context.actor.kind != "person":
        raise GrantedByNobody
    if not command.reason:
        raise ReasonMissing("An exception is on the record with its reason.")
    if command.command not in COMMANDS:
        raise ExceptionNeededNowhere(f"There is no command {command.command}. Name one as it is sent.", "/command")
    if cycle.state == "planned":
        raise ExceptionNeededNowhere(
            f"Cycle {command.cycle_id} is planned: nothing in it needs an exception.", "/cycle_id"
        )
    if command.grantee_id is not None:
        if known.get(subjects.person(command.grantee_id), Person) is None:
            raise ReferenceUnknown("person", command.grantee_id, "/grantee_id")
        if command.grantee_id == context.actor.id:
            raise ExceptionNeededNowhere(
                "Whoever grants an exception does not use it. Name somebody else, or leave 'grantee_id' out.",
                "/grantee_id",
            )
    expires_at = command.expires_at or context.now + _GOOD_FOR
    if not context.now < expires_at <= context.now + _LONGEST:
        raise ExpiryOutOfBounds(context.now)
    return [
        ExceptionGranted(
            cycle_id=command.cycle_id,
            command=command.command,
            on=command.on,
            grantee_id=command.grantee_id,
            expires_at=expires_at,
        )
    ]


def revoke(command: RevokeException, context: Context, known: Known) -> list[Event]:
    """Take a grant back that was not used."""
    cycle = cycles.addressed(command.cycle_id, known)
    found = cycle.grants.get(command.granted)
    if found is None:
        raise ExceptionUnknown(command.granted)
    if found.revoked:
        return []
    if found.used:
        raise ExceptionUsedUp("was used")
    return [ExceptionRevoked(cycle_id=command.cycle_id, granted=command.granted)]


DECIDERS: Final[Deciders] = {GrantException: grant, RevokeException: revoke}
"""Which function answers which command."""
