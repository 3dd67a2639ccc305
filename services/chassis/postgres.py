"""Connections to PostgreSQL: with a role, with time limits, and waited for."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import structlog
from prometheus_client import Gauge

from services.chassis.patience import Patience
from services.chassis.seldom import Seldom

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0

LOST: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    # asyncpg's own state machine trips where the server ends a connection between two messages of ours.
    asyncpg.InternalClientError,
)
"""What an operation raises whose connection was lost or stood still: its outcome is unknown, and it takes a new one."""

UNAVAILABLE: Final = (*LOST, asyncpg.InsufficientResourcesError)
"""What passes by itself, or when an operator makes room: a reader is told to come again."""

_OPEN: Final = Gauge("okr_database_pool_connections", "Connections that a pool has open.", ["pool"])
_IDLE: Final = Gauge("okr_database_pool_idle_connections", "Those that nobody uses at this moment.", ["pool"])
_MOST: Final = Gauge("okr_database_pool_limit_connections", "Most connections that a pool opens.", ["pool"])

# What passes by itself: the server is away, starting, stopping or full. All else (a wrong password, no such database)
# stays wrong however long one waits.
_PASSING = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ConnectionDoesNotExistError,
)


async def connect(
    url: str, role: str | None = None, *, application: str = "okr", command_seconds: float | None = COMMAND_SECONDS
) -> asyncpg.Connection:
    """
    A connection to *url* that acts as *role*; one attempt.

    A statement that takes longer than *command_seconds* raises TimeoutError; None: no limit. Raises what asyncpg and
    the socket raise if it cannot be opened, TimeoutError after ten seconds.
    """
    return await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS,
        command_timeout=command_seconds,
        server_settings=_server_settings(role, application),
    )


@asynccontextmanager
async def pool(
    url: str,
    role: str | None = None,
    *,
    application: str = "okr",
    size: int = 8,
    command_seconds: float | None = COMMAND_SECONDS,
) -> AsyncGenerator[asyncpg.Pool]:
    """At most *size* connections to *url* that act as *role*, closed at the end; waits for the database first."""
    await wait_for_database(url, role)
    async with asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=command_seconds,
        server_settings=_server_settings(role, application),
    ) as connections:
        _measure(connections, application)
        yield connections


async def wait_for_database(url: str, role: str | None = None) -> None:
    """
    Returns once the database at *url* answers a query as *role*, however long that takes.

    A missing role is waited for as well: the migration that makes it may be running. Raises what asyncpg raises if
    waiting cannot help, such as for a wrong password.
    """
    patience = Patience()
    seldom = Seldom(log)
    while True:
        try:
            await _ask(url, role)
        except asyncpg.InvalidParameterValueError:
            if role is None:
                raise
            seldom.warning("database_not_migrated", database=place(url), role=role, fix="run okr migrate")
        except _PASSING as error:
            seldom.warning("database_not_reached", database=place(url), cause=type(error).__name__)
        else:
            return
        await patience.wait()


def _measure(connections: asyncpg.Pool, name: str) -> None:
    _OPEN.labels(name).set_function(connections.get_size)
    _IDLE.labels(name).set_function(connections.get_idle_size)
    _MOST.labels(name).set(connections.get_max_size())


def place(url: str) -> str:
    """Where *url* points to, without the user and the password: fit for a log."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 5432}{parts.path}"


async def _ask(url: str, role: str | None) -> None:
    connection = await connect(url, role, application="okr waiting", command_seconds=CONNECT_SECONDS)
    try:
        await connection.fetchval("SELECT 1")
    finally:
        connection.terminate()


def _server_settings(role: str | None, application: str) -> dict[str, str]:
    # Compiling a statement pays off for reports; ours are short, and a wrong estimate would cost them 100 ms.
    settings = {"application_name": application, "timezone": "UTC", "jit": "off"}
    return settings if role is None else {**settings, "role": role}
