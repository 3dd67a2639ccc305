"""
What a read model is: tables of its own, and a fold of the ledger's events into them.

A read model knows nothing of Kafka, of positions or of other read models. Whoever feeds it (the projector, the
verification, a rebuild) opens the transaction, hands over events and moves the position.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from okr_contracts.envelope import Recorded

Connection = asyncpg.Connection | PoolConnectionProxy
"""A connection that the caller opened, taken from a pool or not."""

Apply = Callable[[Connection, str, Sequence[Recorded]], Awaitable[None]]
"""
``(connection, schema, events)``: writes the rows that *events* make, into *schema*, in the caller's transaction.

The events are of one or several organisations; those of one are dense, in order and continue what was applied before.
Raises CannotApply for an event that cannot be folded; the caller rolls back.
"""


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
    """The event types that it leaves out on purpose; every type is in exactly one of the two."""
    apply: Apply
    added: tuple[Path, ...] = ()
    """What came to its DDL after *tables* was released, in order: each a step of the migration, applied once."""

    def ddl(self, schema: str) -> str:
        """All of its DDL, for *schema*."""
        files = (self.tables, *self.added)
        return in_schema("\n".join(path.read_text(encoding="utf-8") for path in files), self.name, schema)


def in_schema(sql: str, read_model: str, schema: str) -> str:
    """
    *sql* of *read_model* for another schema: a scratch one to compare with, or the next one that is built beside.

    Replaces ``progress.`` and ``SCHEMA progress``. A statement must not use the schema's name as the alias of a table.
    """
    if read_model == schema:
        return sql
    name = re.escape(read_model)
    return re.sub(rf"(?<![\w.]){name}(?=\.)|(?<=\bSCHEMA ){name}\b", schema, sql)
