"""A reader with the small organisation's history in the ledger and in all read models."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from okr_contracts.commands import Command, CorrectCheckIn, LinkAlignment, RecordCheckIn
from okr_contracts.envelope import Recorded
from services.ledger.store import VaultEntry
from tests.given import NOON, History
from tests.histories import accepted
from tests.integration.query.reader import Reader, reader
from tests.ledger_writer import write_and_project


@dataclass(frozen=True)
class Told:
    """A reader, and what was written before it asks."""

    reader: Reader
    history: History
    recorded: list[Recorded]
    url: str

    @property
    def head(self) -> int:
        return len(self.recorded)


def story() -> History:
    """A check-in at noon, corrected an hour later; links that make a small tree."""
    links: list[Command] = [
        LinkAlignment.model_validate({"child_id": child, "parent": {"kind": "objective", "id": above}})
        for child, above in (("o0", "o1"), ("o1", "o3"), ("o2", "o3"))
    ]
    history = accepted(links)
    history.accept(
        RecordCheckIn.model_validate({"check_in_id": "c", "key_result_id": "k1", "value": "42", "narrative": "So far"})
    )
    history.now = NOON + timedelta(hours=1)
    history.accept(CorrectCheckIn.model_validate({"check_in_id": "c", "value": "40.0", "reason": "counted twice"}))
    return history


@asynccontextmanager
async def telling(url: str, folder: Path) -> AsyncGenerator[Told]:
    history = story()
    vault = [VaultEntry("p-ada", "Ada", "ada@example.org"), VaultEntry("p-ben", "Ben", "ben@example.org")]
    await write_and_project(url, history.recorded, vault)
    async with reader(url, folder) as asking:
        yield Told(asking, history, history.recorded, url)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Told]:
    """What the tests of one module read; none of them writes."""
    async with telling(module_database, tmp_path_factory.mktemp("key")) as telling_all:
        yield telling_all


@pytest_asyncio.fixture(loop_scope="session")
async def told_alone(database: str, tmp_path: Path) -> AsyncGenerator[Told]:
    """For a test that writes more, or stops what is running."""
    async with telling(database, tmp_path) as telling_one:
        yield telling_one
