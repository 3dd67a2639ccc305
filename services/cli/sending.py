"""
Commands of the ledger as commands of the program: what most of them share is written once.

A group names the command, its words and its fields; the first fields are arguments, the others options. Fields that are
not given are not sent: to the ledger absence means "as it was".
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import typer

from services.cli import options
from services.cli.failures import Misused
from services.cli.session import session

Kind = Literal["text", "whole", "flag", "list", "owner", "owners", "node", "nobody", "steps"]


@dataclass(frozen=True, slots=True)
class Field:
    """
    A field of a command, as it is given at a terminal.

    ``kind`` says how its words are read: ``owner`` is ``unit:ID`` or ``person:ID``, ``node`` is ``objective:ID`` or
    ``key-result:ID``, ``nobody`` may be given as an empty word, ``steps`` are ``DAY=VALUE``. ``option`` is its name
    where it is not an argument.
    """

    name: str
    help: str
    kind: Kind = "text"
    option: str = ""
    required: bool = False


def argument(name: str, help: str, kind: Kind = "text") -> Field:  # noqa: A002 - as typer calls it
    """A field that stands without a name, and has to be there."""
    return Field(name, help, kind, required=True)


def option(option: str, name: str, help: str, kind: Kind = "text", *, required: bool = False) -> Field:  # noqa: A002
    """A field that is named."""
    return Field(name, help, kind, option, required)


SENT: Final[list[tuple[str, tuple[Field, ...]]]] = []
"""The commands of the ledger that were made commands of the program, with their fields."""

_REASON: Final = Field("reason", "Why; on the record for ever.", option="--reason")
_EXCEPTION: Final = Field("exception", "Sequence of the grant that allows it after a lock.", "whole", "--exception")
_DAY: Final = Field("effective_on", "The day that it is about, as in 2026-05-20; today if left out.", option="--on")


def sends(
    app: typer.Typer,
    name: str,
    command: str,
    fields: Sequence[Field],
    words: str,
    example: str,
    *,
    back_datable: bool = False,
) -> None:
    """Adds to *app* a command called *name* that sends *command*; *words* and *example* are its help."""
    own = [*fields, _REASON, *((_DAY,) if back_datable else ()), _EXCEPTION]

    def call(**given: Any) -> None:
        connection = (given["url"], given["token"], given["organisation"], given["data"], given["as_json"])
        with session(*connection) as okr:
            sent: dict[str, object] = {}
            for field in own:
                sent |= _read(field, given[field.name])
            okr.show_reply(okr.client.command(command, sent, given["command_id"]))

    SENT.append((command, tuple(own)))
    call.__name__ = name.replace("-", "_")
    call.__doc__ = f"{words}\n\nExample: okr {example}"
    _sign(call, own)
    app.command(name)(call)


def _sign(call: Callable[..., None], fields: Sequence[Field]) -> None:
    """Gives the function the parameters that typer reads."""
    shared = {
        "command_id": (options.CommandId, None),
        "url": (options.Url, None),
        "token": (options.Token, None),
        "organisation": (options.Organisation, None),
        "data": (options.Data, options.DATA),
        "as_json": (options.Json, False),
    }
    parameters = [_parameter(field) for field in fields]
    parameters += [_keyword(name, annotation, default) for name, (annotation, default) in shared.items()]
    call.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}


def _parameter(field: Field) -> inspect.Parameter:
    several = field.kind in ("list", "owners", "steps")
    kind: Any = {"whole": int, "flag": bool}.get(field.kind, list[str] if several else str)
    if field.option:
        info: Any = typer.Option(field.option, help=field.help)
    else:
        info = typer.Argument(help=field.help, metavar=field.name.removesuffix("_id").upper())
    if field.required:
        return _keyword(field.name, Annotated[kind, info], inspect.Parameter.empty)
    return _keyword(field.name, Annotated[kind | None, info], None)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _read(field: Field, given: Any) -> dict[str, object]:
    """What is sent of a field; nothing where it was not given."""
    if given is None or (given == [] and not field.required):
        return {}
    match field.kind:
        case "owner":
            return {field.name: options.kind_and_id(given, field.option or field.name, ("unit", "person"))}
        case "owners":
            return {field.name: [options.kind_and_id(each, field.option, ("unit", "person")) for each in given]}
        case "node":
            return {field.name: options.kind_and_id(given, field.option or field.name, ("objective", "key_result"))}
        case "nobody":
            return {field.name: given or None}
        case "list":
            return {field.name: [each for each in given if each]}
        case "steps":
            return {field.name: [_step(each) for each in given if each]}
        case "text" | "whole" | "flag":
            return {field.name: given}


def _step(given: str) -> dict[str, str]:
    day, separator, value = given.partition("=")
    if not separator:
        raise Misused(f"{given} is no phased target.", "Write the day and the value, as in 2026-06-30=45.")
    return {"on": day, "value": value}
