"""Positions move by compare-and-set and say their lag; a read model that differs from the ledger is found out."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import asyncpg
import pytest

from projections.positions import START, Move, Position, PositionMoved, advance, list_positions, read_positions
from projections.verify import Difference, verify
from services.chassis import postgres
from tests.ledger_writer import project, write
from tests.pipeline import counting, history, make_counting_tables

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def connection(database: str) -> AsyncGenerator[asyncpg.Connection]:
    await make_counting_tables(database)
    await write(database, [*history("acme", 5), *history("other", 3)])
    connected = await asyncpg.connect(database)
    yield connected
    await connected.close()


def move(organisation: str, start: Position, end: int) -> Move:
    return Move(organisation, start, Position(1, end), NOW)


async def test_all_moves_or_none(connection: asyncpg.Connection):
    await advance(connection, "counting", [move("acme", START, 2)])
    with pytest.raises(PositionMoved) as refused:
        async with connection.transaction():
            await advance(connection, "counting", [move("acme", Position(1, 1), 3), move("other", START, 3)])
    assert refused.value.organisations == {"acme"}
    assert await read_positions(connection, "counting", ["acme", "other"]) == {"acme": Position(1, 2), "other": START}


async def test_a_position_begins_once(connection: asyncpg.Connection):
    await advance(connection, "counting", [move("acme", START, 2)])
    with pytest.raises(PositionMoved):
        await advance(connection, "counting", [move("acme", START, 2)])


async def test_no_position_moves_beyond_the_ledger(connection: asyncpg.Connection):
    with pytest.raises(PositionMoved):
        await advance(connection, "counting", [move("acme", START, 6)])
    with pytest.raises(PositionMoved):
        await advance(connection, "counting", [move("nobody", START, 1)])


async def test_after_a_restore_no_position_moves_to_an_event_that_was_lost(connection: asyncpg.Connection):
    await connection.execute("UPDATE ledger.heads SET epoch = 2, sequence = 9 WHERE organisation = 'acme'")
    with pytest.raises(PositionMoved):
        await advance(connection, "counting", [move("acme", START, 6)])
    # The events that were restored are those of the first epoch.
    await advance(connection, "counting", [move("acme", START, 5)])
    await advance(connection, "counting", [Move("acme", Position(1, 5), Position(2, 6), NOW)])


async def test_the_lag_is_that_of_the_first_event_not_applied(connection: asyncpg.Connection):
    await advance(connection, "counting", [move("acme", START, 5), move("other", START, 1)])
    acme, other = await list_positions(connection, ["counting"])
    assert (acme.head, acme.sequence, acme.lag_events, acme.lag_seconds) == (5, 5, 0, 0)
    recorded = history("other", 2, first=2)[0].recorded_at
    assert (other.head, other.sequence, other.lag_events) == (3, 1, 2)
    assert abs(other.lag_seconds - (datetime.now(UTC) - recorded).total_seconds()) < 60


async def test_a_read_model_that_saw_nothing_is_listed_too(connection: asyncpg.Connection):
    (only,) = await list_positions(connection, ["counting"], "acme")
    assert (only.organisation, only.sequence, only.recorded_at, only.lag_events) == ("acme", 0, None, 5)


async def test_the_query_role_sees_its_organisation_only(connection: asyncpg.Connection, database: str):
    asking = await postgres.connect(database, "okr_query")
    async with asking.transaction():
        await asking.execute("SELECT set_config('okr.organisation', 'other', true)")
        assert [one.organisation for one in await list_positions(asking, ["counting"])] == ["other"]
    assert await list_positions(asking, ["counting"]) == []
    await asking.close()


async def test_a_read_model_that_is_the_fold_agrees(connection: asyncpg.Connection, database: str):
    await project(database, [*history("acme", 4), *history("other", 3)], [counting()])
    verification = await verify(connection, counting())
    assert verification.agrees
    assert (verification.events, verification.tables, verification.rows) == (7, 2, 9)


@pytest.mark.parametrize(
    ("tampering", "difference"),
    [
        ("DELETE FROM counting.events WHERE sequence = 2", Difference("events", 0, 2, ("acme", "other"))),
        ("INSERT INTO counting.events VALUES ('acme', 9, 'units/u9')", Difference("events", 1, 0, ("acme",))),
        ("UPDATE counting.totals SET events = 9 WHERE organisation = 'acme'", Difference("totals", 1, 1, ("acme",))),
    ],
)
async def test_a_row_that_differs_is_found(
    connection: asyncpg.Connection, database: str, tampering: str, difference: Difference
):
    await project(database, [*history("acme", 4), *history("other", 3)], [counting()])
    await connection.execute(tampering)
    assert (await verify(connection, counting())).differences == (difference,)
    assert await connection.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = 'counting_verified'") == 0
