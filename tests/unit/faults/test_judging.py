"""A judge that finds nothing is worth nothing: each kind of harm to a history is found by it."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka import ConsumerRecord

from okr_contracts.cloud_event_attributes import value
from okr_contracts.cloud_events import headers
from okr_contracts.commands import RecordCheckIn
from okr_contracts.envelope import Recorded, encode
from services.query.event_json import event_json
from tests.faults.compare import differences
from tests.faults.journal import Answer, Json, Sent, World
from tests.faults.judge import judge, judge_topic
from tests.faults.listener import Listener, digest_of
from tests.given import NOON
from tests.histories import accepted
from tests.plain_recomputation import recompute, recompute_changes, shown

TODAY = NOON.date()
HISTORY = accepted(
    [RecordCheckIn.model_validate({"check_in_id": "c", "key_result_id": "k1", "value": "42", "narrative": "So far"})]
).recorded


def as_written(recorded: Recorded) -> bytes:
    exact = encode(recorded)
    return event_json(exact.entry, exact.data, exact.text)


def acknowledged(recorded: Recorded) -> Sent:
    event = {
        "sequence": recorded.sequence,
        "type": recorded.type,
        "subject": recorded.subject,
        "version": recorded.version,
    }
    reply = {"command_id": recorded.command_id, "sequence": recorded.sequence, "events": [event]}
    sent = Sent(recorded.command_id, "Any", {}, outcome="acknowledged", status=200)
    sent.reply = json.dumps(reply).encode()
    return sent


def world(history: list[Recorded] = HISTORY) -> World:
    # Each event of this history has a command id of its own.
    return World("acme", sent=[acknowledged(recorded) for recorded in history])


def found(harmed: World, history: list[Recorded] = HISTORY) -> list[str]:
    known = {sent.command_id for sent in harmed.sent if sent.outcome == "acknowledged"}
    return list(judge(harmed, [as_written(recorded) for recorded in history], known))


def with_newest(**changes: object) -> World:
    harmed = world()
    for name, changed in changes.items():
        setattr(harmed.sent[-1], name, changed)
    return harmed


def test_an_unharmed_history_is_found_to_be_so() -> None:
    assert found(world()) == []


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda: found(world(), HISTORY[:-1]), "and there is []"),
        (lambda: found(world(), [*HISTORY, HISTORY[-1]._replace(sequence=len(HISTORY) + 1)]), "acknowledged"),
        (lambda: found(world(), [*HISTORY[:-2], HISTORY[-1]]), "not dense"),
        (lambda: found(world(), [*HISTORY[:-1], HISTORY[-1]._replace(recorded_at=NOON.replace(year=2025))]), "back"),
        (lambda: found(world(HISTORY[:-1])), "nobody sent"),
        (lambda: found(with_newest(outcome="refused", status=409)), "refused with 409"),
        (lambda: found(with_newest(outcome="abandoned")), "never complete"),
        (lambda: found(with_newest(outcome="unknown")), "final answer"),
        (lambda: found(with_newest(expected_version=7)), "accepted on version 7"),
        (lambda: found(with_newest(type="RecordCheckIn", body={"value": "41"})), "value was '41'"),
    ],
    ids=["lost", "doubled", "hole", "time", "unasked", "refused", "cut", "unknown", "version", "content"],
)
def test_each_harm_to_the_ledger_is_found(harm: Callable[[], list[str]], said: str) -> None:
    assert any(said in each for each in harm()), harm()


def test_half_of_an_atomic_batch_is_found() -> None:
    harmed = world()
    for sent in harmed.sent[-2:]:
        sent.batch = "b"
    assert found(harmed) == []
    harmed.sent.append(Sent("c-none", "Any", {}, batch="b", outcome="refused", status=409))
    assert "the atomic batch b was ['acknowledged', 'refused']" in found(harmed)


def on_kafka(recorded: Recorded, offset: int) -> ConsumerRecord[bytes, bytes]:
    exact = encode(recorded)
    record = SimpleNamespace(
        key=b"acme", value=value(exact.data, exact.text), headers=headers(recorded), partition=0, offset=offset
    )
    return cast("ConsumerRecord[bytes, bytes]", record)


def listened(records: list[ConsumerRecord[bytes, bytes]]) -> Listener:
    listener = Listener("nowhere", "topic", 1)
    listener.take(records, {})
    return listener


def test_records_that_are_what_the_ledger_says_are_found_to_be_so() -> None:
    listener = listened([on_kafka(recorded, offset) for offset, recorded in enumerate([*HISTORY, *HISTORY[-3:]])])
    assert listener.differences == []
    assert list(judge_topic(world(), [as_written(recorded) for recorded in HISTORY], listener)) == []


def test_an_event_before_its_predecessor_is_found_unless_records_are_gone_there() -> None:
    (said,) = listened([on_kafka(HISTORY[0], 0), on_kafka(HISTORY[2], 1)]).differences
    assert said == "acme 3 at partition 0, offset 1 came after 1"
    assert listened([on_kafka(HISTORY[0], 0), on_kafka(HISTORY[2], 5)]).differences == []


def test_a_record_that_was_not_published_or_has_other_bytes_is_found() -> None:
    written = [as_written(recorded) for recorded in HISTORY]
    listener = listened([on_kafka(recorded, offset) for offset, recorded in enumerate(HISTORY[:-1])])
    assert list(judge_topic(world(), written, listener)) == [f"event {len(HISTORY)} was not published"]
    altered = HISTORY[-1]._replace(command_id="another")
    listener.take([on_kafka(altered, len(HISTORY) - 1)], {})
    assert list(judge_topic(world(), written, listener)) == [
        f"the record of event {len(HISTORY)} is not what the ledger says"
    ]
    listener.take([on_kafka(HISTORY[-1], len(HISTORY))], {})
    assert "came with other bytes" in listener.differences[0]


def test_headers_count_whatever_their_order() -> None:
    there = headers(HISTORY[-1])
    assert digest_of(there, b"{}") == digest_of(there[::-1], b"{}")
    assert digest_of(there, b"{}") != digest_of(there[:-1], b"{}")


def told(path: str, document: Json, sequence: int = len(HISTORY)) -> list[str]:
    day = "" if path in ("audit", "events") else TODAY.isoformat()
    answer = Answer(path, day, sequence, json.dumps(document, separators=(",", ":")).encode())
    compared, differing = differences([as_written(recorded) for recorded in HISTORY], [answer])
    assert compared == 1
    return differing


def tree() -> list[dict[str, object]]:
    nodes = recompute([json.loads(as_written(recorded)) for recorded in HISTORY], TODAY)
    return [
        {
            "kind": node.kind,
            "id": node.id,
            "progress": shown(node.progress),
            "raw": shown(node.raw),
            "measured": shown(node.measured),
            "expected": shown(node.expected),
            "status": node.status,
            "stale": node.stale,
            "no_inputs": node.no_inputs,
        }
        for node in nodes.values()
    ]


def test_a_wrong_figure_a_missing_node_and_an_older_answer_are_found() -> None:
    assert told("tree", {"items": tree()}) == []
    assert "nodes" in told("tree", {"items": tree()[1:]})[0]
    wrong = [{**node, "progress": "0.430000"} if node["id"] == "k1" else node for node in tree()]
    assert "'0.430000'" in told("tree", {"items": wrong})[0]
    # As known before the check-in, k1 had no progress.
    assert any("k1" in each for each in told("tree", {"items": tree()}, len(HISTORY) - 1))


def test_a_wrong_change_in_the_audit_and_altered_events_are_found() -> None:
    events = [json.loads(as_written(recorded)) for recorded in HISTORY]
    changes = recompute_changes(events)
    items = [
        {
            "sequence": event["sequence"],
            "changes": [
                {"field": each.field, "before": each.before, "after": each.after} for each in changes[event["sequence"]]
            ],
        }
        for event in events
    ]
    assert told("audit", {"items": items}) == []
    assert "events" in told("audit", {"items": items[1:]})[0]
    items[-1]["changes"] = []
    assert f"event {len(HISTORY)} changed []" in told("audit", {"items": items})[0]
    assert "byte for byte" in told("events", {"items": events[::-1]})[0]
