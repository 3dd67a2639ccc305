"""Servers of a benchmark's own, as durable as in production: unlike that of the tests, this PostgreSQL has fsync on."""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from services.chassis.embedded import EmbeddedKafka, EmbeddedPostgres
from services.cli.migrate import migrate_database
from tests.servers import at, fresh_database


@asynccontextmanager
async def postgres_server(settings: Mapping[str, str] | None = None) -> AsyncGenerator[str]:
    """The URL of a new server, as superuser, with its standard settings but for *settings*."""
    with _folder() as folder:
        told = {"max_connections": "200", **(settings or {})}
        async with EmbeddedPostgres(folder / "postgres", settings=told) as server:
            yield server.url()


@asynccontextmanager
async def ledger_database(server_url: str) -> AsyncGenerator[str]:
    """The URL of a new, migrated, empty database on a server, as superuser; it is dropped at the end."""
    async with fresh_database(at(server_url, "postgres"), "template0") as url:
        await migrate_database(url)
        yield url


@asynccontextmanager
async def kafka_server() -> AsyncGenerator[str]:
    """The bootstrap address of a new broker."""
    with _folder() as folder:
        async with EmbeddedKafka(folder / "kafka") as server:
            yield server.bootstrap


@contextmanager
def _folder() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="okr-bench-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
