"""`okr projection`: the read models, as an operator sees them: over all organisations, from the database."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import generations, options, output
from services.cli.failures import Refused
from services.cli.migration import DatabaseUrl
from services.cli.read_models import Name, ask, read_model

if TYPE_CHECKING:
    import asyncpg

    from projections.generations import Generation
    from projections.positions import Progress

app = typer.Typer(no_args_is_help=True, help="List, verify, rebuild and resume read models.")
OneOrganisation = Annotated[str | None, typer.Option("--organisation", help="Only this organisation.")]


@app.command("list")
def list_projections(
    organisation: OneOrganisation = None,
    database_url: DatabaseUrl = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show how far each read model is in each organisation, where one is parked, and which generations there are.

    A read model has more than one generation while it is rebuilt, and as long as the one before is kept.

    Example: okr projection list
    """
    with output.failures_shown(as_json):
        from projections.generations import list_generations
        from projections.positions import list_positions
        from projections.read_models import READ_MODELS

        names = [model.name for model in READ_MODELS]

        async def both(connection: "asyncpg.Connection") -> "tuple[list[Progress], list[Generation]]":
            return await list_positions(connection, names, organisation), await list_generations(connection, names)

        found, there = ask(database_url, data, both)
        if as_json:
            items, of_each = [asdict(each) for each in found], [asdict(each) for each in there]
            output.to_programs({"items": items, "generations": of_each})
        else:
            columns = ("read model", "organisation", "sequence", "head", "lag in events", "lag in seconds", "parked")
            output.to_people(output.table("", columns, map(_row, found)))
            if len(there) > len(names):
                output.to_people(generations.listed(there))


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

        model = read_model(name)
        outcome = ask(database_url, data, lambda connection: compare(connection, model))
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

        model = read_model(name)
        resumed = ask(database_url, data, lambda connection: let_go_on(connection, model.name, organisation))
        if as_json:
            output.to_programs({"resumed": resumed})
        else:
            output.to_people("\n".join(resumed) or "Nothing was parked.")


app.command()(generations.rebuild)
app.command()(generations.switch)
app.command()(generations.drop)


def _row(each: "Progress") -> Sequence[object]:
    parked = each.parked and f"{each.parked.sequence}: {each.parked.error}"
    lag = f"{each.lag_seconds:.3f}"
    return each.projection, each.organisation, each.sequence, each.head, each.lag_events, lag, parked
