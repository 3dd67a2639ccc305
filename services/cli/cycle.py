"""`okr cycle`: the periods in which OKRs live."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.session import session

if TYPE_CHECKING:
    from rich.console import RenderableType

    from services.cli.client import JsonObject

app = typer.Typer(no_args_is_help=True, help="Plan, open and list cycles.")

CycleId = Annotated[str, typer.Argument(metavar="CYCLE", help="Id of the cycle.")]


@app.command()
def plan(
    cycle_id: CycleId,
    starts: options.Starts,
    ends: options.Ends,
    name: Annotated[str | None, typer.Option("--name", help="What people call it; its id if left out.")] = None,
    parent: Annotated[str | None, typer.Option("--within", metavar="CYCLE", help="The cycle that contains it.")] = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Plan a cycle, first and last day inclusive.

    Example: okr cycle plan 2026-q1 --starts 2026-01-01 --ends 2026-03-31 --within 2026
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send(
            "PlanCycle",
            command_id,
            cycle_id=cycle_id,
            name=name or cycle_id,
            starts_on=options.day(starts),
            ends_on=options.day(ends),
            parent_id=parent,
        )


@app.command("open")
def open_cycle(
    cycle_id: CycleId,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Open a planned cycle: from here on a change of what is measured needs a reason.

    Example: okr cycle open 2026-q1
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send("OpenCycle", command_id, cycle_id=cycle_id)


@app.command()
def report(
    cycle_id: CycleId,
    html: Annotated[Path | None, typer.Option("--html", help="Write it as a page that prints well.")] = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show how a cycle closes: grades, what was learnt, and what is missing.

    Example: okr cycle report 2026-q1 --html report.html
    """
    with session(url, token, organisation, data, as_json) as okr:
        closing = okr.client.get(f"cycles/{segment(cycle_id)}/closing")
        if html is not None:
            from services.cli.closing_page import page

            html.write_text(page(closing), encoding="utf-8")
        okr.show(closing, lambda: _closing(closing))


def _closing(closing: "JsonObject") -> "RenderableType":
    from rich.console import Group

    from services.cli.output import table

    objectives = cast("list[JsonObject]", closing["objectives"])
    nodes = [node for each in objectives for node in (each, *cast("list[JsonObject]", each["key_results"]))]
    rows = [
        (
            node["id"],
            node["title"],
            node["state"],
            node["progress"],
            node["proposed_now"],
            None if node["grade"] is None else cast("JsonObject", node["grade"])["grade"],
            node["band"],
        )
        for node in nodes
    ]
    missing = [(each["kind"], each["id"], each["title"]) for each in cast("list[JsonObject]", closing["missing"])]
    return Group(
        table("Grades", ("id", "title", "state", "progress", "proposed", "grade", ""), rows),
        table(f"{len(missing)} still without a grade", ("", "id", "title"), missing),
    )


@app.command("list")
def list_cycles(
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    List the cycles.

    Example: okr cycle list
    """
    from services.cli.output import table

    with session(url, token, organisation, data, as_json) as okr:
        items = list(okr.client.pages("cycles"))
        columns = ("id", "name", "starts_on", "ends_on", "state", "parent_id")
        okr.show({"items": items}, lambda: table("", columns, ([item.get(n) for n in columns] for item in items)))
