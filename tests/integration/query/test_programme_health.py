"""The figures of programme health, each with the list behind it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from projections.programme_health.figure import FIGURES
from tests.given import given
from tests.integration.query.reader import Reader, reader
from tests.ledger_writer import write_and_project
from tests.unit.domain.acme import MEASURED

STORY = given(MEASURED).history()


@pytest_asyncio.fixture
async def asked(database: str, tmp_path: Path) -> AsyncGenerator[Reader]:
    await write_and_project(database, STORY.recorded)
    async with reader(database, tmp_path) as made:
        yield made


async def test_every_figure(asked: Reader) -> None:
    import json

    for name in FIGURES:
        answer = await asked.get(f"programme-health/{name}", by="department")
        print(json.dumps(answer))
        print(await asked.bearing(roles=["auditor"]).pages(f"programme-health/{name}/list"))
    assert 0
