"""A plain Kafka consumer that follows the topic through everything that is done to it, as any subscriber may."""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

_POLL_MS = 200
_STOP_SECONDS = 5
_PAUSE_SECONDS = 0.2


@dataclass
class Listener:
    """
    Holds what comes: no event before its predecessor, the same bytes each time.

    A reading starts at the beginning of the topic; after records were taken from it, a new one does. Where records are
    gone (a jump of the offset, a tail that the broker lost), the next event of an organisation may be any.
    """

    bootstrap: str
    topic: str
    partitions: int
    differences: list[str] = field(default_factory=list[str])
    records: int = 0
    readings: int = 0
    taken_away_at: float = 0.0
    """When records were last taken from the topic (time.time)."""
    _seen: dict[str, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    _newest: dict[str, int] = field(default_factory=dict[str, int])
    _holes: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    _again: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Follow until cancelled."""
        while True:
            self._again.clear()
            self.readings += 1
            reading = asyncio.create_task(self._read(self.readings), name="reading")
            again = asyncio.create_task(self._again.wait(), name="read again")
            await asyncio.wait({reading, again}, return_when=asyncio.FIRST_COMPLETED)
            for task in (reading, again):
                task.cancel()
            # A client that lost its broker may hang when it is stopped: it is left behind, and its records with it.
            await asyncio.wait({reading, again}, timeout=_STOP_SECONDS)
            if reading.done() and not reading.cancelled() and (failed := reading.exception()):
                raise failed
            await asyncio.sleep(_PAUSE_SECONDS)

    def records_taken_away(self) -> None:
        """Records were deleted, or the topic was: read from its beginning."""
        self.taken_away_at = time.time()
        self._again.set()

    def topic_made_anew(self) -> None:
        """Offsets start again."""
        self._holes.clear()
        self.records_taken_away()

    def tail_lost(self, partition: int, offset: int) -> None:
        """What stood at *offset* and beyond is gone, and something else will stand there."""
        self._holes.add((partition, offset))
        self.records_taken_away()

    def has(self, organisation: str, sequence: int) -> bool:
        """Whether this event was on the topic."""
        return sequence in self._seen[organisation]

    def digest(self, organisation: str, sequence: int) -> bytes | None:
        """Of the event's record, if it was on the topic."""
        return self._seen[organisation].get(sequence)

    async def _read(self, reading: int) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        with suppress(KafkaError, OSError):
            try:
                await consumer.start()
                assigned = [TopicPartition(self.topic, partition) for partition in range(self.partitions)]
                consumer.assign(assigned)
                await consumer.seek_to_beginning(*assigned)
                self._newest.clear()
                expected: dict[int, int] = {}
                while reading == self.readings and not self._again.is_set():
                    for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                        self.take(records, expected)
            finally:
                await consumer.stop()

    def take(self, records: Sequence[ConsumerRecord[bytes, bytes]], expected: dict[int, int]) -> None:
        """Look at *records*; *expected* is where each partition goes on in this reading."""
        for record in records:
            self.records += 1
            hole = (record.partition, record.offset) in self._holes
            jumped = record.offset != expected.get(record.partition, record.offset)
            expected[record.partition] = record.offset + 1
            organisation = (record.key or b"").decode()
            sequence = int(dict(record.headers)["ce_id"] or b"")
            if hole or jumped:
                # All organisations of this partition: those of others are forgotten too, which only forgives more.
                self._newest.clear()
            newest = self._newest.get(organisation)
            where = f"{organisation} {sequence} at partition {record.partition}, offset {record.offset}"
            if newest is not None and sequence > newest + 1:
                self.differences.append(f"{where} came after {newest}")
            self._newest[organisation] = max(sequence, newest or 0)
            digest = digest_of(record.headers, record.value or b"")
            if self._seen[organisation].setdefault(sequence, digest) != digest:
                self.differences.append(f"{where} came with other bytes than before")


def digest_of(headers: Sequence[tuple[str, bytes | None]], value: bytes) -> bytes:
    """What tells two records apart."""
    taken = hashlib.sha256(value)
    for name, content in sorted(headers, key=lambda header: header[0]):
        taken.update(name.encode() + b"=" + (content or b"") + b"\n")
    return taken.digest()
