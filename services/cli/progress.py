"""`okr progress`: one number, and the argument for it."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.session import session

_WIDTH = 40

if TYPE_CHECKING:
    from rich.console import RenderableType

    from services.cli.client import Client, JsonObject


def progress(
    node_id: Annotated[str, typer.Argument(metavar="ID", help="Id of an objective or a key result.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what it was made of, and which events say so.")
    ] = False,
    series: Annotated[bool, typer.Option("--series", help="Day by day, as a chart of text.")] = False,
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show the progress of an objective or a key result.

    Example: okr progress o1 --explain --known-at 120
    """
    with session(url, token, organisation, data, as_json) as okr:
        asked = {
            "explain": "true" if explain else None,
            "effective_on": options.day(on),
            "known_at": known_at,
        }
        if series:
            days = _of_either(okr.client, node_id, "series", {**asked, "explain": None})
            okr.show(days, lambda: _chart(days))
            return
        found = _of_either(okr.client, node_id, "progress", asked)
        okr.show(found, lambda: _words(found))


def _of_either(client: "Client", node_id: str, what: str, asked: dict[str, str | None]) -> "JsonObject":
    """The answer for the objective of that id, or else for the key result."""
    from services.cli.client import NotThere

    named = segment(node_id)
    try:
        return client.get(f"objectives/{named}/{what}", **asked)
    except NotThere:
        return client.get(f"key-results/{named}/{what}", **asked)


def _chart(series: "JsonObject") -> "RenderableType":
    """A line a day: how far it was, and where it should have been."""
    from decimal import Decimal

    from services.cli.output import table

    rows: list[tuple[object, ...]] = []
    for point in cast("list[JsonObject]", series["points"]):
        reached, expected = (int(Decimal(str(point[name])) * _WIDTH) for name in ("progress", "expected"))
        bar = "".join("█" if place < reached else "│" if place == expected else "·" for place in range(_WIDTH + 1))
        rows.append((point["on"], bar, point["progress"], point["status"]))
    return table(f"{series['kind']} {series['id']}: █ reached, │ expected", ("day", "", "progress", "status"), rows)


def _words(found: "JsonObject") -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from services.cli.argument import argument
    from services.cli.output import facts

    node = cast("JsonObject", found.get("node") or found)
    names = ("progress", "raw", "measured", "expected", "status", "stale", "confidence")
    title = f"{node.get('title') or ''} ({node.get('kind')} {node.get('id')})"
    shown: list[RenderableType] = [facts(title, {name: node.get(name) for name in names})]
    if explanation := found.get("explanation"):
        shown += (Text(line) for line in argument(cast("JsonObject", explanation)))
    return Group(*shown)
