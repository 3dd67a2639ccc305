"""`okr migrate`: the database schema."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import options, output
from services.cli.failures import Failure, Misused, Refused, Unreachable

if TYPE_CHECKING:
    import asyncpg

DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", envvar="OKR_DATABASE_URL", help="The database, as its owner.")
]


def migrate(
    after: Annotated[
        bool, typer.Option("--after", help="Also what has to wait until no process of the release before runs.")
    ] = False,
    database_url: DatabaseUrl = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Bring the database to the form that this release expects; forward only, safe to run from many at once.

    Run it before the services of a new release are started, and with --after once all of them run it.

    Example: OKR_DATABASE_URL=postgresql://okr@db/okr okr migrate
    """
    with output.failures_shown(as_json):
        import asyncpg

        from services.chassis.migrations import MigrationChanged, UpgradeUnfinished
        from services.chassis.postgres import connect
        from services.cli.connection import database
        from services.cli.migrate import migrate_database

        async def applied(url: str) -> list[str]:
            # One attempt first: a person at a terminal wants to hear that the address is wrong.
            await (await connect(url)).close()
            return await migrate_database(url, after=after)

        try:
            made = asyncio.run(applied(database(database_url, data)))
        except (MigrationChanged, UpgradeUnfinished) as error:
            raise Refused(str(error)) from error
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
            raise database_failure(error) from error
        if as_json:
            output.to_programs({"applied": made})
        else:
            output.to_people("\n".join(made) or "Nothing to do: the database is as this release expects it.")


def database_failure(error: "OSError | ValueError | asyncpg.PostgresError") -> Failure:
    """What to tell a person whose command could not use the database."""
    from asyncpg import InsufficientPrivilegeError

    if isinstance(error, InsufficientPrivilegeError):
        return Refused(f"The database refused: {error}.", "Connect as a role that may do this.")
    if isinstance(error, ValueError):
        return Misused(
            f"The database's address cannot be read: {error}.", "Write postgresql://user@host:5432/database."
        )
    return Unreachable(
        f"The database cannot be used: {error or type(error).__name__}.",
        "Check OKR_DATABASE_URL, and whether the server runs.",
    )
