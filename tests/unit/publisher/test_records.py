"""The publisher's short way to a record gives what the contracts' long way gives."""

import pytest
from aiokafka.partitioner import murmur2 as murmur2_of_aiokafka
from hypothesis import given
from hypothesis import strategies as st

from okr_contracts.actor import Actor
from okr_contracts.cloud_event_attributes import value
from okr_contracts.cloud_events import decode_record, headers
from okr_contracts.envelope import encode
from services.chassis.partitions import murmur2, partition_of
from services.publisher.records import record_of
from tests.pipeline import history
from tests.unit.contracts.golden_examples import FIELDS, Example, new_examples

EXAMPLES = [example for event_type in FIELDS for example in new_examples(event_type)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.recorded.type}, {example.name}")
def test_headers_and_value_are_those_of_the_contracts(example: Example):
    stored = example.stored
    key, sent_value, sent_headers = record_of(stored.entry, stored.data, stored.text)
    assert key == example.recorded.organisation.encode()
    assert sent_value == value(stored.data, stored.text)
    assert sorted(sent_headers) == sorted(headers(example.recorded))


def test_an_actor_on_behalf_of_somebody_and_the_causes_are_carried():
    recorded = history("acme", 1)[0]._replace(
        actor=Actor("service", "sync", "p 1"),
        exception=7,
        correlation_id="c",
        causation_id="d",
        epoch=3,
    )
    exact = encode(recorded)
    _, sent_value, sent_headers = record_of(exact.entry, exact.data, exact.text)
    assert decode_record(sent_headers, sent_value) == recorded


def test_the_trace_of_an_event_is_a_header_of_its_own():
    recorded = history("acme", 1)[0]
    exact = encode(recorded)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    _, sent_value, sent_headers = record_of(exact.entry, exact.data, exact.text, trace)
    assert ("traceparent", trace.encode()) in sent_headers
    assert decode_record(sent_headers, sent_value) == recorded


@given(st.binary(max_size=40))
def test_the_partitioner_is_kafkas(key: bytes):
    assert murmur2(key) == murmur2_of_aiokafka(key)


def test_a_partition_is_within_the_topic():
    assert {partition_of(f"o{n}", 4) for n in range(100)} == {0, 1, 2, 3}
