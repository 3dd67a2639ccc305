"""`okr projection`: the read models, as an operator sees them: over all organisations, from the database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from services.cli import options, output
from services.cli.failures import Misused, Refused
from services.cli.migration import DatabaseUrl, database_failure

if TYPE_CHECKING:
    import asyncpg

    from projections.positions import Progress
    from projections.read_model import ReadModel

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="List, verify and resume read models.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="progress, alignment or audit.")]
OneOrganisation = Annotated[str | None, typer.Option("--organisation", help="Only this organisation.")]


@app.command("list")
def list_projections(
    organisation: OneOrganisation = None,
    database_url: DatabaseUrl = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show how far each read model is in each organisation, and where one is parked.

    Example: okr projection list
    """
    with output.failures_shown(as_json):
        from projections.positions import list_positions
        from projections.read_models import READ_MODELS

        names = [model.name for model in READ_MODELS]
        found = _ask(database_url, data, lambda connection: list_positions(connection, names, organisation))
        if as_json:
            output.to_programs({"items": [asdict(each) for each in found]})
        else:
            columns = ("read model", "organisation", "sequence", "head", "lag in events", "lag in seconds", "parked")
            output.to_people(output.table("", columns, map(_row, found)))


@app.command()
def verify(
    name: Name,
    database_url: DatabaseUrl = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Compare a read model with the fold of the ledger, row by row; the exit code is 1 where they differ.

    It may run beside the live services, and leaves nothing behind.

    Example: okr projection verify progress
    """
    with output.failures_shown(as_json):
        from projections.verify import verify as compare
        from services.cli.once import verified

        model = _read_model(name)
        outcome = _ask(database_url, data, lambda connection: compare(connection, model))
        if as_json:
            output.to_programs({**asdict(outcome), "agrees": outcome.agrees})
        else:
            output.to_people(verified([outcome]))
        if not outcome.agrees:
            raise typer.Exit(Refused.exit_code)


@app.command()
def resume(
    name: Name,
    organisation: OneOrganisation = None,
    database_url: DatabaseUrl = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Let parked organisations be tried again.

    Example: okr projection resume progress --organisation acme
    """
    with output.failures_shown(as_json):
        from projections.positions import resume as let_go_on

        model = _read_model(name)
        resumed = _ask(database_url, data, lambda connection: let_go_on(connection, model.name, organisation))
        if as_json:
            output.to_programs({"resumed": resumed})
        else:
            output.to_people("\n".join(resumed) or "Nothing was parked.")


def _row(each: "Progress") -> Sequence[object]:
    parked = each.parked and f"{each.parked.sequence}: {each.parked.error}"
    lag = f"{each.lag_seconds:.3f}"
    return each.projection, each.organisation, each.sequence, each.head, each.lag_events, lag, parked


def _read_model(name: str) -> "ReadModel":
    from projections.read_models import READ_MODELS

    for model in READ_MODELS:
        if model.name == name:
            return model
    raise Misused(f"{name} is no read model.", f"There are {', '.join(model.name for model in READ_MODELS)}.")


def _ask(named: str | None, data: Path, question: "Callable[[asyncpg.Connection], Awaitable[T]]") -> T:
    """What the database answers to *question*."""
    import asyncpg

    from services.chassis import postgres
    from services.cli.connection import database

    async def asked(url: str) -> T:
        connection: asyncpg.Connection = await postgres.connect(url, command_seconds=None)
        try:
            return await question(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(asked(database(named, data)))
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        raise database_failure(error) from error
