"""
What a query is asked, what it may answer, and how it refuses; the frame turns both into HTTP.

A query is an async function ``(connection, asked, …ids) -> Answer``. Its connection is inside one read-only snapshot,
in which row level security shows the organisation asked for and no other.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from services.query.hidden import NOTHING, Hidden

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy

JsonObject: TypeAlias = Mapping[str, object]
"""What can be written as JSON as it stands: no Decimals, no dates, no floats."""

Key: TypeAlias = tuple[str | int, ...]
"""The sort key of an item of a list; a page starts after the one that ended the page before."""


class NotFound(Exception):
    """There is no such subject, at least not as known and effective at the time that was asked for."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"There is no {subject} here at the time that was asked for.")
        self.subject = subject


class NotAllowed(Exception):
    """The asker's roles do not allow it; the words say whose do. It is noted."""


class BadParameter(Exception):
    """A parameter of the query cannot be taken; *message* says what would be."""

    def __init__(self, pointer: str, message: str, rule: str = "parameter") -> None:
        super().__init__(message)
        self.pointer = pointer if pointer.startswith("/") else f"/{pointer}"
        self.message = message
        self.rule = rule


class NotThereYet(Exception):
    """The read model has not reached what was asked for; the same question may be answered a moment later."""

    def __init__(self, wanted: int, reached: int) -> None:
        super().__init__(f"Sequence {wanted} is asked for, and this read model has reached {reached}. Ask again.")
        self.wanted = wanted
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Asked:
    """What every query is asked, read and checked."""

    organisation: str
    effective_on: date
    """The day that is asked about; today in the organisation's time zone where none was named."""
    known_at: int
    """The newest event that the answer may rest on: the position of the read model, or an earlier one asked for."""
    position: int
    """The newest event that the read model has applied; ``known_at == position`` is the live answer."""
    today: date
    """Today in the organisation's time zone."""
    time_zone: ZoneInfo
    limit: int = 100
    """The most items of a page."""
    after: Key | None = None
    """The key of the last item of the page before; None for the first page."""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """The parameters that the query names as its own, as they were sent."""
    asker: str | None = None
    """The id of the person who asks, None for a service."""
    roles: frozenset[str] = frozenset()
    generation: str = ""
    """The schema of the read model that is live in this snapshot; empty where the ledger itself is read."""
    not_to_find: Hidden = NOTHING
    """What a search by owner, words or actor leaves out: to be found would tell what is hidden."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; ``last`` is the key of its last item if more items follow, otherwise None."""

    items: Sequence[JsonObject | bytes]
    """Bytes are JSON that stands as it was stored."""
    last: Key | None = None


@dataclass(frozen=True, slots=True)
class Streamed:
    """An object whose one long list, ``field``, is sent item by item while it is made."""

    head: JsonObject
    """The other members of the object."""
    field: str
    items: AsyncIterator[JsonObject]


Answer: TypeAlias = JsonObject | bytes | Page | Streamed
