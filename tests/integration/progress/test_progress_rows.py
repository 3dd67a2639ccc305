"""However the events arrive, the rows are the same."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okr_contracts.commands import OpenCycle, RecordCheckIn
from okr_contracts.events import CheckInRecorded
from tests.given import History
from tests.integration.progress.busy import HISTORIES
from tests.integration.progress.read_model import contents, empty, feed
from tests.unit.domain.acme import CYCLES, key_result, objective

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


_WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.none(), max_size=8)


@_FEW
@given(_WORDS)
async def test_words_arrive_as_they_were_written(connection: asyncpg.Connection, written: list[str | None]) -> None:
    history = History()
    for command in (*CYCLES, OpenCycle(cycle_id="q2"), objective("o1", "q2"), key_result("k1", "o1")):
        history.accept(command)
    for number, narrative in enumerate((*written, 'a comma, a "quote", a \\ and {braces}\n', "")):
        check_in = RecordCheckIn(check_in_id=f"c{number}", key_result_id="k1", confidence=5, narrative=narrative)
        history.accept(check_in)
    said = [each.event.narrative for each in history.recorded if isinstance(each.event, CheckInRecorded)]
    await empty(connection)
    await feed(connection, history.recorded)
    rows = await connection.fetch("SELECT narrative FROM progress.check_ins ORDER BY sequence")
    assert [row["narrative"] for row in rows] == said
