"""Read models equal the fold of the ledger, whatever Kafka brings, loses or makes up."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.producer.message_accumulator import BatchBuilder
from prometheus_client import REGISTRY

from okr_contracts.actor import Actor
from okr_contracts.cloud_event_attributes import value
from okr_contracts.cloud_events import headers
from okr_contracts.envelope import Recorded, encode
from okr_contracts.events import UnitAdded
from projections import audit
from projections.positions import list_positions, resume
from projections.read_models import READ_MODELS
from projections.verify import verify
from services.chassis.kafka import Topic
from services.chassis.partitions import partition_of
from services.chassis.topics import make_and_count
from services.projector.main import connect_as_projector
from services.projector.projection import Projection
from tests.benchmarks import histories
from tests.ledger_writer import write
from tests.pipeline import (
    PARTITIONS,
    a_topic,
    assert_counting_is_the_fold,
    counting,
    history,
    make_counting_tables,
    projector,
    publisher,
    running,
    wait_until_applied,
    wait_until_published,
)
from tests.waiting import wait_until

Headers = list[tuple[str, bytes | None]]
Spoil = Callable[[bytes, bytes, Headers], tuple[bytes | None, bytes | None, Headers]]


@pytest.fixture(autouse=True)
async def counting_tables(database: str) -> None:
    await make_counting_tables(database)


@asynccontextmanager
async def producer(bootstrap: str, topic: Topic) -> AsyncGenerator[AIOKafkaProducer]:
    await make_and_count(bootstrap, topic)
    sending = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await sending.start()
    try:
        yield sending
    finally:
        await sending.stop()


def record(recorded: Recorded) -> tuple[bytes, bytes, Headers]:
    exact = encode(recorded)
    return recorded.organisation.encode(), value(exact.data, exact.text), [*headers(recorded)]


async def send(bootstrap: str, topic: Topic, events: Sequence[Recorded]) -> None:
    """Puts *events* on the topic as the publisher would, in whatever order they are given."""
    async with producer(bootstrap, topic) as sending:
        for event in events:
            key, content, its_headers = record(event)
            await sending.send(topic.name, content, key, headers=its_headers)
        await sending.flush()


def counted(metric: str) -> float:
    return REGISTRY.get_sample_value(f"okr_projector_{metric}_events_total", {"projection": "counting"}) or 0


async def test_everything_arrives_once_and_in_order(database: str, kafka_bootstrap: str):
    topic = a_topic()
    from_ledger = counted("from_ledger")
    for n in range(9):
        await write(database, history(f"org{n}", 400))
    async with running(publisher(database, kafka_bootstrap, topic)):
        await wait_until_published(database, topic)
        async with running(projector(database, kafka_bootstrap, topic, check_seconds=60)):
            await wait_until_applied(database)
            await write(database, history("org0", 410, first=401))
            await write(database, history("newcomer", 3))
            await wait_until_applied(database)
    assert counted("from_ledger") == from_ledger
    await assert_counting_is_the_fold(database)


async def test_the_real_read_models_are_kept_beside_each_other(database: str, kafka_bootstrap: str):
    topic = a_topic()
    # The alignment ignores the check-ins of the second one.
    await write(database, [*history("acme", 50), *histories.history("busy", 600)])
    async with (
        running(publisher(database, kafka_bootstrap, topic)),
        running(projector(database, kafka_bootstrap, topic, READ_MODELS)),
    ):
        for read_model in READ_MODELS:
            await wait_until_applied(database, projection=read_model.name)
    connection = await asyncpg.connect(database)
    for read_model in READ_MODELS:
        assert (await verify(connection, read_model)).agrees
    await connection.close()


async def test_an_actor_that_no_ledger_has_spoils_no_row_of_the_audit(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events = history("acme", 4)
    await write(database, events)
    # The audit's columns are sent as texts, parted by this very character.
    forged = events[1]._replace(actor=Actor("service", "h\x1fr"))
    await send(kafka_bootstrap, topic, [events[0], forged, *events[2:]])
    async with running(projector(database, kafka_bootstrap, topic, [audit.READ_MODEL], check_seconds=60)):
        await wait_until_applied(database, projection="audit")
    connection = await asyncpg.connect(database)
    assert (await verify(connection, audit.READ_MODEL)).agrees
    assert await connection.fetchval("SELECT count(*) FROM projections.parked") == 0
    await connection.close()


async def test_a_restarted_projector_goes_on_where_its_rows_are(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 20))
    seen = counted("seen")
    async with running(publisher(database, kafka_bootstrap, topic)):
        async with running(projector(database, kafka_bootstrap, topic, check_seconds=60)):
            await wait_until_applied(database)
        await write(database, history("acme", 40, first=21))
        async with running(projector(database, kafka_bootstrap, topic, check_seconds=60)):
            await wait_until_applied(database)
    assert counted("seen") == seen
    await assert_counting_is_the_fold(database)


async def test_duplicates_are_applied_once(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events = history("acme", 30)
    await write(database, events)
    await send(kafka_bootstrap, topic, [*events[:20], *events[:25], *events[10:], *events])
    async with running(projector(database, kafka_bootstrap, topic, check_seconds=60)):
        await wait_until_applied(database)
    await assert_counting_is_the_fold(database)


async def test_a_gap_is_read_from_the_ledger(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events = history("acme", 30)
    await write(database, [*events, *history("other", 5)])
    await send(kafka_bootstrap, topic, [*events[:3], *events[7:9], *events[20:], *history("other", 5)])
    async with running(projector(database, kafka_bootstrap, topic, check_seconds=60)):
        await wait_until_applied(database)
    await assert_counting_is_the_fold(database)


async def test_a_lost_tail_is_read_from_the_ledger(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events = history("acme", 3000)
    await write(database, [*events, *history("unheard of", 4)])
    await send(kafka_bootstrap, topic, events[:10])
    async with running(projector(database, kafka_bootstrap, topic)):
        await wait_until_applied(database)
    await assert_counting_is_the_fold(database)


async def test_an_organisation_that_is_written_to_all_the_time_is_read_from_the_ledger_too(database: str):
    # Its head never becomes old; without a broker it would stand still for as long as it is written to.
    soon = datetime.now(UTC) + timedelta(hours=1)
    await write(database, [event._replace(recorded_at=soon) for event in history("busy", 20)])
    projection = Projection(counting(), partial(connect_as_projector, database), "no topic")
    try:
        assert await projection.catch_up(lambda organisation: True) == 20
        assert await projection.catch_up(lambda organisation: True) == 0
    finally:
        await projection.stop()
    await assert_counting_is_the_fold(database)


def not_utf8(key: bytes, content: bytes, its_headers: Headers) -> tuple[bytes, bytes, Headers]:
    return key, content, [*its_headers, ("ce_actor", b"\xff\xfe")]


def without(name: str) -> Spoil:
    return lambda key, content, its_headers: (key, content, [each for each in its_headers if each[0] != name])


def with_header(name: str, new: bytes | None) -> Spoil:
    return lambda key, content, its_headers: (
        key,
        content,
        [(each, new if each == name else old) for each, old in its_headers],
    )


GARBAGE: dict[str, Spoil] = {
    "no value": lambda key, content, its: (key, None, its),
    "empty value": lambda key, content, its: (key, b"", its),
    "no key": lambda key, content, its: (None, content, its),
    "a key that is not UTF-8": lambda key, content, its: (b"\xff\xfe", content, its),
    "a foreign key": lambda key, content, its: (b"other", content, its),
    "no headers": lambda key, content, its: (key, content, []),
    "a header that is not UTF-8": not_utf8,
    "a header without value": with_header("ce_id", None),
    "no type": without("ce_type"),
    "no source": without("ce_source"),
    "an unknown type": with_header("ce_type", b"okr.UnitPainted.v1"),
    "an unknown version": with_header("ce_type", b"okr.UnitAdded.v99"),
    "a broken number": with_header("ce_id", b"six"),
    "a broken time": with_header("ce_time", b"yesterday"),
    "not JSON": lambda key, content, its: (key, b"{not json", its),
    "JSON of another shape": lambda key, content, its: (key, b"[1]", its),
    "data that does not fit": lambda key, content, its: (key, b'{"data":{},"text":null}', its),
    "another subject": with_header("ce_subject", b"units/other"),
}


async def test_garbage_is_set_aside_and_parks_nobody(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events = history("acme", 2 * len(GARBAGE) + 2)
    await write(database, events)
    async with producer(kafka_bootstrap, topic) as sending:
        for n, spoil in enumerate(GARBAGE.values()):
            key, content, its_headers = record(events[2 * n])
            await sending.send(topic.name, content, key, headers=its_headers)
            # Takes the place of the event that would be next: the event is in the ledger all the same.
            spoilt_key, spoilt, its_headers = spoil(*record(events[2 * n + 1]))
            partition = partition_of("acme", PARTITIONS)
            await sending.send(topic.name, spoilt, spoilt_key, headers=its_headers, partition=partition)
        for event in events[-2:]:
            key, content, its_headers = record(event)
            await sending.send(topic.name, content, key, headers=its_headers)
        await sending.flush()
    async with running(projector(database, kafka_bootstrap, topic, check_seconds=60)):
        await wait_until_applied(database)
        connection = await asyncpg.connect(database)

        async def all_set_aside() -> bool:
            return await connection.fetchval("SELECT count(*) FROM projections.set_aside") == len(GARBAGE)

        await wait_until(all_set_aside, "every spoilt record is set aside")
    assert await connection.fetchval("SELECT count(*) FROM projections.parked") == 0
    await connection.close()
    await assert_counting_is_the_fold(database)


def crc32c(content: bytes) -> int:
    """The checksum of Castagnoli, bit by bit."""
    checksum = 0xFFFFFFFF
    for byte in content:
        checksum ^= byte
        for _ in range(8):
            checksum = checksum >> 1 ^ (0x82F63B78 if checksum & 1 else 0)
    return checksum ^ 0xFFFFFFFF


def with_names_that_are_not_utf8(batch: BatchBuilder) -> None:
    """Makes the header name `not-utf8` what it says, in the bytes of *batch*: no producer of aiokafka sends it."""
    content = bytearray(vars(batch)["_builder"].build().replace(b"not-utf8", b"\xff" * 8))
    # As in the record batch of Apache Kafka's protocol guide: a CRC-32C of all that comes after it.
    content[17:21] = crc32c(bytes(content[21:])).to_bytes(4, "big")
    vars(batch)["_buffer"] = content
    batch.close()


async def test_a_header_name_that_is_not_utf8_is_set_aside_and_holds_up_nobody(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events, others = history("acme", 6), history("other", 40)
    partition = partition_of("acme", PARTITIONS)
    await write(database, [*events, *others])
    from_ledger = counted("from_ledger")
    await send(kafka_bootstrap, topic, events[:3])
    async with producer(kafka_bootstrap, topic) as sending:
        batch = sending.create_batch()
        for name in ("utf8", "not-utf8", "utf8"):
            batch.append(timestamp=None, key=b"acme", value=b"", headers=[(name, b"")])
        with_names_that_are_not_utf8(batch)
        await (await sending.send_batch(batch, topic.name, partition=partition))
    await send(kafka_bootstrap, topic, [*events[3:], *others])
    connection = await asyncpg.connect(database)

    async def all_set_aside() -> bool:
        return await connection.fetchval("SELECT count(*) FROM projections.set_aside") == 3

    async with running(projector(database, kafka_bootstrap, topic, check_seconds=60)):
        await wait_until_applied(database)
        await wait_until(all_set_aside, "the records that cannot be read are set aside")
        # The partition goes on.
        await write(database, history("acme", 7, first=7))
        await send(kafka_bootstrap, topic, history("acme", 7, first=7))
        await wait_until_applied(database)
    rows = await connection.fetch("SELECT partition, record_offset, reason FROM projections.set_aside ORDER BY 2")
    assert [tuple(row) for row in rows] == [
        (partition, 3, "not_an_event"),
        (partition, 4, "unreadable"),
        # It can be read, but only after the one before it.
        (partition, 5, "unreadable"),
    ]
    assert await connection.fetchval("SELECT count(*) FROM projections.parked") == 0
    await connection.close()
    assert counted("from_ledger") == from_ledger
    await assert_counting_is_the_fold(database)


async def test_a_record_beyond_the_ledger_is_not_believed(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events = history("acme", 5)
    await write(database, events[:3])
    await send(kafka_bootstrap, topic, [*events[:3], history("acme", 4, first=4, name="forged")[0]])
    await send(kafka_bootstrap, topic, [*history("nobody", 2), *history("other", 1)])
    await write(database, history("other", 1))
    async with running(projector(database, kafka_bootstrap, topic)):
        await wait_until_applied(database)
        await write(database, events[3:])
        await send(kafka_bootstrap, topic, events[3:])
        await wait_until_applied(database)
    await assert_counting_is_the_fold(database)


async def test_an_event_that_cannot_be_applied_parks_its_organisation_until_it_is_resumed(
    database: str, kafka_bootstrap: str
):
    topic = a_topic()
    broken = True

    def refuses(recorded: Recorded) -> bool:
        return broken and recorded.organisation == "acme" and recorded.sequence == 4

    await write(database, [*history("acme", 6), *history("other", 6)])
    connection = await asyncpg.connect(database)
    read_model = counting(refuses)

    async def parked_at_four() -> bool:
        acme, other = await list_positions(connection, ["counting"])
        return acme.parked is not None and (acme.sequence, acme.parked.sequence, other.sequence) == (3, 4, 6)

    async with running(publisher(database, kafka_bootstrap, topic)):
        async with running(projector(database, kafka_bootstrap, topic, [read_model])):
            await wait_until(parked_at_four, "acme stops before event 4, other goes on")
            await write(database, history("other", 9, first=7))
            await write(database, history("acme", 9, first=7))

            async def other_went_on() -> bool:
                acme, other = await list_positions(connection, ["counting"])
                return (acme.sequence, other.sequence) == (3, 9)

            await wait_until(other_went_on, "other goes on, acme stays")
            broken = False
            assert await resume(connection, "counting", "acme") == ["acme"]
            await wait_until_applied(database)
        await assert_counting_is_the_fold(database)
    assert await connection.fetchval("SELECT count(*) FROM projections.parked") == 0
    await connection.close()


async def test_a_record_that_cannot_be_applied_parks_nobody_if_the_event_can(database: str, kafka_bootstrap: str):
    topic = a_topic()
    events = history("acme", 4)
    await write(database, events)
    forged = events[1]._replace(event=UnitAdded(unit_id="poison", name="forged"))
    await send(kafka_bootstrap, topic, [events[0], forged, *events[2:]])
    read_model = counting(lambda recorded: recorded.subject == "units/poison")
    async with running(projector(database, kafka_bootstrap, topic, [read_model], check_seconds=60)):
        await wait_until_applied(database)
    await assert_counting_is_the_fold(database)


async def test_a_read_model_that_fails_says_why_without_a_word_of_the_event(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, [*history("acme", 3, name="Secret"), *history("other", 3)])
    connection = await asyncpg.connect(database)
    await connection.execute("INSERT INTO counting.events VALUES ('acme', 2, 'in the way')")

    def breaks(recorded: Recorded) -> bool:
        if recorded.organisation == "other" and recorded.sequence == 3:
            raise ZeroDivisionError("Secret")
        return False

    async def parked() -> dict[str, tuple[int, str, str]]:
        rows = await connection.fetch("SELECT organisation, sequence, event_type, error FROM projections.parked")
        return {row["organisation"]: (row["sequence"], row["event_type"], row["error"]) for row in rows}

    async def both_are_parked() -> bool:
        return len(await parked()) == 2

    async with (
        running(publisher(database, kafka_bootstrap, topic)),
        running(projector(database, kafka_bootstrap, topic, [counting(breaks)])),
    ):
        await wait_until(both_are_parked, "both organisations are parked")
    assert await parked() == {
        "acme": (2, "UnitAdded", "UniqueViolationError (23505, events_pkey)"),
        "other": (3, "UnitAdded", "ZeroDivisionError"),
    }
    await connection.close()


async def test_what_is_parked_is_tried_again_at_the_start(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 6))
    connection = await asyncpg.connect(database)

    async def parked() -> bool:
        return await connection.fetchval("SELECT count(*) FROM projections.parked") == 1

    async def resumed() -> bool:
        return not await parked()

    async with running(publisher(database, kafka_bootstrap, topic)):
        async with running(projector(database, kafka_bootstrap, topic, [counting(lambda one: one.sequence == 2)])):
            await wait_until(parked, "acme is parked")
        async with running(projector(database, kafka_bootstrap, topic, check_seconds=60)):
            await wait_until_applied(database)
            # It is told in a statement of its own, after the last event.
            await wait_until(resumed, "acme is parked no longer")
    await connection.close()
    await assert_counting_is_the_fold(database)


async def test_a_topic_that_was_made_anew_loses_nothing(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, [*history("acme", 300), *history("other", 20)])
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    async with running(publisher(database, kafka_bootstrap, topic)):
        async with running(projector(database, kafka_bootstrap, topic)):
            await wait_until_applied(database)
            await admin.delete_topics([topic.name])
            await make_and_count(kafka_bootstrap, topic)
            await write(database, history("acme", 310, first=301))
            await wait_until_applied(database)
        await write(database, history("acme", 320, first=311))
        async with running(projector(database, kafka_bootstrap, topic)):
            await wait_until_applied(database)
    await admin.close()
    await assert_counting_is_the_fold(database)


async def test_a_lost_database_connection_is_opened_again(database: str, kafka_bootstrap: str):
    topic = a_topic()
    await write(database, history("acme", 5))
    connection = await asyncpg.connect(database)
    async with (
        running(publisher(database, kafka_bootstrap, topic)),
        running(projector(database, kafka_bootstrap, topic)),
    ):
        await wait_until_applied(database)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'okr projector' AND datname = current_database()"
        )
        await write(database, history("acme", 9, first=6))
        await wait_until_applied(database)
    await connection.close()
    await assert_counting_is_the_fold(database)


async def test_a_second_projector_joins_under_load_and_leaves_again(database: str, kafka_bootstrap: str):
    topic = a_topic()
    organisations = [f"org{n}" for n in range(12)]

    async def load(first: int, last: int) -> None:
        for sequence in range(first, last, 10):
            for organisation in organisations:
                await write(database, history(organisation, sequence + 9, first=sequence))

    connection = await asyncpg.connect(database)

    async def halves() -> bool:
        rows = await connection.fetch(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'okr projector'"
            " AND datname = current_database()"
        )
        return rows[0][0] == 2

    async with (
        running(publisher(database, kafka_bootstrap, topic)),
        running(projector(database, kafka_bootstrap, topic, instance="one", check_seconds=60)),
    ):
        await load(1, 51)
        loading = asyncio.create_task(load(51, 201))
        async with running(projector(database, kafka_bootstrap, topic, instance="two", check_seconds=60)):
            await wait_until(halves, "the second one is there")
            await loading
            await wait_until_applied(database)
    await connection.close()
    await assert_counting_is_the_fold(database)
