"""The read models, for commands of operators: by name, and asked in the database."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from services.cli.failures import Misused
from services.cli.migration import database_failure

if TYPE_CHECKING:
    import asyncpg

    from projections.read_model import ReadModel

T = TypeVar("T")

Name = Annotated[str, typer.Argument(metavar="NAME", help="progress, alignment or audit.")]


def read_model(name: str) -> "ReadModel":
    """The read model of that *name*. Raises Misused."""
    from projections.read_models import READ_MODELS

    for model in READ_MODELS:
        if model.name == name:
            return model
    raise Misused(f"{name} is no read model.", f"There are {', '.join(model.name for model in READ_MODELS)}.")


def in_database(named: str | None, data: Path, work: Callable[[str], Awaitable[T]]) -> T:
    """What *work* makes of the database's address. Raises the Failure that tells a person what was wrong with it."""
    import asyncpg

    from services.cli.connection import database

    async def done(url: str) -> T:
        return await work(url)

    try:
        return asyncio.run(done(database(named, data)))
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        raise database_failure(error) from error


def ask(named: str | None, data: Path, question: "Callable[[asyncpg.Connection], Awaitable[T]]") -> T:
    """What the database answers to *question*."""
    from services.chassis import postgres

    async def asked(url: str) -> T:
        connection = await postgres.connect(url, command_seconds=None)
        try:
            return await question(connection)
        finally:
            await connection.close()

    return in_database(named, data, asked)
