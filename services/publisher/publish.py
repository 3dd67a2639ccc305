"""
From the ledger to Kafka: what is beyond the published position, in order, at least once.

First occurrences are in order whatever happens: an event is handed to Kafka only after its predecessor was
acknowledged or stands before it in the same batch, and a partition's batches go out one after the other. With several
in flight, a producer whose first batch is refused may still deliver the second.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import asyncpg
import structlog
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from services.chassis import tracing
from services.chassis.faults import Faults
from services.publisher import metrics
from services.publisher.behind import Behind
from services.publisher.leases import Leases
from services.publisher.poll import Poll
from services.publisher.records import record_of, recorded_at

_SQL: Final = Path(__file__).parent / "sql"
_BEHIND: Final = (_SQL / "behind.sql").read_text()
READ: Final = (_SQL / "read.sql").read_text()
_ADVANCE: Final = (_SQL / "advance.sql").read_text()

ORGANISATIONS_A_TURN: Final = 64
EVENTS_AN_ORGANISATION: Final = 512
# The rows of a turn are in memory at once, for each partition: so much, or one event of each organisation.
BYTES_A_TURN: Final = 4 << 20
# Between so many records of a batch the other tasks have a turn.
_RECORDS_AT_ONCE: Final = 64
# For what is under way when something fails. A broker that is away is not waited for.
_END_SECONDS: Final = 2.0
_REFUSED_AGAIN_AFTER_SECONDS: Final = 30.0

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Batch(Protocol):
    """What is used of aiokafka's batch builder."""

    def append(
        self, *, timestamp: int, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes | None]]
    ) -> object | None:
        """Add a record; None if there is no room for it. The first record always has room."""
        ...

    def close(self) -> None:
        """Take no more records."""
        ...


class Producer(Protocol):
    """What is used of aiokafka's producer."""

    def create_batch(self) -> Batch:
        """Begin an empty batch."""
        ...

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[object]:
        """Hand a batch over; the future is done when all replicas have it."""
        ...


class NotDelivered(Exception):
    """Kafka refused a batch for good. What came before it is published; go on with a fresh producer."""


# An event as read.sql gives it: to make anything else of it takes as long as to read it.
Row: TypeAlias = asyncpg.Record


@dataclass(slots=True)
class TooLarge:
    """
    Organisations in a batch that Kafka refused as too large.

    Such a batch is sent again event by event. An event that is refused alone holds up its own organisation, loudly,
    and no other: it is never skipped. It is tried again every 30 s, so that raising the topic's max.message.bytes is
    all that an operator has to do.
    """

    alone: set[str] = field(default_factory=set[str])
    held_up: dict[str, float] = field(default_factory=dict[str, float])

    def refused(self, rows: Sequence[Row]) -> None:
        """Remember what was refused."""
        if len(rows) > 1:
            self.alone.update(row["organisation"] for row in rows)
            return
        row = rows[0]
        _log.error(
            "event_refused_as_too_large",
            organisation=row["organisation"],
            sequence=row["sequence"],
            size_bytes=len(row["data"] or b"") + len(row["text"] or b""),
            fix="raise max.message.bytes of the topic; the organisation waits until then",
        )
        self.held_up[row["organisation"]] = time.monotonic() + _REFUSED_AGAIN_AFTER_SECONDS
        metrics.REFUSED.set(len(self.held_up))

    def accepted(self, organisations: Set[str]) -> None:
        """Forget organisations all of whose events of a round went through."""
        self.alone -= organisations
        for organisation in organisations & self.held_up.keys():
            del self.held_up[organisation]
            metrics.REFUSED.set(len(self.held_up))


@dataclass(frozen=True, slots=True)
class _Serving:
    """What the work on one partition shares with that on the others."""

    partition: int
    connection: asyncpg.Connection
    one_at_a_time: asyncio.Lock
    producer: Producer
    poll: Poll


