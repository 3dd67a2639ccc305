"""`okr health`: whether the programme itself works, figure by figure, each with the list behind it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.failures import Misused
from services.cli.session import session

if TYPE_CHECKING:
    from rich.console import RenderableType

JsonObject = Mapping[str, object]

_FIGURE: Final = "One figure: adoption, due, punctuality, …; all of them if left out."


def health(
    figure: Annotated[str | None, typer.Argument(metavar="FIGURE", help=_FIGURE)] = None,
    by: Annotated[str | None, typer.Option("--by", help="Also by group: unit, layer, department or cycle.")] = None,
    members: Annotated[bool, typer.Option("--list", help="What the figure counts, one by one.")] = False,
    outcome: Annotated[str | None, typer.Option("--outcome", help="Of the list, only what has this outcome.")] = None,
    series: Annotated[bool, typer.Option("--series", help="Day by day, the last 30 days up to the day.")] = False,
    cycle: Annotated[str | None, typer.Option("--cycle", help="Only what is in this cycle.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Only what counts in this unit.")] = None,
    department: Annotated[str | None, typer.Option("--department", help="Only this department and below.")] = None,
    layer: Annotated[int | None, typer.Option("--layer", min=0, help="Only units of this depth.")] = None,
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show whether the programme works: who takes part, what is due, how goals meet, what to look at.

    Example: okr health due --list --outcome overdue
    """
    if figure is None and (by or members or series or outcome):
        raise Misused("--by, --list, --outcome and --series are of one figure.", "Name it: okr health adoption --list")
    asked: dict[str, str | int | None] = {
        "cycle": cycle,
        "unit": unit,
        "department": department,
        "layer": layer,
        "effective_on": options.day(on),
        "known_at": known_at,
    }
    with session(url, token, organisation, data, as_json) as okr:
        if figure is None:
            told = okr.client.get("programme-health", **asked)
            okr.show(told, lambda: _overview(told))
        elif members or outcome:
            path = f"programme-health/{segment(figure)}/list"
            found = list(okr.client.pages(path, outcome=outcome, limit=500, **asked))
            okr.show({"items": found}, lambda: _listed(figure, found))
        elif series:
            told = okr.client.get(f"programme-health/{segment(figure)}/series", **asked)
            points = cast("list[JsonObject]", told["points"])
            okr.show(told, lambda: _grouped(figure, [(str(each["on"]), each) for each in points]))
        else:
            told = okr.client.get(f"programme-health/{segment(figure)}", by=by, **asked)
            okr.show(told, lambda: _figure(told))


def _overview(told: JsonObject) -> "RenderableType":
    from services.cli.output import table

    rows: list[tuple[object, ...]] = []
    for each in cast("list[JsonObject]", told["figures"]):
        total = cast("JsonObject", each["total"])
        rows += [(each["figure"], *row) for row in _rows(total)] or [(each["figure"], "", "", "nothing to count", "")]
    return table("Programme health", ("figure", "of", "", "", ""), rows)


def _figure(told: JsonObject) -> "RenderableType":
    from rich.console import Group

    outcomes = cast("Mapping[str, str]", told["outcomes"])
    groups = [("all", cast("JsonObject", told["total"]))]
    for each in cast("list[JsonObject]", told["groups"]):
        name = f"{each['group']} {each['name']}" if each["name"] else str(each["group"])
        groups.append((name, each))
    explained = "\n".join(f"  {name}: {meaning}" for name, meaning in outcomes.items())
    return Group(f"{told['rule']}\n\n{explained}\n", _grouped(str(told["figure"]), groups))


def _grouped(title: str, groups: Sequence[tuple[str, JsonObject]]) -> "RenderableType":
    from services.cli.output import table

    rows = [(name, *row) for name, group in groups for row in _rows(group)]
    return table(title, ("", "of", "", "", ""), rows)


def _rows(group: JsonObject) -> list[tuple[object, ...]]:
    """A line for each kind: the kind, the part that is well, the outcomes, and what to look at."""
    if group["suppressed"]:
        return [("", "", "fewer people than the organisation shows", "")]
    signals = ", ".join(cast("list[str]", group["signals"])).replace("_", " ")
    rows: list[tuple[object, ...]] = []
    for kind, tally in cast("Mapping[str, JsonObject]", group["members"]).items():
        counts = ", ".join(
            f"{count} {outcome.replace('_', ' ')}" for outcome, count in cast("JsonObject", tally["outcomes"]).items()
        )
        value = tally["value"]
        rows.append((kind.replace("_", " "), "" if value is None else _percent(str(value)), counts, signals))
    return rows


def _percent(value: str) -> str:
    from decimal import Decimal

    return f"{Decimal(value) * 100:.0f} %"


def _listed(figure: str, found: Sequence[JsonObject]) -> "RenderableType":
    from services.cli.output import table

    if not found:
        return "Nothing. `okr health` has the figures as a whole."
    rows = [
        (
            str(each["kind"]).replace("_", " "),
            each["id"],
            each["cycle_id"],
            str(each["outcome"]).replace("_", " "),
            each["measure"],
            _details(each),
        )
        for each in found
    ]
    return table(f"{figure}: {len(found)}", ("", "id", "cycle", "outcome", "", ""), rows)


def _details(member: JsonObject) -> str:
    """What is said beside the outcome, without what says nothing; None where the asker may not read it."""
    detail = cast("JsonObject | None", member["detail"]) or {}
    told = {name: value for name, value in detail.items() if value not in (None, "", False, 0, member["outcome"])}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())
