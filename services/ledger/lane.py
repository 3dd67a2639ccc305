"""
Group commit: one held connection with one group in flight; what arrives meanwhile forms the next group.

A group mixes organisations. One SQL call checks every head and appends where it is still the one decided on; where it
moved, the difference is folded and the commands are decided again. Commands are answered after the commit.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import asyncpg
import structlog

from okr_contracts import subjects
from services.chassis import postgres, tracing
from services.chassis.faults import NO_FAULTS, Faults
from services.ledger import metrics, store
from services.ledger.cache import Cache, Head
from services.ledger.domain.decide import fold
from services.ledger.domain.known import Folded, NotLoaded
from services.ledger.domain.refusal import Refusal
from services.ledger.group import Draft, decide_unit, new_draft, refused_at
from services.ledger.request import CommandIdReused, Reply, Unit

log = structlog.stdlib.get_logger()

# After so many lost races an organisation is decided under its advisory lock: whoever is starved gets a turn.
_RACES_BEFORE_LOCKING = 3
_DIFFERENCE_PAGE = 5_000
# What another attempt can mend: the server is gone, going, coming up, out of room, or broke a deadlock at our cost.
_PASSING = (*postgres.LOST, asyncpg.InsufficientResourcesError, asyncpg.TransactionRollbackError)


class LaneIsFull(Exception):
    """More commands wait than the lane's queue holds: try again a little later."""


