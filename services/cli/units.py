"""`okr units` and `okr unit`: the organisation chart, with how many people are in each unit."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.session import session

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

JsonObject = Mapping[str, object]


def units(
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show the organisation chart, with how many people are in each unit itself.

    Example: okr units --on 2026-03-31
    """
    with session(url, token, organisation, data, as_json) as okr:
        found = list(okr.client.pages("units", effective_on=options.day(on), known_at=known_at, limit=500))
        okr.show({"items": found}, lambda: drawn(found))


def unit(
    unit_id: Annotated[str, typer.Argument(metavar="UNIT", help="Id of the unit.")],
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show a unit; `okr people --unit UNIT` lists who is in it.

    Example: okr unit support
    """
    with session(url, token, organisation, data, as_json) as okr:
        found = okr.client.get(f"units/{segment(unit_id)}", effective_on=options.day(on), known_at=known_at)
        okr.show(found, lambda: _shown(found))


def drawn(units: Sequence[JsonObject]) -> "RenderableType":
    """The units as a tree, each level by name; one whose parent is not there stands at the top."""
    from rich.text import Text
    from rich.tree import Tree

    if not units:
        return "No units at that time."
    known = {unit["id"] for unit in units}
    below: dict[object, list[JsonObject]] = {}
    for unit in sorted(units, key=_by_name):
        parent = unit["parent_id"] if unit["parent_id"] in known else None
        below.setdefault(parent, []).append(unit)
    top = Tree(Text("people in the unit itself, its name, its id", style="dim"), guide_style="dim")
    waiting: list[tuple[Tree, object]] = [(top, None)]
    while waiting:
        branch, unit_id = waiting.pop()
        waiting += [(branch.add(_line(unit)), unit["id"]) for unit in below.get(unit_id, [])]
    return top


def _by_name(unit: JsonObject) -> tuple[str, str]:
    return str(unit["name"] or "").casefold(), str(unit["id"])


def _line(unit: JsonObject) -> "Text":
    from rich.text import Text

    line = Text()
    line.append(f"{unit['people']:>5}  ", style="bold")
    line.append(str(unit["name"] or "(words erased)"))
    line.append(f"  {unit['id']}", style="dim")
    return line


def _shown(found: JsonObject) -> "RenderableType":
    from services.cli.output import facts

    return facts(
        str(found["name"] or found["id"]),
        {"id": found["id"], "parent": found["parent_id"], "layer": found["layer"], "people": found["people"]},
    )
