"""A broker that is not there yet, or killed under load: it is waited for, and nothing is lost."""

import os
import signal
from pathlib import Path

import pytest

from services.chassis.embedded import EmbeddedKafka
from services.chassis.embedded.ports import choose
from tests.ledger_writer import write
from tests.pipeline import (
    a_topic,
    assert_counting_is_the_fold,
    first_occurrences,
    history,
    make_counting_tables,
    on_topic,
    projector,
    publisher,
    running,
    wait_until_applied,
    wait_until_published,
)


@pytest.mark.timeout(240)
async def test_a_broker_that_comes_late_and_is_killed(database: str, server_folder: Path):
    await make_counting_tables(database)
    topic = a_topic()
    port = choose(0, "Apache Kafka")
    broker = EmbeddedKafka(server_folder / "killed", port)
    bootstrap = f"127.0.0.1:{port}"
    await write(database, history("acme", 20))
    try:
        async with running(publisher(database, bootstrap, topic)), running(projector(database, bootstrap, topic)):
            await broker.start()
            await wait_until_published(database, topic)
            await wait_until_applied(database)
            os.kill(broker.pid, signal.SIGKILL)
            await write(database, history("acme", 40, first=21))
            # The projector does not need the broker for this: what is older than two seconds comes from the ledger.
            await wait_until_applied(database)
            await broker.stop()
            await broker.start()
            await write(database, history("acme", 60, first=41))
            await wait_until_published(database, topic, seconds=90)
            await wait_until_applied(database)
        assert first_occurrences(await on_topic(bootstrap, topic)) == {"acme": list(range(1, 61))}
    finally:
        await broker.stop()
    await assert_counting_is_the_fold(database)
