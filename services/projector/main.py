"""All that the projector is made of: each read model with its own group, positions, parking and lag, in one process."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from socket import gethostname
from typing import Final

import asyncpg

from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from services.chassis import postgres
from services.chassis.faults import NO_FAULTS, Faults
from services.chassis.kafka import calm_client_log, events_topic
from services.chassis.operations import checks_of, serve_operations
from services.chassis.partitions import partition_of
from services.chassis.process import settle
from services.chassis.topics import make_and_count
from services.projector.projection import Projection
from services.projector.settings import ProjectorSettings
from services.projector.subscription import Subscription
from services.projector.watch import Watch

_CHECK_SECONDS: Final = 5.0
# So long without an assignment, a process looks after all organisations: the broker may be gone for good.
_GRACE_SECONDS: Final = 15.0


async def run(settings: ProjectorSettings, *, faults: Faults = NO_FAULTS) -> None:
    """Keep the read models that *settings* name from okr.events.v1, until cancelled. Raises ValueError, Stuck."""
    calm_client_log()
    settle()
    topic = events_topic(settings.events_partitions, settings.events_replication)
    projecting = project(
        chosen(settings.projections),
        partial(connect_as_projector, settings.database_url),
        settings.kafka_bootstrap,
        topic.name,
        partial(make_and_count, settings.kafka_bootstrap, topic),
        instance=settings.instance_id,
        check_seconds=settings.projection_check_seconds,
        session_seconds=settings.session_seconds,
        faults=faults,
    )
    settle()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(projecting, name="projector")
        tasks.create_task(serve_operations(settings, checks_of(settings, "okr_projector", settings)), name="operations")


def chosen(names: Sequence[str]) -> list[ReadModel]:
    """The read models of those *names*, all where there are none. Raises ValueError for a name that there is not."""
    known = {read_model.name: read_model for read_model in READ_MODELS}
    if unknown := sorted(set(names) - known.keys()):
        raise ValueError(f"there is no read model {unknown[0]}: OKR_PROJECTIONS takes {', '.join(known)}")
    return [known[name] for name in names or known]


async def connect_as_projector(database_url: str) -> asyncpg.Connection:
    """A connection that commits asynchronously: a crash takes rows and positions together, and they come again."""
    connection = await postgres.connect(database_url, "okr_projector", application="okr projector")
    await connection.execute("SET synchronous_commit = off")
    return connection


async def project(
    read_models: Sequence[ReadModel],
    connect: Callable[[], Awaitable[asyncpg.Connection]],
    bootstrap: str,
    topic: str,
    ready: Callable[[], Coroutine[object, object, int]],
    *,
    instance: str | None = None,
    check_seconds: float = _CHECK_SECONDS,
    session_seconds: float = 10.0,
    faults: Faults = NO_FAULTS,
) -> None:
    """
    Keep *read_models* until cancelled.

    Each has a consumer group of its own, so that a slow or stopped one holds up no other and any of them can move to a
    process of its own by giving that process its name alone; the price is that records are read once for each.
    *instance* makes this process a static member: it must be unique among living processes. Raises
    services.chassis.watchdog.Stuck where a restart is the only thing left to try.
    """
    name = instance or f"{gethostname()}:{os.getpid()}"
    async with asyncio.TaskGroup() as tasks:
        # For all of them: it takes several connections to the broker.
        topic_there = tasks.create_task(ready(), name="topic")
        for read_model in read_models:
            projection = Projection(read_model, connect, topic, faults)
            subscription = Subscription(
                projection,
                bootstrap,
                group=f"projector.{read_model.name}.{topic}",
                instance=instance,
                session_seconds=session_seconds,
            )
            tasks.create_task(_keep(projection, subscription, topic_there), name=f"project {read_model.name}")
            looking_after = _look_after(projection, subscription, check_seconds, name)
            tasks.create_task(looking_after, name=f"check {read_model.name}")


async def _keep(projection: Projection, subscription: Subscription, topic_there: Awaitable[int]) -> None:
    try:
        await projection.start()
        await topic_there
        await subscription.run()
    finally:
        await projection.stop()


async def _look_after(projection: Projection, subscription: Subscription, check_seconds: float, name: str) -> None:
    """Every few seconds: read from the ledger what Kafka lost, report, and see whether all is well."""
    watch = Watch(projection, subscription)
    began = time.monotonic()

    def mine(organisation: str) -> bool:
        if subscription.assigned is None:
            return time.monotonic() - began > _GRACE_SECONDS
        return (
            not subscription.partitions or partition_of(organisation, subscription.partitions) in subscription.assigned
        )

    def partition(organisation: str) -> str:
        # Not known while the broker has not been reached.
        return str(partition_of(organisation, subscription.partitions)) if subscription.partitions else "unknown"

    while True:
        await projection.say_what_is_known(name)
        await asyncio.sleep(check_seconds)
        lag = await projection.catch_up(mine, partition)
        await subscription.report()
        watch.check(lag)
