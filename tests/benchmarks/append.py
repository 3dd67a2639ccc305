"""Deciding, encoding and committing, against the same SQL function with arguments that were made before."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Final

import asyncpg

from services.chassis import postgres
from services.chassis.process import settle
from services.ledger import store
from services.ledger.cache import Cache
from services.ledger.domain.decide import fold
from services.ledger.domain.known import Folded, NotLoaded
from services.ledger.group import Draft, decide_unit, new_draft
from services.ledger.lane import Lane
from services.ledger.ledger import Ledger
from services.ledger.request import Request, Unit
from services.ledger.settings import LedgerSettings
from services.ledger.store import Addition
from tests.benchmarks import check_ins
from tests.benchmarks.row import Row, in_turn
from tests.benchmarks.servers import ledger_database, postgres_server

CLIENTS: Final = 64
COMMANDS_A_ROUND: Final = 6_400
SINGLE_CONNECTIONS: Final = 16
P99_AIM_MS: Final = 12.0
LANES: Final = 2
_HOT: Final = "hot"
_FLOOR: Final = "floor"
_MANY: Final = [f"o{n}" for n in range(CLIENTS)]
_MANY_OF_THE_FLOOR: Final = [f"f{n}" for n in range(CLIENTS)]


async def measure() -> list[Row]:
    """The rows of appending in process."""
    async with postgres_server() as server, ledger_database(server) as url, running(url) as ledger:
        await check_ins.found(ledger, [_HOT, _FLOOR, *_MANY, *_MANY_OF_THE_FLOOR])
        settle()
        return [*await _hot(ledger, url), await _many(ledger, url)]


@asynccontextmanager
async def running(url: str):
    """A ledger on *url* with the settings of production."""
    standard = LedgerSettings(database_url=url)
    lanes = [
        Lane(
            lambda: postgres.connect(url, "okr_ledger"),
            group_limit=standard.group_limit,
            queue_limit=standard.queue_limit,
            cached_subjects=standard.cached_subjects,
            now=lambda: datetime.now(UTC),
            on_append=lambda: None,
        )
        for _ in range(LANES)
    ]
    async with asyncio.TaskGroup() as tasks:
        serving = [tasks.create_task(lane.run()) for lane in lanes]
        yield Ledger(lanes)
        for task in serving:
            task.cancel()


async def _hot(ledger: Ledger, url: str) -> list[Row]:
    clients = Clients(ledger, [_HOT] * CLIENTS)
    floor = Floor(url, [[_FLOOR]], group=CLIENTS)
    compared = await in_turn(clients.round, floor.round)
    settings = {**check_ins.SETTINGS, "clients": CLIENTS, "floor_group": CLIENTS, "lanes": LANES, "organisations": 1}
    throughput = compared.row(
        "append, one hot organisation", "commands/s", 0.45, "the same SQL function, arrays made before", settings
    )
    # The first round was the warm-up.
    slowest = clients.p99_ms[1:]
    p99 = Row(
        row="append, one hot organisation, p99",
        value=median(slowest),
        unit="ms",
        floor=None,
        ratio=None,
        aim=f"<= {P99_AIM_MS:g} ms",
        met=median(slowest) <= P99_AIM_MS,
        raw={"values": slowest},
        settings=settings,
    )
    return [throughput, p99]


async def _many(ledger: Ledger, url: str) -> Row:
    clients = Clients(ledger, _MANY)
    shares = [_MANY_OF_THE_FLOOR[n::SINGLE_CONNECTIONS] for n in range(SINGLE_CONNECTIONS)]
    compared = await in_turn(clients.round, Floor(url, shares, group=1).round)
    settings = {**check_ins.SETTINGS, "clients": CLIENTS, "lanes": LANES, "organisations": len(_MANY)}
    return compared.row(
        "append, 64 organisations on two lanes",
        "commands/s",
        1.7,
        "16 connections, arrays made before, one command a call",
        {**settings, "floor_connections": SINGLE_CONNECTIONS, "floor_group": 1},
    )


class Clients:
    """Clients of a ledger in this process, one for each of *organisations*, each with one command at a time."""

    def __init__(self, ledger: Ledger, organisations: Sequence[str]) -> None:
        self._ledger = ledger
        self._organisations = organisations
        self._rounds = 0
        self.p99_ms: list[float] = []
        """Of each round."""

    async def round(self) -> float:
        """Commands a second."""
        self._rounds += 1
        each = COMMANDS_A_ROUND // len(self._organisations)
        commands = [check_ins.check_in(number) for number in range(each)]
        seconds: list[float] = []

        async def client(place: int, organisation: str) -> None:
            for number, command in enumerate(commands):
                started = time.perf_counter()
                command_id = f"{self._rounds}-{place}-{number}"
                await self._ledger.answer(Request(organisation, command, command_id, check_ins.ACTOR))
                seconds.append(time.perf_counter() - started)

        started = time.perf_counter()
        await asyncio.gather(*(client(*each) for each in enumerate(self._organisations)))
        elapsed = time.perf_counter() - started
        self.p99_ms.append(quantiles(seconds, n=100)[-1] * 1000)
        return len(seconds) / elapsed


class Floor:
    """
    The append function alone: its arguments are made before the clock starts.

    *shares* are the organisations of each connection, *group* the commands of one call, all of one organisation.
    """

    def __init__(self, url: str, shares: Sequence[Sequence[str]], group: int) -> None:
        self._url = url
        self._shares = shares
        self._group = group
        self._rounds = 0

    async def round(self) -> float:
        """Commands a second."""
        self._rounds += 1
        calls = COMMANDS_A_ROUND // (self._group * len(self._shares))
        connections = [await postgres.connect(self._url, "okr_ledger") for _ in self._shares]
        try:
            prepared = [
                [store.arguments([addition]) for addition in await self._decided(connection, share, calls)]
                for connection, share in zip(connections, self._shares, strict=True)
            ]
            started = time.perf_counter()
            await asyncio.gather(*map(_append_all, connections, prepared))
            return calls * self._group * len(self._shares) / (time.perf_counter() - started)
        finally:
            for connection in connections:
                connection.terminate()

    async def _decided(self, connection: asyncpg.Connection, share: Sequence[str], calls: int) -> list[Addition]:
        """What *calls* calls append, by the deciders themselves, to the organisations of *share* in turn."""
        cache = Cache(1_000_000)
        for organisation, head in (await store.read_heads(connection, share)).items():
            cache.put_head(organisation, head)
        additions: list[Addition] = []
        for call in range(calls):
            organisation = share[call % len(share)]
            draft = new_draft(organisation, cache, datetime.now(UTC))
            for place in range(self._group):
                request = check_ins.request(organisation, call * self._group + place, f"{self._rounds}")
                await _decide(Unit((request,)), draft, cache, connection)
            cache.commit(organisation, draft.next_head, draft.view)
            additions.append(draft.addition)
        return additions


async def _decide(unit: Unit, draft: Draft, cache: Cache, connection: asyncpg.Connection) -> None:
    while True:
        try:
            return decide_unit(unit, draft)
        except NotLoaded as missing:
            wanted = [(unit.organisation, subject, draft.head.sequence) for subject in missing.subjects]
            for (organisation, subject), events in (await store.read_subjects(connection, wanted)).items():
                folded = Folded()
                for recorded in events:
                    folded = fold(folded, subject, recorded)
                cache.put(organisation, subject, folded)


async def _append_all(connection: asyncpg.Connection, prepared: Sequence[Sequence[object]]) -> None:
    for arguments in prepared:
        (row,) = await connection.fetch(store.APPEND, *arguments)
        assert row["outcome"] == "appended"
