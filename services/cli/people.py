"""`okr people` and `okr person`: who is in the directory, in which units, under which manager."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.failures import Misused
from services.cli.session import session

if TYPE_CHECKING:
    from rich.console import RenderableType

JsonObject = Mapping[str, object]


def people(
    unit: Annotated[str | None, typer.Option("--unit", help="Only of this unit.")] = None,
    below: Annotated[bool, typer.Option("--below", help="Of the units below that unit too.")] = False,
    manager: Annotated[
        str | None, typer.Option("--manager", metavar="PERSON", help="Only whose manager is this person.")
    ] = None,
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    List people and placeholders, by id.

    Example: okr people --unit support --below
    """
    with session(url, token, organisation, data, as_json) as okr:
        if below and unit is None:
            raise Misused("--below says what of a unit is meant.", "Give --unit too, or leave out --below.")
        found = list(
            okr.client.pages(
                "people",
                unit=unit,
                below="true" if below else None,
                manager=manager,
                effective_on=options.day(on),
                known_at=known_at,
                limit=500,
            )
        )
        okr.show({"items": found}, lambda: listed(found))


def person(
    person_id: Annotated[str, typer.Argument(metavar="PERSON", help="Id of the person.")],
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show a person: title, manager, units, how many report to them.

    Example: okr person p1
    """
    with session(url, token, organisation, data, as_json) as okr:
        found = okr.client.get(f"people/{segment(person_id)}", effective_on=options.day(on), known_at=known_at)
        okr.show(found, lambda: _shown(found))


def listed(people: Sequence[JsonObject]) -> "RenderableType":
    """People as a table, without the columns in which nobody has anything."""
    from services.cli.output import table

    if not people:
        return "Nobody. `okr units` has the ids of units."
    columns: dict[str, Sequence[object]] = {
        "id": [each["id"] for each in people],
        "name": [each["name"] for each in people],
        "title": [_title(each) for each in people],
        "units": [_names(each) or None for each in people],
        "manager": [each["manager_name"] or each["manager_id"] for each in people],
        "reports": [each["reports"] or None for each in people],
    }
    shown = {name: cells for name, cells in columns.items() if any(cells)}
    count = "1 person" if len(people) == 1 else f"{len(people):,} people"
    return table(count, list(shown), zip(*shown.values(), strict=True))


def _title(person: JsonObject) -> object:
    return f"{person['title'] or ''} (placeholder)".strip() if person["placeholder"] else person["title"]


def _shown(found: JsonObject) -> "RenderableType":
    from services.cli.output import facts

    manager, manager_name = found["manager_id"], found["manager_name"]
    return facts(
        str(found["name"] or found["title"] or found["id"]),
        {
            "id": found["id"],
            "title": found["title"],
            "email": found.get("email"),
            "placeholder": found["placeholder"],
            "manager": f"{manager_name} ({manager})" if manager_name else manager,
            "reports": found["reports"],
            "units": _names(found),
        },
    )


def _names(person: JsonObject) -> str:
    """The units of a person, the primary one first."""
    units = cast("Sequence[JsonObject]", person["units"])
    return "; ".join(str(unit["name"] or unit["id"]) for unit in units)
