"""Rebuilding each read model from the ledger in one process, against reading the ledger's pages alone."""

import time
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from projections.generations import drop_generation
from projections.read_model import ReadModel, in_schema
from projections.read_models import READ_MODELS
from services.chassis.process import settle
from services.projector.rebuild import Rebuild
from tests.benchmarks.histories import histories, write_in_turn
from tests.benchmarks.row import Row, in_turn
from tests.benchmarks.servers import ledger_database, postgres_server

ORGANISATIONS: Final = 32
EVENTS: Final = 1_250
_ALL: Final = ORGANISATIONS * EVENTS
_PAGE: Final = 20_000
_READ: Final = """
SELECT e.organisation, e.sequence, e.epoch, e.entry, e.data, e.text
FROM ledger.events AS e
WHERE (e.organisation, e.sequence) > ($1, $2)
ORDER BY e.organisation, e.sequence
LIMIT $3
"""
_SETTINGS: Final = {"organisations": ORGANISATIONS, "events": _ALL, "page": _PAGE}
_AT_LEAST: Final = {"alignment": 0.35, "progress": 0.2, "audit": 0.5, "programme_health": 0.2}
_AUDIT_TABLES: Final = ("events", "event_subjects", "subjects")


async def measure() -> list[Row]:
    """One row for each read model."""
    rows: list[Row] = []
    async with postgres_server() as server, ledger_database(server) as url:
        await write_in_turn(url, histories(ORGANISATIONS, EVENTS))
        await _claim_to_be_there(url)
        settle()
        for model in READ_MODELS:
            copied: dict[str, list[tuple[object, ...]]] = {}
            at_least, floor_is = (
                _AT_LEAST[model.name],
                "reading the pages alone",
            )
            if model.name == "audit":
                copied = await _rows_of_audit(url, model)
                floor_is = "reading the pages and writing the same rows with COPY"
            compared = await in_turn(_Built(url, model).measure, _Floor(url, copied).measure)
            name = f"rebuild from the ledger, one process: {model.name}"
            rows.append(compared.row(name, "events/s", at_least, floor_is, _SETTINGS))
    return rows


async def _claim_to_be_there(url: str) -> None:
    """Every live read model says that it has applied everything, so that all is rebuilt; its rows are not read."""
    connection = await asyncpg.connect(url)
    await connection.execute("""
        INSERT INTO projections.positions (projection, organisation, epoch, sequence, recorded_at)
        SELECT g.generation, h.organisation, h.epoch, h.sequence, h.recorded_at
        FROM ledger.heads AS h
        CROSS JOIN projections.live_generations AS g
    """)
    # As autovacuum would have done long ago.
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


@dataclass
class _Built:
    """A rebuild, from the first page to the last one applied: comparing and switching are not measured."""

    url: str
    model: ReadModel
    _told_at: list[float] = field(default_factory=list[float])

    async def measure(self) -> float:
        """Events a second. The live one is empty, so that the two differ and nothing is switched."""
        self._told_at.clear()
        outcome = await Rebuild(self.model, self.url, tell=self._tell).run()
        assert (outcome.events, outcome.switched) == (_ALL, False)
        connection = await asyncpg.connect(self.url)
        await drop_generation(connection, outcome.generation)
        await connection.close()
        return _ALL / (self._told_at[-1] - self._told_at[0])

    def _tell(self, stage: str, done: int, total: int) -> None:
        del done, total
        if stage == "reading":
            self._told_at.append(time.perf_counter())


@dataclass
class _Floor:
    """The pages of the ledger, read by key one after the other; with them, rows written by COPY, if there are any."""

    url: str
    copied: dict[str, list[tuple[object, ...]]] = field(default_factory=dict[str, list[tuple[object, ...]]])

    async def measure(self) -> float:
        """Events a second."""
        # As superuser: COPY cannot be used under row level security.
        connection = await asyncpg.connect(self.url)
        await connection.execute("SET synchronous_commit = off; SET plan_cache_mode = force_custom_plan")
        organisation, sequence, count = "", 0, 0
        begun = time.perf_counter()
        while rows := await connection.fetch(_READ, organisation, sequence, _PAGE):
            organisation, sequence = rows[-1]["organisation"], rows[-1]["sequence"]
            async with connection.transaction():
                for table, records in self.copied.items():
                    part = records[len(records) * count // _ALL : len(records) * (count + len(rows)) // _ALL]
                    await connection.copy_records_to_table(table, schema_name="audit_copied", records=part)
            count += len(rows)
        took = time.perf_counter() - begun
        assert count == _ALL
        for table in self.copied:
            await connection.execute(f"TRUNCATE audit_copied.{table}")
        await connection.close()
        return count / took


async def _rows_of_audit(url: str, model: ReadModel) -> dict[str, list[tuple[object, ...]]]:
    """The rows of the whole read model in the order of the pages, and empty tables like its own to copy them to."""
    outcome = await Rebuild(model, url).run()
    connection = await asyncpg.connect(url)
    rows = {table: await _in_order(connection, outcome.generation, table) for table in _AUDIT_TABLES}
    await drop_generation(connection, outcome.generation)
    await connection.execute(in_schema(model.tables.read_text(encoding="utf-8"), model.name, "audit_copied"))
    await connection.close()
    return rows


async def _in_order(connection: asyncpg.Connection, schema: str, table: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await connection.fetch(f"SELECT * FROM {schema}.{table} ORDER BY 1, 2")]
