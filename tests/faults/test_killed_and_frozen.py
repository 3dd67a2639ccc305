"""
The publisher and the projector, killed at each step: once with the effect lost, once with the effect done and the
answer lost. And frozen past their lease or session, then woken. Afterwards everything agrees.
"""

import asyncio
import signal

import asyncpg
import pytest

from tests.faults.processes import process
from tests.ledger_writer import write
from tests.pipeline import (
    a_topic,
    assert_counting_is_the_fold,
    first_occurrences,
    history,
    make_counting_tables,
    on_topic,
    wait_until_applied,
    wait_until_published,
)
from tests.waiting import wait_until

ORGANISATIONS = [f"org{n}" for n in range(6)]
PUBLISHING = ["publish.before_send", "publish.after_send", "publish.before_advance", "publish.after_advance"]
PROJECTING = ["project.before_rows", "project.before_commit", "project.after_commit"]


@pytest.fixture(autouse=True)
async def counting_tables(database: str) -> None:
    await make_counting_tables(database)


async def write_all(database: str, first: int, last: int) -> None:
    for organisation in ORGANISATIONS:
        await write(database, history(organisation, last, first=first))


@pytest.mark.parametrize("step", PUBLISHING)
async def test_a_publisher_killed_at_each_step(database: str, kafka_bootstrap: str, step: str):
    topic = a_topic()
    await write_all(database, 1, 600)  # more than one round
    async with process("publisher", database, kafka_bootstrap, topic, step=step, time=2) as killed:
        assert await asyncio.wait_for(killed.wait(), 30) == -signal.SIGKILL
    await write_all(database, 601, 620)
    async with process("publisher", database, kafka_bootstrap, topic):
        await wait_until_published(database, topic)
    first = first_occurrences(await on_topic(kafka_bootstrap, topic))
    assert first == {organisation: list(range(1, 621)) for organisation in ORGANISATIONS}


@pytest.mark.parametrize("step", PROJECTING)
async def test_a_projector_killed_at_each_step(database: str, kafka_bootstrap: str, step: str):
    topic = a_topic()
    await write_all(database, 1, 300)
    async with process("publisher", database, kafka_bootstrap, topic):
        await wait_until_published(database, topic)
        async with process("projector", database, kafka_bootstrap, topic, step=step, time=2) as killed:
            assert await asyncio.wait_for(killed.wait(), 30) == -signal.SIGKILL
        await write_all(database, 301, 310)
        async with process("projector", database, kafka_bootstrap, topic):
            await wait_until_applied(database)
    await assert_counting_is_the_fold(database)


async def test_a_projector_frozen_past_its_session_and_woken(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write_all(database, 1, 50)
    async with (
        process("publisher", database, kafka_bootstrap, topic),
        process("projector", database, kafka_bootstrap, topic, "one") as frozen,
    ):
        await wait_until_applied(database)
        frozen.send_signal(signal.SIGSTOP)
        async with process("projector", database, kafka_bootstrap, topic, "two") as other:
            await write_all(database, 51, 100)
            # Only the other one can do this, and only once the session of the frozen one has run out.
            await wait_until_applied(database, seconds=60)
            await write_all(database, 101, 150)
            frozen.send_signal(signal.SIGCONT)
            await write_all(database, 151, 200)
            await wait_until_applied(database)
            assert (frozen.returncode, other.returncode) == (None, None)
    await assert_counting_is_the_fold(database)


async def test_two_projectors_with_the_same_name_do_no_harm(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write_all(database, 1, 20)
    async with (
        process("publisher", database, kafka_bootstrap, topic),
        process("projector", database, kafka_bootstrap, topic, "twin"),
        process("projector", database, kafka_bootstrap, topic, "twin"),
    ):
        for sequence in range(21, 221, 20):
            await write_all(database, sequence, sequence + 19)
        await wait_until_applied(database)
    await assert_counting_is_the_fold(database)


async def test_two_publishers_with_the_same_name_publish_in_order_all_the_same(database: str, kafka_bootstrap: str):
    # Each believes that the leases are its own: events come twice, and none comes before its predecessor.
    topic = a_topic()
    await write_all(database, 1, 20)
    async with (
        process("publisher", database, kafka_bootstrap, topic, "twin"),
        process("publisher", database, kafka_bootstrap, topic, "twin"),
    ):
        for sequence in range(21, 221, 20):
            await write_all(database, sequence, sequence + 19)
        await wait_until_published(database, topic)
    first = first_occurrences(await on_topic(kafka_bootstrap, topic))
    assert first == {organisation: list(range(1, 221)) for organisation in ORGANISATIONS}


async def test_a_publisher_frozen_past_its_lease_and_woken(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write_all(database, 1, 50)
    connection = await asyncpg.connect(database)
    async with process("publisher", database, kafka_bootstrap, topic, "one") as frozen:
        await wait_until_published(database, topic)
        frozen.send_signal(signal.SIGSTOP)
        async with process("publisher", database, kafka_bootstrap, topic, "two"):
            await write_all(database, 51, 100)
            await wait_until_published(database, topic)
            holders = await connection.fetch("SELECT DISTINCT holder FROM ledger.publisher_leases")
            assert [row["holder"] for row in holders] == ["two"]
            frozen.send_signal(signal.SIGCONT)
            await write_all(database, 101, 150)
            await wait_until_published(database, topic)
    await connection.close()
    first = first_occurrences(await on_topic(kafka_bootstrap, topic))
    assert first == {organisation: list(range(1, 151)) for organisation in ORGANISATIONS}


async def test_both_are_stopped_politely(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write_all(database, 1, 5)
    async with (
        process("publisher", database, kafka_bootstrap, topic) as publishing,
        process("projector", database, kafka_bootstrap, topic) as projecting,
    ):
        await wait_until_applied(database)
        for running in (publishing, projecting):
            running.send_signal(signal.SIGINT)
            await asyncio.wait_for(running.wait(), 10)
    connection = await asyncpg.connect(database)

    async def given_back() -> bool:
        return await connection.fetchval("SELECT bool_and(expires_at < now()) FROM ledger.publisher_leases")

    await wait_until(given_back, "the leases are given back", seconds=1)
    await connection.close()
