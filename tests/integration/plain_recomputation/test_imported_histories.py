"""Histories whose days do not run with their sequences, as imports write them: every answer is the plain one."""

import json
from collections.abc import AsyncGenerator, Sequence
from datetime import date, timedelta

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okr_contracts.envelope import Recorded, encode
from okr_rules import plain
from projections.progress.as_of import Moment, standings
from projections.progress.graph import RunsInACircle
from services.query.event_json import event_json
from tests.given import ORGANISATION, History
from tests.integration.plain_recomputation.imported import DAYS, IMPORTED_HISTORIES, TODAY
from tests.integration.progress.read_model import empty, feed
from tests.plain_recomputation import Circle, NodeKey, recompute, shown

Figures = dict[NodeKey, tuple[object, ...]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connection(module_database: str) -> AsyncGenerator[asyncpg.Connection]:
    opened = await asyncpg.connect(module_database)
    yield opened
    await opened.close()


async def answered(connection: asyncpg.Connection, on: date, known_at: int, *, from_values: bool) -> Figures:
    found = await standings(connection, ORGANISATION, Moment(on, known_at), None, from_values=from_values)
    return {
        node: (
            plain(standing.numbers.progress),
            None if standing.numbers.raw is None else plain(standing.numbers.raw),
            plain(standing.numbers.measured),
            plain(standing.numbers.computed),
            plain(standing.expected),
            standing.status,
            standing.numbers.no_inputs,
            # Where numbers are materialised, values are read only when they are asked for.
            (standing.value.value, standing.value.cites) if standing.value and from_values else None,
        )
        for node, standing in found.nodes.items()
    }


def recomputed(events: Sequence[Recorded], on: date, known_at: int, *, values: bool) -> Figures:
    as_json = [json.loads(event_json(exact.entry, exact.data, exact.text)) for exact in map(encode, events)]
    return {
        key: (
            shown(node.progress),
            shown(node.raw),
            shown(node.measured),
            shown(node.computed),
            shown(node.expected),
            node.status,
            node.no_inputs,
            (node.value.value, node.value.rests_on) if node.value and values else None,
        )
        for key, node in recompute(as_json, on, known_at).items()
    }


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(IMPORTED_HISTORIES, st.data())
async def test_every_answer_about_an_import_equals_the_plain_recomputation(
    connection: asyncpg.Connection, history: History, data: st.DataObject
) -> None:
    await empty(connection)
    await feed(connection, history.recorded)
    for _ in range(4):
        on = data.draw(DAYS | st.just(TODAY) | st.just(TODAY + timedelta(days=60)), label="effective_on")
        known_at = data.draw(st.integers(0, len(history.recorded)), label="known_at")
        from_values = data.draw(st.booleans(), label="from_values")
        try:
            plainly = recomputed(history.recorded, on, known_at, values=from_values)
        except Circle:
            with pytest.raises(RunsInACircle):
                await answered(connection, on, known_at, from_values=from_values)
            continue
        assert await answered(connection, on, known_at, from_values=from_values) == plainly
