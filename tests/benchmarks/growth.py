"""
What an operation costs as the ledger grows: statements, rows, pages and WAL, which do not wobble, and time, which does.

Measured on three databases: a small one, one with a hundred times the events, one with a hundred times the objectives.
PostgreSQL counts, in pg_stat_statements and in its statistics of tables and indexes. An index that is a level higher in
the large database costs one page more each time it is descended: these descents are counted as well.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import asyncpg

from okr_contracts.commands import RecordCheckIn
from okr_contracts.envelope import decode
from projections import progress
from services.chassis import postgres
from services.ledger.lane import Lane
from services.ledger.ledger import Ledger
from services.ledger.request import Request
from tests.benchmarks import grown
from tests.benchmarks.grown import ACTOR, AFTERWARDS, ORGANISATION, Size
from tests.benchmarks.row import Row
from tests.benchmarks.servers import ledger_database, postgres_server
from tests.integration.query.reader import reader
from tests.ledger_writer import apply_and_advance
from tests.waiting import wait_until

SMALL: Final = Size(trees=100, check_ins=10_000 - 4 - 100 * 29)
MANY_EVENTS: Final = Size(trees=100, check_ins=1_000_000 - 4 - 100 * 29)
# As many check-ins for each key result as in the small one.
MANY_OBJECTIVES: Final = Size(trees=10_000, check_ins=100 * SMALL.check_ins)

_WARM_UPS: Final = 20
_COUNTED: Final = 200
_TIMED: Final = 40
_MORE: Final = 1.15
_SLOWER: Final = 1.5
_SERVER: Final = {
    "shared_preload_libraries": "pg_stat_statements",
    # What a checkpoint makes the next writer log is no cost of an operation, and a vacuum beside it is none either.
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
}
_ROLES: Final = {"append": "okr_ledger", "projected check-in": "okr_projector", "progress query": "okr_query"}
# Where each operation reads and writes; what is done beside it to prepare it lies elsewhere.
_SCHEMAS: Final = {
    "append": ["ledger", "directory"],
    "projected check-in": ["projections", "progress"],
    "progress query": ["ledger", "projections", "progress", "directory"],
}
_MEASURES: Final = ("statements", "rows", "pages", "wal_bytes")

_STATEMENTS: Final = """
SELECT coalesce(sum(s.calls), 0)::float8 AS statements,
       coalesce(sum(s.rows), 0)::float8 AS rows,
       coalesce(sum(s.shared_blks_hit + s.shared_blks_read), 0)::float8 AS pages,
       coalesce(sum(s.wal_bytes), 0)::float8 AS wal_bytes
  FROM pg_stat_statements AS s
  JOIN pg_roles AS r ON r.oid = s.userid
  JOIN pg_database AS d ON d.oid = s.dbid
 WHERE s.toplevel AND d.datname = current_database() AND r.rolname = $1
"""
# Each new row version goes down every index of its table, but for the ones that stay in their page (HOT).
_INDEXES: Final = """
SELECT format('%I.%I', i.schemaname, i.indexrelname) AS index,
       (i.idx_scan + t.n_tup_ins + t.n_tup_upd - t.n_tup_hot_upd)::float8 AS descents,
       (bt_metap(format('%I.%I', i.schemaname, i.indexrelname))).level::int AS level
  FROM pg_stat_user_indexes AS i
  JOIN pg_stat_user_tables AS t USING (relid)
  JOIN pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_am AS a ON a.oid = c.relam AND a.amname = 'btree'
 WHERE i.schemaname = ANY ($1::text [])
"""
_ROWS_WRITTEN: Final = """
SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::float8 FROM pg_stat_user_tables WHERE schemaname = ANY ($1::text [])
"""
_OTHERS: Final = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

Operation = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation costs on the average. *levels* and *descents* are those of each index."""

    statements: float
    rows: float
    pages: float
    wal_bytes: float
    descents: Mapping[str, float]
    levels: Mapping[str, int]


async def measure() -> list[Row]:
    """Two lines for each operation and each way to grow: what was counted, and the time."""
    async with postgres_server(_SERVER) as server, ledger_database(server) as small:
        await _fill(small, SMALL)
        base = await _costs(small, SMALL)
        rows: list[Row] = []
        for grows, size in (
            (f"{SMALL.events:,} to {MANY_EVENTS.events:,} events", MANY_EVENTS),
            (f"{SMALL.objectives:,} to {MANY_OBJECTIVES.objectives:,} objectives", MANY_OBJECTIVES),
        ):
            async with ledger_database(server) as large:
                await _fill(large, size)
                costs = await _costs(large, size)
                times = await _times(small, large, size)
                for name in _ROLES:
                    rows.append(_counted(f"growth: {name}, {grows}", base[name], costs[name]))
                    rows.append(_timed(f"growth: time of {name}, {grows}", *times[name]))
        return rows


async def _fill(url: str, size: Size) -> None:
    await grown.fill_ledger(url, grown.history(size))
    await grown.fill_read_model(url, progress.READ_MODEL, grown.history(size))
    connection = await asyncpg.connect(url)
    try:
        for statement in (
            "CREATE EXTENSION pg_stat_statements",
            "CREATE EXTENSION pageinspect",
            "VACUUM ANALYZE",
            "CHECKPOINT",
        ):
            await connection.execute(statement)
    finally:
        await connection.close()


async def _costs(url: str, size: Size) -> dict[str, Cost]:
    connection = await asyncpg.connect(url)
    try:
        return {name: await _cost(connection, url, size, name) for name in _ROLES}
    finally:
        await connection.close()


