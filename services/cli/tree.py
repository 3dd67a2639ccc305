"""`okr tree`: objectives and key results as they hang together, with progress and status."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from services.cli import options
from services.cli.session import session

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

JsonObject = Mapping[str, object]

# Words first: the colours only repeat what the status says.
_COLOURS: Final = {"on_track": "green", "at_risk": "yellow", "off_track": "red"}
_BAR: Final = 10


def tree(
    root: Annotated[str | None, typer.Option("--root", help="Only this objective or key result and below.")] = None,
    depth: Annotated[int | None, typer.Option("--depth", min=0, help="So many levels below.")] = None,
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
    Show the tree of objectives and key results.

    Example: okr tree --cycle 2026-q1 --depth 3
    """
    with session(url, token, organisation, data, as_json) as okr:
        nodes = list(
            okr.client.pages(
                "tree",
                root=root,
                depth=depth,
                cycle=cycle,
                effective_on=options.day(on),
                known_at=known_at,
                limit=500,
            )
        )
        okr.show({"items": nodes}, lambda: drawn(nodes, str(okr.client.connection.organisation)))


def drawn(nodes: Sequence[JsonObject], title: str) -> "Tree":
    """The nodes as a tree; one with several parents stands under the first and is named again under the others."""
    from rich.text import Text
    from rich.tree import Tree

    top = Tree(Text(title, style="bold"), guide_style="dim")
    branches: dict[tuple[str, str], Tree] = {}
    known = {_key(node) for node in nodes}
    below: dict[tuple[str, str], list[JsonObject]] = {}
    roots: list[JsonObject] = []
    for node in nodes:
        parents = [key for parent in _parents(node) if (key := _key(parent)) in known]
        for parent in parents:
            below.setdefault(parent, []).append(node)
        if not parents:
            roots.append(node)
    waiting = [(top, node) for node in reversed(roots)]
    while waiting:
        above, node = waiting.pop()
        key = _key(node)
        if key in branches:
            above.add(Text(f"{node['title'] or node['id']} (see above)", style="dim"))
            continue
        branches[key] = above.add(_line(node))
        waiting += [(branches[key], child) for child in reversed(below.get(key, []))]
    return top


def _line(node: JsonObject) -> "Text":
    from rich.text import Text

    status = str(node.get("status") or "")
    colour = _COLOURS.get(status, "dim")
    progress = node.get("progress")
    share = float(str(progress)) if progress is not None else 0.0
    filled = round(share * _BAR)
    words = [status.replace("_", " "), "stale" if node.get("stale") else "", _confidence(node)]
    line = Text(no_wrap=False)
    line.append("█" * filled, style=colour)
    line.append("░" * (_BAR - filled), style="dim")
    line.append(f" {share:6.1%}  ", style="bold" if node["kind"] == "objective" else "")
    line.append(
        str(node.get("title") or ("(restricted)" if node.get("redacted") else "(words erased)")),
        style="bold" if node["kind"] == "objective" else "",
    )
    line.append(f"  {node['id']}", style="dim")
    line.append("  " + ", ".join(word for word in words if word), style=colour)
    return line


def _confidence(node: JsonObject) -> str:
    confidence = node.get("confidence")
    return "" if confidence is None else f"confidence {confidence}"


def _parents(node: JsonObject) -> Sequence[JsonObject]:
    return cast("Sequence[JsonObject]", node.get("parents") or ())


def _key(node: JsonObject) -> tuple[str, str]:
    return str(node["kind"]), str(node["id"])
