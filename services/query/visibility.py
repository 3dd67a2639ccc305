"""
Who may read what: the one place to read it.

Everything is in the open but objectives that are restricted, with their key results, check-ins and links. Such an
objective is read by those whom the restriction names, by its owner, by whoever answers for one of its key results, and
by auditors and administrators. Everybody else sees where it stands, as an opaque id with numbers, and the same numbers
above it. What counts is the restriction of today, whatever moment is asked about.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast

from pydantic_core import from_json

from projections.alignment.directory import units_of
from projections.alignment.moment import Moment
from projections.progress.restrictions import Restriction, restrictions
from services.query.answers import Answer, Connection, JsonObject, Page, Streamed
from services.query.event_json import json_bytes
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
    Whether somebody may read a restricted objective; *units* are those that they are in, and all above them.

    A unit that is named, or that owns it, means everybody in it and below it.
    """
    if not READS_EVERYTHING.isdisjoint(roles):
        return True
    if person_id is None:
        return False
    own = {f"person/{person_id}", *(f"unit/{unit_id}" for unit_id in units)}
    return person_id in restriction.people or not own.isdisjoint({*restriction.readers, restriction.owner})


@dataclass(frozen=True, slots=True)
class Nodes:
    """Restricted objectives with their key results, by id."""

    objectives: frozenset[str] = frozenset()
    key_results: frozenset[str] = frozenset()

    def has(self, kind: object, node_id: object) -> bool:
        """Whether a node is one of them."""
        return node_id in (self.objectives if kind == "objective" else self.key_results if kind == "key_result" else ())

    def of_event(self, event: Mapping[str, object]) -> str | None:
        """The one of them that an event is about, as a subject; None for none."""
        plural, _, subject_id = str(event["subject"]).partition("/")
        match plural:
            case "objectives" | "key-results":
                own = "objective" if plural == "objectives" else "key_result"
                return str(event["subject"]) if self.has(own, subject_id) else None
            case "check-ins":
                data = cast("Mapping[str, object] | None", event.get("data")) or {}
                key_result_id = data.get("key_result_id")
                return f"key-results/{key_result_id}" if key_result_id in self.key_results else None
            case "alignments":
                child, kind, parent = subject_id.split("~")
                if child in self.objectives:
                    return f"objectives/{child}"
                return _subject(kind, parent) if self.has(kind, parent) else None
            case _:
                return None


def _subject(kind: object, node_id: object) -> str:
    return f"{'objectives' if kind == 'objective' else 'key-results'}/{node_id}"


@dataclass(frozen=True, slots=True)
class Visibility:
    """What is restricted today: what one asker may not read, and what they may."""

    hidden: Nodes = Nodes()
    readable: Nodes = Nodes()

    def read_in(self, answer: Answer) -> frozenset[str]:
        """The restricted subjects that an answer shows to whoever may read them, one that is streamed apart."""
        if not self.readable.objectives:
            return frozenset()
        match answer:
            case Page(items=items):
                return frozenset(subject for item in items for subject in self._read(item))
            case Streamed():
                return frozenset(self._read(answer.head))
            case _:
                return frozenset(self._read(answer))

    def read_in_item(self, item: JsonObject | bytes) -> frozenset[str]:
        """The same of one item of an answer that is streamed, or of one event."""
        return frozenset(self._read(item)) if self.readable.objectives else frozenset()

    def _read(self, value: object) -> Iterator[str]:
        match value:
            case bytes():
                subject = self.readable.of_event(cast("Mapping[str, object]", from_json(value)))
                if subject is not None:
                    yield subject
            case list() | tuple():
                for each in cast("Iterable[object]", value):
                    yield from self._read(each)
            case Mapping():
                given = cast("JsonObject", value)
                if self.readable.has(given.get("kind"), given.get("id")) and not set(given) <= {"kind", "id"}:
                    yield _subject(given["kind"], given["id"])
                if "versions" in given and given.get("key_result_id") in self.readable.key_results:
                    yield f"key-results/{given['key_result_id']}"
                for each in given.values():
                    if isinstance(each, Mapping | list | tuple):
                        yield from self._read(cast("object", each))
            case _:
                return

    def shown(self, answer: Answer, *, searched: bool) -> Answer:
        """
        The answer as the asker may read it.

        Where it was *searched* by owner or words, what is hidden is left out altogether: to be found would tell.
        """
        if not self.hidden.objectives:
            return answer
        match answer:
            case bytes():
                return self._event(answer)
            case Page(items=items):
                kept = [item for item in items if not (searched and self._is_hidden(item))]
                return replace(answer, items=[self._item(item) for item in kept])
            case Streamed():
                head = cast("JsonObject", self._value(answer.head))
                return replace(answer, head=head, items=self._each(answer.items))
            case _:
                return cast("JsonObject", self._value(answer))

    def event(self, event: bytes) -> bytes:
        """One event as the asker may read it."""
        return self._event(event) if self.hidden.objectives else event

    async def _each(self, items: AsyncIterator[JsonObject]) -> AsyncIterator[JsonObject]:
        async for item in items:
            yield cast("JsonObject", self._value(item))

    def _item(self, item: JsonObject | bytes) -> JsonObject | bytes:
        return self._event(item) if isinstance(item, bytes) else cast("JsonObject", self._value(item))

    def _is_hidden(self, item: JsonObject | bytes) -> bool:
        if isinstance(item, bytes):
            return self.hidden.of_event(cast("Mapping[str, object]", from_json(item))) is not None
        return self.hidden.has(item.get("kind"), item.get("id"))

    def _event(self, event: bytes) -> bytes:
        read = cast("dict[str, object]", from_json(event))
        if self.hidden.of_event(read) is None:
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


def _left(given: JsonObject, names: frozenset[str]) -> JsonObject:
    return {**{name: value if name in names else None for name, value in given.items()}, "redacted": True}


async def visibility(
    connection: Connection, organisation: str, person_id: str | None, roles: frozenset[str], today: date
) -> Visibility:
    """What somebody may read today; where nothing is restricted that is one look at an index."""
    progress = await connection.fetchval(statement("live_generation"), "progress")
    restricted = await restrictions(connection, organisation, today, progress)
    if not restricted:
        return EVERYTHING
    units: frozenset[str] = frozenset()
    if person_id is not None and READS_EVERYTHING.isdisjoint(roles):
        alignment = await connection.fetchval(statement("live_generation"), "alignment")
        moment = Moment(organisation, today, _LAST_SEQUENCE, alignment)
        units = await units_of(connection, moment, person_id)
    readable = [each for each in restricted if may_read(each, person_id, roles, units)]
    return Visibility(_nodes(each for each in restricted if each not in readable), _nodes(readable))


def _nodes(restricted: Iterable[Restriction]) -> Nodes:
    listed = list(restricted)
    return Nodes(
        frozenset(each.objective_id for each in listed),
        frozenset(key_result_id for each in listed for key_result_id in each.key_result_ids),
    )