class Publisher:
    """
    Publishes the partitions whose leases are held, each at its own pace: a slow one holds up no other.

    One database connection and one producer at a time; the caller replaces both when something failed.
    """

    def __init__(
        self,
        topic: str,
        partitions: int,
        leases: Leases,
        faults: Faults,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._topic = topic
        self._partitions = partitions
        self._leases = leases
        self._faults = faults
        self._now = now
        self._too_large = TooLarge()
        self._behind = Behind(topic, partitions)
        self._oldest: dict[int, datetime] = {}
        # Asked at each scrape: while a broker is down nothing ends, and the age has to grow all the same.
        metrics.OLDEST.set_function(self._oldest_seconds)
        metrics.BACKLOG.set_function(self._backlog)
        self.published = 0
        """Events published by this process so far."""

    async def publish(self, connection: asyncpg.Connection, producer: Producer, poll: Poll) -> None:
        """
        Publish for ever, looking for more whenever *poll* says.

        Raises NotDelivered where Kafka refused a batch, and what asyncpg raises; what was acknowledged before is
        remembered all the same.
        """
        self._behind = Behind(self._topic, self._partitions)
        one_at_a_time = asyncio.Lock()
        serving: dict[int, asyncio.Task[None]] = {}
        try:
            while True:
                if held := self._leases.held():
                    async with one_at_a_time:
                        await self._behind.look(connection, held)
                    self._oldest = {at: since for at, since in self._oldest.items() if self._behind.is_due(at)}
                else:
                    self._behind.forget()
                    self._oldest.clear()
                for partition in self._behind.partitions(self._too_large.held_up) - serving.keys():
                    work = self._serve(_Serving(partition, connection, one_at_a_time, producer, poll))
                    serving[partition] = asyncio.create_task(work, name=f"publish partition {partition}")
                await poll.wait(self._behind.asked_seconds)
                for partition, task in list(serving.items()):
                    if task.done():
                        del serving[partition]
                        task.result()
        finally:
            # The others end what they are at: what Kafka has of it is remembered, if it does not take long.
            if serving:
                self._behind.forget()
                await asyncio.wait(serving.values(), timeout=_END_SECONDS)
            for task in serving.values():
                task.cancel()
            await asyncio.gather(*serving.values(), return_exceptions=True)

    async def _serve(self, serving: _Serving) -> None:
        """Publish what is due in one partition, turn after turn, until nothing is or the lease has run out."""
        partition = serving.partition
        try:
            while (epoch := self._leases.held().get(partition)) is not None:
                turn = self._behind.turn(partition, ORGANISATIONS_A_TURN, self._too_large.held_up)
                if not turn:
                    break
                reached: dict[str, Row] = {}
                try:
                    async with serving.one_at_a_time:
                        rows = await self._read(serving.connection, turn)
                    self._oldest[partition] = _oldest_of(rows)
                    try:
                        await self._send_in_order(serving.producer, partition, rows, reached)
                    finally:
                        # Also what came before a refusal.
                        async with serving.one_at_a_time:
                            await self._advance(serving.connection, partition, epoch, reached)
                finally:
                    self._behind.reached(partition, turn, {key: row["sequence"] for key, row in reached.items()})
        finally:
            if partition not in self._leases.held():
                # Whoever holds it now tells what waits in it.
                self._behind.forget()
                self._oldest.pop(partition, None)
            serving.poll.look_again()

    async def _read(self, connection: asyncpg.Connection, turn: Mapping[str, int]) -> list[Row]:
        return await connection.fetch(
            READ, list(turn), list(turn.values()), EVENTS_AN_ORGANISATION, BYTES_A_TURN // len(turn)
        )

    def _backlog(self) -> float:
        return float(self._behind.events())

    def _oldest_seconds(self) -> float:
        if not self._oldest:
            return 0.0
        return (self._now() - min(self._oldest.values())).total_seconds()

    async def _send_in_order(
        self, producer: Producer, partition: int, rows: Sequence[Row], reached: dict[str, Row]
    ) -> None:
        """
        Send the events of one partition, batch after batch; notes in *reached* what was acknowledged.

        While one batch is under way the next is filled, and not handed over before the first is acknowledged.
        Raises NotDelivered.
        """
        # When it was published, not when it was recorded: Kafka counts the retention from here, and would throw old
        # events away as soon as they came. ce_time says when they were recorded.
        timestamp = int(self._now().timestamp() * 1000)
        start = 0
        batch, end = await self._filled(producer, rows, start, timestamp)
        while start < end:
            following = asyncio.create_task(self._filled(producer, rows, end, timestamp))
            try:
                await self._deliver(producer, partition, batch, rows[start:end], reached)
                start = end
                batch, end = await following
            finally:
                following.cancel()
        self._too_large.accepted(reached.keys())

    async def _filled(self, producer: Producer, rows: Sequence[Row], start: int, timestamp: int) -> tuple[Batch, int]:
        """A batch of the *rows* from *start* on, and the place of the first that has no room in it."""
        batch = producer.create_batch()
        for place in range(start, len(rows)):
            if not place % _RECORDS_AT_ONCE:
                # What is under way goes out meanwhile, and its acknowledgement is heard.
                await asyncio.sleep(0)
            organisation, _, _, entry, data, text, traceparent = rows[place]
            if place > start and organisation in self._too_large.alone:
                return batch, place
            key, value, headers = record_of(entry, data, text, traceparent)
            if batch.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                return batch, place
        return batch, len(rows)

    async def _deliver(
        self, producer: Producer, partition: int, batch: Batch, inside: Sequence[Row], reached: dict[str, Row]
    ) -> None:
        self._faults.reached("publish.before_send")
        batch.close()
        began = time.perf_counter()
        try:
            await (await producer.send_batch(batch, self._topic, partition=partition))
        except KafkaError as refusal:
            if isinstance(refusal, MessageSizeTooLargeError | RecordListTooLargeError):
                self._too_large.refused(inside)
            raise NotDelivered(type(refusal).__name__) from refusal
        self._faults.reached("publish.after_send")
        reached.update({row["organisation"]: row for row in inside})
        metrics.BATCH_SECONDS.observe(time.perf_counter() - began)
        metrics.BATCH_EVENTS.observe(len(inside))
        metrics.ACKNOWLEDGED.set_to_current_time()
        self._trace(inside, partition, began)
        metrics.BATCHES.inc()
        metrics.PUBLISHED.inc(len(inside))
        self.published += len(inside)

    def _trace(self, inside: Sequence[Row], partition: int, began: float) -> None:
        tracing.done_together(
            f"send {self._topic}",
            f"send {self._topic} batch",
            [row["traceparent"] for row in inside] if tracing.on() else (),
            began,
            {
                "messaging.system": "kafka",
                "messaging.operation.type": "send",
                "messaging.operation.name": "send",
                "messaging.destination.name": self._topic,
                "messaging.destination.partition.id": str(partition),
                "messaging.batch.message_count": len(inside),
            },
            "producer",
        )

    async def _advance(
        self, connection: asyncpg.Connection, partition: int, epoch: int, reached: Mapping[str, Row]
    ) -> None:
        if not reached:
            return
        self._faults.reached("publish.before_advance")
        still_held = await connection.fetchval(
            _ADVANCE,
            self._topic,
            partition,
            epoch,
            self._leases.holder,
            list(reached),
            [row["epoch"] for row in reached.values()],
            [row["sequence"] for row in reached.values()],
        )
        self._faults.reached("publish.after_advance")
        if not still_held:
            self._leases.lost(partition)
            self._behind.forget()
            metrics.OUTRUN.inc()
            _log.warning("advance_refused", partition=partition, holder=self._leases.holder)


def _oldest_of(rows: Sequence[Row]) -> datetime:
    first = {row["organisation"]: row for row in reversed(rows)}
    return min(recorded_at(row["entry"]) for row in first.values())
