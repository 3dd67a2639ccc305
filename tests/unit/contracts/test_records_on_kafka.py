"""Whatever lies on the topic is an event, an event of a later release, or no event: never anything else."""

import json
from datetime import UTC
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_contracts.cloud_event_attributes import value
from okr_contracts.cloud_events import NotAnEvent, UnknownEvent, decode_record, headers
from okr_contracts.envelope import Recorded, encode_parts
from tests.unit.contracts.golden_examples import FIELDS, new_examples

Headers = list[tuple[str, bytes | None]]
EVERYTHING = [
    (cast("Headers", headers(example.recorded)), value(example.stored.data, example.stored.text))
    for event_type in FIELDS
    for example in new_examples(event_type)
]
# An imported check-in has every header there is.
FULL = EVERYTHING[list(FIELDS).index("CheckInRecorded") * 3 + 1]
NAMES = [name for name, _ in FULL[0]]
NASTY = [
    None,
    b"",
    b"\x00",
    b"\xff\xfe",
    b" 1",
    b"0",
    b"-1",
    b"1.0",
    b"9" * 19,
    b"9" * 5000,
    "١".encode(),
    b"okr.CheckInRecorded.v" + b"9" * 5000,
    "okr.CheckInRecorded.v١".encode(),
    b"okr..v1",
    b"/organisations/",
    b"/organisations/acme/e1",
    b"/organisations/acme/e0",
    b"/organisations/acme/e" + b"9" * 30,
    b"0001-01-01T00:00:00+14:00",
    b"9999-12-31T23:59:59-14:00",
    b"2026-01-01",
    b"2026-W01-1",
    b"20260101",
    b"person/",
    b"person/%ff?on_behalf_of=%00",
    b"person/%00",
    b"robot/r2",
]


def read(record_headers: Headers, record_value: bytes | None) -> Recorded | None:
    try:
        recorded = decode_record(record_headers, record_value)
    except (NotAnEvent, UnknownEvent):
        return None
    # Whoever stores it relies on these limits.
    assert 1 <= recorded.sequence < 2**53
    assert 1 <= recorded.version < 2**53
    assert 1 <= recorded.epoch < 2**31
    assert recorded.recorded_at.tzinfo is UTC
    assert recorded.organisation
    data, text = encode_parts(recorded.event)
    assert b"\\u0000" not in data + (text or b"")
    actor = recorded.actor
    words = (actor.id, actor.on_behalf_of, recorded.command_id, recorded.correlation_id, recorded.causation_id)
    assert not any("\x00" in word for word in words if word)
    # What was read is what would be written.
    assert decode_record(headers(recorded), value(data, text)) == recorded
    return recorded


@given(st.lists(st.tuples(st.text(), st.none() | st.binary())), st.none() | st.binary())
def test_arbitrary_headers_and_bytes(record_headers: Headers, record_value: bytes | None) -> None:
    assert read(record_headers, record_value) is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", NASTY)
def test_one_header_broken(name: str, content: bytes | None) -> None:
    own_headers, own_value = FULL
    read([(own, content if own == name else kept) for own, kept in own_headers], own_value)


@given(st.sampled_from(EVERYTHING), st.sampled_from(NAMES), st.binary())
def test_one_header_with_arbitrary_bytes(record: tuple[Headers, bytes], name: str, content: bytes) -> None:
    read([(own, content if own == name else kept) for own, kept in record[0]], record[1])


@given(st.sampled_from(EVERYTHING), st.sampled_from(NAMES))
def test_one_header_missing(record: tuple[Headers, bytes], name: str) -> None:
    needed = {"ce_specversion", "ce_source", "ce_id", "ce_type", "ce_time", "ce_subject", "ce_actor"}
    recorded = read([(own, content) for own, content in record[0] if own != name], record[1])
    assert recorded is None or name not in needed


@given(st.sampled_from(EVERYTHING), st.binary(max_size=8), st.data())
def test_a_value_cut_and_patched(record: tuple[Headers, bytes], patch: bytes, data: st.DataObject) -> None:
    content = record[1]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    read(record[0], content[:start] + patch + content[end:])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800") | st.just(10**400),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.sampled_from(EVERYTHING), json_values)
def test_another_json_value(record: tuple[Headers, bytes], other: object) -> None:
    assert read(record[0], json.dumps(other).encode()) is None


@given(st.sampled_from(EVERYTHING), json_values, st.data())
def test_one_field_of_the_data_is_something_else(
    record: tuple[Headers, bytes], other: object, data: st.DataObject
) -> None:
    parts = json.loads(record[1])
    part = parts[data.draw(st.sampled_from(["data", "text"]))]
    if part:
        part[data.draw(st.sampled_from(sorted(part)))] = other
    read(record[0], json.dumps(parts).encode())


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"data":{}}',
        b'{"data":null,"text":null}',
        b'{"data":{},"text":[]}',
        b"[" * 100_000,
        b'{"data":' + b"[" * 100_000,
        b'{"data":NaN,"text":null}',
        b"\xff",
        b'{"data":{"cycle_id":"' + b"x" * 65 + b'"},"text":null}',
    ],
)
def test_values_that_are_no_event(wrong: bytes | None) -> None:
    own_headers, _ = EVERYTHING[list(FIELDS).index("CycleOpened") * 3]
    with pytest.raises(NotAnEvent):
        decode_record(own_headers, wrong)


def test_an_event_about_another_subject_than_its_header_says_is_no_event() -> None:
    own_headers, own_value = EVERYTHING[list(FIELDS).index("CycleOpened") * 3]
    other = [(name, b"cycles/q2" if name == "ce_subject" else content) for name, content in own_headers]
    with pytest.raises(NotAnEvent, match="subject"):
        decode_record(other, own_value)
