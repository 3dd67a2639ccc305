"""`okr difference`: what changed since a day, or since what was known then."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services.cli import options
from services.cli.session import session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from services.cli.client import JsonObject

_DAY = ["%Y-%m-%d"]


def difference(
    since: Annotated[
        datetime | None, typer.Option("--since", formats=_DAY, metavar="DAY", help="The earlier day.")
    ] = None,
    since_known_at: Annotated[
        str | None, typer.Option("--since-known-at", metavar="N", help="What was known at this sequence.")
    ] = None,
    cycle: Annotated[str | None, typer.Option("--cycle", help="Only this cycle.")] = None,
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show what changed between two moments, node by node and field by field.

    Example: okr difference --since 2026-03-01 --since-known-at 812
    """
    with session(url, token, organisation, data, as_json) as okr:
        items = list(
            okr.client.pages(
                "difference",
                since_effective_on=options.day(since),
                since_known_at=since_known_at,
                cycle=cycle,
                effective_on=options.day(on),
                known_at=known_at,
                limit=500,
            )
        )
        okr.show({"items": items}, lambda: _words(items))


def _words(items: "Sequence[JsonObject]") -> "RenderableType":
    from services.cli.output import table

    rows = [
        (f"{item['kind']} {item['id']}", item["what"], change["field"], change["before"], change["after"])
        for item in items
        for change in cast("list[JsonObject]", item["changes"])
    ]
    return table(f"{len(items)} changed", ("node", "", "field", "before", "after"), rows)
