"""
What a read model is: tables of its own, and a fold of the ledger's events into them.

A read model knows nothing of Kafka, of positions or of other read models. Whoever feeds it (the projector, the
verification, a rebuild) opens the transaction, hands over events and moves the position.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from okr_contracts.envelope import Recorded

Connection = asyncpg.Connection | PoolConnectionProxy
"""A connection that the caller opened, taken from a pool or not."""

Apply = Callable[[Connection, str, Sequence[Recorded]], Awaitable[None]]
"""
``(connection, schema, events)``: writes the rows that *events* make, into *schema*, in the caller's transaction.

The events are of one or several organisations; those of one are in order, dense but for ignored types, and continue
what was applied before.
Raises CannotApply for an event that cannot be folded; the caller rolls back.
"""


class Applier(Protocol):
    """
    Applies batch after batch to the rows of one schema, for one caller, and may remember between them what is in rows.

    What a batch left in memory counts from the moment at which the caller says that its transaction was committed; if
    it never says so, the next batch reads the rows. So a transaction that failed leaves nothing behind.
    """

    async def apply(self, connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
        """As ``Apply``. One call at a time."""
        ...

    def committed(self) -> None:
        """The transaction of the last batch was committed."""
        ...

    def forget(self) -> None:
        """Rows or positions may not be as this applier left them: the next batch reads the rows."""
        ...


class Forgetful:
    """The applier of a read model that remembers nothing."""

    def __init__(self, apply: Apply) -> None:
        self._apply = apply

    async def apply(self, connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
        """As ``Apply``."""
        await self._apply(connection, schema, events)

    def committed(self) -> None:
        """Nothing to keep."""

    def forget(self) -> None:
        """Nothing to forget."""


class CannotApply(Exception):
    """An event of the ledger that a read model cannot fold. It parks that organisation, and nobody else."""

    def __init__(self, organisation: str, sequence: int, reason: str) -> None:
        super().__init__(f"event {sequence} of {organisation} cannot be applied: {reason}")
        self.organisation = organisation
        self.sequence = sequence
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReadModel:
    """One read model; ``projections/<name>/__init__.py`` has it as READ_MODEL."""

    name: str
    """Also the name of its schema."""
    tables: Path
    """Its DDL: makes the schema and all that is in it; every object is written with the schema's name."""
    handles: frozenset[str]
    """The event types that change its rows."""
    ignores: frozenset[str]
    """
    The event types that it leaves out on purpose; every type is in exactly one of the two.

    They must leave no trace in its rows: the projector does not hand them over, other callers do.
    """
    applier: Callable[[], Applier]
    """Makes an applier, for whoever applies many batches."""
    added: tuple[Path, ...] = ()
    """What came to its DDL after *tables* was released, in order: each a step of the migration, applied once."""

    def ddl(self, schema: str) -> str:
        """All of its DDL, for *schema*."""
        files = (self.tables, *self.added)
        return in_schema("\n".join(path.read_text(encoding="utf-8") for path in files), self.name, schema)

    async def apply(self, connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
        """One batch, with nothing remembered before or after it. As ``Apply``."""
        await self.applier().apply(connection, schema, events)


@cache
def in_schema(sql: str, read_model: str, schema: str) -> str:
    """
    *sql* of *read_model* for another schema: a scratch one to compare with, or the next one that is built beside.

    Replaces ``progress.`` and ``SCHEMA progress``. A statement must not use the schema's name as the alias of a table.
    """
    if read_model == schema:
        return sql
    name = re.escape(read_model)
    return re.sub(rf"(?<![\w.]){name}(?=\.)|(?<=\bSCHEMA ){name}\b", schema, sql)
