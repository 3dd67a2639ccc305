"""A topic that somebody else made, with fewer partitions than ours or many more; and a broker that is slow."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from services.chassis.kafka import make_topics
from services.chassis.topics import make_and_count
from tests.faults.proxy import Proxy
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

ORGANISATIONS = [f"org{n}" for n in range(8)]
ALL = {organisation: list(range(1, 31)) for organisation in ORGANISATIONS}


@pytest.fixture(autouse=True)
async def written(database: str) -> None:
    await make_counting_tables(database)
    for organisation in ORGANISATIONS:
        await write(database, history(organisation, 30))


@pytest.mark.parametrize("partitions", [1, 50])
async def test_a_topic_with_another_number_of_partitions_is_used_as_it_is(
    database: str, kafka_bootstrap: str, partitions: int
):
    ours = a_topic()
    theirs = replace(ours, partitions=partitions)
    await make_topics(kafka_bootstrap, [theirs])
    async with running(publisher(database, kafka_bootstrap, ours)), running(projector(database, kafka_bootstrap, ours)):
        await wait_until_published(database, ours)
        await wait_until_applied(database)
    assert first_occurrences(await on_topic(kafka_bootstrap, theirs)) == ALL
    await assert_counting_is_the_fold(database)


async def test_another_number_of_partitions_is_said(kafka_bootstrap: str):
    ours = a_topic()
    await make_topics(kafka_bootstrap, [replace(ours, partitions=1)])
    with capture_logs() as lines:
        assert await make_and_count(kafka_bootstrap, ours) == 1
    said = [(line["event"], line["partitions"], line["wanted"]) for line in lines]
    assert said == [("topic_as_found", 1, ours.partitions)]


@asynccontextmanager
async def behind_a_proxy(bootstrap: str) -> AsyncGenerator[tuple[Proxy, str]]:
    proxy = Proxy(int(bootstrap.rpartition(":")[2]), kafka=True)
    await proxy.start()
    try:
        yield proxy, f"127.0.0.1:{proxy.port}"
    finally:
        await proxy.stop()


async def test_a_broker_that_answers_slowly_delays_and_loses_nothing(database: str, kafka_bootstrap: str):
    topic = a_topic()
    async with behind_a_proxy(kafka_bootstrap) as (proxy, slow):
        proxy.delay_seconds = 0.2
        async with running(publisher(database, slow, topic)), running(projector(database, slow, topic)):
            await wait_until_published(database, topic)
            await wait_until_applied(database)
    assert first_occurrences(await on_topic(kafka_bootstrap, topic)) == ALL
    await assert_counting_is_the_fold(database)


async def test_connections_to_the_broker_that_are_cut_lose_and_reorder_nothing(database: str, kafka_bootstrap: str):
    topic = a_topic()
    async with (
        behind_a_proxy(kafka_bootstrap) as (proxy, cut),
        running(publisher(database, cut, topic)),
        running(projector(database, cut, topic)),
    ):
        await wait_until_published(database, topic)
        for last in range(40, 90, 10):
            await write(database, history("org0", last, first=last - 9))
            assert proxy.cut() > 0
            await wait_until_published(database, topic)
        await wait_until_applied(database)
    found = first_occurrences(await on_topic(kafka_bootstrap, topic))
    assert found == {**ALL, "org0": list(range(1, 81))}
    await assert_counting_is_the_fold(database)
