"""
Group commit: one held connection with one group in flight; what arrives meanwhile forms the next group.

A group mixes organisations. One SQL call checks every head and appends where it is still the one decided on; where it
moved, the difference is folded and the commands are decided again. Commands are answered after the commit.

While a group is written the next one is decided, on the heads that the first will leave. If the first does not leave
them, the next is decided again; it is never sent before that is known.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import structlog

from okr_contracts import subjects
from services.chassis import postgres
from services.chassis.faults import NO_FAULTS, Faults
from services.ledger import store
from services.ledger.cache import Cache, Head
from services.ledger.domain.decide import fold
from services.ledger.domain.known import Folded, NotLoaded
from services.ledger.domain.refusal import Refusal
from services.ledger.group import Decided, Draft, new_draft, refused_at
from services.ledger.metrics import APPENDED_EVENTS, COMMANDS, GROUP_SECONDS, LOST_RACES
from services.ledger.request import CommandIdReused, Reply, Unit
from services.ledger.store import Addition, Outcome

log = structlog.stdlib.get_logger()

# After so many lost races an organisation is decided under its advisory lock: whoever is starved gets a turn.
_RACES_BEFORE_LOCKING = 3
_DIFFERENCE_PAGE = 5_000
# Of more than so many that wait while nothing is written, half: the other half is decided while they are written.
_WORTH_HALVING = 32
_TAKEN, _REFUSED = COMMANDS.labels("taken"), COMMANDS.labels("refused")
# What another attempt can mend: the server is gone, going, coming up, out of room, or broke a deadlock at our cost.
_PASSING = (*postgres.LOST, asyncpg.InsufficientResourcesError, asyncpg.TransactionRollbackError)


class LaneIsFull(Exception):
    """More commands wait than the lane's queue holds: try again a little later."""


