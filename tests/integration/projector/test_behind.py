"""What a look at the heads finds behind in a read model."""

import asyncpg

from services.projector.behind import Heads
from services.projector.main import connect_as_projector
from tests.ledger_writer import project, write
from tests.pipeline import counting, history, make_counting_tables


async def behind(heads: Heads, connection: asyncpg.Connection) -> dict[str, int]:
    return {one.organisation: one.lag_events for one in await heads.behind(connection)}


async def test_who_was_behind_is_looked_at_again_until_it_is_not(database: str):
    await make_counting_tables(database)
    connection = await connect_as_projector(database)
    heads = Heads("counting")
    await write(database, [*history("acme", 2), *history("other", 1)])
    await project(database, history("other", 1), [counting()])
    assert await behind(heads, connection) == {"acme": 2}
    # Its head did not change meanwhile.
    assert await behind(heads, connection) == {"acme": 2}
    await write(database, history("other", 2, first=2))
    assert await behind(heads, connection) == {"acme": 2, "other": 1}
    await project(database, [*history("acme", 2), *history("other", 2, first=2)], [counting()])
    assert await behind(heads, connection) == {}
    connection.terminate()


async def test_another_connection_makes_a_look_read_all_heads(database: str):
    await make_counting_tables(database)
    connection, another = await connect_as_projector(database), await connect_as_projector(database)
    heads = Heads("counting")
    await write(database, history("acme", 1))
    await project(database, history("acme", 1), [counting()])
    assert await behind(heads, connection) == {}
    administrator = await asyncpg.connect(database)
    # As a crash of the database may: rows and positions are committed asynchronously.
    await administrator.execute("DELETE FROM projections.positions")
    await administrator.close()
    assert await behind(heads, another) == {"acme": 1}
    connection.terminate()
    another.terminate()
