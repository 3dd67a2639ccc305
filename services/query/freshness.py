"""How far the answer's read model has come, and waiting until it has come far enough."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, perf_counter
from typing import Final, cast
from zoneinfo import ZoneInfo

import asyncpg
from pydantic_core import from_json

from services.query import metrics
from services.query.answers import Connection, NotFound, NotThereYet
from services.query.parameters import Instant
from services.query.statements import statement

_SHORTEST_POLL_SECONDS: Final = 0.02
_LONGEST_POLL_SECONDS: Final = 0.25
# Who finds every connection busy for so long is told to come back: waiting longer would only lengthen the queue.
_ACQUIRE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asks of the answer's freshness."""

    at_least: int = 0
    """Okr-Min-Sequence."""
    known_at: int | Instant | None = None
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Reached:
    """What the answer rests on."""

    head: int
    """The newest event of the ledger."""
    position: int
    """The newest event that the read model has applied; the head where the ledger itself is read."""
    known_at: int
    """The newest event that the answer may rest on."""
    recorded_at: datetime | None
    """When that event was recorded; None where it is 0, before the first."""
    time_zone: ZoneInfo
    generation: str
    """The schema of the read model that is live in this snapshot; empty where the ledger itself is read."""


@asynccontextmanager
async def snapshot(pool: asyncpg.Pool, organisation: str) -> AsyncGenerator[Connection]:
    """A read-only snapshot in which row level security shows *organisation* and nothing else."""
    asked = perf_counter()
    async with (
        pool.acquire(timeout=_ACQUIRE_SECONDS) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        metrics.CONNECTION_SECONDS.observe(perf_counter() - asked)
        await connection.execute("SELECT set_config('okr.organisation', $1, true)", organisation)
        yield connection


@asynccontextmanager
async def fresh_snapshot(
    pool: asyncpg.Pool, organisation: str, read_model: str | None, wanted: Wanted
) -> AsyncGenerator[tuple[Connection, Reached]]:
    """
    A snapshot in which *read_model* (None: the ledger) has reached what is *wanted*, waiting for it if asked to.

    No connection is held while it waits. Raises NotThereYet when the time is up, NotFound without such an organisation.
    """
    began = monotonic()
    deadline = began + wanted.wait_seconds
    pause = _SHORTEST_POLL_SECONDS
    waited = False
    while True:
        async with snapshot(pool, organisation) as connection:
            try:
                reached = await _reached(connection, organisation, read_model, wanted)
            except NotThereYet:
                if monotonic() >= deadline:
                    if waited:
                        metrics.GAVE_UP_SECONDS.observe(monotonic() - began)
                    raise
            else:
                if waited:
                    metrics.REACHED_SECONDS.observe(monotonic() - began)
                yield connection, reached
                return
        waited = True
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)


async def sequence_at(
    connection: Connection, organisation: str, instant: datetime, head: int, *, before: bool = False
) -> int:
    """The last sequence recorded at or before *instant*, or strictly before it; 0 where there is none."""
    return await connection.fetchval(statement("sequence_at"), organisation, instant, before, head)


async def _reached(connection: Connection, organisation: str, read_model: str | None, wanted: Wanted) -> Reached:
    state = await connection.fetchrow(statement("state"), organisation, read_model)
    if state is None:
        raise NotFound(f"organisations/{organisation}")
    head, position = cast("int", state["head"]), cast("int", state["position"])
    match wanted.known_at:
        case None:
            known_at = position
        case Instant(at=instant):
            known_at = await sequence_at(connection, organisation, instant, head)
        case int() as known_at:
            pass
    needed = max(wanted.at_least, known_at)
    if position < needed:
        raise NotThereYet(needed, position)
    recorded_at = cast("datetime | None", state["recorded_at"])
    if known_at != position:
        recorded_at = await connection.fetchval(statement("recorded_at"), organisation, known_at)
    return Reached(
        head=head,
        position=position,
        known_at=known_at,
        recorded_at=recorded_at,
        time_zone=ZoneInfo(from_json(state["first_data"])["time_zone"]),
        generation=state["generation"] or "",
    )