@dataclass(slots=True)
class _Ahead:
    """The group after the one that is being written; *decided* on the heads that that one will leave."""

    group: list[Unit]
    decided: Decided | None = None


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
        self._ahead: _Ahead | None = None

    def submit(self, unit: Unit) -> None:
        """Put *unit* into the queue; its answer comes with ``unit.answer``. Raises LaneIsFull."""
        try:
            self._queue.put_nowait(unit)
        except asyncio.QueueFull:
            raise LaneIsFull from None

    async def wait_for_room(self, unit: Unit) -> None:
        """Put *unit* into the queue as soon as there is room: for batches, whose senders wait for the whole anyway."""
        await self._queue.put(unit)

    async def run(self) -> None:
        """Serve groups until cancelled."""
        try:
            while True:
                ahead, self._ahead = self._ahead, None
                if ahead is None:
                    first = await self._queue.get()
                    waiting = self._queue.qsize() + 1
                    ahead = _Ahead(self._group_of(first, waiting if waiting <= _WORTH_HALVING else waiting // 2))
                with GROUP_SECONDS.time():
                    await self._serve(ahead.group, ahead.decided)
                self._cache.trim()
        finally:
            if self._connection is not None:
                self._connection.terminate()

    def _group_of(self, first: Unit, most: int) -> list[Unit]:
        group, size = [first], len(first.requests)
        while size < min(most, self._group_limit) and not self._queue.empty():
            group.append(self._queue.get_nowait())
            size += len(group[-1].requests)
        return group

    async def _serve(self, group: list[Unit], decided: Decided | None = None) -> None:
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
                waiting = await self._serve_once(connection, waiting, decided)
                decided = None
            except _PASSING as lost:
                log.warning("connection_lost", error=type(lost).__name__, waiting=len(waiting))
                self._drop_connection()
                self._undecide_ahead()
                decided = None
                unknown_outcome = True
                waiting = [unit for unit in waiting if not unit.answer.done()]
                await asyncio.sleep(delay)
                delay = min(2 * delay, 1.0)
            except Exception as fault:
                # It would fail again: a fault of ours, a refusal of the database, an event of a newer release. So
                # each alone, so that the guilty one harms no other.
                self._undecide_ahead()
                if len(waiting) > 1:
                    for unit in waiting:
                        await self._serve([unit])
                        self._undecide_ahead()
                else:
                    log.exception("command_failed", commands=[type(r.command).__name__ for r in waiting[0].requests])
                    self._cache.forget(waiting[0].organisation)
                    waiting[0].fail(fault)
                return

    async def _serve_once(
        self, connection: asyncpg.Connection, waiting: list[Unit], decided: Decided | None
    ) -> list[Unit]:
        async with self._locked(connection, waiting):
            if decided is None:
                decided = await self._decide(connection, waiting)
            for draft in decided.drafts.values():
                draft.view.forget_before()
            await self._look_ahead(connection)
            again = await self._append(connection, decided.drafts)
        left = [unit for unit in (*again, *decided.deferred) if not unit.answer.done()]
        if left:
            self._undecide_ahead()
        return left

    async def _decide(self, connection: asyncpg.Connection, waiting: list[Unit]) -> Decided:
        await self._read_named(connection, waiting)
        decided = Decided()
        for unit in waiting:
            while True:
                try:
                    decided.add(unit, lambda organisation: new_draft(organisation, self._cache, self._now()))
                    break
                except NotLoaded as missing:
                    await self._read(connection, [(unit.organisation, subject) for subject in missing.subjects])
        return decided

    async def _look_ahead(self, connection: asyncpg.Connection) -> None:
        """Read what the commands of the next group name: the connection is not free while this group is written."""
        if self._ahead is None and not self._queue.empty():
            self._ahead = _Ahead(self._group_of(self._queue.get_nowait(), self._group_limit))
            # What is wrong with that group harms no other, and comes again when its turn comes.
            with suppress(Exception):
                await self._read_named(connection, self._ahead.group)

    def _decide_ahead(self, before: Mapping[str, Draft]) -> None:
        ahead = self._ahead
        if ahead is None:
            return
        decided = Decided()
        # What it lacks, or what is wrong with it, is dealt with when its turn comes.
        with suppress(Exception):
            for unit in ahead.group:
                decided.add(
                    unit,
                    lambda organisation: new_draft(organisation, self._cache, self._now(), before.get(organisation)),
                )
            ahead.decided = decided

    def _undecide_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.decided = None

    async def _sent(
        self, connection: asyncpg.Connection, additions: Sequence[Addition], drafts: Mapping[str, Draft]
    ) -> dict[str, Outcome]:
        sending = asyncio.create_task(store.append(connection, additions), name="append")
        try:
            # The task runs as far as to its wait for the database: what is decided meanwhile costs it nothing.
            await asyncio.sleep(0)
            self._decide_ahead(drafts)
            return await sending
        finally:
            sending.cancel()

    async def _append(self, connection: asyncpg.Connection, by_organisation: Mapping[str, Draft]) -> list[Unit]:
        drafts = by_organisation.values()
        additions = [draft.addition for draft in drafts if draft.addition.replies]
        self._faults.reached("append.before_commit")
        outcomes = await self._sent(connection, additions, by_organisation) if additions else {}
        self._faults.reached("append.after_commit")
        if any(outcome != "appended" for outcome in outcomes.values()):
            self._undecide_ahead()
        again: list[Unit] = []
        moved: list[str] = []
        for draft in drafts:
            organisation = draft.addition.organisation
            outcome = outcomes.get(organisation)
            if outcome == "appended":
                self._cache.commit(organisation, draft.next_head, draft.view)
                APPENDED_EVENTS.inc(len(draft.addition.events))
            elif outcome == "head_moved":
                moved.append(organisation)
        if any(draft.addition.events for draft in drafts):
            self._on_append()
        unchanged = [d.addition.organisation for d in drafts if d.addition.organisation not in outcomes]
        moved += await self._moved_heads(connection, unchanged)
        if moved:
            self._undecide_ahead()
        for draft in drafts:
            organisation = draft.addition.organisation
            units = [unit for unit, _ in draft.answers]
            if organisation in moved:
                LOST_RACES.inc()
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
        missing = sorted({key for key in wanted if self._cache.get(*key) is None})
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
        (_REFUSED if isinstance(answer, Refusal) else _TAKEN).inc()
