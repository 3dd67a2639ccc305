"""`okr align`: which objective contributes to what."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.session import session

if TYPE_CHECKING:
    from rich.console import RenderableType

app = typer.Typer(no_args_is_help=True, help="Link objectives to what they contribute to, and follow the links.")

ChildId = Annotated[str, typer.Argument(metavar="OBJECTIVE", help="Id of the objective below.")]
ParentNode = Annotated[str, typer.Argument(metavar="PARENT", help="objective:ID or key_result:ID.")]
_KINDS = ("objective", "key_result")


@app.command()
def link(
    child_id: ChildId,
    parent: ParentNode,
    supports: Annotated[bool, typer.Option("--supports", help="Shown, and does not count.")] = False,
    origin: Annotated[str, typer.Option("--origin", help="cascaded, laddered or unstated.")] = "unstated",
    weight: Annotated[str | None, typer.Option("--weight", metavar="N", help="Among its siblings; 1.")] = None,
    share: Annotated[str | None, typer.Option("--share", metavar="N", help="Of the child that counts here; 1.")] = None,
    reason: options.Reason = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Align an objective with an objective or a key result above it.

    Example: okr align link o2 objective:o1 --origin laddered --share 0.5
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send(
            "LinkAlignment",
            command_id,
            child_id=child_id,
            parent=options.kind_and_id(parent, "PARENT", _KINDS),
            effect="supports" if supports else "contributes",
            origin=origin,
            weight=weight,
            share=share,
            reason=reason,
        )


@app.command()
def unlink(
    child_id: ChildId,
    parent: ParentNode,
    reason: options.Reason = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    End an alignment; what it was stays readable.

    Example: okr align unlink o2 objective:o1 --reason "the teams work apart now"
    """
    with session(url, token, organisation, data, as_json) as okr:
        above = options.kind_and_id(parent, "PARENT", _KINDS)
        okr.send("UnlinkAlignment", command_id, child_id=child_id, parent=above, reason=reason)


@app.command()
def show(
    node: Annotated[str, typer.Argument(metavar="NODE", help="objective:ID or key_result:ID.")],
    down: Annotated[bool, typer.Option("--down", help="What contributes to it, not what it contributes to.")] = False,
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show what a node contributes to, or with --down what contributes to it, through all links.

    Example: okr align show objective:o2
    """
    from services.cli.output import table

    with session(url, token, organisation, data, as_json) as okr:
        named = options.kind_and_id(node, "NODE", _KINDS)
        way = "descendants" if down else "ancestors"
        path = f"alignment/{named['kind']}/{segment(named['id'])}/{way}"
        items = list(okr.client.pages(path, effective_on=options.day(on), known_at=known_at))
        columns = ("depth", "kind", "id", "title")
        okr.show(
            {"items": items}, lambda: table(way.capitalize(), columns, ([i.get(n) for n in columns] for i in items))
        )


@app.command()
def report(
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show how aligned the organisation is: coverage, orphans, balance of cascaded and laddered links, credit.

    Example: okr align report --json
    """
    with session(url, token, organisation, data, as_json) as okr:
        found = okr.client.get("alignment/report")
        okr.show(found, lambda: figures(found))


def figures(report: dict[str, object]) -> "RenderableType":
    """The figures of an alignment report, of each list how many it has."""
    from services.cli.output import facts

    return facts("Alignment", dict(_figures("", report)))


def _figures(above: str, found: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, content in found.items():
        words = f"{above} {name}".strip().replace("_", " ")
        if isinstance(content, dict):
            inner = cast("dict[str, object]", content)
            yield from [(words, inner["count"])] if "count" in inner else _figures(words, inner)
        elif isinstance(content, list):
            yield words, len(cast("list[object]", content))
        else:
            yield words, content
