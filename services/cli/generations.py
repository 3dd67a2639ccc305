"""`okr projection rebuild`, `switch` and `drop`: the generations of a read model."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import options, output
from services.cli.failures import Misused, Refused
from services.cli.migration import DatabaseUrl
from services.cli.read_models import Name, in_database, read_model

if TYPE_CHECKING:
    from rich.console import RenderableType

    from projections.generations import Generation
    from projections.read_model import ReadModel
    from services.projector.rebuild import Rebuilt, Stage

AcceptDifferences = Annotated[
    bool, typer.Option("--accept-differences", help="Switch although the two differ: the live one was wrong.")
]
OneGeneration = Annotated[str, typer.Argument(metavar="GENERATION", help="As `okr projection list` shows it.")]

_POLL_SECONDS = 0.2
_STAGES = {
    "reading": "reading the ledger",
    "comparing": "comparing with the live one",
    "switching": "switching",
    "waiting": "waiting for the database",
}


def rebuild(
    name: Name,
    accept_differences: AcceptDifferences = False,
    database_url: DatabaseUrl = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Build a read model anew beside the live one, and switch.

    It reads the ledger, and compares every row of the two. It may run beside the live services: whoever reads meanwhile
    notices nothing. If it is killed, run it again: it goes on where it was. Where the two differ it says so, switches
    only if told to, and the exit code is 1. The one that was live is kept: `okr projection switch` leads back to it,
    `okr projection drop` removes it.

    Example: okr projection rebuild progress
    """
    with output.failures_shown(as_json):
        model = read_model(name)
        _begin()
        with _bar(f"Rebuilding {name}") as tell:

            async def built(url: str) -> "Rebuilt":
                from services.projector.rebuild import Rebuild

                await _refuse_other_tables(url)
                return await _ended(Rebuild(model, url, accept_differences=accept_differences, tell=tell).run())

            outcome = in_database(database_url, data, built)
        _show(outcome, as_json)


def switch(
    generation: OneGeneration,
    database_url: DatabaseUrl = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Go back to a generation that was live before.

    It is brought up to date from the ledger first. The two are not compared. The one that was live is kept.

    Example: okr projection switch progress
    """
    with output.failures_shown(as_json):
        model = _model_of(generation)
        _begin()
        with _bar(f"Going back to {generation}") as tell:

            async def back(url: str) -> "Rebuilt":
                from services.projector.rebuild import Rebuild

                return await _ended(Rebuild(model, url, tell=tell).back_to(generation))

            outcome = in_database(database_url, data, back)
        _show(outcome, as_json)


def drop(
    generation: OneGeneration,
    database_url: DatabaseUrl = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Remove a generation that is not the live one.

    That is one that is kept, or one that is under way. It waits for those who still read it. What it held can be built
    again from the ledger.

    Example: okr projection drop progress
    """
    with output.failures_shown(as_json):
        model = _model_of(generation)
        dropped = in_database(database_url, data, lambda url: _drop(url, model, generation))
        if as_json:
            output.to_programs({"dropped": asdict(dropped)})
        else:
            output.to_people(f"{generation} is gone.")


def listed(found: "Sequence[Generation]") -> "RenderableType":
    """The generations as a table."""
    columns = ("read model", "generation", "state", "events", "events of the live one", "begun", "live since")
    return output.table("Generations", columns, map(_row, found))


def _row(each: "Generation") -> Sequence[object]:
    live_since = each.switched_at and f"{each.switched_at:%Y-%m-%d %H:%M:%S}"
    begun = f"{each.began_at:%Y-%m-%d %H:%M:%S}"
    return each.projection, each.generation, each.state, each.events, each.live_events, begun, live_since


def _begin() -> None:
    """Warnings to stderr, and a garbage collector that leaves alone what is there for good."""
    from services.chassis import logging, process

    logging.configure(level="WARNING")
    process.settle()


def _model_of(generation: str) -> "ReadModel":
    """The read model that a generation is of: its name, or that and a number."""
    name, _, number = generation.rpartition("_")
    return read_model(name if number.isdigit() else generation)


async def _refuse_other_tables(url: str) -> None:
    """Raises Refused where a new generation would have what `okr migrate` has still to bring to all of them."""
    from services.chassis import migrations, postgres
    from services.cli.migrate import steps

    connection = await postgres.connect(url, application="okr rebuild", command_seconds=None)
    try:
        applied = await migrations.applied(connection)
    finally:
        await connection.close()
    if missing := [step.name for step in steps() if not step.after and step.name not in applied]:
        raise Refused(f"The database lacks the migration {missing[0]}.", "Run `okr migrate` first.")


async def _ended(work: "Awaitable[Rebuilt]") -> "Rebuilt":
    from services.projector.rebuild import RebuildRefused

    try:
        return await work
    except RebuildRefused as refusal:
        raise Refused(refusal.what, refusal.fix) from refusal


def _show(outcome: "Rebuilt", as_json: bool) -> None:
    if as_json:
        output.to_programs(asdict(outcome))
    elif outcome.compared is not None:
        from services.cli.once import verified

        output.to_people(verified([outcome.compared], "Compared with the live generation", "agrees with it"))
    if not outcome.switched:
        raise _not_switched(outcome)
    if not as_json:
        output.to_people(
            f"{outcome.generation} is the live generation of {outcome.projection} now; {outcome.kept} is kept.\n"
            f"okr projection switch {outcome.kept} leads back to it, okr projection drop {outcome.kept} removes it."
        )


def _not_switched(outcome: "Rebuilt") -> Refused:
    again = f"okr projection rebuild {outcome.projection}"
    if outcome.stopped:
        first = outcome.stopped[0]
        more = f", and {len(outcome.stopped) - 1} more organisations" if len(outcome.stopped) > 1 else ""
        return Refused(
            f"{outcome.kept} is still the live generation: {outcome.generation} cannot apply event {first.sequence} of"
            f" {first.organisation} ({first.reason}){more}, so that readers would see an older answer.",
            f"Mend the cause, then run {again} again: it goes on where it was.",
        )
    return Refused(
        f"{outcome.kept} is still the live generation: {outcome.generation} differs from it.",
        f"If {outcome.kept} is the one that is wrong, switch: {again} --accept-differences."
        f" Otherwise remove the new one: okr projection drop {outcome.generation}.",
    )


async def _drop(url: str, model: "ReadModel", generation: str) -> "Generation":
    from projections.generations import drop_generation, is_read, list_generations, lock_generations
    from services.chassis import postgres

    connection = await postgres.connect(url, application="okr drop", command_seconds=None)
    try:
        if not await lock_generations(connection, model.name):
            raise Refused(
                f"Another process is rebuilding or dropping a generation of {model.name} now.", "Stop it first."
            )
        there = {each.generation: each for each in await list_generations(connection, [model.name])}
        if generation not in there:
            raise Misused(f"There is no generation {generation}.", f"There are {', '.join(there)}.")
        if there[generation].state == "live":
            raise Refused(f"{generation} is the live generation of {model.name}: it answers.", "Switch first.")
        while await is_read(connection, generation):  # noqa: ASYNC110 - another process's snapshot tells nobody its end
            await asyncio.sleep(_POLL_SECONDS)
        await drop_generation(connection, generation)
        return there[generation]
    finally:
        await connection.close()


@contextmanager
def _bar(title: str) -> "Generator[Callable[[Stage, int, int], None]]":
    """A progress bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def tell(stage: "Stage", done: int, total: int) -> None:
            bar.update(task, description=f"{title}: {_STAGES[stage]}", completed=done, total=total)

        yield tell
