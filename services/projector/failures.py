"""Whose fault a failed attempt is: that of the moment, or that of an event."""

from typing import Final

import asyncpg

from projections.positions import PositionMoved
from projections.read_model import CannotApply
from services.chassis import postgres

# What another attempt can mend, perhaps after an operator did: the server is gone, going, coming up or out of room; it
# broke a deadlock at our cost; a table is not there yet or not ours to write. None of it says anything of an event.
_OF_THE_MOMENT: Final = (
    *postgres.LOST,
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidTransactionStateError,
    asyncpg.PostgresSystemError,
    asyncpg.SyntaxOrAccessError,
)

ANY_FAILURE: Final = (
    *_OF_THE_MOMENT,
    asyncpg.PostgresError,
    CannotApply,
    PositionMoved,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""All that an attempt may raise without this process being at its end, as it is out of memory."""


def is_of_the_moment(failure: Exception) -> bool:
    """Whether the same attempt may succeed later; otherwise an event of it is to blame."""
    return isinstance(failure, _OF_THE_MOMENT)


def reason_of(failure: Exception) -> str:
    """Why an event cannot be applied, without a word that it holds."""
    match failure:
        case CannotApply(reason=reason):
            return reason
        case asyncpg.PostgresError(sqlstate=sqlstate):
            constraint = getattr(failure, "constraint_name", None)
            return f"{type(failure).__name__} ({sqlstate}{f', {constraint}' if constraint else ''})"
        case _:
            return type(failure).__name__
