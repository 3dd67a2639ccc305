"""
Who may read what: the one place to read it.

Everything is in the open but objectives that are restricted, with their key results, check-ins and links. Such an
objective is read by those whom the restriction names, by its owner, by whoever answers for one of its key results, and
by auditors and administrators. Everybody else sees where it stands, as an opaque id with numbers, and the same numbers
above it. What counts is the restriction of today, whatever moment is asked about.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast

from pydantic_core import from_json

from projections.alignment.directory import units_of
from projections.alignment.moment import Moment
from projections.progress.restrictions import Restriction, restrictions
from services.query.answers import Answer, Connection, JsonObject, Page, Streamed
from services.query.event_json import json_bytes
from services.query.hidden import NOTHING, Hidden
from services.query.statements import statement

READS_EVERYTHING: Final = frozenset({"auditor", "administrator"})

_LAST_SEQUENCE: Final = 2**63 - 1
# What is left of a node: where it stands and what it counts, never words, owner or values.
_LEFT_OF_A_NODE: Final = frozenset(
    [
        "id",
        "kind",
        "cycle_id",
        "state",
        "depth",
        "progress",
        "measured",
        "expected",
        "computed",
        "status",
        "no_inputs",
        "roll_up",
        "rule_version",
        "ambition",
        "thresholds",
        "period",
        "weight",
        "share",
        "effect",
        "origin",
        "counts",
        "why_not",
        "sequences",
        "parents",
        "links",
        "inputs",
        "key_results",
        "points",
        "number",
        "graded",
        "proposed_now",
        "what",
        "changes",
        "node",
        "explanation",
        "explanations",
        "child",
        "parent",
        "objective_id",
        "attributed",
        "reached",
        "not_attributed",
    ]
)
_LEFT_OF_A_CHECK_IN: Final = frozenset({"id", "key_result_id", "sequence", "recorded_at", "withdrawn", "corrected"})
_LEFT_OF_AN_EVENT: Final = frozenset(
    [
        "organisation",
        "epoch",
        "sequence",
        "type",
        "schema_version",
        "subject",
        "version",
        "recorded_at",
        "effective_on",
        "command_id",
        "exception",
    ]
)


def may_read(restriction: Restriction, person_id: str | None, roles: Iterable[str], units: frozenset[str]) -> bool:
    """
    Whether somebody may read a restricted objective; *units* are those that they are in or lead, and all above them.

    A unit that is named, or that owns it, means everybody in it and below it.
    """
    if not READS_EVERYTHING.isdisjoint(roles):
        return True
    if person_id is None:
        return False
    own = {f"person/{person_id}", *(f"unit/{unit_id}" for unit_id in units)}
    return person_id in restriction.people or not own.isdisjoint({*restriction.readers, restriction.owner})


@dataclass(frozen=True, slots=True)
class Visibility:
    """What is restricted today: what is hidden from one asker, and what they may read."""

    hidden: Hidden = NOTHING
    readable: Hidden = NOTHING

    def read_in(self, told: Answer) -> frozenset[str]:
        """The restricted subjects that an answer shows to whoever may read them; of one that is streamed, its head."""
        if not self.readable:
            return frozenset()
        match told:
            case Page(items=items):
                return frozenset(subject for item in items for subject in self._read(item))
            case Streamed():
                return frozenset(self._read(told.head))
            case _:
                return frozenset(self._read(told))

    def read_in_item(self, item: JsonObject | bytes) -> frozenset[str]:
        """The same of one item of an answer that is streamed, or of one event."""
        return frozenset(self._read(item)) if self.readable else frozenset()

    def _read(self, value: object) -> Iterator[str]:
        match value:
            case bytes():
                event = cast("Mapping[str, object]", from_json(value))
                if self.readable.tells(event):
                    yield _subject_of(event)
            case list() | tuple():
                for each in cast("Iterable[object]", value):
                    yield from self._read(each)
            case Mapping():
                given = cast("JsonObject", value)
                if self.readable.has(given.get("kind"), given.get("id")) and not set(given) <= {"kind", "id"}:
                    yield f"{'objectives' if given['kind'] == 'objective' else 'key-results'}/{given['id']}"
                if "versions" in given and given.get("key_result_id") in self.readable.key_results:
                    yield f"key-results/{given['key_result_id']}"
                for each in given.values():
                    yield from self._read(each)
            case _:
                return

    def shown(self, answer: Answer) -> Answer:
        """The answer as the asker may read it."""
        if not self.hidden:
            return answer
        match answer:
            case bytes():
                return self._event(answer)
            case Page(items=items):
                return replace(answer, items=[self._item(item) for item in items])
            case Streamed():
                head = cast("JsonObject", self._value(answer.head))
                return replace(answer, head=head, items=self._each(answer.items))
            case _:
                return cast("JsonObject", self._value(answer))

    def event(self, event: bytes) -> bytes:
        """One event as the asker may read it."""
        return self._event(event) if self.hidden else event

    async def _each(self, items: AsyncIterator[JsonObject]) -> AsyncIterator[JsonObject]:
        async for item in items:
            yield cast("JsonObject", self._value(item))

    def _item(self, item: JsonObject | bytes) -> JsonObject | bytes:
        return self._event(item) if isinstance(item, bytes) else cast("JsonObject", self._value(item))

    def _event(self, event: bytes) -> bytes:
        read = cast("dict[str, object]", from_json(event))
        if not self.hidden.tells(read):
            return event
        left = {name: value if name in _LEFT_OF_AN_EVENT else None for name, value in read.items()}
        return json_bytes({**left, "redacted": True})

    def _value(self, value: object) -> object:
        """JSON in which hidden nodes are redacted, wherever they stand."""
        match value:
            case list() | tuple():
                return [self._value(each) for each in cast("Iterable[object]", value)]
            case Mapping():
                return self._object(cast("JsonObject", value))
            case _:
                return value

    def _object(self, given: JsonObject) -> JsonObject:
        inner = {name: self._value(each) for name, each in given.items()}
        if "versions" in given and given.get("key_result_id") in self.hidden.key_results:
            return _left(inner, _LEFT_OF_A_CHECK_IN)
        if not self.hidden.has(given.get("kind"), given.get("id")) or set(given) <= {"kind", "id"}:
            return inner
        if "changes" in inner:
            changes = cast("list[Mapping[str, object]]", inner["changes"])
            inner["changes"] = [change for change in changes if change["field"] in _LEFT_OF_A_NODE]
        return _left(inner, _LEFT_OF_A_NODE)


EVERYTHING: Final = Visibility()


def _subject_of(event: Mapping[str, object]) -> str:
    """What an event tells of; a check-in of its key result."""
    subject = str(event["subject"])
    data = cast("Mapping[str, object] | None", event.get("data")) or {}
    return f"key-results/{data.get('key_result_id')}" if subject.startswith("check-ins/") else subject


def _left(given: JsonObject, names: frozenset[str]) -> JsonObject:
    return {**{name: value if name in names else None for name, value in given.items()}, "redacted": True}


async def visibility(
    connection: Connection,
    organisation: str,
    person_id: str | None,
    roles: frozenset[str],
    today: date,
    *,
    read_model: str | None,
) -> Visibility:
    """
    What somebody may read today of what *read_model* has (None: the ledger).

    Where nothing is restricted that is one look at an index, and one at what is ahead of the progress.
    """
    progress = await connection.fetchval(statement("live_generation"), "progress")
    ahead = read_model != "progress"
    newer = await _newer_readers(connection, organisation) if ahead else {}
    restricted = await restrictions(connection, organisation, today, progress, newer)
    if not restricted:
        return EVERYTHING
    units: frozenset[str] = frozenset()
    if person_id is not None:
        assigned = await connection.fetch(statement("assigned_roles"), person_id)
        roles |= {row["role"] for row in assigned}
        alignment = await connection.fetchval(statement("live_generation"), "alignment")
        moment = Moment(organisation, today, _LAST_SEQUENCE, alignment)
        units = await units_of(connection, moment, person_id)
    readable = [each for each in restricted if may_read(each, person_id, roles, units)]
    added = await _ahead(connection, organisation, "KeyResultAdded") if ahead else []
    return Visibility(_of([each for each in restricted if each not in readable], added), _of(readable, added))


def _of(restricted: Sequence[Restriction], added: Sequence[Mapping[str, object]]) -> Hidden:
    """The objectives with their key results, also those that were *added* a moment ago."""
    objectives = frozenset(each.objective_id for each in restricted)
    own = frozenset(key_result_id for each in restricted for key_result_id in each.key_result_ids)
    return Hidden(
        objectives, own | {str(each["key_result_id"]) for each in added if each["objective_id"] in objectives}
    )


async def _newer_readers(connection: Connection, organisation: str) -> dict[str, list[str]]:
    """
    Readers by objective, of restrictions that the progress has not applied yet.

    The ledger and other read models may be ahead of it: without these, a restriction would be told before it holds.
    """
    readers: dict[str, list[str]] = {}
    for event in await _ahead(connection, organisation, "ObjectiveRestricted"):
        named = cast("Iterable[Mapping[str, str]]", event["readers"])
        readers[str(event["objective_id"])] = [f"{reader['kind']}/{reader['id']}" for reader in named]
    return readers


async def _ahead(connection: Connection, organisation: str, type_name: str) -> list[Mapping[str, object]]:
    rows = await connection.fetch(statement("events_ahead"), organisation, type_name)
    return [cast("Mapping[str, object]", from_json(row["data"])) for row in rows]
