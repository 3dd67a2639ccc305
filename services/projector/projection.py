"""
One read model being kept: records in, rows and positions out, whatever the records are and whatever fails.

Knows nothing of a client library: `read` takes records of any; `apply` never raises but for cancellation. It holds one
connection, and a lock: live records, gaps and the look for a lost tail take turns.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import asyncpg
import structlog

from okr_contracts.cloud_events import Heading
from okr_contracts.envelope import Recorded
from projections.generations import live_generation
from projections.positions import Move, Position, PositionMoved, advance, read_positions
from projections.read_model import CannotApply, ReadModel
from services.chassis import tracing
from services.chassis.faults import NO_FAULTS, Faults
from services.chassis.patience import Patience
from services.chassis.seldom import Seldom
from services.projector import metrics, rows
from services.projector.behind import Heads
from services.projector.failures import ANY_FAILURE, is_of_the_moment, reason_of
from services.projector.gate import gate
from services.projector.observed import Lag, trace
from services.projector.records import Record, SetAside, read
from services.projector.rows import Standstill

# A younger head is on its way through Kafka.
_TAIL_AGE_SECONDS: Final = 2.0

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one poll brought, sorted: events, records that are none, and where each partition goes on."""

    events: Sequence[Recorded | Heading] = ()
    aside: Sequence[SetAside] = ()
    next_offsets: Mapping[int, int] = field(default_factory=dict[int, int])
    began: float = 0.0
    """When it began to be read, by `time.perf_counter`."""
    traceparents: Sequence[bytes | None] = ()
    """Of each record; none where nobody traces."""


