"""
From the ledger to Kafka: what is beyond the published position, in order, at least once.

First occurrences are in order whatever happens: an event is handed to Kafka only after its predecessor was
acknowledged or stands before it in the same batch, and a partition's batches go out one after the other. With several
in flight, a producer whose first batch is refused may still deliver the second.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol, cast

import asyncpg
import structlog
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from services.chassis import tracing
from services.chassis.faults import Faults
from services.chassis.partitions import partition_of
from services.publisher import metrics
from services.publisher.leases import Leases
from services.publisher.records import record_of, recorded_at

_SQL: Final = Path(__file__).parent / "sql"
_BEHIND: Final = (_SQL / "behind.sql").read_text()
_READ: Final = (_SQL / "read.sql").read_text()
_ADVANCE: Final = (_SQL / "advance.sql").read_text()

ORGANISATIONS_A_ROUND: Final = 256
EVENTS_AN_ORGANISATION: Final = 512
# Rows of one round are in memory at once: 256 organisations with half a MiB each at the very most.
BYTES_AN_ORGANISATION: Final = 512 * 1024
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


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it is stored."""

    organisation: str
    sequence: int
    epoch: int
    entry: bytes
    data: bytes | None
    text: bytes | None
    traceparent: str | None


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

    def is_held_up(self, organisation: str) -> bool:
        """Whether the organisation waits for its next attempt."""
        return self.held_up.get(organisation, 0) > time.monotonic()

    def refused(self, rows: Sequence[Row]) -> None:
        """Remember what was refused."""
        if len(rows) > 1:
            self.alone.update(row.organisation for row in rows)
            return
        row = rows[0]
        _log.error(
            "event_refused_as_too_large",
            organisation=row.organisation,
            sequence=row.sequence,
            size_bytes=len(row.data or b"") + len(row.text or b""),
            fix="raise max.message.bytes of the topic; the organisation waits until then",
        )
        self.held_up[row.organisation] = time.monotonic() + _REFUSED_AGAIN_AFTER_SECONDS
        metrics.REFUSED.set(len(self.held_up))

    def accepted(self, organisations: Set[str]) -> None:
        """Forget organisations all of whose events of a round went through."""
        self.alone -= organisations
        for organisation in organisations & self.held_up.keys():
            del self.held_up[organisation]
            metrics.REFUSED.set(len(self.held_up))


