"""Reads the plain JSON of an explanation, strictly: what is missing or of another type is said, never guessed."""

import re
from datetime import date
from decimal import Decimal
from typing import TypeAlias, TypeVar

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""What ``json.loads`` gives for a document without fractions; an explanation writes them as strings."""

Word = TypeVar("Word", bound=str)

# The limits of the ledger's own fields; beyond them exact sums could run out of digits.
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class ExplanationUnreadable(ValueError):
    """An explanation lacks a field, or a field is not of the type or range that docs/rules/explanation.md gives."""


def member(parent: dict[str, Json], name: str) -> Json:
    """The field *name*; raises ExplanationUnreadable where it is missing, also for one that may be null."""
    if name not in parent:
        raise ExplanationUnreadable(f"{name} is missing")
    return parent[name]


def table(parent: dict[str, Json], name: str) -> dict[str, Json]:
    """The object *name*."""
    found = member(parent, name)
    if not isinstance(found, dict):
        raise ExplanationUnreadable(f"{name} is an object")
    return found


def optional_table(parent: dict[str, Json], name: str) -> dict[str, Json] | None:
    """The object *name*, or None where it is null."""
    return None if member(parent, name) is None else table(parent, name)


def tables(parent: dict[str, Json], name: str) -> list[dict[str, Json]]:
    """The list of objects *name*."""
    found = member(parent, name)
    if not isinstance(found, list):
        raise ExplanationUnreadable(f"{name} is a list of objects")
    objects = [each for each in found if isinstance(each, dict)]
    if len(objects) != len(found):
        raise ExplanationUnreadable(f"{name} is a list of objects")
    return objects


def text(parent: dict[str, Json], name: str) -> str:
    """The string *name*."""
    found = member(parent, name)
    if not isinstance(found, str):
        raise ExplanationUnreadable(f"{name} is a string")
    return found


def whole(parent: dict[str, Json], name: str) -> int:
    """The whole number *name*."""
    found = member(parent, name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ExplanationUnreadable(f"{name} is a whole number")
    return found


def day(parent: dict[str, Json], name: str) -> date:
    """The calendar day *name*, ISO 8601."""
    found = text(parent, name)
    try:
        if _DAY.fullmatch(found):
            return date.fromisoformat(found)
    except ValueError as no_such_day:
        raise ExplanationUnreadable(f"{name} is a day that no calendar has") from no_such_day
    raise ExplanationUnreadable(f"{name} is a calendar day, YYYY-MM-DD")


def decimal(parent: dict[str, Json], name: str) -> Decimal:
    """The decimal *name*, a string in plain notation."""
    found = text(parent, name)
    if not _DECIMAL.fullmatch(found):
        raise ExplanationUnreadable(f'{name} is a decimal in plain notation, like "12.5"')
    return Decimal(found)


def optional_decimal(parent: dict[str, Json], name: str) -> Decimal | None:
    """The decimal *name*, or None where it is null."""
    return None if member(parent, name) is None else decimal(parent, name)


def one_of(parent: dict[str, Json], name: str, words: tuple[Word, ...]) -> Word:
    """The string *name*, which is one of *words*."""
    found = member(parent, name)
    for word in words:
        if word == found:
            return word
    raise ExplanationUnreadable(f"{name} is one of: {', '.join(words)}")
