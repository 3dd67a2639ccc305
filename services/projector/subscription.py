"""
FastStream carries the records of one read model: its own consumer group, batches, offsets kept in PostgreSQL.

Four things are not as FastStream has them. The parser and the decoder hand on raw records: the stock ones drop a
record with a header that is not UTF-8, and are three times slower. The poll replaces `get_msg`, which sleeps blindly
after an empty one; a test pins that name. A batch that FastStream skipped (it polls the next one when a handler
raises) is noticed by its offsets and fetched again. Last, a record that aiokafka cannot read, for a header name that
is not UTF-8, is set aside: aiokafka fails the whole poll for it, again and again.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import Final, Protocol, cast

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage

from services.chassis.patience import Patience
from services.chassis.seldom import Seldom
from services.projector import metrics
from services.projector.projection import Projection
from services.projector.records import Record, Unreadable
from services.projector.topic_id import topic_id

_POLL_MS: Final = 500
RECORDS_A_POLL: Final = 1_000
# Compressed. More than one batch of the publisher; a larger one comes alone. One answer is worked on while the next
# one waits, for each read model.
_FETCH_BYTES: Final = 512 * 1024
# Longer than the broker holds back the answer to a fetch that is under way: only then is the next one sent.
_REFETCH_MS: Final = 5_000
_STOP_SECONDS: Final = 10.0
_REPORT_SECONDS: Final = 1.0
_METADATA_AGE_MS: Final = 30_000
_TOPIC_ID_ATTEMPTS: Final = 5

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Consumer(Protocol):
    """What is used of aiokafka's consumer."""

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        """Records that are there, or the first that come within the time; of all partitions, if none is named."""
        ...

    def assignment(self) -> Set[TopicPartition]:
        """The partitions that it reads."""
        ...

    def highwater(self, partition: TopicPartition) -> int | None:
        """Where *partition* ended when it was last fetched."""
        ...

    async def position(self, partition: TopicPartition) -> int:
        """The offset of the next record."""
        ...

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on at *offset*."""
        ...

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell the group how far it has come."""
        ...

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """The partitions of *topic*, as far as known."""
        ...


