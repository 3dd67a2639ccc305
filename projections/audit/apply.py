"""
Writes the audit rows of a batch of events, and makes the next rows while the server writes the last ones.

One statement reads the subjects that the batch changes and that were there before; two write for every few hundred
events, and two at the end write how the subjects stand. Of a check-in that is not kept before a second event: most have
one, which says it all.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias, cast

import asyncpg
from pydantic_core import from_json, to_json

from okr_contracts.envelope import Recorded
from okr_contracts.events import CheckInRecorded
from projections.audit.fold import NOTHING, Change, Changes, Subject, first_of, fold
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
    reported: set[_SubjectKey] = set()
    keys = [(each.organisation, each.subject) for each in events]
    for key, each in zip(keys, events, strict=True):
        if each.version != 1:
            changed.add(key)
        elif type(each.event) is CheckInRecorded:
            reported.add(key)
        else:
            new.add(key)
    there = changed - new - reported
    subjects = await _read_subjects(connection, schema, there) if there else {}
    writing: asyncio.Task[object] | None = None
    try:
        for statement, rows in _rows(keys, events, subjects, new | (reported & changed), reported):
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
    keys: Sequence[_SubjectKey],
    events: Sequence[Recorded],
    subjects: dict[_SubjectKey, Subject],
    new: set[_SubjectKey],
    reported: set[_SubjectKey],
) -> Iterator[tuple[str, Sequence[_Row]]]:
    """
    Rows to write, in order, each with the name of its statement; *subjects* is brought up to date.

    *keys* are those of *events*.
    *new* subjects have no row yet and get one; of the check-ins *reported*, only those that are among them do.
    """
    for start in range(0, len(events), _EVENTS_A_STATEMENT):
        audited: list[_Row] = []
        about: list[_Row] = []
        end = start + _EVENTS_A_STATEMENT
        for key, recorded in zip(keys[start:end], events[start:end], strict=True):
            organisation, sequence = recorded.organisation, str(recorded.sequence)
            subjects[key], changes = fold(subjects.get(key, NOTHING), recorded)
            audited.append(_row(recorded, sequence, changes))
            about.extend([(organisation, each, sequence) for each in recorded.event.about])
        yield "insert_events", audited
        yield "insert_event_subjects", sorted(about)
    for statement, kept in (("insert_subjects", new), ("keep_subjects", subjects.keys() - new - reported)):
        if kept:
            yield statement, [(*key, *map(_json_in_order, subjects[key])) for key in sorted(kept)]


async def _read_subjects(connection: Connection, schema: str, keys: set[_SubjectKey]) -> dict[_SubjectKey, Subject]:
    organisations, subjects = zip(*sorted(keys), strict=True)
    rows = await connection.fetch(_statement("read_subjects", schema), list(organisations), list(subjects))
    return {(row["organisation"], row["subject"]): _subject(row) for row in rows}


def _subject(row: asyncpg.Record) -> Subject:
    if row["fields"] is not None:
        return Subject(from_json(row["fields"]), from_json(row["words"]))
    changes = [Change(*each) for each in cast("list[tuple[str, object, object]]", from_json(row["changes"]))]
    return first_of(changes, from_json(row["earlier_words"]), row["sequence"])


def _row(recorded: Recorded, sequence: str, changes: Changes) -> _Row:
    actor = recorded.actor
    return (
        recorded.organisation,
        sequence,
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


def _json_in_order(value: Mapping[str, object]) -> str:
    """Whatever the order in which it came to be: what is stored must not depend on how events came in batches."""
    return _json(dict(sorted(value.items())))


def _json(value: object) -> str:
    return to_json(value).decode()


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "audit", schema)
