"""The servers that tests run against: one PostgreSQL and one Apache Kafka a session, started when asked for."""

import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from services.chassis.embedded import EmbeddedKafka, EmbeddedPostgres
from services.cli.migrate import migrate_database

# Without fsync a commit survives a killed process, not a power cut: enough for all tests but those about durability.
FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
_TEMPLATE = "okr_template"
_numbers = count(1)


def at(url: str, database: str) -> str:
    """*url* with the name of another *database*."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@asynccontextmanager
async def fresh_database(postgres_url: str, template: str = _TEMPLATE) -> AsyncGenerator[str]:
    """The URL of a new database, a copy of *template*, dropped at the end whoever is still connected."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await _administer(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield at(postgres_url, name)
    finally:
        await _administer(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def server_folder() -> Generator[Path]:
    """A folder that the unprivileged user of PostgreSQL may enter, as pytest's own may not be."""
    folder = Path(tempfile.mkdtemp(prefix="okr-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def embedded_postgres(server_folder: Path) -> AsyncGenerator[EmbeddedPostgres]:
    async with EmbeddedPostgres(server_folder / "postgres", settings=FAST) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def embedded_kafka(server_folder: Path) -> AsyncGenerator[EmbeddedKafka]:
    async with EmbeddedKafka(server_folder / "kafka") as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(embedded_postgres: EmbeddedPostgres) -> str:
    """The session's PostgreSQL, as superuser, at a database that is not migrated."""
    return embedded_postgres.url()


@pytest.fixture(scope="session")
def kafka_bootstrap(embedded_kafka: EmbeddedKafka) -> str:
    """The session's Apache Kafka; topics are shared, so a test takes names of its own."""
    return embedded_kafka.bootstrap


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_template(postgres_url: str) -> str:
    """The name of a database that was migrated once and is copied for each test."""
    await _administer(postgres_url, f'CREATE DATABASE "{_TEMPLATE}"')
    await migrate_database(at(postgres_url, _TEMPLATE))
    return _TEMPLATE


@pytest_asyncio.fixture(loop_scope="session")
async def database(postgres_url: str, migrated_template: str) -> AsyncGenerator[str]:
    """The URL of a migrated, empty database for this test alone, as superuser."""
    async with fresh_database(postgres_url, migrated_template) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_database(postgres_url: str, migrated_template: str) -> AsyncGenerator[str]:
    """The URL of a migrated, empty database that the tests of one module share, as superuser."""
    async with fresh_database(postgres_url, migrated_template) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def empty_database(postgres_url: str) -> AsyncGenerator[str]:
    """The URL of a database without any of our tables, for this test alone."""
    async with fresh_database(postgres_url, "template0") as url:
        yield url


async def _administer(postgres_url: str, statement: str) -> None:
    connection = await asyncpg.connect(at(postgres_url, "postgres"), timeout=10, command_timeout=60)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
