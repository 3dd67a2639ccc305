import asyncio
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from services.chassis import postgres
from services.chassis.embedded import EmbeddedPostgres, ports
from tests.servers import at


@pytest.fixture
def folder() -> Generator[Path]:
    made = Path(tempfile.mkdtemp(prefix="okr-chassis-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


async def execute(url: str, statement: str) -> None:
    connection = await postgres.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_database_that_is_down_is_waited_for(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres", ports.choose(0, "a test"))
    with capture_logs() as lines:
        waiting = asyncio.create_task(postgres.wait_for_database(server.url("postgres")))
        async with server, asyncio.timeout(10):
            await waiting
    assert [line["event"] for line in lines] == ["database_not_reached"], "said once, not at every attempt"
    assert lines[0]["database"] == f"127.0.0.1:{server.port}/postgres"


async def test_a_role_that_a_migration_is_about_to_make_is_waited_for(empty_database: str) -> None:
    with capture_logs() as lines:
        waiting = asyncio.create_task(postgres.wait_for_database(empty_database, "okr_not_yet"))
        async with asyncio.timeout(10):
            while not lines:
                await asyncio.sleep(0.01)
            await execute(empty_database, "CREATE ROLE okr_not_yet NOLOGIN")
            await waiting
    assert lines[0]["event"] == "database_not_migrated"
    await execute(empty_database, "DROP ROLE okr_not_yet")


async def test_what_waiting_cannot_mend_is_raised(postgres_url: str) -> None:
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await postgres.wait_for_database(at(postgres_url, "no_such_database"))


async def test_connections_have_the_role_and_its_limits(empty_database: str) -> None:
    await execute(empty_database, "CREATE ROLE okr_tried NOLOGIN")
    try:
        async with postgres.pool(empty_database, "okr_tried", application="okr tests", size=2) as pool:
            assert await pool.fetchval("SELECT current_user") == "okr_tried"
            assert await pool.fetchval("SELECT current_setting('application_name')") == "okr tests"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute("CREATE TABLE public.numbers (n integer)")
        connection = await postgres.connect(empty_database, command_seconds=0.05)
        with pytest.raises(TimeoutError):
            await connection.execute("SELECT pg_sleep(30)")
        connection.terminate()
    finally:
        await execute(empty_database, "DROP ROLE okr_tried")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://okr:secret@db:5433/okr", "db:5433/okr"),
        ("postgresql://db/okr?password=secret", "db:5432/okr"),
    ],
)
def test_the_place_of_a_database_has_no_password(url: str, place: str) -> None:
    assert postgres.place(url) == place
