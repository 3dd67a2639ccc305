"""The progress read model on a real PostgreSQL: feeding it, emptying it, looking at all of its rows."""

from collections.abc import Sequence

import asyncpg

from okr_contracts.envelope import Recorded
from projections.progress import READ_MODEL

TABLES = (
    "organisations",
    "cycles",
    "objectives",
    "key_results",
    "definitions",
    "check_ins",
    "links",
    "roll_ups",
    "overrides",
    "words",
    "responsible",
    "partners",
    "decisions",
    "grades",
)
Contents = dict[str, list[tuple[object, ...]]]


async def empty(connection: asyncpg.Connection) -> None:
    """Removes every row, as the superuser that tests connect as."""
    await connection.execute("TRUNCATE " + ", ".join(f"progress.{table}" for table in TABLES))


async def feed(connection: asyncpg.Connection, events: Sequence[Recorded], sizes: Sequence[int] = ()) -> None:
    """Applies *events* in batches of *sizes*, what is left in one, each in a transaction of the projector."""
    start = 0
    for size in (*sizes, len(events)):
        if batch := events[start : start + size]:
            async with connection.transaction():
                await connection.execute("SET LOCAL ROLE okr_projector")
                await READ_MODEL.apply(connection, "progress", batch)
        start += size


async def contents(connection: asyncpg.Connection) -> Contents:
    """All rows of all tables, in the order of their keys."""
    return {
        table: [tuple(row) for row in await connection.fetch(f"SELECT * FROM progress.{table} AS t ORDER BY t")]
        for table in TABLES
    }
