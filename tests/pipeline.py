"""
The pipeline behind the ledger, for tests: histories, the smallest read model, topics of one's own, what lies on them.

The read model `counting` cannot hide anything: an event that comes twice breaks its key, one that comes too early or
is missing shows in its totals.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count, groupby
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from okr_contracts.actor import Actor
from okr_contracts.envelope import Recorded
from okr_contracts.events import UnitAdded
from projections.generations import registration
from projections.read_model import CannotApply, Connection, Forgetful, ReadModel, in_schema
from projections.verify import verify
from services.chassis.kafka import Topic
from services.chassis.topics import make_and_count
from services.projector.main import connect_as_projector, project
from services.publisher.main import connect_as_publisher, publish
from tests.waiting import wait_until

TABLES: Final = Path(__file__).with_name("counting.sql")
PARTITIONS: Final = 4
_BEGAN: Final = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
_numbers = count(1)

_INSERT = """
WITH arrived AS (SELECT * FROM unnest($1::text [], $2::bigint [], $3::text []) AS a (organisation, sequence, subject)),
kept AS (INSERT INTO counting.events SELECT * FROM arrived)
INSERT INTO counting.totals AS t
SELECT organisation, count(*), max(sequence) FROM arrived GROUP BY organisation ORDER BY organisation
ON CONFLICT (organisation) DO UPDATE SET events = t.events + excluded.events, newest = excluded.newest
"""


def counting(refuses: Callable[[Recorded], bool] = lambda recorded: False) -> ReadModel:
    """The read model; it cannot apply what it *refuses*."""

    async def apply(connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
        for recorded in events:
            if refuses(recorded):
                raise CannotApply(recorded.organisation, recorded.sequence, "the test refuses it")
        await connection.execute(
            in_schema(_INSERT, "counting", schema),
            [recorded.organisation for recorded in events],
            [recorded.sequence for recorded in events],
            [recorded.subject for recorded in events],
        )

    return ReadModel("counting", TABLES, frozenset(), frozenset(), partial(Forgetful, apply))


def history(organisation: str, last: int, first: int = 1, name: str = "Sales") -> list[Recorded]:
    """The events *first* … *last* of *organisation*, all of them units."""
    return [
        Recorded(
            organisation=organisation,
            epoch=1,
            sequence=sequence,
            version=1,
            recorded_at=_BEGAN + timedelta(seconds=sequence),
            effective_on=date(2026, 5, 20),
            actor=Actor("service", "hr"),
            command_id=f"{organisation}-{sequence}",
            correlation_id=None,
            causation_id=None,
            exception=None,
            event=UnitAdded(unit_id=f"u{sequence}", name=name),
        )
        for sequence in range(first, last + 1)
    ]


def a_topic(**configs: str) -> Topic:
    """A topic of this test's own, not made yet."""
    return Topic(f"test.{next(_numbers)}.{uuid4().hex[:8]}", PARTITIONS, 1, configs)


async def make_counting_tables(url: str) -> None:
    """The tables of the read model, in a migrated database."""
    connection = await asyncpg.connect(url)
    await connection.execute(TABLES.read_text())
    await connection.execute(registration(counting()))
    await connection.close()


@asynccontextmanager
async def running(work: Coroutine[object, object, None]) -> AsyncGenerator[asyncio.Task[None]]:
    """*work* as a task, stopped at the end; what it failed with is raised."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        failed = task.done() and not task.cancelled()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert not failed, "it ended by itself"


def publisher(
    url: str, bootstrap: str, topic: Topic, holder: str = "p", **more: float
) -> Coroutine[object, object, None]:
    """A publisher of *topic*; its leases are short."""
    return publish(
        partial(connect_as_publisher, url),
        bootstrap,
        topic.name,
        partial(make_and_count, bootstrap, topic),
        holder=holder,
        lease_seconds=3,
    )


def projector(
    url: str,
    bootstrap: str,
    topic: Topic,
    read_models: Sequence[ReadModel] = (),
    instance: str | None = None,
    check_seconds: float = 0.5,
) -> Coroutine[object, object, None]:
    """A projector of *topic* that looks for lost tails often."""
    return project(
        read_models or [counting()],
        partial(connect_as_projector, url),
        bootstrap,
        topic.name,
        partial(make_and_count, bootstrap, topic),
        instance=instance,
        check_seconds=check_seconds,
        session_seconds=6,
    )


async def wait_until_applied(url: str, seconds: float = 60, projection: str = "counting") -> None:
    """Until *projection* has reached every head."""
    connection = await asyncpg.connect(url)

    async def applied() -> bool:
        return await connection.fetchval(
            "SELECT bool_and(p.sequence IS NOT DISTINCT FROM h.sequence) FROM ledger.heads AS h"
            " LEFT JOIN projections.live_positions AS p ON p.organisation = h.organisation AND p.projection = $1",
            projection,
        )

    try:
        await wait_until(applied, f"{projection} reached every head", seconds)
    finally:
        await connection.close()


async def wait_until_published(url: str, topic: Topic, seconds: float = 60) -> None:
    """Until the published position of *topic* is every head."""
    connection = await asyncpg.connect(url)

    async def published() -> bool:
        return await connection.fetchval(
            "SELECT bool_and(p.sequence IS NOT DISTINCT FROM h.sequence) FROM ledger.heads AS h"
            " LEFT JOIN ledger.published AS p ON p.organisation = h.organisation AND p.topic = $1",
            topic.name,
        )

    try:
        await wait_until(published, "everything is published", seconds)
    finally:
        await connection.close()


async def assert_counting_is_the_fold(url: str) -> None:
    """The read model equals the fold of the ledger, and the ledger is all that it was folded from."""
    connection = await asyncpg.connect(url)
    try:
        verification = await verify(connection, counting())
        assert verification.agrees, verification.differences
        assert verification.events == await connection.fetchval("SELECT sum(sequence) FROM ledger.heads")
    finally:
        await connection.close()


async def on_topic(bootstrap: str, topic: Topic) -> list[ConsumerRecord[bytes, bytes]]:
    """All records of *topic*, partition by partition, in order, read by a plain consumer."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic.name, partition) for partition in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord[bytes, bytes]] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                found.extend(records)
    finally:
        await consumer.stop()
    return sorted(found, key=lambda record: (record.partition, record.offset))


def first_occurrences(records: Sequence[ConsumerRecord[bytes, bytes]]) -> dict[str, list[int]]:
    """The sequences of each organisation, in the order in which they first came."""
    by_key = sorted(records, key=lambda record: record.key or b"")
    return {
        (key or b"").decode(): list(dict.fromkeys(int(dict(record.headers)["ce_id"] or b"") for record in group))
        for key, group in groupby(by_key, key=lambda record: record.key)
    }
