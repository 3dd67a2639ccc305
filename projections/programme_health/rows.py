"""The rows that events make: one NamedTuple per table, its fields in the order of the statement that inserts it."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Fact(NamedTuple):
    """
    What holds of something from here on: one attribute, or its bond with one other thing.

    ``what`` is the name of the attribute; of a membership it is the unit, of a role the role, of a key partner the
    person, of a link the parent (``objective/o1``), of an action the announcement and the action. ``value`` is a word,
    a number in plain notation or JSON; None for nothing, or no longer.
    """

    organisation: str
    kind: str
    id: str
    what: str
    effective_on: date
    sequence: int
    value: str | None


class CheckIn(NamedTuple):
    """What an event said of a check-in; ``corrects`` an earlier event of the same one, ``withdrawn`` ends it."""

    organisation: str
    key_result_id: str
    check_in_id: str
    sequence: int
    effective_on: date
    recorded_at: datetime
    corrects: bool
    withdrawn: bool
    imported: bool
    actor_id: str | None
    value: Decimal | None
