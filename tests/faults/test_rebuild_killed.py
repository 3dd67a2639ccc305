"""A rebuild that is killed at each step is gone on with; and one whose database is killed goes on by itself."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from okr_contracts.envelope import Recorded
from projections.generations import list_generations
from services.chassis.embedded import EmbeddedPostgres
from services.chassis.embedded.failure import EmbeddedServerError
from services.cli.migrate import migrate_database
from services.projector.rebuild import Rebuild
from tests.faults.mortal_rebuild import PAGE_EVENTS
from tests.ledger_writer import project, write
from tests.pipeline import assert_counting_is_the_fold, counting, history, make_counting_tables
from tests.servers import fresh_database

# Two pages of the ledger.
ORGANISATIONS = {"a": 120, "b": 90, "c": 50}
EVENTS = sum(ORGANISATIONS.values())
STEPS = {
    # step, which time: what was kept of the events
    ("rebuild.begun", 1): 0,
    ("rebuild.before_commit", 1): 0,
    ("rebuild.after_commit", 1): PAGE_EVENTS,
    ("rebuild.before_commit", 2): PAGE_EVENTS,
    ("rebuild.after_commit", 2): EVENTS,
    ("rebuild.compared", 1): EVENTS,
    ("rebuild.before_switch", 1): EVENTS,
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def filled(postgres_url: str, migrated_template: str) -> AsyncGenerator[str]:
    """The name of a database to copy: two pages of a ledger, applied."""
    async with fresh_database(postgres_url, migrated_template) as url:
        await fill(url)
        yield url.rpartition("/")[2]


@pytest_asyncio.fixture(loop_scope="session")
async def copy(postgres_url: str, filled: str) -> AsyncGenerator[str]:
    async with fresh_database(postgres_url, filled) as url:
        yield url


async def fill(url: str) -> None:
    await make_counting_tables(url)
    for organisation, last in ORGANISATIONS.items():
        events = history(organisation, last)
        await write(url, events)
        await project(url, events, [counting()])


async def rebuild(database: str, *fault: str) -> tuple[int, list[object] | None]:
    """How the process ended, and what it said of the rebuild."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.mortal_rebuild", database, *fault, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    said = [json.loads(line) for line in output.splitlines() if line.startswith(b"[")]
    return process.returncode, said[0] if said else None


async def events_of(database: str) -> dict[str, tuple[str, int]]:
    connection = await asyncpg.connect(database)
    try:
        listed = await list_generations(connection, ["counting"])
        return {each.generation: (each.state, each.events) for each in listed}
    finally:
        await connection.close()


@pytest.mark.parametrize(("step", "time"), STEPS)
async def test_a_killed_rebuild_is_gone_on_with(copy: str, step: str, time: int):
    kept = STEPS[step, time]
    assert await rebuild(copy, step, str(time)) == (-signal.SIGKILL, None)
    assert await events_of(copy) == {"counting": ("live", EVENTS), "counting_2": ("building", kept)}
    # Commands went on meanwhile, and a new organisation came.
    await write_and_project(copy, history("a", 130, first=121))
    await write_and_project(copy, history("new", 5))

    assert await rebuild(copy) == (0, ["counting_2", True, EVENTS - kept + 15])
    assert await events_of(copy) == {"counting": ("kept", EVENTS + 15), "counting_2": ("live", EVENTS + 15)}
    await assert_counting_is_the_fold(copy)


async def test_killed_after_the_switch_it_is_switched(copy: str):
    assert await rebuild(copy, "rebuild.after_switch") == (-signal.SIGKILL, None)
    assert await events_of(copy) == {"counting": ("kept", EVENTS), "counting_2": ("live", EVENTS)}
    await assert_counting_is_the_fold(copy)
    assert await rebuild(copy) == (0, ["counting_3", True, EVENTS])


async def test_a_rebuild_goes_on_by_itself_after_its_database_was_killed(server_folder: Path):
    server = EmbeddedPostgres(server_folder / "killed under a rebuild")
    async with server:
        await migrate_database(server.url())
        await fill(server.url())
        model = counting()
        applied = 0
        entered, go_on = asyncio.Event(), asyncio.Event()

        async def apply(connection: asyncpg.Connection, schema: str, events: list[Recorded]) -> None:
            nonlocal applied
            applied += 1
            if applied == 2:
                entered.set()
                await go_on.wait()
            await model.apply(connection, schema, events)

        class Waiting:
            """Applies the second page when it is told to."""

            def __init__(self) -> None:
                self.apply = apply
                self.committed = self.forget = lambda: None

        rebuilding = asyncio.create_task(
            Rebuild(replace(model, applier=Waiting), server.url(), page_events=PAGE_EVENTS).run()
        )
        await entered.wait()
        os.killpg(server.pid, signal.SIGKILL)
        with suppress(EmbeddedServerError):
            await server.wait_until_dead()
        go_on.set()
        await server.stop()
        await server.start()
        outcome = await asyncio.wait_for(rebuilding, 60)

        assert (outcome.generation, outcome.switched) == ("counting_2", True)
        await assert_counting_is_the_fold(server.url())


async def write_and_project(url: str, events: list[Recorded]) -> None:
    await write(url, events)
    await project(url, events, [counting()])
