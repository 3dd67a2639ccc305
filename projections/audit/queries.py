"""What the audit answers: events in the order of recording, each with what it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, cast

from pydantic_core import from_json

from projections.audit.fold import Change
from projections.read_model import Connection, in_schema

_SQL: Final = Path(__file__).parent / "sql"
_WORDS: Final = (_SQL / "words.sql").read_text()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are wanted; what is None wants all."""

    subject: str | None = None
    """Events of it, changing it, or naming it: those of a key result include its check-ins."""
    type: str | None = None
    actor_kind: str | None = None
    actor_id: str | None = None
    """Who acted, or on whose behalf it was done."""
    words: Sequence[str] = ()
    """All of them stand somewhere in the words of the event, in upper or lower case."""


@dataclass(frozen=True, slots=True)
class AuditedEvent:
    """An event as its exact bytes, and what it changed of its subject, by field name."""

    sequence: int
    entry: bytes
    data: bytes | None
    text: bytes | None
    changes: list[Change]


async def events(
    connection: Connection,
    organisation: str,
    wanted: Filter,
    after: int,
    up_to: int,
    limit: int,
    schema: str = "audit",
) -> list[AuditedEvent]:
    """
    At most *limit* events after sequence *after* and up to *up_to*, oldest first.

    A subject is found by an index; type, actor and words are looked for in every event from *after* on. The words of
    changes are read from the ledger now, so that what was erased there is null here. *connection* must see the ledger;
    *schema* is the generation of the read model that is read.
    """
    asked: list[object] = [
        organisation,
        after,
        up_to,
        wanted.type,
        wanted.actor_kind,
        wanted.actor_id,
        list(wanted.words),
        limit,
    ]
    if wanted.subject is None:
        rows = await connection.fetch(_statement("events_of_all", schema), *asked)
    else:
        rows = await connection.fetch(_statement("events_of_subject", schema), *asked, wanted.subject)
    earlier_words = [cast("dict[str, int | None]", from_json(row["earlier_words"])) for row in rows]
    said = await _words(connection, organisation, {each for words in earlier_words for each in words.values() if each})
    return [
        AuditedEvent(
            sequence=row["sequence"],
            entry=row["entry"],
            data=row["data"],
            text=row["words"],
            changes=_changes(row["changes"], words, said, _parsed(row["words"])),
        )
        for row, words in zip(rows, earlier_words, strict=True)
    ]


def _changes(
    fields: str,
    earlier_words: Mapping[str, int | None],
    said: Mapping[int, Mapping[str, object]],
    says: Mapping[str, object],
) -> list[Change]:
    changes = [Change(*each) for each in cast("list[tuple[str, object, object]]", from_json(fields))]
    for name, sequence in earlier_words.items():
        before = said.get(sequence, {}).get(name) if sequence else None
        if before != says.get(name):
            changes.append(Change(name, before, says.get(name)))
    return sorted(changes, key=lambda change: change.field)


async def _words(connection: Connection, organisation: str, sequences: set[int]) -> dict[int, Mapping[str, object]]:
    if not sequences:
        return {}
    rows = await connection.fetch(_WORDS, organisation, sorted(sequences))
    return {row["sequence"]: _parsed(row["words"]) for row in rows}


def _parsed(words: bytes | None) -> Mapping[str, object]:
    return cast("Mapping[str, object]", from_json(words)) if words else {}


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "audit", schema)
