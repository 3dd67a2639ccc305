"""
Group commit: one held connection with one group in flight; what arrives meanwhile forms the next group.

A group mixes organisations. One SQL call checks every head and appends where it is still the one decided on; where it
moved, the difference is folded and the commands are decided again. Commands are answered after the commit.

While a group is written the next one is decided, on the heads that the first will leave. If the first does not leave
them, the next is decided again; it is never sent before that is known.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
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
from services.ledger.group import Decided, Draft, new_draft, refused_at
from services.ledger.request import CommandIdReused, Reply, Unit
from services.ledger.store import Addition, Outcome

log = structlog.stdlib.get_logger()

# After so many lost races an organisation is decided under its advisory lock: whoever is starved gets a turn.
_RACES_BEFORE_LOCKING = 3
_DIFFERENCE_PAGE = 5_000
# Of more than so many that wait while nothing is written, half: the other half is decided while they are written.
_WORTH_HALVING = 32
# What another attempt can mend: the server is gone, going, coming up, out of room, or broke a deadlock at our cost.
_PASSING = (*postgres.LOST, asyncpg.InsufficientResourcesError, asyncpg.TransactionRollbackError)


class LaneIsFull(Exception):
    """More commands wait than the lane's queue holds: try again a little later."""


@dataclass(slots=True)
class _Ahead:
    """The group after the one that is being written; *decided* on the heads that that one will leave."""

    before: Mapping[str, Draft]
    units: list[Unit] = field(default_factory=list[Unit])
    decided: Decided | None = field(default_factory=Decided)


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
        self._queue_limit = queue_limit
        self._queue: deque[Unit] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._cache = Cache(cached_subjects)
        self._connection: asyncpg.Connection | None = None
        self._ahead: _Ahead | None = None
        self._looking_ahead = False
        self._owed: list[tuple[Unit, list[Reply | Refusal]]] = []

    def submit(self, unit: Unit) -> None:
        """Take *unit* in; its answer comes with ``unit.answer``. Raises LaneIsFull."""
        if len(self._queue) >= self._queue_limit:
            metrics.FULL.inc()
            raise LaneIsFull
        self._queue.append(unit)
        self._arrived.set()
        if self._ahead is not None and not self._looking_ahead:
            self._looking_ahead = True
            # One after the other, when all who are there have come: deciding between other things costs a tenth more.
            asyncio.get_running_loop().call_soon(self._look_ahead)

    def waiting(self) -> int:
        """How many units wait."""
        return len(self._queue)

    async def wait_for_room(self, unit: Unit) -> None:
        """Take *unit* in as soon as there is room: for batches, whose senders wait for the whole anyway."""
        while len(self._queue) >= self._queue_limit:
            self._room.clear()
            await self._room.wait()
        self.submit(unit)

    async def run(self) -> None:
        """Serve groups until cancelled."""
        try:
            while True:
                ahead, self._ahead = self._ahead, None
                if ahead is not None and ahead.units:
                    group, decided = ahead.units, ahead.decided
                else:
                    group, decided = await self._next_group(), None
                began = time.perf_counter()
                metrics.QUEUE_SECONDS.observe(began - group[0].submitted)
                metrics.GROUP_COMMANDS.observe(sum(len(unit.requests) for unit in group))
                if tracing.on():
                    _trace_waiting(group, began)
                await self._serve(group, decided)
                metrics.GROUP_SECONDS.observe(time.perf_counter() - began)
                self._cache.trim()
        finally:
            self._pay()
            if self._connection is not None:
                self._connection.terminate()

    async def _next_group(self) -> list[Unit]:
        self._pay()
        while not self._queue:
            self._arrived.clear()
            await self._arrived.wait()
        waiting = len(self._queue)
        most = min(self._group_limit, waiting if waiting <= _WORTH_HALVING else waiting // 2)
        group: list[Unit] = []
        size = 0
        while self._queue and size < most:
            group.append(self._queue.popleft())
            size += len(group[-1].requests)
        self._room.set()
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
                self._pay()
                metrics.LOST_CONNECTIONS.inc()
                log.warning("connection_lost", cause=type(lost).__name__, commands=len(waiting))
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
                self._pay()
                self._undecide_ahead()
                if len(waiting) > 1:
                    for unit in waiting:
                        await self._serve([unit])
                        self._undecide_ahead()
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

    async def _serve_once(
        self, connection: asyncpg.Connection, waiting: list[Unit], decided: Decided | None
    ) -> list[Unit]:
        async with self._locked(connection, waiting):
            began = time.perf_counter()
            if decided is None:
                self._pay()
                decided = await self._decide(connection, waiting)
            for draft in decided.drafts.values():
                draft.view.forget_before()
            sent = time.perf_counter()
            metrics.DECIDE_SECONDS.observe(sent - began)
            again = await self._append(connection, decided.drafts)
            metrics.APPEND_SECONDS.observe(time.perf_counter() - sent)
            if tracing.on():
                _trace(waiting, decided.drafts.values(), began, sent)
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
                    decided.add(unit, self._new_draft)
                    break
                except NotLoaded as missing:
                    await self._read(connection, [(unit.organisation, subject) for subject in missing.subjects])
        return decided

    async def _sent(
        self, connection: asyncpg.Connection, additions: Sequence[Addition], drafts: Mapping[str, Draft]
    ) -> dict[str, Outcome]:
        sending = asyncio.create_task(store.append(connection, additions), name="append")
        try:
            self._pay()
            if self._ahead is None:
                self._ahead = _Ahead(drafts)
            # The task runs as far as to its wait for the database, and whoever was answered comes with more.
            await asyncio.sleep(0)
            self._look_ahead()
            return await sending
        finally:
            sending.cancel()

    def _look_ahead(self) -> None:
        """Decide those who wait, up to the first that has to wait for its turn: nobody passes it."""
        self._looking_ahead = False
        while self._queue and self._decided_ahead(self._queue[0]):
            self._queue.popleft()
        self._room.set()

    def _decided_ahead(self, unit: Unit) -> bool:
        """Decide *unit* after what is being written; False where it has to wait for its turn."""
        ahead = self._ahead
        if ahead is None or ahead.decided is None or ahead.decided.size >= self._group_limit:
            return False
        try:
            ahead.decided.add(unit, lambda organisation: self._new_draft(organisation, ahead.before.get(organisation)))
        except Exception:  # noqa: BLE001 - it comes again when its turn comes, and is dealt with there
            return False
        ahead.units.append(unit)
        return True

    def _new_draft(self, organisation: str, before: Draft | None = None) -> Draft:
        return new_draft(organisation, self._cache, self._now(), before)

    def _undecide_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.decided = None

    def _pay(self) -> None:
        """Give the answers that are due."""
        owed, self._owed = self._owed, []
        for unit, answers in owed:
            _settle(unit, answers)

    async def _append(self, connection: asyncpg.Connection, by_organisation: Mapping[str, Draft]) -> list[Unit]:
        drafts = [draft for draft in by_organisation.values() if draft.answers]
        additions = [draft.addition for draft in drafts if draft.addition.replies]
        self._faults.reached("append.before_commit")
        outcomes: dict[str, Outcome] = {}
        if additions:
            outcomes = await self._sent(connection, additions, by_organisation)
        else:
            self._pay()
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
                metrics.APPENDED_EVENTS.inc(len(draft.addition.events))
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
            outcome = "head_moved" if organisation in moved else outcomes.get(organisation)
            again += await self._end(connection, draft, outcome)
        await self._fold_difference(connection, moved)
        return again

    async def _end(self, connection: asyncpg.Connection, draft: Draft, outcome: Outcome | None) -> list[Unit]:
        """Answer what may be answered of a draft that came out so; the units to be decided again."""
        units = [unit for unit, _ in draft.answers]
        match outcome:
            case "head_moved":
                metrics.LOST_RACES.inc()
                for unit in units:
                    unit.lost_races += 1
                return units
            case "subject_known":
                for unit in units:
                    unit.looks_all_up = True
                return units
            case "command_known":
                return await self._answer_known(connection, units)
            case "appended" | None:
                return await self._answer(connection, draft)

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
            self._owed.append((unit, answers))
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
            if subject != request.made_subject or unit.looks_all_up
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
            self._pay()
            self._connection = await self._connect()
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _settle(unit: Unit, answers: list[Reply | Refusal]) -> None:
    unit.settle(answers)
    refused = sum(isinstance(answer, Refusal) for answer in answers)
    if refused:
        metrics.REFUSED.inc(refused)
    if refused < len(answers):
        metrics.TAKEN.inc(len(answers) - refused)


def _trace_waiting(group: Sequence[Unit], began: float) -> None:
    # The lines of a batch share a trace: the first of them stands for all.
    first = {unit.requests[0].traceparent: unit.submitted for unit in reversed(group)}
    for traceparent, submitted in first.items():
        tracing.done("wait in the queue", traceparent, submitted, began)


def _trace(group: Sequence[Unit], drafts: Iterable[Draft], began: float, decided: float) -> None:
    """The spans of one attempt at *group*, below the spans of its commands; what was decided ahead took no time."""
    made = list(drafts)
    parents = dict.fromkeys(request.traceparent for unit in group for request in unit.requests)
    for parent in parents:
        tracing.done("decide", parent, began, decided)
    counted = {
        "okr.group.commands": sum(len(unit.requests) for unit in group),
        "okr.group.organisations": len(made),
        "okr.group.events": sum(len(draft.addition.events) for draft in made),
    }
    tracing.done_together("append", "append group", parents, decided, counted)
