"""`okr organisation`: register one, and put units and people into it."""

from typing import Annotated

import typer

from services.cli import options
from services.cli.failures import Misused
from services.cli.session import session

app = typer.Typer(no_args_is_help=True, help="Register an organisation, add its units and people.")


@app.command()
def register(
    named: Annotated[str, typer.Argument(metavar="ID", help="Its slug, fixed for ever.")],
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    time_zone: Annotated[str, typer.Option("--time-zone", help="Where its days begin.")] = "UTC",
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Open the ledger of a new organisation; only an operator may.

    Example: okr organisation register acme --name "Acme" --time-zone Europe/Berlin
    """
    with session(url, token, named, data, as_json) as okr:
        okr.show_reply(okr.client.register(named, name, time_zone, command_id))


@app.command("add-unit")
def add_unit(
    unit_id: Annotated[str, typer.Argument(metavar="UNIT", help="Its id.")],
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    parent: Annotated[str, typer.Option("--under", metavar="UNIT", help="The unit above it.")] = "root",
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Add a unit to the organisation chart.

    Example: okr organisation add-unit support --name "Support"
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send("AddUnit", command_id, unit_id=unit_id, name=name, parent_id=parent)


@app.command("add-person")
def add_person(
    person_id: Annotated[str, typer.Argument(metavar="PERSON", help="An opaque id, not the name.")],
    name: Annotated[str | None, typer.Option("--name", help="Kept in the directory, in no event.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="Kept in the directory, in no event.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Job title.")] = None,
    unit: Annotated[list[str] | None, typer.Option("--unit", help="A unit; the first is the primary one.")] = None,
    manager: Annotated[str | None, typer.Option("--manager", metavar="PERSON", help="Id of the manager.")] = None,
    placeholder: Annotated[bool, typer.Option("--placeholder", help="A post that nobody holds yet.")] = False,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Add a person.

    Example: okr organisation add-person p1 --name "Kim Example" --unit support
    """
    with session(url, token, organisation, data, as_json) as okr:
        if placeholder and (name or email):
            raise Misused("A placeholder is nobody yet.", "Leave out --placeholder, or --name and --email.")
        okr.send(
            "AddPerson",
            command_id,
            person_id=person_id,
            name=name,
            email=email,
            title=title,
            unit_ids=unit or [],
            manager_id=manager,
            placeholder=placeholder,
        )
