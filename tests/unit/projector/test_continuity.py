"""A batch that FastStream skipped is fetched again; a hole that stays is taken."""

import asyncio
import inspect
from collections.abc import Mapping, Sequence, Set

import asyncpg
from aiokafka import TopicPartition
from faststream.kafka.subscriber import usecase

from services.projector.projection import Projection
from services.projector.records import Arrival, Record, SetAside, Unreadable
from services.projector.subscription import Subscription
from tests.pipeline import counting
from tests.waiting import wait_until


def bare(partition: int, offset: int) -> Arrival:
    """A record of which only the place matters."""
    return Arrival("topic", partition, offset, SetAside(partition, offset, "not_an_event", None, None))


class Applied(Projection):
    """Notes the offsets that it is given, and has the position of every partition at 5."""

    def __init__(self) -> None:
        super().__init__(counting(), no_connection, "topic")
        self.offsets: list[tuple[int, int]] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def apply(self, arrivals: Sequence[Arrival]) -> Mapping[int, int]:
        await self.hold.wait()
        self.offsets += [(arrival.partition, arrival.offset) for arrival in arrivals]
        return {arrival.partition: arrival.offset + 1 for arrival in arrivals}

    async def next_offsets(self, topic_id: str) -> Mapping[int, int]:
        return {0: 5, 1: 5}


class Place:
    """A consumer that brings what is put into it, and notes where it is sent."""

    def __init__(self) -> None:
        self.sought: list[tuple[int, int]] = []
        self.polls = 0
        self.brings: list[Record] = []

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        self.polls += 1
        brought, self.brings = self.brings, []
        return {TopicPartition("topic", 0): brought} if brought else {}

    async def was_polled(self) -> bool:
        return self.polls > 0

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
    await subscription.work_on([bare(0, 5), bare(0, 6)])
    await subscription.work_on([bare(0, 9), bare(1, 5)])  # 7 and 8 were skipped
    assert place.sought == [(0, 7)]
    await subscription.work_on([bare(0, 7), bare(0, 8), bare(0, 9)])
    assert applied.offsets == [(0, 5), (0, 6), (1, 5), (0, 7), (0, 8), (0, 9)]


async def test_a_hole_that_stays_is_taken():
    subscription, applied, place = await subscribed()
    await subscription.work_on([bare(0, 8)])  # the records before it expired
    await subscription.work_on([bare(0, 8)])
    await subscription.work_on([bare(0, 9)])
    assert place.sought == [(0, 5)]
    assert applied.offsets == [(0, 8), (0, 9)]


async def test_a_topic_that_starts_again_is_read_from_its_beginning():
    subscription, applied, place = await subscribed()
    await subscription.work_on([bare(0, 5)])
    await subscription.work_on([bare(0, 0), bare(0, 1)])
    assert (applied.offsets, place.sought) == ([(0, 5), (0, 0), (0, 1)], [])


async def test_the_next_batch_is_fetched_while_this_one_is_worked_on():
    subscription, applied, place = await subscribed()
    place.brings = [Unreadable(0, 6)]
    applied.hold.clear()
    working = asyncio.create_task(subscription.work_on([bare(0, 5)]))
    await wait_until(place.was_polled, "a poll")
    assert not working.done()
    applied.hold.set()
    await working
    assert [(each.partition, each.offset) for each in await subscription.next(place)] == [(0, 6)]
    assert place.polls == 1
    assert await subscription.next(place) == []
    assert place.polls == 2


async def test_what_was_fetched_ahead_is_dropped_where_partitions_are_assigned_anew():
    subscription, _, place = await subscribed()
    place.brings = [Unreadable(0, 6)]
    await subscription.work_on([bare(0, 5)])
    await wait_until(place.was_polled, "a poll")
    await subscription.go_on(place, [0, 1], "some id")
    assert await subscription.next(place) == []


def test_faststream_still_polls_by_the_method_that_is_replaced():
    assert "get_msg" in vars(usecase.BatchSubscriber)
    assert "msg = await self.get_msg(consumer)" in inspect.getsource(usecase.LogicSubscriber)
