"""
The publisher, from a backlog to all of it published, against bare loops that send the same bytes.

All three send to a new topic each time, with the publisher's own producer (acks=all, idempotent, zstd) in this one
process. The bare loops have every record ready in memory; the publisher reads the ledger, makes the records, and moves
the published positions. Its clock starts when it has its leases and its connections, and stops when the last position
is written.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from services.chassis.faults import NO_FAULTS
from services.chassis.kafka import Topic, events_topic
from services.chassis.partitions import partition_of
from services.chassis.process import settle
from services.chassis.topics import make_and_count
from services.publisher.leases import Leases
from services.publisher.main import connect_as_publisher, producer
from services.publisher.poll import Poll
from services.publisher.publish import Publisher
from services.publisher.records import record_of
from tests.benchmarks.histories import histories, write_in_turn
from tests.benchmarks.row import Row, in_turn
from tests.benchmarks.servers import kafka_server, ledger_database, postgres_server
from tests.waiting import wait_until

ORGANISATIONS: Final = 64
EVENTS_EACH: Final = 800
PARTITIONS: Final = 4
# As a bare loop would have it: it waits for what is in flight when so many are.
_IN_FLIGHT: Final = 5_000

Headers = list[tuple[str, bytes]]
Loop = Callable[[AIOKafkaProducer, str, Sequence["Record"]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it goes to Kafka."""

    partition: int
    key: bytes
    value: bytes
    headers: Headers


async def measure() -> list[Row]:
    """The speed of the publisher, twice: against a loop of send(), and against a loop of send_batch()."""
    async with postgres_server() as server, ledger_database(server) as url, kafka_server() as bootstrap:
        await write_in_turn(url, histories(ORGANISATIONS, EVENTS_EACH))
        records = await _records(url)
        published = partial(_published, url, bootstrap, len(records))
        singly = await in_turn(published, partial(_bare, bootstrap, records, _send))
        in_batches = await in_turn(published, partial(_bare, bootstrap, records, _send_batches))
    settings = {
        "events": len(records),
        "organisations": ORGANISATIONS,
        "partitions": PARTITIONS,
        "bytes_of_values": sum(len(record.value) for record in records),
        "producer": "acks=all, idempotent, zstd, linger 0; send() takes the partition from the key",
    }
    return [
        singly.row("publisher, backlog to published", "events/s", 1.3, "a bare loop of send()", settings),
        in_batches.row("publisher, backlog to published", "events/s", 0.25, "a bare loop of send_batch()", settings),
    ]


async def _records(url: str) -> list[Record]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT organisation, entry, data, text FROM ledger.events ORDER BY organisation, sequence"
    )
    await connection.close()
    records: list[Record] = []
    for row in rows:
        key, value, headers = record_of(row["entry"], row["data"], row["text"])
        records.append(Record(partition_of(row["organisation"], PARTITIONS), key, value, cast("Headers", headers)))
    # All three under the garbage collector's settings of the service, and none of them pays for this list.
    settle()
    return records


async def _new_topic(bootstrap: str) -> str:
    name = f"bench.{time.monotonic_ns()}"
    await make_and_count(bootstrap, Topic(name, PARTITIONS, 1, events_topic().configs))
    gc.collect()
    return name


async def _published(url: str, bootstrap: str, events: int) -> float:
    topic = await _new_topic(bootstrap)
    connect = partial(connect_as_publisher, url)
    leases = Leases(connect, topic, PARTITIONS, "bench", 10)
    keeping = asyncio.create_task(leases.keep())
    watching, connection = await asyncpg.connect(url), await connect()
    publisher = Publisher(topic, PARTITIONS, leases, NO_FAULTS)

    async def everything() -> bool:
        # The database is asked only when it can be so.
        return publisher.published >= events and events == await watching.fetchval(
            "SELECT sum(sequence) FROM ledger.published WHERE topic = $1", topic
        )

    try:
        await leases.renewed.wait()
        async with producer(bootstrap) as sending:
            poll = Poll(leases, 0.005, 0.05, asyncio.Event())
            began = time.perf_counter()
            publishing = asyncio.create_task(publisher.publish(connection, sending, poll))
            await wait_until(everything, "everything is published", 120)
            took = time.perf_counter() - began
            publishing.cancel()
            await asyncio.wait([publishing])
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        connection.terminate()
        await watching.close()
    return events / took


async def _bare(bootstrap: str, records: Sequence[Record], loop: Loop) -> float:
    topic = await _new_topic(bootstrap)
    async with producer(bootstrap) as started:
        sending = cast("AIOKafkaProducer", started)
        await sending.partitions_for(topic)
        began = time.perf_counter()
        await loop(sending, topic, records)
        return len(records) / (time.perf_counter() - began)


async def _send(sending: AIOKafkaProducer, topic: str, records: Sequence[Record]) -> None:
    flying: list[asyncio.Future[RecordMetadata]] = []
    for record in records:
        # As anybody would write it: the client finds the partition from the key.
        flying.append(await sending.send(topic, record.value, record.key, headers=record.headers))
        if len(flying) == _IN_FLIGHT:
            await asyncio.gather(*flying)
            flying.clear()
    await asyncio.gather(*flying)


async def _send_batches(sending: AIOKafkaProducer, topic: str, records: Sequence[Record]) -> None:
    now = int(time.time() * 1000)
    building = {partition: sending.create_batch() for partition in range(PARTITIONS)}
    flying: list[asyncio.Future[RecordMetadata]] = []
    for record in records:
        batch = building[record.partition]
        if batch.append(key=record.key, value=record.value, timestamp=now, headers=record.headers) is None:
            batch.close()
            flying.append(await sending.send_batch(batch, topic, partition=record.partition))
            batch = building[record.partition] = sending.create_batch()
            batch.append(key=record.key, value=record.value, timestamp=now, headers=record.headers)
    for partition, batch in building.items():
        batch.close()
        flying.append(await sending.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*flying)
