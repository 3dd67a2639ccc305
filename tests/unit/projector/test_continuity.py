"""A batch that FastStream skipped is fetched again; a hole that stays is taken."""

import inspect
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import asyncpg
from aiokafka import TopicPartition
from faststream.kafka.subscriber import usecase

from services.projector.projection import Arrived, Projection
from services.projector.records import Record, SetAside
from services.projector.subscription import Subscription
from tests.pipeline import counting


@dataclass(frozen=True)
class Bare:
    """A record of which only the place matters."""

    partition: int
    offset: int
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


class Applied(Projection):
    """Notes the offsets that it is given, and has the position of every partition at 5."""

    def __init__(self) -> None:
        super().__init__(counting(), no_connection, "topic")
        self.offsets: list[tuple[int, int]] = []

    def read(self, records: Sequence[Record]) -> Arrived:
        return Arrived(
            aside=[SetAside(record.partition, record.offset, "not_an_event", None, None) for record in records],
            next_offsets={record.partition: record.offset + 1 for record in records},
        )

    async def apply(self, arrived: Arrived) -> Mapping[int, int]:
        self.offsets += [(one.partition, one.offset) for one in arrived.aside]
        return arrived.next_offsets

    async def next_offsets(self, topic_id: str) -> Mapping[int, int]:
        return {0: 5, 1: 5}


class Place:
    """A consumer that notes where it is sent."""

    def __init__(self) -> None:
        self.sought: list[tuple[int, int]] = []

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        raise AssertionError("nothing is polled")

    def assignment(self) -> Set[TopicPartition]:
        raise AssertionError("nothing is polled")

    def highwater(self, partition: TopicPartition) -> int | None:
        raise AssertionError("nothing is polled")

    async def position(self, partition: TopicPartition) -> int:
        raise AssertionError("nothing is polled")

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.append((partition.partition, offset))

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        raise AssertionError("nothing is committed")

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {0, 1}


async def no_connection() -> asyncpg.Connection:
    raise AssertionError("no database is needed")


async def subscribed() -> tuple[Subscription, Applied, Place]:
    applied, place = Applied(), Place()
    subscription = Subscription(applied, "", group="g", instance=None)
    await subscription.go_on(place, [0, 1], "some id")
    assert place.sought == [(0, 5), (1, 5)]
    place.sought.clear()
    return subscription, applied, place


async def test_a_skipped_batch_is_fetched_again():
    subscription, applied, place = await subscribed()
    await subscription.work_on([Bare(0, 5), Bare(0, 6)])
    await subscription.work_on([Bare(0, 9), Bare(1, 5)])  # 7 and 8 were skipped
    assert place.sought == [(0, 7)]
    await subscription.work_on([Bare(0, 7), Bare(0, 8), Bare(0, 9)])
    assert applied.offsets == [(0, 5), (0, 6), (1, 5), (0, 7), (0, 8), (0, 9)]


async def test_a_hole_that_stays_is_taken():
    subscription, applied, place = await subscribed()
    await subscription.work_on([Bare(0, 8)])  # the records before it expired
    await subscription.work_on([Bare(0, 8)])
    await subscription.work_on([Bare(0, 9)])
    assert place.sought == [(0, 5)]
    assert applied.offsets == [(0, 8), (0, 9)]


async def test_a_topic_that_starts_again_is_read_from_its_beginning():
    subscription, applied, place = await subscribed()
    await subscription.work_on([Bare(0, 5)])
    await subscription.work_on([Bare(0, 0), Bare(0, 1)])
    assert (applied.offsets, place.sought) == ([(0, 5), (0, 0), (0, 1)], [])


def test_faststream_still_polls_by_the_method_that_is_replaced():
    assert "get_msg" in vars(usecase.BatchSubscriber)
    assert "msg = await self.get_msg(consumer)" in inspect.getsource(usecase.LogicSubscriber)
