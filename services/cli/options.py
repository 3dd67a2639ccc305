"""Options that many commands share; flags win over the environment, the environment over ``DIR/connection.json``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from services.cli.failures import Misused

_CONNECTION = "Connection"
_DAY = ["%Y-%m-%d"]

Url = Annotated[
    str | None, typer.Option("--url", envvar="OKR_URL", help="Address of the services.", rich_help_panel=_CONNECTION)
]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="OKR_TOKEN", help="Bearer token.", rich_help_panel=_CONNECTION, show_envvar=True),
]
Organisation = Annotated[
    str | None,
    typer.Option("--organisation", envvar="OKR_ORGANISATION", help="The organisation.", rich_help_panel=_CONNECTION),
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="OKR_DATA", help="Folder of `okr up`.", rich_help_panel=_CONNECTION),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
On = Annotated[datetime | None, typer.Option("--on", formats=_DAY, metavar="DAY", help="The day that it is about.")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", metavar="N", help="As the ledger stood at this sequence or instant.")
]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; on the record for ever.")]
WantedReason = Annotated[str, typer.Option("--reason", help="Why; on the record for ever.")]
CommandId = Annotated[
    str | None, typer.Option("--command-id", help="The same id again changes nothing; made when left out.")
]
Starts = Annotated[datetime, typer.Option("--starts", formats=_DAY, metavar="DAY", help="First day of the cycle.")]
Ends = Annotated[datetime, typer.Option("--ends", formats=_DAY, metavar="DAY", help="Last day of the cycle.")]

DATA = Path(".okr")


def day(moment: datetime | None) -> str | None:
    """A day given on the command line, as the services read it."""
    return None if moment is None else moment.date().isoformat()


def value(words: str | None) -> str | bool | None:
    """A reported value: true and false are those of a key result that is achieved or not, all else is a decimal."""
    return {"true": True, "false": False}.get((words or "").casefold(), words)


def kind_and_id(words: str, option: str, kinds: tuple[str, ...]) -> dict[str, str]:
    """``unit:support`` as the services read it. Raises Misused for another kind, or none."""
    kind, separator, named = words.partition(":")
    kind = kind.replace("-", "_")
    if not separator or kind not in kinds:
        raise Misused(f"{option} {words} is not understood.", f"Write {' or '.join(f'{known}:ID' for known in kinds)}.")
    return {"kind": kind, "id": named}


def cleared(names: Sequence[str] | None, given: Mapping[str, object], clearable: Sequence[str]) -> dict[str, object]:
    """
    The changes that a command carries: what was given, and null for what is to be cleared.

    To the ledger null means "clear" and absence means "as it was". Raises Misused for what cannot be cleared.
    """
    changes = {name: content for name, content in given.items() if content is not None}
    if unknown := set(names or ()) - set(clearable):
        raise Misused(f"{', '.join(sorted(unknown))} cannot be cleared.", f"Clear one of {', '.join(clearable)}.")
    if both := changes.keys() & set(names or ()):
        raise Misused(f"{', '.join(sorted(both))} is given and cleared at once.", "Leave out one of the two.")
    return {**changes, **dict.fromkeys(names or ())}
