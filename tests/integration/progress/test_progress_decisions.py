"""What is decided about a key result after it was made, and what that does to its numbers and those above."""

from collections.abc import AsyncGenerator
from datetime import date
from decimal import Decimal

import asyncpg
import pytest_asyncio

from okr_contracts.commands import Command, RedefineKeyResult, SetPhasedTargets
from okr_contracts.fields import PhasedTarget
from okr_rules import Node, plain
from projections.progress.as_of import Moment, standings
from tests.given import NOON, ORGANISATION, given
from tests.integration.progress.read_model import empty, feed
from tests.unit.domain.acme import MEASURED

_K1 = Node("key_result", "k1")
# Nothing is expected before the last day.
_LATE = SetPhasedTargets(
    key_result_id="k1",
    phased_targets=(PhasedTarget(on=date(2026, 6, 29), value=Decimal(0)),),
    reason="all at the end",
)
_TWICE = RedefineKeyResult(key_result_id="k1", target=Decimal(200), reason="twice the market")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connection(module_database: str) -> AsyncGenerator[asyncpg.Connection]:
    opened = await asyncpg.connect(module_database)
    yield opened
    await opened.close()


async def _expected_today(connection: asyncpg.Connection, *commands: Command) -> str:
    history = given(MEASURED, commands).history()
    await empty(connection)
    await feed(connection, history.recorded)
    found = await standings(connection, ORGANISATION, Moment(NOON.date(), len(history.recorded)), [_K1])
    return plain(found.nodes[_K1].expected)


async def test_phased_targets_lapse_with_a_redefinition_that_gives_none(connection: asyncpg.Connection) -> None:
    straight = "0.023810"
    assert await _expected_today(connection) == straight
    assert await _expected_today(connection, _LATE) == "0.000000"
    assert await _expected_today(connection, _LATE, _TWICE) == straight
    again = _TWICE.model_copy(update={"phased_targets": _LATE.phased_targets})
    assert await _expected_today(connection, _LATE, again) == "0.000000"
