"""All that the publisher is made of. It waits for a broker or a database that is down, and loses nothing meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Final, cast
from uuid import uuid4

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.chassis import postgres
from services.chassis.faults import NO_FAULTS, Faults
from services.chassis.kafka import calm_client_log, events_topic
from services.chassis.operations import checks_of, serve_operations
from services.chassis.patience import Patience
from services.chassis.process import settle
from services.chassis.seldom import Seldom
from services.chassis.topics import make_and_count
from services.publisher import metrics
from services.publisher.leases import Connect, Leases
from services.publisher.poll import Poll
from services.publisher.publish import NotDelivered, Producer, Publisher
from services.publisher.settings import PublisherSettings

_BATCH_BYTES: Final = 256 * 1024
_STOP_SECONDS: Final = 5.0

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


async def run(settings: PublisherSettings, *, woken: asyncio.Event | None = None, faults: Faults = NO_FAULTS) -> None:
    """Publish okr.events.v1 as *settings* say, until cancelled; *woken* is set by whoever appends in this process."""
    calm_client_log()
    topic = events_topic(settings.events_partitions, settings.events_replication)
    publishing = publish(
        partial(connect_as_publisher, settings.database_url),
        settings.kafka_bootstrap,
        topic.name,
        partial(make_and_count, settings.kafka_bootstrap, topic),
        holder=settings.instance_id,
        lease_seconds=settings.lease_seconds,
        busy_seconds=settings.publish_busy_seconds,
        idle_seconds=settings.publish_idle_seconds,
        woken=woken,
        faults=faults,
    )
    settle()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(publishing, name="publisher")
        tasks.create_task(serve_operations(settings, checks_of(settings, "okr_publisher", settings)), name="operations")


async def connect_as_publisher(database_url: str) -> asyncpg.Connection:
    """A connection that commits asynchronously: what a crash takes from it is only sent, or leased, again."""
    connection = await postgres.connect(database_url, "okr_publisher", application="okr publisher")
    await connection.execute("SET synchronous_commit = off")
    return connection


async def publish(
    connect: Connect,
    bootstrap: str,
    topic: str,
    ready: Callable[[], Awaitable[int]],
    *,
    holder: str | None = None,
    lease_seconds: float = 10.0,
    busy_seconds: float = 0.005,
    idle_seconds: float = 0.05,
    woken: asyncio.Event | None = None,
    faults: Faults = NO_FAULTS,
) -> None:
    """
    Publish until cancelled.

    *ready* waits for the broker, makes the topic where it is missing and gives its number of partitions. *holder* names
    this process in its leases: with a stable name a restarted process goes on at once, without one it waits until the
    lease of its earlier life has run out. *woken* is set by whoever appends in this same process; otherwise the heads
    are looked at as `Poll` says.
    """
    partitions = await ready()
    leases = Leases(connect, topic, partitions, holder or f"publisher-{uuid4()}", lease_seconds)
    publisher = Publisher(topic, partitions, leases, faults)
    poll = Poll(leases, busy_seconds, idle_seconds, woken or asyncio.Event())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(leases.keep(), name="leases")
        tasks.create_task(_publish_for_ever(connect, bootstrap, ready, publisher, poll), name="publish")


async def _publish_for_ever(
    connect: Connect, bootstrap: str, ready: Callable[[], Awaitable[int]], publisher: Publisher, poll: Poll
) -> None:
    patience, seldom = Patience(), Seldom(_log)
    while True:
        before = publisher.published
        try:
            async with _connection(connect) as connection, producer(bootstrap) as sending:
                await publisher.publish(connection, sending, poll)
        except (KafkaError, NotDelivered, asyncpg.PostgresError, *postgres.LOST) as failed:
            metrics.FAILURES.labels(cause=type(failed.__cause__ or failed).__name__).inc()
            seldom.warning("publishing_failed", cause=type(failed.__cause__ or failed).__name__)
            if publisher.published > before:
                patience.succeeded()
            await patience.wait()
            if isinstance(failed, KafkaError | NotDelivered):
                await ready()


@contextlib.asynccontextmanager
async def _connection(connect: Connect) -> AsyncGenerator[asyncpg.Connection]:
    connection = await connect()
    try:
        yield connection
    finally:
        connection.terminate()


@contextlib.asynccontextmanager
async def producer(bootstrap: str) -> AsyncGenerator[Producer]:
    """
    A fresh idempotent producer.

    It sends an unanswered batch again for as long as it lives, so nothing is given up while a broker is away; a batch
    that was refused for good leaves a hole in its numbering, and only a fresh one can go on.
    """
    fresh = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        max_batch_size=_BATCH_BYTES,
        linger_ms=0,
    )
    try:
        await fresh.start()
        yield cast("Producer", fresh)
    finally:
        # It would wait for a broker that is away; what it still holds is read from the ledger again.
        with contextlib.suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(_STOP_SECONDS):
                await fresh.stop()
