"""From Kafka to the read models: how much of the speed of consuming alone is left when the rows are written, too."""

import asyncio
import sys
from dataclasses import replace
from functools import partial
from typing import Final

import asyncpg

from services.chassis.kafka import events_topic
from services.projector.subscription import RECORDS_A_POLL
from tests.benchmarks import histories
from tests.benchmarks.row import ROUNDS, Row, in_turn
from tests.benchmarks.servers import kafka_server, ledger_database, postgres_server

ORGANISATIONS: Final = 64
EVENTS_AN_ORGANISATION: Final = 1_250
_TURN: Final = 20
_CONSUMPTION: Final = "consumption alone: aiokafka, the same poll, nothing decoded"
_COPY: Final = "consuming and writing as many rows of the same size with COPY"
_ROWS: Final = (
    ("alignment", "consumption", 0.35, _CONSUMPTION),
    ("progress", "consumption", 0.2, _CONSUMPTION),
    ("audit", "copy", 0.5, _COPY),
    ("programme_health", "consumption", 0.2, _CONSUMPTION),
)


async def measure() -> list[Row]:
    """A row for each read model."""
    written = histories.histories(ORGANISATIONS, EVENTS_AN_ORGANISATION)
    events = sum(map(len, written))
    topic = events_topic()
    settings = {
        "events": events,
        "organisations": ORGANISATIONS,
        "partitions": topic.partitions,
        "records a poll": RECORDS_A_POLL,
        "history": "tests/benchmarks/histories.py, 85 % check-ins; the publisher sent it while it was appended,"
        f" {_TURN} events of an organisation at a time",
        "rounds": ROUNDS,
        "clock": "from the first batch to the last; each reading in a process of its own",
    }
    async with postgres_server() as server, ledger_database(server) as url, kafka_server() as bootstrap:
        await histories.write_and_publish(url, bootstrap, topic, written, _TURN)
        decoded = await in_turn(
            partial(reading, "decoding", url, bootstrap, topic.name, events),
            partial(reading, "consumption", url, bootstrap, topic.name, events),
        )
        ceiling = decoded.row("consuming and decoding every event", "events/s", 0, _CONSUMPTION, settings)
        rows = [replace(ceiling, aim=f"none: what is left to a read model of every event, of {_CONSUMPTION}")]
        for name, floor, at_least, floor_is in _ROWS:
            if floor == "copy":
                # Its rows are as many and as large as those that are there.
                await _emptied(name, url, bootstrap, topic.name, events)
            compared = await in_turn(
                partial(_emptied, name, url, bootstrap, topic.name, events),
                partial(_emptied, floor, url, bootstrap, topic.name, events),
            )
            rows.append(compared.row(f"Kafka to {name}", "events/s", at_least, floor_is, settings))
    return rows


async def _emptied(what: str, url: str, bootstrap: str, topic: str, events: int) -> float:
    """The speed of one reading; a read model is emptied before."""
    await _empty(url, what)
    return await reading(what, url, bootstrap, topic, events)


async def reading(what: str, url: str, bootstrap: str, topic: str, events: int) -> float:
    """The speed of one reading, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.reading",
        what,
        url,
        bootstrap,
        topic,
        str(events),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, f"reading {what} failed"
    return float(said.split()[-1])


async def _empty(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = $1", name
        )
        if tables:
            await connection.execute(f"TRUNCATE {', '.join(row[0] for row in tables)}")
        await connection.execute("DELETE FROM projections.positions WHERE projection = $1", name)
        await connection.execute("DELETE FROM projections.partition_offsets WHERE projection = $1", name)
        await connection.execute("VACUUM ANALYZE projections.positions")
    finally:
        await connection.close()
