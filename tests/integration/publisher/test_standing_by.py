"""A publisher that lost every lease says nothing of what others publish now."""

import asyncio
from collections.abc import Sequence
from functools import partial

import asyncpg
from prometheus_client import REGISTRY

from services.chassis.faults import NO_FAULTS
from services.publisher.leases import Leases
from services.publisher.main import connect_as_publisher
from services.publisher.poll import Poll
from services.publisher.publish import Publisher
from tests.ledger_writer import write
from tests.pipeline import PARTITIONS, history
from tests.waiting import wait_until

TOPIC = "any"


class Records:
    """A batch that has room for everything."""

    def append(
        self, *, timestamp: int, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes | None]]
    ) -> object | None:
        del timestamp, value, headers
        return key

    def close(self) -> None:
        pass


class Slow:
    """A broker that acknowledges when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.acknowledged: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    def create_batch(self) -> Records:
        return Records()

    async def send_batch(self, batch: object, topic: str, *, partition: int) -> asyncio.Future[object]:
        del batch, topic, partition
        self.asked.set()
        return self.acknowledged


def measured(gauge: str) -> float:
    value = REGISTRY.get_sample_value(gauge)
    assert value is not None
    return value


async def test_what_waits_is_told_by_who_holds_the_lease(database: str):
    await write(database, history("acme", 2))
    connect = partial(connect_as_publisher, database)
    leases = Leases(connect, TOPIC, PARTITIONS, "one", 1.0)
    publisher = Publisher(TOPIC, PARTITIONS, leases, NO_FAULTS)
    broker, connection = Slow(), await connect()
    poll = Poll(leases, 0.005, 0.05, asyncio.Event())
    tasks = [asyncio.create_task(leases.keep()), asyncio.create_task(publisher.publish(connection, broker, poll))]
    try:
        await broker.asked.wait()
        assert measured("okr_publisher_oldest_unpublished_seconds") > 0
        assert measured("okr_publisher_backlog_events") == 2

        other = await asyncpg.connect(database)
        await other.execute(
            "UPDATE ledger.publisher_leases"
            " SET holder = 'other', epoch = epoch + 1, expires_at = now() + interval '1 hour'"
        )
        await other.close()

        async def holds_nothing() -> bool:
            return not leases.held()

        await wait_until(holds_nothing, "the leases are the other's")
        broker.acknowledged.set_result(None)

        async def tells_nothing() -> bool:
            oldest = measured("okr_publisher_oldest_unpublished_seconds")
            return oldest == 0 and measured("okr_publisher_backlog_events") == 0

        await wait_until(tells_nothing, "nothing waits that is its own to publish")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        connection.terminate()
