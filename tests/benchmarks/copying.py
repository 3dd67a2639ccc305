"""The floor of a read model that writes much: the rows of the audit, as many and as large, written with COPY."""

from dataclasses import dataclass
from typing import Final, Self

import asyncpg

_TABLES: Final = ("events", "event_subjects", "subjects")


@dataclass(slots=True)
class Copying:
    """
    Writes rows of the shape of the audit's tables, keys included, into a schema of its own.

    How many rows an event makes in each table, and how long their columns are, is taken from the audit as it stands.
    """

    connection: asyncpg.Connection
    subjects_an_event: float
    states_an_event: float
    changes: str
    earlier_words: str
    fields: str
    words: str
    events: int = 0
    subjects: int = 0
    states: int = 0

    @classmethod
    async def start(cls, url: str) -> Self:
        """Empty tables in the database at *url*, in which the audit has been filled."""
        connection = await asyncpg.connect(url)
        await connection.execute("SET synchronous_commit = off")
        await connection.execute("DROP SCHEMA IF EXISTS copied CASCADE")
        await connection.execute("CREATE SCHEMA copied")
        for table in _TABLES:
            await connection.execute(f"CREATE TABLE copied.{table} (LIKE audit.{table} INCLUDING ALL)")
        shape = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM audit.event_subjects)::float8 / count(*),"
            " (SELECT count(*) FROM audit.subjects)::float8 / count(*),"
            " avg(length(changes))::int, avg(length(earlier_words))::int,"
            " (SELECT avg(length(fields))::int FROM audit.subjects),"
            " (SELECT avg(length(words))::int FROM audit.subjects) FROM audit.events"
        )
        assert shape is not None
        return cls(connection, shape[0], shape[1], *("x" * length for length in shape[2:]))

    async def write(self, events: int) -> None:
        """The rows of *events* more events, in one transaction."""
        first, self.events = self.events, self.events + events
        first_subject, self.subjects = self.subjects, round(self.events * self.subjects_an_event)
        first_state, self.states = self.states, round(self.events * self.states_an_event)
        async with self.connection.transaction():
            await self._copy(
                "events",
                [
                    ("org-0001", n, "CheckInRecorded", "person", "p-ada", None, self.changes, self.earlier_words)
                    for n in range(first, self.events)
                ],
            )
            await self._copy(
                "event_subjects", [("org-0001", f"check-ins/c{n:07}", n) for n in range(first_subject, self.subjects)]
            )
            await self._copy(
                "subjects",
                [("org-0001", f"check-ins/c{n:07}", self.fields, self.words) for n in range(first_state, self.states)],
            )

    async def stop(self) -> None:
        """Drop the tables."""
        await self.connection.execute("DROP SCHEMA copied CASCADE")
        await self.connection.close()

    async def _copy(self, table: str, rows: list[tuple[object, ...]]) -> None:
        if rows:
            await self.connection.copy_records_to_table(table, schema_name="copied", records=rows)
