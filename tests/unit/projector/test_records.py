"""What a read model ignores moves the position by its heading; what it handles has to be whole."""

from dataclasses import dataclass
from typing import cast

import pytest

from okr_contracts.cloud_event_attributes import value
from okr_contracts.cloud_events import Heading, headers
from okr_contracts.envelope import Recorded, encode
from projections.positions import START
from services.projector.gate import gate
from services.projector.records import Record, SetAside, read
from tests.pipeline import history

ACME = history("acme", 3)
NOTHING_IGNORED: frozenset[str] = frozenset()
UNITS_IGNORED = frozenset({"UnitAdded"})


@dataclass(frozen=True)
class OnTopic:
    """A record as a client library hands it over."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    partition: int = 0
    offset: int = 7


def on_topic(recorded: Recorded, spoilt: bytes | None = None, key: bytes = b"acme", **other: bytes) -> Record:
    exact = encode(recorded)
    own = [(name, other.get(name, content)) for name, content in headers(recorded)]
    return OnTopic(key, spoilt or value(exact.data, exact.text), cast("list[tuple[str, bytes | None]]", own))


def test_of_an_ignored_type_the_heading_is_read():
    heading = read(on_topic(ACME[0]), UNITS_IGNORED)
    assert isinstance(heading, Heading)
    assert (heading.organisation, heading.epoch, heading.sequence, heading.type) == ("acme", 1, 1, "UnitAdded")
    assert heading.recorded_at == ACME[0].recorded_at


def test_of_a_type_that_is_not_ignored_the_event_is_read():
    assert read(on_topic(ACME[0]), NOTHING_IGNORED) == ACME[0]
    assert read(on_topic(ACME[0]), frozenset({"PersonAdded"})) == ACME[0]


def test_a_value_that_is_garbage_moves_the_position_of_who_ignores_it_and_of_nobody_else():
    garbage = on_topic(ACME[1], b"{not json")
    ignored, refused = read(garbage, UNITS_IGNORED), read(garbage, NOTHING_IGNORED)
    assert isinstance(ignored, Heading)
    assert isinstance(refused, SetAside)
    assert (refused.reason, refused.offset, refused.value) == ("not_an_event", 7, b"{not json")


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"key": b"other"}, "foreign_key"),
        ({"ce_type": b"okr.UnitAdded.v99"}, "unknown_event"),
        ({"ce_type": b"okr.UnitPainted.v1"}, "unknown_event"),
        ({"ce_id": b"six"}, "not_an_event"),
        ({"ce_id": b"9" * 17}, "not_an_event"),
        ({"ce_time": b"yesterday"}, "not_an_event"),
        ({"ce_time": b"\xff"}, "not_an_event"),
        ({"ce_source": b"/organisations/A"}, "not_an_event"),
        ({"ce_specversion": b"2.0"}, "not_an_event"),
    ],
)
def test_a_heading_that_is_garbage_is_set_aside_by_everybody(spoilt: dict[str, bytes], reason: str):
    for ignores in (UNITS_IGNORED, NOTHING_IGNORED):
        outcome = read(on_topic(ACME[0], **spoilt), ignores)
        assert isinstance(outcome, SetAside)
        assert outcome.reason == reason


def test_headings_and_events_pass_the_gate_in_one_order():
    arrived = [read(on_topic(ACME[0]), UNITS_IGNORED), ACME[1], read(on_topic(ACME[2]), UNITS_IGNORED)]
    gated = gate([one for one in arrived if not isinstance(one, SetAside)], {"acme": START}, set())
    assert [one.sequence for one in gated.events] == [1, 2, 3]
