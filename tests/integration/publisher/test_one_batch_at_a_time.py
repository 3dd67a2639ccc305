"""While a batch is under way the next is filled; it goes out when the first is acknowledged, and never if it is not."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest
from aiokafka.errors import InvalidRequiredAcksError

from services.chassis.faults import NO_FAULTS
from services.publisher.leases import Leases
from services.publisher.main import connect_as_publisher
from services.publisher.poll import Poll
from services.publisher.publish import NotDelivered, Publisher
from tests.ledger_writer import write
from tests.pipeline import PARTITIONS, history


class Pair:
    """A batch that has room for two records."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def append(
        self, *, timestamp: int, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes | None]]
    ) -> object | None:
        del timestamp, value
        if len(self.ids) == 2:
            return None
        self.ids.append(int(dict(headers)["ce_id"] or b""))
        return key

    def close(self) -> None:
        pass


class Broker:
    """Acknowledges the first batch, long after the next was filled, and refuses the second."""

    def __init__(self) -> None:
        self.filled: list[Pair] = []
        self.sent: list[list[int]] = []
        self.under_way = 0

    def create_batch(self) -> Pair:
        self.filled.append(Pair())
        return self.filled[-1]

    async def send_batch(self, batch: object, topic: str, *, partition: int) -> asyncio.Future[object]:
        del topic, partition
        assert isinstance(batch, Pair)
        assert not self.under_way
        self.under_way += 1
        self.sent.append(list(batch.ids))
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.1, self._answer, answer)
        return answer

    def _answer(self, answer: asyncio.Future[object]) -> None:
        self.under_way -= 1
        assert len(self.filled) > len(self.sent)
        if len(self.sent) == 1:
            answer.set_result(None)
        else:
            answer.set_exception(InvalidRequiredAcksError())


async def test_a_batch_waits_for_the_one_before_it_and_does_not_follow_a_refused_one(database: str):
    await write(database, history("acme", 7))
    connect = partial(connect_as_publisher, database)
    leases = Leases(connect, "any", PARTITIONS, "one", 10.0)
    publisher = Publisher("any", PARTITIONS, leases, NO_FAULTS)
    broker, connection = Broker(), await connect()
    keeping = asyncio.create_task(leases.keep())
    try:
        with pytest.raises(NotDelivered):
            await publisher.publish(connection, broker, Poll(leases, 0.005, 0.05, asyncio.Event()))
        assert broker.sent == [[1, 2], [3, 4]]
        assert await connection.fetchval("SELECT sequence FROM ledger.published") == 2
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        connection.terminate()
