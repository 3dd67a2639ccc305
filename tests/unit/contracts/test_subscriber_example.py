"""The example for subscribers does what it says; it reads real records, without a broker."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from aiokafka import ConsumerRecord

from okr_contracts.cloud_events import UnknownEvent, headers, value
from okr_contracts.envelope import Recorded
from tests.unit.contracts.golden_examples import new_examples

EXAMPLE = Path(__file__).parents[3] / "contracts" / "examples" / "subscriber.py"
KafkaRecord = ConsumerRecord[bytes, bytes]
Take = Callable[[KafkaRecord], Recorded | None]


@pytest.fixture
def take() -> Take:
    return cast("Take", runpy.run_path(str(EXAMPLE))["take"])


def record(sequence: int, *, event_type: str = "CycleOpened", body: bytes | None = None) -> KafkaRecord:
    example = next(new_examples("CycleOpened"))
    changed = {"ce_id": str(sequence), "ce_type": f"okr.{event_type}.v1"}
    return ConsumerRecord(
        topic="okr.events.v1",
        partition=0,
        offset=sequence,
        timestamp=0,
        timestamp_type=0,
        key=b"acme",
        value=body or value(example.stored.data, example.stored.text),
        checksum=None,
        serialized_key_size=4,
        serialized_value_size=0,
        headers=tuple(
            (name, changed[name].encode() if name in changed else content)
            for name, content in headers(example.recorded)
        ),
    )


def test_each_event_is_taken_once_and_in_order(take: Take) -> None:
    taken = [take(record(sequence)) for sequence in (1, 1, 2, 1, 2, 3)]
    assert [one.sequence if one else None for one in taken] == [1, None, 2, None, None, 3]


def test_a_gap_stops_it_and_names_what_is_missing(take: Take) -> None:
    take(record(1))
    with pytest.raises(LookupError, match="events 2 to 3 are missing"):
        take(record(4))


def test_garbage_is_reported_and_left_behind(take: Take, capsys: pytest.CaptureFixture[str]) -> None:
    assert take(record(1, body=b"not JSON")) is None
    assert "offset 1 is no event of the ledger" in capsys.readouterr().err
    assert take(record(1)) is not None


def test_an_event_of_a_later_release_is_never_skipped(take: Take) -> None:
    with pytest.raises(UnknownEvent):
        take(record(1, event_type="CycleSuspended"))
