"""Reading the parameters of a query: each is taken exactly or refused with what would be accepted."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Final

from services.query.answers import BadParameter

DEFAULT_LIMIT: Final = 100
MOST_ITEMS: Final = 500
GREATEST_SEQUENCE: Final = 2**53 - 1
LONGEST_WAIT_SECONDS: Final = 30.0
"""A reader who asks for more waits this long; the answer says so in Preference-Applied."""

_DIGITS: Final = re.compile(r"[0-9]{1,16}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# A plus sign that was not escaped arrives as a blank.
_INSTANT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)([Zz]|[+\- ][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_WAIT: Final = re.compile(r"\bwait=\"?([0-9]{1,6})\b", re.ASCII)


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment, as a known_at that is not a sequence."""

    at: datetime


def only_known(given: Sequence[tuple[str, str]], known: Iterable[str]) -> dict[str, str]:
    """The parameters by name. Refuses a name that is not *known* or that comes twice, no value, and a NUL in one."""
    names = sorted(known)
    taken: dict[str, str] = {}
    for name, value in given:
        if name not in names:
            raise BadParameter(name, f"There is no parameter {name!r} here. {_suggestion(name, names)}", "unknown")
        if name in taken:
            raise BadParameter(name, f"{name} is given twice. Give it once.", "once")
        if not value:
            raise BadParameter(name, f"{name} is empty. Give it a value or leave it out.", "empty")
        if "\x00" in value:
            raise BadParameter(name, f"{name} has a NUL character. Leave it out.", "text")
        taken[name] = value
    return taken


def limit(parameters: Mapping[str, str]) -> int:
    """The size of a page, 100 where none is given."""
    text = parameters.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= MOST_ITEMS:
        raise BadParameter("limit", f"limit is a whole number from 1 to {MOST_ITEMS}.", "limit")
    return int(text)


def day(name: str, text: str) -> date:
    """A calendar day."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise BadParameter(name, f"{name} is a calendar day, as in 2026-11-22.", "day")


def sequence(name: str, text: str) -> int:
    """The number of an event, or 0 for before the first."""
    if not _DIGITS.fullmatch(text) or int(text) > GREATEST_SEQUENCE:
        raise BadParameter(name, f"{name} is a sequence: a whole number from 0.", "sequence")
    return int(text)


def instant(name: str, text: str) -> datetime:
    """An RFC 3339 instant with its time zone."""
    if found := _INSTANT.fullmatch(text):
        on, at, zone = found.groups()
        try:
            return datetime.fromisoformat(
                f"{on}T{at}{zone.upper().replace(' ', '+').replace('Z', '+00:00')}"
            ).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise BadParameter(name, f"{name} is an RFC 3339 instant, as in 2026-11-22T13:48:55Z.", "instant")


def known_at(text: str) -> int | Instant:
    """Digits are a sequence, everything else is an instant."""
    if text.isascii() and text.isdecimal():
        return sequence("known_at", text)
    try:
        return Instant(instant("known_at", text))
    except BadParameter as neither:
        raise BadParameter(
            "known_at",
            "known_at is a sequence, as in 4711, or an RFC 3339 instant, as in 2026-11-22T13:48:55Z.",
            "known_at",
        ) from neither


def wait_seconds(prefer: str | None) -> float | None:
    """The seconds of ``Prefer: wait=<seconds>``, at most 30; None where the header does not ask to wait."""
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), LONGEST_WAIT_SECONDS) if found else None


def one_of(parameters: Mapping[str, str], name: str, words: Sequence[str]) -> str | None:
    """One of *words*, or None where the parameter is not given."""
    text = parameters.get(name)
    if text is None or text in words:
        return text
    raise BadParameter(name, f"{name} is one of {', '.join(words)}. {_suggestion(text, words)}".rstrip(), "one_of")


def _suggestion(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known are {', '.join(names)}." if names else "This query has none."