class Subscription:
    """Brings the records of the projection's topic to `Projection.apply`."""

    def __init__(
        self,
        projection: Projection,
        bootstrap: str,
        *,
        group: str,
        instance: str | None,
        session_seconds: float = 10.0,
    ) -> None:
        self._projection = projection
        self._bootstrap = bootstrap
        self._group = group
        self._instance = instance
        self._seldom = Seldom(_log)
        self._session_ms = round(session_seconds * 1000)
        self._consumer: Consumer | None = None
        self._expected: dict[int, int] = {}
        self._sought: dict[int, int] = {}
        self._begun = asyncio.Event()
        self.assigned: frozenset[int] | None = None
        """The partitions that this process reads; None before the first assignment."""
        self.last_poll = time.monotonic()
        """When Kafka was last asked with success, or records were last worked on."""
        self.busy = False
        """Whether records are being worked on."""

    @property
    def partitions(self) -> int:
        """How many partitions the topic has."""
        known = self._consumer.partitions_for_topic(self._projection.topic) if self._consumer else None
        return len(known or ())

    async def run(self) -> None:
        """Consume until cancelled. A broker that is down at the start is tried again with a fresh object each time."""
        patience, seldom = Patience(), Seldom(_log)
        while True:
            broker = self._broker()
            try:
                await broker.start()
                await asyncio.Event().wait()
            except (KafkaError, OSError) as failed:
                seldom.warning("subscription_failed", projection=self._projection.name, cause=type(failed).__name__)
            finally:
                await self._stop(broker)
            await patience.wait()

    async def report(self) -> None:
        """Tell the group how far it has come, for lag tools; nothing is ever read from there."""
        if self._consumer is None or not self._expected:
            return
        offsets = {TopicPartition(self._projection.topic, p): at for p, at in self._expected.items()}
        # Without a broker it would wait for one, and the look for lost tails with it.
        with contextlib.suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(_REPORT_SECONDS):
                await self._consumer.commit(offsets)

    def _broker(self) -> KafkaBroker:
        broker = KafkaBroker(
            self._bootstrap,
            consumer_only=True,
            allow_auto_create_topics=False,
            metadata_max_age_ms=_METADATA_AGE_MS,
            graceful_timeout=_STOP_SECONDS / 2,
            # With types, FastStream looks the message up in a thread of its own, for each batch.
            apply_types=False,
            logger=None,
        )
        subscriber = broker.subscriber(
            self._projection.topic,
            batch=True,
            group_id=self._group,
            group_instance_id=self._instance,
            auto_offset_reset="earliest",
            session_timeout_ms=self._session_ms,
            heartbeat_interval_ms=max(self._session_ms // 4, 500),
            ack_policy=AckPolicy.MANUAL,
            max_records=RECORDS_A_POLL,
            fetch_max_bytes=_FETCH_BYTES,
            max_partition_fetch_bytes=_FETCH_BYTES,
            listener=_Seek(self),
            parser=_raw,
            decoder=_records,
        )

        async def get_msg(consumer: Consumer) -> list[Record]:
            self._consumer = consumer
            # aiokafka brings records while it is still being told where to go on.
            await self._begun.wait()
            return [*await self.poll(consumer)]

        async def handle(message: object) -> None:
            await self.work_on(cast("list[Record]", message))

        subscriber(handle)
        vars(subscriber)["get_msg"] = get_msg
        self._subscriber = subscriber
        return broker

    async def _stop(self, broker: KafkaBroker) -> None:
        self._consumer = None
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await broker.stop()
        except (TimeoutError, KafkaError, OSError) as failed:
            _log.warning("subscription_not_stopped", projection=self._projection.name, cause=type(failed).__name__)

    def _polled(self) -> None:
        self.last_poll = time.monotonic()
        metrics.LAST_POLL.labels(self._projection.name).set_to_current_time()

    async def poll(self, consumer: Consumer) -> Sequence[Record]:
        """The next records, an `Unreadable` in the place of one that cannot be read."""
        try:
            found = await consumer.getmany(timeout_ms=_POLL_MS, max_records=RECORDS_A_POLL)
        except UnicodeDecodeError:
            self._seldom.warning("poll_failed", projection=self._projection.name)
            return await self._poll_singly(consumer)
        self._polled()
        return [*chain(*found.values())]

    async def _poll_singly(self, consumer: Consumer) -> Sequence[Record]:
        """
        The next records of each partition, up to the first that cannot be read.

        The poll that failed for that one has dropped what else it took, of other partitions, too: so they are fetched
        again. What cannot be read then was not spoilt on the way.
        """
        ends: dict[TopicPartition, int] = {}
        for each in sorted(consumer.assignment()):
            expected, end = self._expected.get(each.partition), consumer.highwater(each)
            if expected is not None and end is not None and expected < end:
                consumer.seek(each, expected)
                ends[each] = end
        if not ends:
            # As where the topic was made anew: the watch-dog starts the process again, and it reads from the beginning.
            await asyncio.sleep(_POLL_MS / 1000)
        found: list[Record] = []
        for each, end in ends.items():
            found.extend(await self._read_singly(consumer, each, end))
            self._polled()
        return found

    async def _read_singly(self, consumer: Consumer, partition: TopicPartition, end: int) -> Sequence[Record]:
        found: list[Record] = []
        try:
            while len(found) < RECORDS_A_POLL and (not found or found[-1].offset + 1 < end):
                one = await consumer.getmany(partition, timeout_ms=_REFETCH_MS, max_records=1)
                if not one:
                    break
                found.extend(one[partition])
        except UnicodeDecodeError:
            # Records came one by one, so the next one is the one. aiokafka reads a batch from its start: what follows
            # in the same batch, of a producer that is not ours, goes the same way.
            offset = await consumer.position(partition)
            found.append(Unreadable(*partition, offset))
            consumer.seek(partition, offset + 1)
        return found

    async def work_on(self, records: list[Record]) -> None:
        """
        Apply *records*, which are let go of as soon as they were read.

        Nothing may escape from here: FastStream would go on with the next batch.
        """
        self.busy = True
        try:
            arrived = self._projection.read(self._continuous(records))
            # They are as large as what they say. And each timer of a connection keeps the context in which it was set,
            # for minutes; FastStream puts the message there.
            records.clear()
            if arrived.next_offsets:
                self._expected.update(await self._projection.apply(arrived))
        except Exception as failed:
            # FastStream says nothing and goes on; the next batch will not start where it should, and brings this back.
            _log.error("batch_failed", projection=self._projection.name, cause=type(failed).__name__)
            raise
        finally:
            self.busy = False
            self._polled()

    def _continuous(self, records: Sequence[Record]) -> list[Record]:
        """
        *records* without those of partitions that do not go on where they should; these are fetched again.

        Whoever finds a hole a second time at the same place takes it: the records expired. One that starts too early is
        taken, too: a topic that was made anew starts from the beginning.
        """
        by_partition: dict[int, list[Record]] = defaultdict(list)
        for record in records:
            by_partition[record.partition].append(record)
        taken: list[Record] = []
        for partition, part in by_partition.items():
            expected = self._expected.get(partition, part[0].offset)
            if part[0].offset > expected and self._sought.get(partition) != expected and self._consumer is not None:
                _log.warning("records_skipped", projection=self._projection.name, partition=partition, offset=expected)
                self._sought[partition] = expected
                self._consumer.seek(TopicPartition(self._projection.topic, partition), expected)
                continue
            taken.extend(part)
        return taken

    async def assign(self, partitions: Iterable[int]) -> None:
        """Take over *partitions*: called by the client, after it made the consumer and before it reads from them."""
        await self.go_on(cast("Consumer", self._subscriber.consumer), partitions, await self._topic_id())

    async def go_on(self, consumer: Consumer, partitions: Iterable[int], topic_id: str) -> None:
        """Read *partitions* from where the rows say, or from the beginning if the topic is another one."""
        self._consumer = consumer
        offsets = await self._projection.next_offsets(topic_id)
        self._expected = {partition: offsets.get(partition, 0) for partition in partitions}
        self._sought = {}
        for partition, offset in self._expected.items():
            consumer.seek(TopicPartition(self._projection.topic, partition), offset)
        self.assigned = frozenset(self._expected)
        self._begun.set()
        _log.info("partitions_assigned", projection=self._projection.name, partitions=sorted(self.assigned))

    async def _topic_id(self) -> str:
        patience = Patience()
        for _ in range(_TOPIC_ID_ATTEMPTS):
            with contextlib.suppress(KafkaError, OSError):
                if found := await topic_id(self._bootstrap, self._projection.topic):
                    return found
            await patience.wait()
        # Without an id no offset is remembered and reading starts from the beginning: slower, and harmless.
        return ""


class _Seek(ConsumerRebalanceListener):
    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to give back: positions are moved by compare-and-set."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Seek to the offsets in PostgreSQL."""
        await self._subscription.assign(sorted(each.partition for each in assigned))


async def _raw(message: object) -> KafkaMessage:
    """The records as they came; nothing of them is looked at here."""
    return KafkaAckableMessage(raw_message=message, body=b"", consumer=FAKE_CONSUMER)


async def _records(message: KafkaMessage) -> object:
    return message.raw_message
