"""Everything in the ledger reaches Kafka: once where nothing fails, in order whatever fails, byte for byte."""

import time
from itertools import pairwise

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from prometheus_client import REGISTRY

from okr_contracts.cloud_event_attributes import value
from okr_contracts.cloud_events import decode_record
from tests.ledger_writer import write
from tests.pipeline import (
    a_topic,
    first_occurrences,
    history,
    on_topic,
    publisher,
    running,
    wait_until_published,
)
from tests.waiting import wait_until

ORGANISATIONS = [f"org{n}" for n in range(9)]


def counted(metric: str) -> float:
    return REGISTRY.get_sample_value(metric) or 0


async def test_every_event_arrives_once_in_order_and_byte_for_byte(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events = {organisation: history(organisation, 700) for organisation in ORGANISATIONS}
    for listed in events.values():
        await write(database, listed)
    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until_published(database, topic)
    records = await on_topic(kafka_bootstrap, topic)
    assert len(records) == 700 * len(ORGANISATIONS)
    for organisation, listed in events.items():
        sent = [record for record in records if record.key == organisation.encode()]
        assert [decode_record(record.headers, record.value) for record in sent] == listed
        assert all(before.offset < after.offset for before, after in pairwise(sent))
    connection = await asyncpg.connect(database)
    stored = await connection.fetch("SELECT organisation, sequence, data, text FROM ledger.events")
    await connection.close()
    on_kafka = {(record.key, dict(record.headers)["ce_id"]): record.value for record in records}
    assert on_kafka == {
        (row["organisation"].encode(), b"%d" % row["sequence"]): value(row["data"], row["text"]) for row in stored
    }


async def test_what_is_appended_while_it_runs_follows(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 2))
    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until_published(database, topic)
        await write(database, history("acme", 5, first=3))
        await write(database, history("newcomer", 1))
        await wait_until_published(database, topic)
    assert first_occurrences(await on_topic(kafka_bootstrap, topic)) == {"acme": [1, 2, 3, 4, 5], "newcomer": [1]}


async def test_a_lost_published_position_only_sends_again(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 5))
    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until_published(database, topic)
    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE ledger.published SET sequence = 3")
    await connection.close()
    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until_published(database, topic)
    records = await on_topic(kafka_bootstrap, topic)
    assert len(records) == 7
    assert first_occurrences(records) == {"acme": [1, 2, 3, 4, 5]}


async def test_a_second_publisher_waits_and_takes_over(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 3))
    connection = await asyncpg.connect(database)

    async def holders() -> set[str]:
        rows = await connection.fetch("SELECT holder FROM ledger.publisher_leases WHERE expires_at > now()")
        return {row["holder"] for row in rows}

    async with running(publisher(database, kafka_bootstrap, topic, "one")) as one:
        await wait_until_published(database, topic)
        async with running(publisher(database, kafka_bootstrap, topic, "two")):
            await write(database, history("acme", 6, first=4))
            await wait_until_published(database, topic)
            assert await holders() == {"one"}
            one.cancel()
            await write(database, history("acme", 9, first=7))
            await wait_until_published(database, topic)
            assert await holders() == {"two"}
    await connection.close()
    assert first_occurrences(await on_topic(kafka_bootstrap, topic)) == {"acme": list(range(1, 10))}


async def test_a_publisher_whose_lease_went_to_another_does_not_move_the_position(database: str, kafka_bootstrap: str):
    topic = a_topic()
    connection = await asyncpg.connect(database)
    async with running(publisher(database, kafka_bootstrap, topic)):
        await write(database, history("acme", 1))
        await wait_until_published(database, topic)
        before = counted("okr_publisher_refused_advances_total")
        # As if it had been frozen for long: somebody else has all partitions, and it does not know yet.
        await connection.execute(
            "UPDATE ledger.publisher_leases"
            " SET holder = 'other', epoch = epoch + 1, expires_at = now() + interval '5 s'"
        )
        await write(database, history("acme", 2, first=2))

        async def was_refused() -> bool:
            return counted("okr_publisher_refused_advances_total") > before

        await wait_until(was_refused, "the advance is refused")
        assert await connection.fetchval("SELECT sequence FROM ledger.published") == 1
        await wait_until_published(database, topic)  # once the other's lease has run out
    await connection.close()
    assert first_occurrences(await on_topic(kafka_bootstrap, topic)) == {"acme": [1, 2]}


async def test_a_lost_database_connection_is_opened_again(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 1))
    connection = await asyncpg.connect(database)
    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until_published(database, topic)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'okr publisher' AND datname = current_database()"
        )
        await write(database, history("acme", 2, first=2))
        await wait_until_published(database, topic)
    await connection.close()
    assert first_occurrences(await on_topic(kafka_bootstrap, topic)) == {"acme": [1, 2]}


@pytest.mark.timeout(180)
async def test_an_event_too_large_for_the_topic_holds_up_its_own_organisation_only(database: str, kafka_bootstrap: str):
    topic = a_topic(**{"max.message.bytes": "3000"})
    noise = "".join(f"{(n * 2654435761) % 2**32:08x}" for n in range(1_200))
    await write(database, [*history("acme", 2), *history("acme", 3, first=3, name=noise), *history("acme", 5, first=4)])
    await write(database, history("other", 5))
    connection = await asyncpg.connect(database)

    async def positions() -> dict[str, int]:
        rows = await connection.fetch("SELECT organisation, sequence FROM ledger.published")
        return {row["organisation"]: row["sequence"] for row in rows}

    async def others_are_through() -> bool:
        return await positions() == {"acme": 2, "other": 5}

    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until(others_are_through, "all but the large event are published")
        assert counted("okr_publisher_refused_organisations") == 1
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, {"max.message.bytes": "1000000"})])
    await admin.close()
    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until_published(database, topic)
    await connection.close()
    records = await on_topic(kafka_bootstrap, topic)
    assert first_occurrences(records) == {"acme": [1, 2, 3, 4, 5], "other": [1, 2, 3, 4, 5]}


async def test_old_events_are_new_to_the_topic(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 1))
    before = time.time()
    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until_published(database, topic)
    (record,) = await on_topic(kafka_bootstrap, topic)
    # The retention counts from here; the event was recorded long before.
    assert before - 1 <= record.timestamp / 1000 <= time.time() + 1
