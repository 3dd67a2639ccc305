"""However the events arrive, the rows are the same."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.given import History
from tests.integration.progress.busy import HISTORIES
from tests.integration.progress.read_model import contents, empty, feed

_FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connection(module_database: str) -> AsyncGenerator[asyncpg.Connection]:
    opened = await asyncpg.connect(module_database)
    yield opened
    await opened.close()


@_FEW
@given(HISTORIES, st.lists(st.integers(1, 12), max_size=30))
async def test_one_by_one_in_batches_and_in_one_go_make_the_same_rows(
    connection: asyncpg.Connection, history: History, sizes: list[int]
) -> None:
    await empty(connection)
    await feed(connection, history.recorded)
    in_one_go = await contents(connection)
    for pieces in (sizes, [1] * len(history.recorded)):
        await empty(connection)
        await feed(connection, history.recorded, pieces)
        assert await contents(connection) == in_one_go
