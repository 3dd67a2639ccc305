"""Whether the history of one organisation is what its clients were told: from the API and the topic alone."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import cast

from tests.faults.journal import Json, Sent, World
from tests.faults.listener import Listener, digest_of

_BEFORE_DATA = b',"data":'


def judge(world: World, written: Sequence[bytes], known: Set[str]) -> Iterator[str]:
    """
    What is wrong with the events of *world*, as *written* by the query service.

    *known* are the commands that the ledger says it has replies for.
    """
    events = [cast("Json", json.loads(each)) for each in written]
    sequences = [event["sequence"] for event in events]
    if sequences != list(range(1, len(events) + 1)):
        yield f"sequences are not dense: {sequences}"
    recorded = [str(event["recorded_at"]) for event in events]
    if recorded != sorted(recorded):
        yield "recorded_at goes back"
    by_command: Mapping[str, list[Json]] = defaultdict(list)
    for event in events:
        by_command[str(event["command_id"])].append(event)
    sent_ids = {sent.command_id for sent in world.sent}
    yield from (f"nobody sent the command {each}" for each in by_command.keys() - sent_ids)
    for sent in world.sent:
        if (sent.command_id in known) != (sent.outcome == "acknowledged") and not sent.overtaken_perhaps:
            yield f"{sent.command_id} {sent.type} was {sent.outcome}, and its id is known: {sent.command_id in known}"
        yield from (f"{sent.command_id} {sent.type}: {each}" for each in _command(sent, by_command[sent.command_id]))
    yield from _batches(world.sent)


def _command(sent: Sent, events: Sequence[Json]) -> Iterator[str]:
    match sent.outcome:
        case "acknowledged":
            reply = cast("Json", json.loads(sent.reply))
            told = cast("Sequence[Json]", reply["events"])
            there = [{name: event[name] for name in ("sequence", "type", "subject", "version")} for event in events]
            if list(told) != there:
                yield f"acknowledged {told}, and there is {there}"
            if told and reply["sequence"] != told[-1]["sequence"]:
                yield f"acknowledged at {reply['sequence']}, not at its last event"
            if sent.expected_version is not None and told and told[0]["version"] != sent.expected_version + 1:
                yield f"accepted on version {sent.expected_version}, and made version {told[0]['version']}"
            yield from _content(sent, events)
        case "refused" if not sent.overtaken_perhaps and events:
            yield f"refused with {sent.status}, and there are events {[event['sequence'] for event in events]}"
        case "abandoned" if events:
            yield f"its request was never complete, and there are events {[event['sequence'] for event in events]}"
        case "unknown":
            yield "it never got a final answer"
        case _:
            return


def _content(sent: Sent, events: Sequence[Json]) -> Iterator[str]:
    """The words and numbers that were sent are those of the event."""
    if sent.type not in ("RecordCheckIn", "ReviseObjective", "CreateObjective") or not events:
        return
    there = {**cast("Json", events[0]["data"]), **(cast("Json | None", events[0]["text"]) or {})}
    for name in ("value", "narrative", "title", "confidence"):
        if name in sent.body and there.get(name) != _as_written(sent.body[name]):
            yield f"{name} was {sent.body[name]!r}, and is {there.get(name)!r}"


def _as_written(value: object) -> object:
    """Decimals keep the digits that they were sent with."""
    return value


def _batches(sent: Sequence[Sent]) -> Iterator[str]:
    """All of an atomic batch or nothing."""
    batches: Mapping[str, set[str]] = defaultdict(set)
    for each in sent:
        if each.batch is not None:
            batches[each.batch].add(each.outcome)
    yield from (f"the atomic batch {name} was {sorted(found)}" for name, found in batches.items() if len(found) > 1)


def judge_topic(world: World, written: Sequence[bytes], listener: Listener) -> Iterator[str]:
    """What is wrong with the records of *world*; an event from before records were taken away may have none."""
    for each in written:
        event = cast("Json", json.loads(each))
        sequence = cast("int", event["sequence"])
        digest = listener.digest(world.name, sequence)
        if digest is None:
            if recorded_at(each) > listener.taken_away_at:
                yield f"event {sequence} was not published"
        elif digest != digest_of(_headers(event), b'{"data":' + each.split(_BEFORE_DATA, 1)[1]):
            yield f"the record of event {sequence} is not what the ledger says"


def recorded_at(written: bytes) -> float:
    """When an event was recorded, as time.time has it."""
    return datetime.fromisoformat(str(json.loads(written)["recorded_at"])).timestamp()


def _headers(event: Json) -> list[tuple[str, bytes | None]]:
    """Of the event's record, as docs/events.md has them."""
    actor = cast("Json", event["actor"])
    name = f"{event['type']}.v{event['schema_version']}"
    fields = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_source": f"/organisations/{event['organisation']}",
        "ce_id": str(event["sequence"]),
        "ce_type": f"okr.{name}",
        "ce_time": event["recorded_at"],
        "ce_subject": event["subject"],
        "ce_sequence": f"{event['sequence']:020d}",
        "ce_partitionkey": event["organisation"],
        "ce_dataschema": f"/schemas/events/{name}.json",
        "ce_actor": f"{actor['kind']}/{actor['id']}",
        "ce_effectiveon": event["effective_on"],
        "ce_commandid": event["command_id"],
        "ce_subjectversion": str(event["version"]),
        "ce_correlationid": event["correlation_id"],
    }
    return [(key, str(value).encode()) for key, value in fields.items() if value is not None]
