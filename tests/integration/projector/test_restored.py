"""A read model that had applied events which a restore of the ledger lost."""

import asyncpg
import pytest

from tests.ledger_writer import write
from tests.pipeline import (
    a_topic,
    history,
    make_counting_tables,
    projector,
    publisher,
    running,
    wait_until_applied,
)
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
async def counting_tables(database: str) -> None:
    await make_counting_tables(database)


async def test_a_restore_that_lost_applied_events_parks_the_organisation(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 5))
    connection = await asyncpg.connect(database)
    async with (
        running(publisher(database, kafka_bootstrap, topic)),
        running(projector(database, kafka_bootstrap, topic)),
    ):
        await wait_until_applied(database)
    # As a restore of the read model's database would leave it: event 5 was applied in an epoch that lost it.
    await connection.execute("UPDATE ledger.heads SET sequence = 4, epoch = 2")
    await connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER USER")
    await connection.execute("DELETE FROM ledger.events WHERE sequence = 5")
    await connection.execute("DELETE FROM ledger.event_subjects WHERE sequence = 5")
    await connection.execute("ALTER TABLE ledger.events ENABLE TRIGGER USER")
    await write(database, [one._replace(epoch=2) for one in history("acme", 6, first=5, name="another")])

    async def parked() -> bool:
        return await connection.fetchval("SELECT sequence FROM projections.parked") == 5

    async with running(projector(database, kafka_bootstrap, topic)):
        await wait_until(parked, "the read model says that it was overtaken")
    await connection.close()
