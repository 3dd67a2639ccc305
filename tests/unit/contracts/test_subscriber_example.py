"""The example for subscribers does what it says; it reads real records, without a broker."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from aiokafka import ConsumerRecord

from okr_contracts.cloud_event_attributes import source, value
from okr_contracts.cloud_events import UnknownEvent, headers
from okr_contracts.envelope import Recorded
from tests.unit.contracts.golden_examples import new_examples

EXAMPLE = Path(__file__).parents[3] / "contracts" / "examples" / "subscriber.py"
KafkaRecord = ConsumerRecord[bytes, bytes]
Take = Callable[[KafkaRecord], Recorded | None]


@pytest.fixture
def take() -> Take:
    return cast("Take", runpy.run_path(str(EXAMPLE))["take"])


def record(sequence: int, epoch: int = 1, *, event_type: str = "CycleOpened", body: bytes | None = None) -> KafkaRecord:
    example = next(new_examples("EpochBegun" if event_type == "EpochBegun" else "CycleOpened"))
    changed = {
        "ce_id": str(sequence),
        "ce_type": f"okr.{event_type}.v1",
        "ce_source": source(example.recorded.organisation, epoch),
    }
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
    with pytest.raises(LookupError, match="events between 1 and 4 are missing"):
        take(record(4))


def test_it_goes_on_with_the_event_that_begins_an_epoch(take: Take) -> None:
    for sequence in (1, 2, 3):
        take(record(sequence))
    begun = take(record(4, 2, event_type="EpochBegun"))
    assert begun is not None
    after = take(record(5, 2))
    assert after is not None
    assert (after.epoch, after.sequence) == (2, 5)


def test_it_says_what_a_restore_lost_and_takes_nothing_more_of_it(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    for sequence in (1, 2, 3, 4):
        take(record(sequence))
    assert take(record(3, 2, event_type="EpochBegun")) is not None
    assert "events 3 to 4 of epoch 1 were lost" in capsys.readouterr().err
    assert take(record(5)) is None
    assert take(record(4, 2)) is not None


def test_an_epoch_whose_beginning_did_not_come_is_a_gap(take: Take) -> None:
    for sequence in (1, 2, 3):
        take(record(sequence))
    with pytest.raises(LookupError, match="events between 3 and 4 are missing"):
        take(record(4, 2))


def test_garbage_is_reported_and_left_behind(take: Take, capsys: pytest.CaptureFixture[str]) -> None:
    assert take(record(1, body=b"not JSON")) is None
    assert "offset 1 is no event of the ledger" in capsys.readouterr().err
    assert take(record(1)) is not None


def test_an_event_of_a_later_release_is_never_skipped(take: Take) -> None:
    with pytest.raises(UnknownEvent):
        take(record(1, event_type="CycleSuspended"))
