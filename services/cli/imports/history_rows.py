"""
The rows of a history of scores: ``committed_at, cycle, objective, key_result, actor, field, old, new``.

Each says what somebody wrote down about a key result, and when.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from services.cli.imports.csv_file import Record, Rows, read_csv
from services.cli.imports.remarks import Remark, refused

COLUMNS: Final = ("committed_at", "cycle", "objective", "key_result", "actor", "field", "old", "new")
Field = Literal["created", "assignee", "priority", "mid", "projected", "final", "title", "removed"]
FIELDS: Final[tuple[Field, ...]] = (
    "created",
    "assignee",
    "priority",
    "mid",
    "projected",
    "final",
    "title",
    "removed",
)
_QUARTER: Final = re.compile(r"([0-9]{4})-q([1-4])")
_NAME: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,60}")
_SCORE: Final = re.compile(r"[0-9]{0,30}(?:\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter, first and last day inclusive."""

    name: str
    starts_on: date
    ends_on: date

    @property
    def middle(self) -> date:
        """The first day and half of the days between the first and the last one, rounded down."""
        return self.starts_on + timedelta(days=(self.ends_on - self.starts_on).days // 2)


@dataclass(frozen=True, slots=True)
class Change:
    """
    One row as it was read; ``line`` is its first line in the file, from 1.

    ``record`` names the row by what it says, so that rows which are put in between rename none: key result, field and
    instant, and from the second of the same three on its number among them.
    """

    line: int
    committed_at: datetime
    quarter: Quarter
    objective: str
    key_result: str
    actor: str
    field: Field
    old: str
    new: str
    record: str = ""

    @property
    def day(self) -> date:
        """The day as its author wrote it, where its author was."""
        return self.committed_at.date()


def read_changes(content: bytes) -> Rows[Change]:
    """
    The rows of a file in the order of their instants, those of one instant in the order of the file.

    Each that cannot be read is refused by line, and the others are read all the same.
    """
    rows = read_csv(content, COLUMNS, _change)
    ordered = sorted(rows.read, key=lambda change: change.committed_at)
    return replace(rows, read=tuple(_with_records(ordered)))


def score(text: str) -> Decimal | None:
    """The number that a score states, or None where it is no plain decimal: ``.5`` is 0.5."""
    if not text or not _SCORE.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def people_of(assignees: str) -> Sequence[str]:
    """The ids of an assignee field, each once: the first is responsible, the others are partners."""
    return list(dict.fromkeys(name for each in assignees.split(";") if (name := each.strip())))


def _with_records(changes: Iterable[Change]) -> Iterable[Change]:
    seen: Counter[str] = Counter()
    for change in changes:
        instant = change.committed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        record = f"{change.key_result}/{change.field}/{instant}"
        seen[record] += 1
        yield replace(change, record=record if seen[record] == 1 else f"{record}/{seen[record]}")


def _change(record: Record) -> Change | Remark:
    field = record.fields

    def wrong(rule: str, message: str, fix: str) -> Remark:
        return refused(record.line, field["key_result"][:60], rule, message, fix)

    for name in ("key_result", "actor"):
        if not _NAME.fullmatch(field[name]):
            return wrong(
                f"no_{name}",
                f"“{field[name][:40]}” is no id of {'an actor' if name == 'actor' else 'a key result'}.",
                "An id has up to 60 letters, digits, “_”, “.”, “:”, “/” and “-”.",
            )
    committed_at = _instant(field["committed_at"])
    if committed_at is None:
        return wrong(
            "no_instant",
            f"“{field['committed_at'][:40]}” is no instant.",
            "Write it with its offset, as in 2019-03-11T11:31:30-07:00.",
        )
    quarter = _quarter(field["cycle"])
    if quarter is None:
        return wrong("no_quarter", f"“{field['cycle'][:40]}” is no calendar quarter.", "Write the cycle as in 2019-q1.")
    if field["field"] not in FIELDS:
        return wrong("unknown_field", f"“{field['field'][:40]}” is no field.", f"Write one of {', '.join(FIELDS)}.")
    return Change(
        line=record.line,
        committed_at=committed_at,
        quarter=quarter,
        objective=field["objective"],
        key_result=field["key_result"],
        actor=field["actor"],
        field=field["field"],
        old=field["old"],
        new=field["new"],
    )


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return instant if instant.tzinfo is not None else None


def _quarter(text: str) -> Quarter | None:
    found = _QUARTER.fullmatch(text)
    if found is None:
        return None
    year, number = int(found[1]), int(found[2])
    if not 1 <= year < 9999:
        return None
    starts_on = date(year, 3 * number - 2, 1)
    after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
    return Quarter(text, starts_on, after - timedelta(days=1))
