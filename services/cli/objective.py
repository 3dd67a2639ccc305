"""`okr objective`: objectives, for a person at a terminal."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.session import session

if TYPE_CHECKING:
    from rich.console import RenderableType

app = typer.Typer(no_args_is_help=True, help="Create, revise, override and show objectives.")

ObjectiveId = Annotated[str, typer.Argument(metavar="OBJECTIVE", help="Id of the objective.")]
RollUp = Annotated[str, typer.Option("--roll-up", help="key_results, children or both.")]


@app.command()
def create(
    title: Annotated[str, typer.Argument(help="What is to be achieved, in words.")],
    cycle: Annotated[str, typer.Option("--cycle", help="Id of the cycle.")],
    owner: Annotated[str, typer.Option("--owner", help="Who owns it: unit:ID or person:ID.")],
    objective_id: Annotated[str | None, typer.Option("--id", help="Its id; made when left out.")] = None,
    description: Annotated[str | None, typer.Option("--description")] = None,
    committed: Annotated[bool, typer.Option("--committed", help="To be met in full, not aspirational.")] = False,
    roll_up: RollUp = "key_results",
    top_level: Annotated[bool, typer.Option("--top-level", help="It stands at the top, without a parent.")] = False,
    label: Annotated[list[str] | None, typer.Option("--label", help="A label; may be given again.")] = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Create an objective.

    Example: okr objective create "Customers stay" --cycle 2026-q1 --owner unit:support
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send(
            "CreateObjective",
            command_id,
            objective_id=objective_id,
            cycle_id=cycle,
            owner=options.kind_and_id(owner, "--owner", ("unit", "person")),
            title=title,
            description=description,
            ambition="committed" if committed else "aspirational",
            roll_up=roll_up,
            top_level=top_level,
            labels=label or [],
        )


@app.command()
def revise(
    objective_id: ObjectiveId,
    title: Annotated[str | None, typer.Option("--title")] = None,
    description: Annotated[str | None, typer.Option("--description")] = None,
    reason: options.Reason = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Change the words of an objective; what is left out stays.

    Example: okr objective revise o1 --title "Customers stay and say so"
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send(
            "ReviseObjective",
            command_id,
            objective_id=objective_id,
            title=title,
            description=description,
            reason=reason,
        )


@app.command("roll-up")
def set_roll_up(
    objective_id: ObjectiveId,
    roll_up: Annotated[str, typer.Argument(help="key_results, children or both.")],
    reason: options.Reason = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Choose what an objective's progress is made of; in an open cycle with a reason.

    Example: okr objective roll-up o1 both --reason "the teams' objectives count too"
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send("SetRollUp", command_id, objective_id=objective_id, roll_up=roll_up, reason=reason)


@app.command()
def override(
    objective_id: ObjectiveId,
    progress: Annotated[str, typer.Argument(help="From 0 to 1.")],
    reason: options.WantedReason,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Replace an objective's progress by a number, until it is lifted.

    Example: okr objective override o1 0.6 --reason "the survey came late; support's own count"
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send("OverrideProgress", command_id, objective_id=objective_id, progress=progress, reason=reason)


@app.command("lift-override")
def lift_override(
    objective_id: ObjectiveId,
    reason: options.WantedReason,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    End an override: the computed progress counts again.

    Example: okr objective lift-override o1 --reason "the survey is in"
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send("LiftOverride", command_id, objective_id=objective_id, reason=reason)


@app.command()
def show(
    objective_id: ObjectiveId,
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show one objective.

    Example: okr objective show o1 --known-at 120
    """
    with session(url, token, organisation, data, as_json) as okr:
        path = f"objectives/{segment(objective_id)}"
        found = okr.client.get(path, effective_on=options.day(on), known_at=known_at)
        okr.show(found, lambda: _card(found))


@app.command("list")
def list_objectives(
    cycle: Annotated[str | None, typer.Option("--cycle", help="Only those of this cycle.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only those of this owner's id.")] = None,
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    List objectives.

    Example: okr objective list --cycle 2026-q1
    """
    with session(url, token, organisation, data, as_json) as okr:
        asked = {"cycle": cycle, "owner": owner, "effective_on": options.day(on), "known_at": known_at}
        items = list(okr.client.pages("objectives", **asked))
        okr.show({"items": items}, lambda: _listed(items))


def _card(found: dict[str, object]) -> "RenderableType":
    from services.cli.output import facts

    plain = {name: value for name, value in found.items() if isinstance(value, str | int | bool)}
    owner = cast("dict[str, str]", found.get("owner") or {})
    return facts(str(found["id"]), {**plain, "owner": " ".join(owner.values())})


def _listed(items: list[dict[str, object]]) -> "RenderableType":
    from services.cli.output import table

    columns = ("id", "title", "progress", "expected", "status")
    return table("", columns, ([item.get(name) for name in columns] for item in items))