class Lane:
    """
    One held connection, one group in flight.

    *connect* opens a connection, and is called again after one was lost. *group_limit* is the most commands decided and
    appended together, *queue_limit* the most that wait. *now* gives the time, in UTC.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        *,
        group_limit: int,
        queue_limit: int,
        cached_subjects: int,
        now: Callable[[], datetime],
        on_append: Callable[[], None],
        faults: Faults = NO_FAULTS,
    ) -> None:
        self._connect = connect
        self._group_limit = group_limit
        self._now = now
        self._on_append = on_append
        self._faults = faults
        self._queue: asyncio.Queue[Unit] = asyncio.Queue(queue_limit)
        self._cache = Cache(cached_subjects)
        self._connection: asyncpg.Connection | None = None

    def submit(self, unit: Unit) -> None:
        """Put *unit* into the queue; its answer comes with ``unit.answer``. Raises LaneIsFull."""
        try:
            self._queue.put_nowait(unit)
        except asyncio.QueueFull:
            metrics.FULL.inc()
            raise LaneIsFull from None

    def waiting(self) -> int:
        """How many units wait."""
        return self._queue.qsize()

    async def wait_for_room(self, unit: Unit) -> None:
        """Put *unit* into the queue as soon as there is room: for batches, whose senders wait for the whole anyway."""
        await self._queue.put(unit)

    async def run(self) -> None:
        """Serve groups until cancelled."""
        try:
            while True:
                group = [await self._queue.get()]
                size = len(group[0].requests)
                while size < self._group_limit and not self._queue.empty():
                    group.append(self._queue.get_nowait())
                    size += len(group[-1].requests)
                began = time.perf_counter()
                metrics.QUEUE_SECONDS.observe(began - group[0].submitted)
                metrics.GROUP_COMMANDS.observe(size)
                if tracing.on():
                    _trace_waiting(group, began)
                await self._serve(group)
                metrics.GROUP_SECONDS.observe(time.perf_counter() - began)
                self._cache.trim()
        finally:
            if self._connection is not None:
                self._connection.terminate()

    async def _serve(self, group: list[Unit]) -> None:
        waiting = [unit for unit in group if not unit.answer.done()]
        delay = 0.05
        unknown_outcome = False
        while waiting:
            try:
                connection = await self._connected()
                if unknown_outcome:
                    # What was sent before the connection was lost may have been committed.
                    waiting = await self._answer_known(connection, waiting)
                    unknown_outcome = False
                waiting = await self._serve_once(connection, waiting)
            except _PASSING as lost:
                metrics.LOST_CONNECTIONS.inc()
                log.warning("connection_lost", cause=type(lost).__name__, commands=len(waiting))
                self._drop_connection()
                unknown_outcome = True
                waiting = [unit for unit in waiting if not unit.answer.done()]
                await asyncio.sleep(delay)
                delay = min(2 * delay, 1.0)
            except Exception as fault:
                # It would fail again: a fault of ours, a refusal of the database, an event of a newer release. So
                # each alone, so that the guilty one harms no other.
                if len(waiting) > 1:
                    for unit in waiting:
                        await self._serve([unit])
                else:
                    first = waiting[0].requests[0]
                    log.exception(
                        "command_failed",
                        organisation=first.organisation,
                        commands=[type(request.command).__name__ for request in waiting[0].requests],
                        **({"trace": first.traceparent.split("-")[1]} if first.traceparent else {}),
                    )
                    self._cache.forget(waiting[0].organisation)
                    waiting[0].fail(fault)
                return

    async def _serve_once(self, connection: asyncpg.Connection, waiting: list[Unit]) -> list[Unit]:
        async with self._locked(connection, waiting):
            began = time.perf_counter()
            drafts, deferred = await self._decide(connection, waiting)
            decided = time.perf_counter()
            metrics.DECIDE_SECONDS.observe(decided - began)
            again = await self._append(connection, drafts)
            metrics.APPEND_SECONDS.observe(time.perf_counter() - decided)
            if tracing.on():
                _trace(waiting, drafts, began, decided)
        return [unit for unit in (*again, *deferred) if not unit.answer.done()]

    async def _decide(self, connection: asyncpg.Connection, waiting: list[Unit]) -> tuple[list[Draft], list[Unit]]:
        await self._read_named(connection, waiting)
        drafts: dict[str, Draft] = {}
        deferred: list[Unit] = []
        taken: set[tuple[str, str]] = set()
        for unit in waiting:
            keys = [(unit.organisation, request.command_id) for request in unit.requests]
            # The same command twice in one group: the second waits for the stored reply of the first.
            if not taken.isdisjoint(keys):
                deferred.append(unit)
                continue
            taken.update(keys)
            draft = drafts.get(unit.organisation)
            if draft is None:
                draft = drafts[unit.organisation] = new_draft(unit.organisation, self._cache, self._now())
            while True:
                try:
                    decide_unit(unit, draft)
                    break
                except NotLoaded as missing:
                    await self._read(connection, [(unit.organisation, subject) for subject in missing.subjects])
        return list(drafts.values()), deferred

    async def _append(self, connection: asyncpg.Connection, drafts: list[Draft]) -> list[Unit]:
        additions = [draft.addition for draft in drafts if draft.addition.replies]
        self._faults.reached("append.before_commit")
        outcomes = await store.append(connection, additions) if additions else {}
        self._faults.reached("append.after_commit")
        again: list[Unit] = []
        moved: list[str] = []
        for draft in drafts:
            organisation = draft.addition.organisation
            outcome = outcomes.get(organisation)
            if outcome == "appended":
                self._cache.commit(organisation, draft.next_head, draft.view)
                metrics.APPENDED_EVENTS.inc(len(draft.addition.events))
            elif outcome == "head_moved":
                moved.append(organisation)
        if any(draft.addition.events for draft in drafts):
            self._on_append()
        unchanged = [d.addition.organisation for d in drafts if d.addition.organisation not in outcomes]
        moved += await self._moved_heads(connection, unchanged)
        for draft in drafts:
            organisation = draft.addition.organisation
            units = [unit for unit, _ in draft.answers]
            if organisation in moved:
                metrics.LOST_RACES.inc()
                for unit in units:
                    unit.lost_races += 1
                again += units
            elif outcomes.get(organisation) == "command_known":
                again += await self._answer_known(connection, units)
            else:
                again += await self._answer(connection, draft)
        await self._fold_difference(connection, moved)
        return again

    async def _answer(self, connection: asyncpg.Connection, draft: Draft) -> list[Unit]:
        """Answer the units of a draft that stands; those to be decided again without what turned out to be known."""
        again: list[Unit] = []
        for unit, answers in draft.answers:
            if any(isinstance(answer, Refusal) for answer in answers):
                # A repetition that would be refused today still gets the reply that it got then.
                known_before = len(unit.known)
                if not await self._answer_known(connection, [unit]):
                    continue
                if len(unit.known) > known_before:
                    again.append(unit)
                    continue
            _settle(unit, answers)
        return again

    async def _answer_known(self, connection: asyncpg.Connection, units: Sequence[Unit]) -> list[Unit]:
        """Answer those whose commands have stored replies; the others, to be decided without what is known of them."""
        wanted = [(unit.organisation, request.command_id) for unit in units for request in unit.requests]
        replies = await store.read_replies(connection, wanted)
        unknown: list[Unit] = []
        for unit in units:
            for place, request in enumerate(unit.requests):
                stored = replies.get((unit.organisation, request.command_id))
                if stored is None:
                    continue
                if request.content_hash(stored.content_salt) != stored.content_hash:
                    _settle(unit, refused_at(place, CommandIdReused(request.command_id), len(unit.requests)))
                    break
                unit.known[place] = Reply.stored(stored.body)
            else:
                if len(unit.known) == len(unit.requests):
                    _settle(unit, [unit.known[place] for place in range(len(unit.requests))])
                else:
                    unknown.append(unit)
        return unknown

    async def _moved_heads(self, connection: asyncpg.Connection, organisations: list[str]) -> list[str]:
        """Those of *organisations* that somebody else appended to since they were cached."""
        if not organisations:
            return []
        heads = await store.read_heads(connection, organisations)
        return [
            organisation
            for organisation in organisations
            if not heads.get(organisation, Head()).is_at(self._cache.head(organisation) or Head())
        ]

    async def _fold_difference(self, connection: asyncpg.Connection, organisations: list[str]) -> None:
        if not organisations:
            return
        heads = await store.read_heads(connection, organisations)
        for organisation, head in heads.items():
            cached = self._cache.head(organisation) or Head()
            if head.sequence < cached.sequence or (cached.sequence and head.epoch != cached.epoch):
                # A restore took back what was folded here: start from what there is now.
                self._cache.forget(organisation)
                self._cache.put_head(organisation, head)
                continue
            after = cached.sequence
            while after < head.sequence:
                up_to = min(head.sequence, after + _DIFFERENCE_PAGE)
                events = await store.read_difference(connection, organisation, after, up_to)
                last = events[-1]
                self._cache.advance(organisation, Head(last.sequence, last.epoch, last.recorded_at), events)
                after = last.sequence

    async def _read_named(self, connection: asyncpg.Connection, waiting: list[Unit]) -> None:
        organisations = {unit.organisation for unit in waiting}
        new = sorted(each for each in organisations if self._cache.head(each) is None)
        if new:
            heads = await store.read_heads(connection, new)
            for organisation in new:
                self._cache.put_head(organisation, heads.get(organisation, Head()))
        named = [
            (request.organisation, subject)
            for unit in waiting
            for request in unit.requests
            for subject in request.completed.names
        ]
        await self._read(connection, [*named, *((each, subjects.organisation(each)) for each in organisations)])

    async def _read(self, connection: asyncpg.Connection, wanted: Iterable[tuple[str, str]]) -> None:
        needed = {*wanted}
        missing = sorted(key for key in needed if self._cache.get(*key) is None)
        metrics.CACHE_HITS.inc(len(needed) - len(missing))
        metrics.CACHE_MISSES.inc(len(missing))
        if not missing:
            return
        found = await store.read_subjects(
            connection, [(org, subject, (self._cache.head(org) or Head()).sequence) for org, subject in missing]
        )
        for (organisation, subject), events in found.items():
            folded = Folded()
            for recorded in events:
                folded = fold(folded, subject, recorded)
            self._cache.put(organisation, subject, folded)

    @asynccontextmanager
    async def _locked(self, connection: asyncpg.Connection, waiting: list[Unit]) -> AsyncGenerator[None]:
        starved = sorted({unit.organisation for unit in waiting if unit.lost_races >= _RACES_BEFORE_LOCKING})
        async with AsyncExitStack() as stack:
            for organisation in starved:
                # The lock is for fairness: whoever holds it too long, frozen perhaps, is not waited for.
                await connection.execute("SET lock_timeout = '1s'")
                try:
                    await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", organisation)
                except asyncpg.LockNotAvailableError:
                    continue
                finally:
                    await connection.execute("RESET lock_timeout")
                stack.push_async_callback(
                    connection.execute, "SELECT pg_advisory_unlock(hashtextextended($1, 0))", organisation
                )
            if starved:
                await self._fold_difference(connection, starved)
            yield

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _settle(unit: Unit, answers: list[Reply | Refusal]) -> None:
    unit.settle(answers)
    for answer in answers:
        (metrics.REFUSED if isinstance(answer, Refusal) else metrics.TAKEN).inc()


def _trace_waiting(group: Sequence[Unit], began: float) -> None:
    # The lines of a batch share a trace: the first of them stands for all.
    first = {unit.requests[0].traceparent: unit.submitted for unit in reversed(group)}
    for traceparent, submitted in first.items():
        tracing.done("wait in the queue", traceparent, submitted, began)


def _trace(group: Sequence[Unit], drafts: Sequence[Draft], began: float, decided: float) -> None:
    """The spans of one attempt at *group*, below the spans of its commands."""
    parents = dict.fromkeys(request.traceparent for unit in group for request in unit.requests)
    for parent in parents:
        tracing.done("decide", parent, began, decided)
    counted = {
        "okr.group.commands": sum(len(unit.requests) for unit in group),
        "okr.group.organisations": len(drafts),
        "okr.group.events": sum(len(draft.addition.events) for draft in drafts),
    }
    tracing.done_together("append", "append group", parents, decided, counted)
