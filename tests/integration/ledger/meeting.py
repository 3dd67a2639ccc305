"""Processes that meet on one ledger: how commands are sent so that each is decided before it knows of the others."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias
from uuid import uuid4

import asyncpg

from okr_contracts.commands import Command
from okr_contracts.envelope import Recorded, decode
from services.chassis import postgres
from services.ledger.domain.refusal import Refusal
from services.ledger.lane import Lane
from services.ledger.ledger import Ledger
from services.ledger.request import Reply, Request
from tests.given import NOON, ORGANISATION, SOMEBODY, By, History
from tests.waiting import wait_until

Sent: TypeAlias = Command | By
_HOLD: Final = "SELECT 1 FROM ledger.heads WHERE organisation = $1 FOR UPDATE"
_WAITING: Final = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%append_groups%'"
)


@dataclass
class Clock:
    """What a process takes for the time."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Meeting:
    """Some processes on the ledger of one organisation, a connection that looks on and one that holds things up."""

    ledgers: Sequence[Ledger]
    clocks: Sequence[Clock]
    looking_on: asyncpg.Connection
    holding: asyncpg.Connection
    requests: dict[str, Request] = field(default_factory=dict[str, Request])
    """All that was sent, by command id."""

    async def tell(self, *sent: Sent, process: int = 0) -> list[Reply]:
        """The replies to commands that are taken, one after the other."""
        return [await self.ledgers[process].answer(self._request(each)) for each in sent]

    async def ask(self, sent: Sent, process: int = 0) -> str:
        """What became of a command that is sent alone."""
        return await self._outcome(process, sent)

    async def as_they_come(self, sent: Sequence[Sent]) -> list[str]:
        """Each to a process of its own, all at once; who decides first is left to chance."""
        return await asyncio.gather(*(self._outcome(place, each) for place, each in enumerate(sent)))

    async def on_one_head(self, sent: Sequence[Sent]) -> list[str]:
        """Each to a process of its own; none can write before all have decided on the same head."""
        async with self.held_head() as all_wait:
            asked = [asyncio.create_task(self._outcome(place, each)) for place, each in enumerate(sent)]
            await all_wait(len(sent))
        return await asyncio.gather(*asked)

    async def in_one_group(self, sent: Sequence[Sent], process: int = 0) -> list[str]:
        """All to one process, which decides and appends them together."""
        return await asyncio.gather(*(self._outcome(process, each) for each in sent))

    async def while_the_first_is_written(self, sent: Sequence[Sent], process: int = 0) -> list[str]:
        """All to one process: the first is being written while the others are decided on what it will leave."""
        async with self.held_head() as all_wait:
            first = asyncio.create_task(self._outcome(process, sent[0]))
            await all_wait(1)
            others = [asyncio.create_task(self._outcome(process, each)) for each in sent[1:]]
            # They are in the lane before the first can be through.
            await asyncio.sleep(0)
        return await asyncio.gather(first, *others)

    async def whole_or_not(self, sent: Sequence[Sent], process: int = 0) -> list[str]:
        """All to one process, as a batch that is applied whole or not at all."""
        answers = await self.ledgers[process].answer_all([self._request(each) for each in sent], atomic=True)
        return [answer.code if isinstance(answer, Refusal) else TAKEN for answer in answers]

    async def events(self) -> list[Recorded]:
        """All events, as they are stored; dense."""
        rows = await self.looking_on.fetch("SELECT entry, data, text FROM ledger.events ORDER BY sequence")
        events = [decode(row["entry"], row["data"], row["text"]) for row in rows]
        assert [each.sequence for each in events] == list(range(1, len(events) + 1))
        return events

    async def check_as_if_alone(self) -> None:
        """One process alone, sent the same commands in the order of the ledger, comes to the very same events."""
        events = await self.events()
        alone = History()
        for recorded in events:
            if recorded.sequence > len(alone.recorded):
                request = self.requests[recorded.command_id]
                alone.actor, alone.now = request.actor, recorded.recorded_at
                alone.accept(request.completed)
        assert [(each.version, each.effective_on, each.event) for each in alone.recorded] == [
            (each.version, each.effective_on, each.event) for each in events
        ]

    async def _outcome(self, process: int, sent: Sent) -> str:
        try:
            await self.ledgers[process % len(self.ledgers)].answer(self._request(sent))
        except Refusal as refusal:
            return refusal.code
        return TAKEN

    def _request(self, sent: Sent) -> Request:
        actor, command = (sent.actor, sent.command) if isinstance(sent, By) else (SOMEBODY, sent)
        request = Request(ORGANISATION, command, uuid4().hex, actor)
        self.requests[request.command_id] = request
        return request

    @asynccontextmanager
    async def held_head(self) -> AsyncGenerator[Callable[[int], Awaitable[None]]]:
        """Nobody can append within; yields what waits until so many appends wait."""

        async def wait_for(appends: int) -> None:
            async def there() -> bool:
                return await self.looking_on.fetchval(_WAITING) == appends

            await wait_until(there, f"{appends} appends wait for the head")

        async with self.holding.transaction():
            await self.holding.execute(_HOLD, ORGANISATION)
            yield wait_for


TAKEN: Final = "taken"
Way: TypeAlias = Callable[[Meeting, Sequence[Sent]], Awaitable[list[str]]]
_EVERY_WAY: Final[tuple[Way, ...]] = (
    Meeting.as_they_come,
    Meeting.on_one_head,
    Meeting.in_one_group,
    Meeting.while_the_first_is_written,
)
# The two in which nothing is left to chance; `make soak` takes all four.
WAYS: Final = _EVERY_WAY if os.environ.get("TEST_EVERY_WAY") else _EVERY_WAY[1::2]


@asynccontextmanager
async def meeting(url: str, cached_subjects: Sequence[int] = (10_000,) * 3) -> AsyncGenerator[Meeting]:
    """A process on *url* for each of the caches, with a connection and a clock of its own."""
    clocks = [Clock() for _ in cached_subjects]
    lanes = [
        Lane(
            lambda: postgres.connect(url, "okr_ledger"),
            group_limit=64,
            queue_limit=256,
            cached_subjects=limit,
            now=clock,
            on_append=lambda: None,
        )
        for limit, clock in zip(cached_subjects, clocks, strict=True)
    ]
    async with AsyncExitStack() as stack:
        looking_on, holding = await asyncpg.connect(url), await asyncpg.connect(url)
        stack.push_async_callback(looking_on.close)
        stack.push_async_callback(holding.close)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        running = [group.create_task(lane.run()) for lane in lanes]
        try:
            yield Meeting([Ledger([lane]) for lane in lanes], clocks, looking_on, holding)
        finally:
            for task in running:
                task.cancel()
