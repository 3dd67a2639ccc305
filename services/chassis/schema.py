"""Whether a database can carry this release: asked once, before a service begins."""

from collections.abc import Collection
from typing import Final

import asyncpg
import structlog

from services.chassis import postgres
from services.chassis.patience import Patience

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

OLDEST_SERVER: Final = 16
_VERSION_UNIT: Final = 10_000
_APPLIED: Final = "SELECT name FROM okr_migrations.applied"


class TooOld(Exception):
    """Something that this release works with is older than it can be; the message has the fix."""


class DatabaseTooOld(TooOld):
    """The server, or what was made in it, is older than this release needs; the message has the fix."""


async def require(url: str, role: str, needed: Collection[str]) -> None:
    """
    Returns once the database at *url* answers as *role* and has all of *needed*, the names of migrations.

    A database of a newer release is taken: in a rolling upgrade its migrations come first, and are made so that this
    release can live with them. Raises DatabaseTooOld, and what asyncpg raises where waiting cannot help.
    """
    patience = Patience()
    while True:
        await postgres.wait_for_database(url, role)
        try:
            version, applied = await _ask(url, role)
        except postgres.LOST:
            await patience.wait()
            continue
        refuse_old_server(version)
        _refuse_old_schema(url, needed, applied)
        if unknown := sorted(applied - set(needed)):
            _log.warning("newer_database_accepted", unknown_migrations=len(unknown), newest=unknown[-1])
        return


def refuse_old_server(version: int) -> None:
    """Raises DatabaseTooOld for a *version* (server_version_num) that this release was never tried with."""
    if version // _VERSION_UNIT < OLDEST_SERVER:
        raise DatabaseTooOld(
            f"PostgreSQL {version // _VERSION_UNIT} is older than this release can use."
            f" Upgrade the server to {OLDEST_SERVER} or later."
        )


def _refuse_old_schema(url: str, needed: Collection[str], applied: Collection[str]) -> None:
    missing = [name for name in needed if name not in applied]
    if missing:
        raise DatabaseTooOld(
            f"The database {postgres.place(url)} lacks {len(missing)} of the migrations that this release needs,"
            f" the first of them {missing[0]}. Run `okr migrate` of this release, then start again."
        )


async def _ask(url: str, role: str) -> tuple[int, set[str]]:
    connection = await postgres.connect(url, role, application="okr schema")
    try:
        version = int(await connection.fetchval("SHOW server_version_num"))
        try:
            return version, {str(row["name"]) for row in await connection.fetch(_APPLIED)}
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError) as old:
            raise DatabaseTooOld(
                f"The database {postgres.place(url)} was made by a release before this one."
                " Run `okr migrate` of this release, then start again."
            ) from old
    finally:
        connection.terminate()