class Publisher:
    """Publishes the partitions whose leases are held. One connection, one producer; both are replaced by the caller."""

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
        self._served_last = ""
        self._oldest: datetime | None = None
        # Asked at each scrape: while a broker is down no round ends, and the age has to grow all the same.
        metrics.OLDEST.set_function(self._oldest_seconds)
        self.asked_seconds = 0.0
        """What the last look at the heads cost."""

    async def round(self, connection: asyncpg.Connection, producer: Producer) -> int:
        """
        Publish the next events of up to 256 organisations; how many events went out.

        Raises NotDelivered where Kafka refused a batch; what was acknowledged before is remembered all the same.
        """
        held = self._leases.held()
        rows = await self._next_rows(connection, held)
        if not rows:
            return 0
        by_partition: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            by_partition[partition_of(row.organisation, self._partitions)].append(row)
        reached: dict[str, Row] = {}
        outcomes = await asyncio.gather(
            *(self._send_in_order(producer, partition, part, reached) for partition, part in by_partition.items()),
            return_exceptions=True,
        )
        await self._advance(connection, held, reached)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            raise NotDelivered(type(failures[0]).__name__) from failures[0]
        return sum(cast("list[int]", outcomes))

    async def _next_rows(self, connection: asyncpg.Connection, held: Mapping[int, int]) -> list[Row]:
        started = time.perf_counter()
        behind = [
            (str(organisation), int(after), int(head))
            for organisation, head, after in await connection.fetch(_BEHIND, self._topic)
            if partition_of(organisation, self._partitions) in held
        ]
        self.asked_seconds = time.perf_counter() - started
        metrics.LOOK_SECONDS.observe(self.asked_seconds)
        metrics.BACKLOG.set(sum(head - after for _, after, head in behind))
        if not behind:
            self._oldest = None
            return []
        waiting = [
            (organisation, after) for organisation, after, _ in behind if not self._too_large.is_held_up(organisation)
        ]
        # Go on after the organisation served last: 256 busy ones must not starve the others.
        later = [one for one in waiting if one[0] > self._served_last]
        turn = (later + waiting[: len(waiting) - len(later)])[:ORGANISATIONS_A_ROUND]
        if not turn:
            return []
        self._served_last = turn[-1][0]
        found = await connection.fetch(
            _READ, [one[0] for one in turn], [one[1] for one in turn], EVENTS_AN_ORGANISATION, BYTES_AN_ORGANISATION
        )
        rows = [Row(*row) for row in found]
        first = {row.organisation: row for row in reversed(rows)}
        self._oldest = min((recorded_at(row.entry) for row in first.values()), default=None)
        return rows

    def _oldest_seconds(self) -> float:
        return 0.0 if self._oldest is None else (self._now() - self._oldest).total_seconds()

    async def _send_in_order(
        self, producer: Producer, partition: int, rows: Sequence[Row], reached: dict[str, Row]
    ) -> int:
        """Send the events of one partition, batch after batch; notes in *reached* what was acknowledged."""
        batch, inside = producer.create_batch(), list[Row]()
        sent = 0
        # When it was published, not when it was recorded: Kafka counts the retention from here, and would throw old
        # events away as soon as they came. ce_time says when they were recorded.
        timestamp = int(self._now().timestamp() * 1000)
        for row in rows:
            key, value, headers = record_of(row.entry, row.data, row.text, row.traceparent)
            apart = row.organisation in self._too_large.alone and inside
            if apart or batch.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                sent += await self._deliver(producer, partition, batch, inside, reached)
                batch, inside = producer.create_batch(), []
                batch.append(timestamp=timestamp, key=key, value=value, headers=headers)
            inside.append(row)
        sent += await self._deliver(producer, partition, batch, inside, reached)
        self._too_large.accepted({row.organisation for row in rows})
        return sent

    async def _deliver(
        self, producer: Producer, partition: int, batch: Batch, inside: Sequence[Row], reached: dict[str, Row]
    ) -> int:
        self._faults.reached("publish.before_send")
        batch.close()
        began = time.perf_counter()
        try:
            await (await producer.send_batch(batch, self._topic, partition=partition))
        except (MessageSizeTooLargeError, RecordListTooLargeError):
            self._too_large.refused(inside)
            raise
        self._faults.reached("publish.after_send")
        for row in inside:
            reached[row.organisation] = row
        metrics.BATCH_SECONDS.observe(time.perf_counter() - began)
        metrics.BATCH_EVENTS.observe(len(inside))
        metrics.ACKNOWLEDGED.set_to_current_time()
        self._trace(inside, partition, began)
        metrics.BATCHES.inc()
        metrics.PUBLISHED.inc(len(inside))
        return len(inside)

    def _trace(self, inside: Sequence[Row], partition: int, began: float) -> None:
        tracing.done_together(
            f"send {self._topic}",
            f"send {self._topic} batch",
            [row.traceparent for row in inside] if tracing.on() else (),
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
        self, connection: asyncpg.Connection, held: Mapping[int, int], reached: Mapping[str, Row]
    ) -> None:
        if not reached:
            return
        partitions = {organisation: partition_of(organisation, self._partitions) for organisation in reached}
        leases = sorted((partition, held[partition]) for partition in set(partitions.values()))
        self._faults.reached("publish.before_advance")
        still_held = await connection.fetch(
            _ADVANCE,
            self._topic,
            [partition for partition, _ in leases],
            [epoch for _, epoch in leases],
            self._leases.holder,
            list(reached),
            [partitions[organisation] for organisation in reached],
            [row.epoch for row in reached.values()],
            [row.sequence for row in reached.values()],
        )
        self._faults.reached("publish.after_advance")
        if outrun := len(leases) - len(still_held):
            metrics.OUTRUN.inc(outrun)
            _log.warning("advance_refused", partitions=outrun, holder=self._leases.holder)
