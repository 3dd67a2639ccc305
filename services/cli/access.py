"""`okr access`: who read what is restricted, and who tried what only others may do."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import options
from services.cli.session import session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from services.cli.client import JsonObject


def access(
    subject: Annotated[str | None, typer.Option("--subject", help="As in objectives/o1, or a refused command.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="As in person/p1.")] = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show who read what is restricted, and who was refused; for auditors and administrators.

    Example: okr access --subject objectives/o1
    """
    with session(url, token, organisation, data, as_json) as okr:
        found = list(okr.client.pages("access-records", subject=subject, actor=actor, limit=500))
        okr.show({"items": found}, lambda: _listed(found))


def _listed(found: "Sequence[JsonObject]") -> "RenderableType":
    from services.cli.output import table

    if not found:
        return "Nobody read anything restricted, and nobody was refused."
    names = ("on", "actor", "what", "subject", "address", "times", "last_at")
    return table("Access", names, [[each[name] for name in names] for each in found])
