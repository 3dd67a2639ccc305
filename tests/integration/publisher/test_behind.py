"""What a look at the ledger finds: all that became due since the last one, and nothing twice."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest_asyncio

from services.chassis.partitions import partition_of
from services.publisher.behind import Behind
from services.publisher.main import connect_as_publisher
from tests.ledger_writer import write
from tests.pipeline import PARTITIONS, history

TOPIC = "any"
HELD = dict.fromkeys(range(PARTITIONS), 1)


@pytest_asyncio.fixture(loop_scope="session")
async def connection(database: str) -> AsyncGenerator[asyncpg.Connection]:
    opened = await connect_as_publisher(database)
    yield opened
    opened.terminate()


@pytest_asyncio.fixture(loop_scope="session")
async def writer(database: str) -> AsyncGenerator[asyncpg.Connection]:
    """Whoever moves heads, in a transaction of its own."""
    opened = await asyncpg.connect(database)
    yield opened
    opened.terminate()


def due(behind: Behind) -> dict[str, int]:
    """Organisation → the sequence to go on after; nothing of it is under way afterwards."""
    found: dict[str, int] = {}
    for partition in behind.partitions({}):
        turn = behind.turn(partition, 1_000, {})
        behind.reached(partition, turn, {})
        found |= turn
    return found


def published(behind: Behind, organisation: str, sequence: int) -> None:
    partition = partition_of(organisation, PARTITIONS)
    turn = behind.turn(partition, 1_000, {})
    behind.reached(partition, turn, {organisation: sequence})


async def test_a_look_finds_what_became_due_since_the_last_one(database: str, connection: asyncpg.Connection):
    behind = Behind(TOPIC, PARTITIONS)
    await write(database, [*history("acme", 2), *history("other", 1)])
    await behind.look(connection, HELD)
    assert due(behind) == {"acme": 0, "other": 0}
    published(behind, "acme", 2)
    published(behind, "other", 1)
    await behind.look(connection, HELD)
    assert due(behind) == {}
    await write(database, [*history("acme", 3, first=3), *history("newcomer", 1)])
    await connection.execute("INSERT INTO ledger.published VALUES ($1, 'acme', 1, 2), ($1, 'other', 1, 1)", TOPIC)
    await behind.look(connection, HELD)
    assert due(behind) == {"acme": 2, "newcomer": 0}
    assert behind.events() == 2


async def test_a_transaction_that_began_before_a_look_and_ended_after_it_is_not_missed(
    database: str, connection: asyncpg.Connection, writer: asyncpg.Connection
):
    behind = Behind(TOPIC, PARTITIONS)
    await write(database, [*history("slow", 1), *history("quick", 1)])
    await connection.execute("INSERT INTO ledger.published VALUES ($1, 'slow', 1, 1), ($1, 'quick', 1, 1)", TOPIC)
    slow = writer.transaction()
    await slow.start()
    await writer.execute("UPDATE ledger.heads SET sequence = 2 WHERE organisation = 'slow'")
    # Another one begins later and ends first: its number is higher than that of the one still open.
    await write(database, history("quick", 2, first=2))
    await behind.look(connection, HELD)
    assert due(behind) == {"quick": 1}
    await behind.look(connection, HELD)
    await slow.commit()
    await behind.look(connection, HELD)
    assert due(behind) == {"slow": 1, "quick": 1}


async def test_a_lease_of_another_epoch_makes_a_look_read_all_heads(database: str, connection: asyncpg.Connection):
    behind = Behind(TOPIC, PARTITIONS)
    await write(database, history("acme", 3))
    await behind.look(connection, HELD)
    published(behind, "acme", 3)
    # Nothing was moved in the table: as if another publisher, or a crash of the database, had stepped it back.
    await behind.look(connection, HELD)
    assert due(behind) == {}
    await behind.look(connection, {**HELD, partition_of("acme", PARTITIONS): 2})
    assert due(behind) == {"acme": 0}


async def test_partitions_that_are_not_held_are_left_to_others(database: str, connection: asyncpg.Connection):
    behind = Behind(TOPIC, PARTITIONS)
    await write(database, history("acme", 1))
    await behind.look(connection, {(partition_of("acme", PARTITIONS) + 1) % PARTITIONS: 1})
    assert due(behind) == {}


async def test_a_look_does_not_move_what_is_under_way(database: str, connection: asyncpg.Connection):
    behind = Behind(TOPIC, PARTITIONS)
    partition = partition_of("acme", PARTITIONS)
    await write(database, history("acme", 2))
    await behind.look(connection, HELD)
    turn = behind.turn(partition, 1_000, {})
    await write(database, history("acme", 3, first=3))
    await behind.look(connection, HELD)
    behind.reached(partition, turn, {"acme": 2})
    assert due(behind) == {"acme": 2}


async def test_heads_of_a_ledger_that_was_copied_from_another_server_are_not_read_at_each_look(
    database: str, connection: asyncpg.Connection, writer: asyncpg.Connection
):
    await write(database, [*history("acme", 2), *history("other", 1)])
    # As a dump brings them: the numbers are those of a server that was used for longer.
    await writer.execute("ALTER TABLE ledger.heads DISABLE TRIGGER USER")
    await writer.execute("UPDATE ledger.heads SET changed = changed + 1000000000")
    await writer.execute("ALTER TABLE ledger.heads ENABLE TRIGGER USER")
    behind = Behind(TOPIC, PARTITIONS)
    await behind.look(connection, HELD)
    assert due(behind) == {"acme": 0, "other": 0}
    seen = await connection.fetchval("SELECT pg_current_snapshot()::text")
    changed = "SELECT organisation FROM ledger.heads_changed_since($1::text::pg_snapshot)"
    assert await connection.fetch(changed, seen) == []
    await write(database, history("acme", 3, first=3))
    assert [row["organisation"] for row in await connection.fetch(changed, seen)] == ["acme"]


async def test_updates_of_heads_stay_in_their_page(database: str, writer: asyncpg.Connection):
    await write(database, history("acme", 1))
    async with writer.transaction():
        await writer.execute("UPDATE ledger.heads SET sequence = sequence + 1")
        counts = await writer.fetchrow(
            "SELECT pg_stat_get_xact_tuples_updated('ledger.heads'::regclass),"
            " pg_stat_get_xact_tuples_hot_updated('ledger.heads'::regclass)"
        )
    assert tuple(counts or ()) == (1, 1)
