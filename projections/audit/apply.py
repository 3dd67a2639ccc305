"""
Writes the audit rows of a batch of events, and makes the next rows while the server writes the last ones.

One statement reads the subjects that the batch changes and that were there before; two write for every few hundred
events, and two at the end write how the subjects stand.
"""

import asyncio
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from pydantic_core import from_json, to_json

from okr_contracts.envelope import Recorded
from projections.audit.fold import NOTHING, Changes, Subject, fold
from projections.read_model import Connection, in_schema

_SQL: Final = Path(__file__).parent / "sql"
_SubjectKey: TypeAlias = tuple[str, str]
_Row: TypeAlias = tuple[str, ...]
# Small enough that the server has something to do soon, large enough that statements do not count.
_EVENTS_A_STATEMENT: Final = 250
# No id holds it, and JSON escapes it. Columns are sent as one text each: as arrays, asyncpg looks at every value twice.
_SEPARATOR: Final = "\x1f"


async def apply(connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
    """Write what *events* changed into *schema*, in the caller's transaction; an event must not be given twice."""
    # The first version of a subject is its first event: nothing is there to be read, nothing to be replaced.
    new: set[_SubjectKey] = set()
    changed: set[_SubjectKey] = set()
    for each in events:
        (new if each.version == 1 else changed).add((each.organisation, each.subject))
    subjects = await _read_subjects(connection, schema, changed - new) if changed - new else {}
    writing: asyncio.Task[object] | None = None
    try:
        for statement, rows in _rows(events, subjects, new):
            columns = map(_column, zip(*rows, strict=True))
            if writing is not None:
                await writing
            writing = asyncio.create_task(connection.execute(_statement(statement, schema), *columns))
            # Sends it; the server works while the next rows are made.
            await asyncio.sleep(0)
        if writing is not None:
            await writing
    finally:
        if writing is not None and not writing.done():
            # The connection is the caller's again only when the statement is over.
            await asyncio.wait([writing])


def _rows(
    events: Sequence[Recorded], subjects: dict[_SubjectKey, Subject], new: set[_SubjectKey]
) -> Iterator[tuple[str, Sequence[_Row]]]:
    """Rows to write, in order, each with the name of its statement; *subjects* is brought up to date."""
    for start in range(0, len(events), _EVENTS_A_STATEMENT):
        audited: list[_Row] = []
        about: list[_Row] = []
        for recorded in events[start : start + _EVENTS_A_STATEMENT]:
            event, organisation, sequence = recorded.event, recorded.organisation, str(recorded.sequence)
            subject = event.subject
            key = (organisation, subject)
            subjects[key], changes = fold(subjects.get(key, NOTHING), recorded)
            audited.append(_row(recorded, changes))
            about.extend([(organisation, each, sequence) for each in event.about])
        yield "insert_events", audited
        yield "insert_event_subjects", sorted(about)
    for statement, keys in (("insert_subjects", new), ("keep_subjects", subjects.keys() - new)):
        if keys:
            yield (
                statement,
                [(*key, _json(subjects[key].fields), _json(subjects[key].words)) for key in sorted(keys)],
            )


async def _read_subjects(connection: Connection, schema: str, keys: set[_SubjectKey]) -> dict[_SubjectKey, Subject]:
    organisations, subjects = zip(*sorted(keys), strict=True)
    rows = await connection.fetch(_statement("read_subjects", schema), list(organisations), list(subjects))
    return {
        (row["organisation"], row["subject"]): Subject(from_json(row["fields"]), from_json(row["words"]))
        for row in rows
    }


def _row(recorded: Recorded, changes: Changes) -> _Row:
    actor = recorded.actor
    return (
        recorded.organisation,
        str(recorded.sequence),
        recorded.type,
        actor.kind,
        actor.id,
        actor.on_behalf_of or "",
        _json(changes.fields),
        _json(changes.earlier_words),
    )


def _column(values: Sequence[str]) -> str:
    """The values of one column, as the statements take them apart; raises ValueError for one that no ledger has."""
    column = _SEPARATOR.join(values)
    if column.count(_SEPARATOR) != len(values) - 1:
        raise ValueError("a value holds the separator of values")
    return column


def _json(value: object) -> str:
    return to_json(value).decode()


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "audit", schema)