class Projection:
    """Keeps *read_model* from the records of *topic* and from the ledger."""

    def __init__(
        self,
        read_model: ReadModel,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        topic: str,
        faults: Faults = NO_FAULTS,
    ) -> None:
        self.name = read_model.name
        self.topic = topic
        self.topic_id = ""
        """Of the topic that the records come from; known from the first assignment on."""
        self.applied = 0
        """Events applied by this process so far."""
        self.refused = 0
        """Transactions refused because another process had moved a position."""
        self._ignores = read_model.ignores
        self._applier = read_model.applier()
        self._generation = ""
        """The schema that is written; another one after a rebuild."""
        self._connect = connect
        self._connection: asyncpg.Connection | None = None
        self._faults = faults
        self._lock = asyncio.Lock()
        self._positions: dict[str, Position] = {}
        self._parked: set[str] = set()
        self._heads = Heads(read_model.name)
        self._seldom = Seldom(_log)
        self._lag = Lag(self.name)
        self._batch_seconds = metrics.BATCH_SECONDS.labels(self.name)
        self._batch_records = metrics.BATCH_RECORDS.labels(self.name)
        self._stood_at: dict[str, int] = {}

    async def start(self) -> None:
        """Try what is parked once more: this release may know what the last one did not."""
        parked = await self._persistently(self._read_parked)
        for organisation in sorted(parked):
            await self._persistently(lambda connection, one=organisation: self._from_ledger(connection, one))

    async def stop(self) -> None:
        """Close the connection; what was in flight is rolled back, and read again by whoever goes on."""
        self._applier.forget()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def apply(self, arrived: Arrived) -> Mapping[int, int]:
        """
        Apply what *arrived*; where each of the partitions goes on.

        Returns when it is done, however long that takes; raises nothing.
        """
        for one in arrived.aside:
            metrics.SET_ASIDE.labels(self.name, one.reason).inc()
            self._seldom.warning("record_set_aside", projection=self.name, cause=one.reason, offset=one.offset)
        await self._persistently(lambda connection: self._apply(connection, arrived))
        self._batch_seconds.observe(time.perf_counter() - arrived.began)
        self._batch_records.observe(len(arrived.events) + len(arrived.aside))
        if tracing.on():
            trace(self.name, self.topic, arrived.traceparents, arrived.began)
        return arrived.next_offsets

    def read(self, records: Sequence[Record]) -> Arrived:
        """What *records* say, which is all that is needed of them. Raises nothing."""
        began = time.perf_counter()
        events: list[Recorded | Heading] = []
        aside: list[SetAside] = []
        next_offsets: dict[int, int] = {}
        for record in records:
            one = read(record, self._ignores)
            if isinstance(one, SetAside):
                aside.append(one)
            else:
                events.append(one)
            next_offsets[record.partition] = record.offset + 1
        traced = records if tracing.on() else ()
        traceparents = [dict(record.headers).get("traceparent") for record in traced]
        return Arrived(events, aside, next_offsets, began, traceparents)

    async def next_offsets(self, topic_id: str) -> Mapping[int, int]:
        """Where the partitions of this topic go on, by what the rows say. Positions are read afresh from now on."""
        self.topic_id = topic_id

        def afresh(connection: asyncpg.Connection) -> Awaitable[dict[int, int]]:
            # Under the lock: whoever is in the middle of a transaction needs the positions that it began with.
            self._positions.clear()
            self._applier.forget()
            self._heads.forget()
            return rows.read_offsets(connection, self.name, self.topic, topic_id)

        return await self._persistently(afresh)

    async def say_what_is_known(self, instance: str) -> None:
        """Say which events this process, of that name, can read."""
        await self._persistently(lambda connection: rows.say_what_is_known(connection, self.name, instance))

    async def catch_up(self, mine: Callable[[str], bool], partition_of: Callable[[str], str] = lambda _: "") -> int:
        """
        Read from the ledger what Kafka did not bring, in the organisations that are *mine*; the lag that is left.

        A lost tail shows no gap, a topic may be made anew, records expire: so positions are compared with heads. Late
        is what is behind and has not moved since the last look, or is behind a head of two seconds ago. The lag is told
        by *partition_of* each organisation. Costs a look at the heads that changed and at those that were behind, and a
        page of the ledger for each organisation that is.
        """
        await self._persistently(self._read_parked)
        behind = await self._persistently(self._heads.behind)
        # A head that moves all the time is always young: an organisation that is written to while the broker is away.
        stood_at, self._stood_at = self._stood_at, {one.organisation: one.position for one in behind}
        for one in behind:
            stands_still = stood_at.get(one.organisation) == one.position
            late = stands_still or one.head_age_seconds >= _TAIL_AGE_SECONDS
            if late and one.organisation not in self._parked and mine(one.organisation):
                await self._persistently(lambda connection, late=one.organisation: self._from_ledger(connection, late))
        if behind:
            behind = await self._persistently(self._heads.behind)
        lagging = [one for one in behind if one.organisation not in self._parked]
        self._lag.report(lagging, partition_of)
        return sum(one.lag_events for one in lagging)

    async def _persistently(self, attempt: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """
        The answer of *attempt*, repeated with a fresh connection for as long as it fails.

        That an event cannot be applied is dealt with inside *attempt*. What else fails is repeated even where that will
        not help, for the records must not be skipped: the position stands still, and the watch-dog says so.
        """
        patience = Patience()
        async with self._lock:
            while True:
                try:
                    if self._connection is None or self._connection.is_closed():
                        self._connection = await self._connect()
                    return await attempt(self._connection)
                except ANY_FAILURE as failure:
                    cause = type(failure).__name__
                    metrics.RETRIED.labels(self.name, cause).inc()
                    self._seldom.warning("attempt_repeated", projection=self.name, cause=cause)
                # After a time-out or a lost server nobody knows what the connection is in the middle of.
                await self.stop()
                await patience.wait()

    async def _apply(self, connection: asyncpg.Connection, arrived: Arrived) -> None:
        await self._read_positions(connection, {recorded.organisation for recorded in arrived.events})
        gated = gate(arrived.events, self._positions, self._parked)
        events, suspects = gated.events, gated.gaps
        while True:
            try:
                await self._write(connection, events, arrived)
                break
            except PositionMoved as moved:
                if await self._moved_by_another(connection, moved.organisations):
                    await self._apply(connection, arrived)
                    return
                metrics.SET_ASIDE.labels(self.name, "beyond_the_ledger").inc(len(moved.organisations))
                suspects |= moved.organisations
            except CannotApply as refusal:
                suspects.add(refusal.organisation)
            except Exception as failure:
                if is_of_the_moment(failure) or not events:
                    raise
                suspects |= {recorded.organisation for recorded in events}
            # Whether an event cannot be applied is decided by the ledger's own, not by what the record claimed.
            events = [recorded for recorded in events if recorded.organisation not in suspects]
        metrics.SEEN.labels(self.name).inc(gated.seen)
        for organisation in sorted(suspects):
            await self._from_ledger(connection, organisation)

    async def _from_ledger(self, connection: asyncpg.Connection, organisation: str) -> None:
        """Bring one organisation to the head of its ledger, or to the event at which it has to be parked."""
        self._positions.pop(organisation, None)
        while True:
            await self._read_positions(connection, {organisation})
            events, standstill = await rows.read_ledger(connection, organisation, self._positions[organisation])
            try:
                if events:
                    await self._write(connection, events, Arrived())
                    metrics.FROM_LEDGER.labels(self.name).inc(len(events))
            except PositionMoved as moved:
                await self._moved_by_another(connection, moved.organisations)
                continue
            except Exception as failure:
                if is_of_the_moment(failure):
                    raise
                standstill = await self._one_by_one(connection, events)
            if standstill is not None:
                await self._park(connection, organisation, standstill)
                return
            if not events:
                break
        if organisation in self._parked:
            await rows.unpark(connection, self.name, organisation)
            self._parked.discard(organisation)
            metrics.PARKED.labels(self.name).set(len(self._parked))
            _log.info("organisation_resumed", projection=self.name, organisation=organisation)

    async def _one_by_one(self, connection: asyncpg.Connection, events: Iterable[Recorded]) -> Standstill | None:
        """Apply *events* of one organisation up to the one that cannot be applied."""
        for recorded in events:
            try:
                await self._write(connection, [recorded], Arrived())
            except PositionMoved:
                return None
            except Exception as failure:
                if is_of_the_moment(failure):
                    raise
                return Standstill(Position(recorded.epoch, recorded.sequence), recorded.type, reason_of(failure))
        return None

    async def _write(
        self, connection: asyncpg.Connection, events: Sequence[Recorded | Heading], arrived: Arrived
    ) -> None:
        """
        Rows, positions, offsets and what was set aside, in one transaction.

        The connection commits asynchronously: a crash of the database may step rows and position back together, and
        they are applied again. The positions come first: their locks keep a second process from writing these rows.
        """
        moves = _moves(events, self._positions)
        handled = [one for one in events if isinstance(one, Recorded)]
        async with connection.transaction():
            if moves:
                await advance(connection, self._generation, moves)
                self._faults.reached("project.before_rows")
                if handled:
                    await self._applier.apply(connection, self._generation, handled)
            if arrived.aside:
                await rows.set_aside(connection, self.name, self.topic, arrived.aside)
            if arrived.next_offsets and self.topic_id:
                await rows.keep_offsets(connection, self.name, self.topic, self.topic_id, arrived.next_offsets)
            self._faults.reached("project.before_commit")
        self._faults.reached("project.after_commit")
        if handled:
            self._applier.committed()
        for move in moves:
            self._positions[move.organisation] = move.end
        self.applied += len(events)
        metrics.APPLIED.labels(self.name).inc(len(events))

    async def _park(self, connection: asyncpg.Connection, organisation: str, stopped_at: Standstill) -> None:
        self._applier.forget()
        await rows.park(connection, self.name, organisation, stopped_at)
        self._parked.add(organisation)
        metrics.PARKED.labels(self.name).set(len(self._parked))
        _log.error(
            "organisation_parked",
            projection=self.name,
            organisation=organisation,
            sequence=stopped_at.position.sequence,
            event_type=stopped_at.event_type,
            fix="mend the cause, then run okr projection resume",
        )

    async def _moved_by_another(self, connection: asyncpg.Connection, organisations: Iterable[str]) -> bool:
        """
        Whether another process moved any of these positions, now read again.

        Otherwise what arrived is beyond the ledger, and the ledger says what there is.
        """
        self._applier.forget()
        if await self._follow(connection):
            return True
        before = {organisation: self._positions.pop(organisation) for organisation in organisations}
        await self._read_positions(connection, before.keys())
        if all(self._positions[organisation] == position for organisation, position in before.items()):
            return False
        self.refused += 1
        metrics.REFUSED.labels(self.name).inc()
        self._seldom.warning("commit_refused", projection=self.name, organisations=len(before))
        return True

    async def _read_positions(self, connection: asyncpg.Connection, organisations: Iterable[str]) -> None:
        if not self._generation:
            await self._follow(connection)
        unknown = [organisation for organisation in organisations if organisation not in self._positions]
        if unknown:
            self._positions.update(await read_positions(connection, self._generation, unknown))

    async def _follow(self, connection: asyncpg.Connection) -> bool:
        """Write the generation that is live; whether that is another one now, so that all positions are read again."""
        generation = await live_generation(connection, self.name)
        if generation == self._generation:
            return False
        if self._generation:
            _log.info("generation_followed", projection=self.name, generation=generation, left=self._generation)
        self._generation = generation
        self._positions.clear()
        self._heads.forget()
        return True

    async def _read_parked(self, connection: asyncpg.Connection) -> set[str]:
        await self._follow(connection)
        self._parked = await rows.read_parked(connection, self.name)
        metrics.PARKED.labels(self.name).set(len(self._parked))
        return self._parked


def _moves(events: Sequence[Recorded | Heading], positions: Mapping[str, Position]) -> list[Move]:
    last = {recorded.organisation: recorded for recorded in events}
    return [
        Move(organisation, positions[organisation], Position(end.epoch, end.sequence), end.recorded_at)
        for organisation, end in last.items()
    ]