async def _cost(connection: asyncpg.Connection, url: str, size: Size, name: str) -> Cost:
    await _alone(connection)
    schemas = _SCHEMAS[name]
    descents = {row["index"]: row["descents"] for row in await connection.fetch(_INDEXES, schemas)}
    written = await connection.fetchval(_ROWS_WRITTEN, schemas)
    async with _operations(url, size, connection) as operations:
        for _ in range(_WARM_UPS):
            await operations[name]()
        # Whoever reads a page first clears away what the writers before left there, and that is WAL of a query.
        await connection.execute("VACUUM")
        await connection.execute("SELECT pg_stat_statements_reset()")
        for _ in range(_COUNTED):
            await operations[name]()
        counted = await connection.fetchrow(_STATEMENTS, _ROLES[name])
    assert counted is not None
    # A backend hands in its statistics of tables and indexes when it ends, those of the warm-ups among them.
    await _alone(connection)
    operations_seen = _WARM_UPS + _COUNTED
    after = await connection.fetch(_INDEXES, schemas)
    written = await connection.fetchval(_ROWS_WRITTEN, schemas) - written
    return Cost(
        statements=counted["statements"] / _COUNTED,
        rows=counted["rows"] / _COUNTED + written / operations_seen,
        pages=counted["pages"] / _COUNTED,
        wal_bytes=counted["wal_bytes"] / _COUNTED,
        descents={row["index"]: (row["descents"] - descents[row["index"]]) / operations_seen for row in after},
        levels={row["index"]: row["level"] for row in after},
    )


async def _alone(connection: asyncpg.Connection) -> None:
    async def alone() -> bool:
        return await connection.fetchval(_OTHERS) == 0

    await wait_until(alone, "all other connections are closed")


async def _times(small: str, large: str, size: Size) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds of each operation, in the small database and in the large one, in turn."""
    one, other = await asyncpg.connect(small), await asyncpg.connect(large)
    taken: dict[str, tuple[list[float], list[float]]] = {}
    try:
        async with _operations(small, SMALL, one) as below, _operations(large, size, other) as above:
            for name in _ROLES:
                taken[name] = ([], [])
                for number in range(_WARM_UPS + _TIMED):
                    for seconds, operation in zip(taken[name], (below[name], above[name]), strict=True):
                        started = perf_counter()
                        await operation()
                        if number >= _WARM_UPS:
                            seconds.append(perf_counter() - started)
    finally:
        await one.close()
        await other.close()
    return taken


@asynccontextmanager
async def _operations(url: str, size: Size, watching: asyncpg.Connection) -> AsyncGenerator[dict[str, Operation]]:
    """The three operations, by processes that have read nothing yet. Each check-in is for another key result."""
    ids = grown.key_result_ids(size.trees)
    trees = count()
    projected = await watching.fetchval("SELECT sequence FROM projections.live_positions WHERE projection = 'progress'")
    lane = Lane(
        partial(postgres.connect, url, "okr_ledger"),
        group_limit=1,
        queue_limit=16,
        cached_subjects=10_000,
        now=lambda: AFTERWARDS,
        on_append=lambda: None,
    )
    ledger = Ledger([lane])
    applying = await postgres.connect(url, "okr_projector")

    async def append() -> None:
        head = await watching.fetchval("SELECT sequence FROM ledger.heads")
        fields = {"key_result_id": next(ids), "value": str(head % 101), "narrative": "On the way."}
        command = RecordCheckIn.model_validate(fields)
        await ledger.answer(Request(ORGANISATION, command, f"new-{head}", ACTOR))

    async def apply() -> None:
        nonlocal projected
        head = await watching.fetchval("SELECT sequence FROM ledger.heads")
        if projected == head:
            await append()
        projected += 1
        row = await watching.fetchrow("SELECT entry, data, text FROM ledger.events WHERE sequence = $1", projected)
        assert row is not None
        await apply_and_advance(applying, progress.READ_MODEL, [decode(row["entry"], row["data"], row["text"])])

    with tempfile.TemporaryDirectory() as folder:
        async with asyncio.TaskGroup() as tasks, reader(url, Path(folder), AFTERWARDS) as asking:
            running = tasks.create_task(lane.run())
            mine = asking.bearing(organisations=[ORGANISATION]).of(ORGANISATION)

            async def ask() -> None:
                await mine.get(f"objectives/o{next(trees) % size.trees}-0/progress", explain="true")

            try:
                yield dict(zip(_ROLES, (append, apply, ask), strict=True))
            finally:
                running.cancel()
                await applying.close()


def _counted(name: str, small: Cost, large: Cost) -> Row:
    taller = {index: large.descents[index] for index, level in large.levels.items() if level > small.levels[index]}
    deeper = {index: round(descents, 2) for index, descents in taller.items() if descents}
    allowed = {measure: _MORE * getattr(small, measure) for measure in _MEASURES}
    allowed["pages"] = max(allowed["pages"], small.pages + sum(deeper.values()))
    above = [measure for measure in _MEASURES if getattr(large, measure) > allowed[measure]]
    return Row(
        row=name,
        value=large.pages,
        unit="pages",
        floor=small.pages,
        ratio=large.pages / small.pages,
        aim=f"statements, rows, pages, WAL <= {_MORE:g}, or a page for each of {sum(deeper.values()):.1f} descents",
        met=not above,
        raw={measure: [getattr(small, measure), getattr(large, measure)] for measure in _MEASURES},
        settings={"above": above, "descents_of_taller_indexes": deeper},
    )


def _timed(name: str, small: list[float], large: list[float]) -> Row:
    ratio = median(above / below for below, above in zip(small, large, strict=True))
    return Row(
        row=name,
        value=1000 * median(large),
        unit="ms",
        floor=1000 * median(small),
        ratio=ratio,
        aim=f"<= {_SLOWER:g} of the small one",
        met=ratio <= _SLOWER,
        raw={"small": small, "large": large},
        settings={"operations": len(small)},
    )
