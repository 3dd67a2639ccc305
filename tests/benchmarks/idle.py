"""
What the whole system costs while nobody does anything, with 1 organisation and with 100,000.

All services, PostgreSQL and Kafka run as in production; what they use of the CPU while nothing happens is read from
/proc. The floor is the same system with 1 organisation. What Kafka uses by itself does not depend on us: it is told
beside, and the aims are about the services and PostgreSQL together.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

import asyncpg

from okr_contracts.envelope import encode
from projections.read_models import READ_MODELS
from services.chassis import postgres
from services.chassis.embedded import EmbeddedKafka, EmbeddedPostgres
from services.chassis.kafka import EVENTS_TOPIC
from services.cli.migrate import migrate_database
from services.ledger.store import Addition, NewEvent, append
from tests.benchmarks.histories import history
from tests.benchmarks.row import ROUNDS, Row
from tests.benchmarks.servers import new_folder
from tests.benchmarks.services import services, shares_of_a_core

AIMS: Final = {1: 5.0, 1_000: 5.0, 10_000: 5.0, 100_000: 5.0}
"""Organisations → percent of one core that services and PostgreSQL may use together."""
SECONDS: Final = 5.0
# Starting costs more than resting: imports, first looks, what was written by then.
_REST_SECONDS: Final = 8.0
_A_CALL: Final = 2_000

_ALL_PUBLISHED = """
INSERT INTO ledger.published (topic, organisation, epoch, sequence)
SELECT $1, h.organisation, h.epoch, h.sequence FROM ledger.heads AS h ON CONFLICT DO NOTHING
"""
_ALL_APPLIED = """
INSERT INTO projections.positions (projection, organisation, epoch, sequence, recorded_at)
SELECT $1, h.organisation, h.epoch, h.sequence, h.recorded_at FROM ledger.heads AS h ON CONFLICT DO NOTHING
"""


async def measure() -> list[Row]:
    """A row for each number of organisations."""
    rows: list[Row] = []
    with new_folder() as folder:
        async with EmbeddedPostgres(folder / "postgres") as database, EmbeddedKafka(folder / "kafka") as broker:
            await migrate_database(database.url())
            before = 0
            for organisations, aim in AIMS.items():
                await _register(database.url(), before, organisations)
                before = organisations
                used = await _at_rest(database, broker)
                floor = rows[0].raw["together"] if rows else used["together"]
                rows.append(_row(organisations, used, floor, aim))
    return rows


def _row(organisations: int, used: dict[str, list[float]], floors: Sequence[float], aim: float) -> Row:
    value, floor = median(used["together"]), median(floors)
    return Row(
        row=f"at rest with {organisations:,} organisations: services and PostgreSQL",
        value=value,
        unit="% of a core",
        floor=floor,
        ratio=value / floor,
        aim=f"<= {aim:g} % of a core; the floor is 1 organisation",
        met=value <= aim,
        raw=used,
        settings={"seconds": SECONDS, "each": {name: median(shares) for name, shares in used.items()}},
    )


async def _register(url: str, have: int, want: int) -> None:
    """Organisations up to *want*, each with the event of its registration, published and applied everywhere."""
    (registered,) = history("pattern", 1)
    writing = await postgres.connect(url, "okr_ledger", command_seconds=None)
    try:
        for start in range(have, want, _A_CALL):
            additions: list[Addition] = []
            for number in range(start, min(start + _A_CALL, want)):
                name = f"org-{number:06d}"
                event = registered.event.model_copy(update={"organisation": name})
                recorded = registered._replace(organisation=name, event=event)
                addition = Addition(name, 0, recorded.epoch, recorded.recorded_at)
                addition.events.append(NewEvent(recorded, encode(recorded)))
                additions.append(addition)
            assert set((await append(writing, additions)).values()) == {"appended"}
    finally:
        await writing.close()
    administrator = await asyncpg.connect(url, command_timeout=None)
    try:
        await administrator.execute(_ALL_PUBLISHED, EVENTS_TOPIC)
        for model in READ_MODELS:
            await administrator.execute(_ALL_APPLIED, model.name)
        # As autovacuum would within a minute, in the middle of the measurement.
        await administrator.execute("VACUUM ANALYZE")
        await administrator.execute("CHECKPOINT")
    finally:
        await administrator.close()


async def _at_rest(database: EmbeddedPostgres, broker: EmbeddedKafka) -> dict[str, list[float]]:
    """What each part uses of a core, in percent, in turn after turn."""
    used: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with services(Path(folder), database.url(), broker.bootstrap) as running:
            await asyncio.sleep(_REST_SECONDS)
            for _ in range(ROUNDS):
                pids = {**running.pids(), "PostgreSQL": database.pid, "Kafka": broker.pid}
                shares = await shares_of_a_core(pids, SECONDS)
                shares["together"] = sum(share for name, share in shares.items() if name != "Kafka")
                for name, share in shares.items():
                    used.setdefault(name, []).append(share)
    return used
