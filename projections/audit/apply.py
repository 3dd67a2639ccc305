"""Writes the audit rows of a batch of events: one statement reads the subjects that it changes, three write."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from pydantic_core import from_json, to_json

from okr_contracts.envelope import Recorded
from projections.audit.fold import NOTHING, Changes, Subject, fold
from projections.read_model import Connection, in_schema

_SQL: Final = Path(__file__).parent / "sql"
_SubjectKey: TypeAlias = tuple[str, str]


async def apply(connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
    """Write what *events* changed into *schema*, in the caller's transaction; an event must not be given twice."""
    if not events:
        return
    subjects = await _read_subjects(connection, schema, {(each.organisation, each.subject) for each in events})
    audited: list[tuple[object, ...]] = []
    about: set[tuple[str, str, int]] = set()
    for recorded in events:
        key = (recorded.organisation, recorded.subject)
        subjects[key], changes = fold(subjects.get(key, NOTHING), recorded)
        audited.append(_row(recorded, changes))
        event = recorded.event
        named = {event.subject, *event.touches, *event.related}
        about.update((recorded.organisation, subject, recorded.sequence) for subject in named)
    newest = [(*key, _json(subjects[key].fields), _json(subjects[key].words)) for key in sorted(subjects)]
    for statement, rows in (
        ("insert_events", audited),
        ("insert_event_subjects", sorted(about)),
        ("keep_subjects", newest),
    ):
        await connection.execute(_statement(statement, schema), *map(list[object], zip(*rows, strict=True)))


async def _read_subjects(connection: Connection, schema: str, keys: set[_SubjectKey]) -> dict[_SubjectKey, Subject]:
    organisations, subjects = zip(*sorted(keys), strict=True)
    rows = await connection.fetch(_statement("read_subjects", schema), list(organisations), list(subjects))
    return {
        (row["organisation"], row["subject"]): Subject(from_json(row["fields"]), from_json(row["words"]))
        for row in rows
    }


def _row(recorded: Recorded, changes: Changes) -> tuple[object, ...]:
    actor = recorded.actor
    return (
        recorded.organisation,
        recorded.sequence,
        recorded.type,
        actor.kind,
        actor.id,
        actor.on_behalf_of,
        _json(changes.fields),
        _json(changes.earlier_words),
    )


def _json(value: object) -> str:
    return to_json(value).decode()


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "audit", schema)
