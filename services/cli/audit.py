"""`okr audit`: who changed what, when, and why."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services.cli import options
from services.cli.session import session

if TYPE_CHECKING:
    from rich.console import RenderableType

JsonObject = Mapping[str, object]


def audit(
    subject: Annotated[str | None, typer.Option("--subject", help="As in key-results/k1.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Id of who acted.")] = None,
    kind: Annotated[str | None, typer.Option("--type", help="Event type, as in CheckInCorrected.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Recorded at or after this day or instant.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Recorded at or before this day or instant.")] = None,
    words: Annotated[str | None, typer.Option("--words", help="With these words in it.")] = None,
    most: Annotated[int, typer.Option("--limit", min=1, help="So many events at most.")] = 1000,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show events with what was before and what is after.

    Example: okr audit --subject key-results/k1
    """
    with session(url, token, organisation, data, as_json) as okr:
        asked = {"subject": subject, "actor": actor, "type": kind, "from": since, "to": until, "q": words}
        items = list(islice(okr.client.pages("audit", **asked), most))
        okr.show({"items": items}, lambda: listed(items))


def listed(items: Sequence[JsonObject]) -> "RenderableType":
    """Events as a table, each changed field as before → after."""
    from services.cli.output import table

    columns = ("event", "recorded at", "effective on", "actor", "type", "subject", "changes")
    return table("", columns, (_row(item) for item in items))


def _row(item: JsonObject) -> Sequence[object]:
    changes = [
        f"{change['field']}: {_shown(change.get('before'))} → {_shown(change.get('after'))}"
        for change in cast("Sequence[JsonObject]", item.get("changes") or ())
    ]
    words = cast("JsonObject", item.get("text") or {})
    if reason := item.get("reason") or words.get("reason"):
        changes.append(f"reason: {reason}")
    return (
        item["sequence"],
        str(item["recorded_at"])[:19].replace("T", " "),
        item["effective_on"],
        _who(item),
        item["type"],
        item["subject"],
        "\n".join(changes),
    )


def _who(item: JsonObject) -> str:
    if item.get("redacted"):
        return "(restricted)"
    actor = cast("JsonObject", item["actor"])
    on_behalf_of = actor.get("on_behalf_of")
    return f"{actor['kind']} {actor['id']}" + (f" for {on_behalf_of}" if on_behalf_of else "")


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return " ".join(str(each) for each in cast("dict[str, object]", value).values() if each is not None)
    return str(value)
