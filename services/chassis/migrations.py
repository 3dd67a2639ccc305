"""
Brings a database to the form that this code expects: SQL files, in order, each applied once.

Safe to run from many processes at once: one works, the others wait and find nothing left to do. What was applied is
recorded in `okr_migrations.applied` with its checksum.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import structlog

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

# Any fixed number does, as long as nothing else of ours locks it; this one is "okr" and a version in ASCII.
_ADVISORY_LOCK = 0x6F6B7201
_RECORD = """
CREATE SCHEMA IF NOT EXISTS okr_migrations;
CREATE TABLE IF NOT EXISTS okr_migrations.applied (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
"""
_AFTER = re.compile(r"/\d+_after_")
_APPLIED = "SELECT name, checksum FROM okr_migrations.applied"
_NOTE = """
INSERT INTO okr_migrations.applied (name, checksum) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = now()
"""


@dataclass(frozen=True, slots=True)
class Step:
    """
    One SQL file.

    *name* identifies it for ever, wherever the file lies. One that is *repeatable* holds only what can be said again
    (CREATE OR REPLACE), such as a function, and is applied anew whenever it changed; any other may never change.
    *written_for* says, where that depends on the database, what is executed in the place of *sql*.
    """

    name: str
    sql: str
    repeatable: bool = False
    written_for: Callable[[asyncpg.Connection], Awaitable[Sequence[str]]] | None = None

    @property
    def after(self) -> bool:
        """Whether it waits until no process of the release before runs: a file named ``<number>_after_…``."""
        return _AFTER.search(self.name) is not None

    @property
    def checksum(self) -> str:
        """What tells two contents apart."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


class MigrationChanged(Exception):
    """A file that was applied to this database has another content now."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The migration {name} was applied to this database with another content."
            " Put the file back as it was and write the change as a new migration."
        )
        self.name = name


class UpgradeUnfinished(Exception):
    """A step that comes before a deployment needs one that was to come after the deployment before it."""

    def __init__(self, after: str, before: str) -> None:
        super().__init__(
            f"{before} needs {after}, the end of an earlier upgrade. With every service on that earlier release, run"
            " its `okr migrate --after`; then go on with this one."
        )


def steps(folder: Path, prefix: str, *, repeatable: bool = False) -> list[Step]:
    """The SQL files of *folder* in the order of their names, named `prefix/<file>` without the extension."""
    return [
        Step(f"{prefix}/{path.stem}", path.read_text(encoding="utf-8"), repeatable)
        for path in sorted(folder.glob("*.sql"))
    ]


async def migrate(connection: asyncpg.Connection, steps: Sequence[Step], *, after: bool = False) -> list[str]:
    """
    Applies those of *steps* that are missing, each in a transaction of its own; the names of the ones applied.

    Those that have to come after the deployment are applied with *after*, and to a database that is new. Steps that
    this database knows and this code does not were made by a newer release, and are left alone. Raises, before anything
    is applied, MigrationChanged if one that may never change has changed, UpgradeUnfinished if the order would break.
    """
    if len({step.name for step in steps}) < len(steps):
        raise ValueError("two migrations have the same name")
    await connection.execute("SELECT pg_advisory_lock($1)", _ADVISORY_LOCK, timeout=None)
    try:
        await connection.execute(_RECORD)
        checksums = await applied(connection)
        for step in steps:
            if not step.repeatable and checksums.get(step.name, step.checksum) != step.checksum:
                raise MigrationChanged(step.name)
        due = [step for step in steps if checksums.get(step.name) != step.checksum]
        if checksums and not after:
            due = _before(due)
        for step in due:
            await _apply(connection, step)
        return [step.name for step in due]
    finally:
        if not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1)", _ADVISORY_LOCK)


async def applied(connection: asyncpg.Connection) -> dict[str, str]:
    """The names of the steps that were applied, with their checksums. Raises what asyncpg raises where none was."""
    return {row["name"]: row["checksum"] for row in await connection.fetch(_APPLIED)}


def _before(due: Sequence[Step]) -> list[Step]:
    """The steps that the release before can live with."""
    waiting: dict[str, str] = {}
    before: list[Step] = []
    for step in due:
        folder = step.name.rpartition("/")[0]
        if step.after:
            waiting[folder] = step.name
        elif folder in waiting and not step.repeatable:
            raise UpgradeUnfinished(waiting[folder], step.name)
        else:
            before.append(step)
    return before


async def _apply(connection: asyncpg.Connection, step: Step) -> None:
    async with connection.transaction():
        for sql in [step.sql] if step.written_for is None else await step.written_for(connection):
            await connection.execute(sql)
        await connection.execute(_NOTE, step.name, step.checksum)
    # A file may set limits for itself, such as lock_timeout; they are not for the next one.
    await connection.execute("RESET ALL")
    log.info("migration_applied", migration=step.name)
