"""The query service over HTTP, from a pool and a verifier."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import asyncpg
from starlette.applications import Starlette
from starlette.routing import Route

from services.chassis import problems
from services.chassis.auth import Verifier
from services.query import refusals
from services.query.frame import Frame
from services.query.routes import QUERIES
from services.query.stream import EventStream


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def query_routes(
    pool: asyncpg.Pool,
    verifier: Verifier,
    *,
    now: Callable[[], datetime] = utc_now,
    stopping: asyncio.Event | None = None,
    heartbeat_seconds: float = 15.0,
) -> list[Route]:
    """
    The routes of all queries, to be served alone or beside those of the ledger.

    *pool* connects as okr_query. Refusals are raised as Problem: the application needs ``problems.exception_handlers``.
    *stopping* ends the streams of events when it is set.
    """
    frame = Frame(pool, verifier, now)
    stream = EventStream(pool, verifier, heartbeat_seconds, stopping=stopping or asyncio.Event())
    return [stream.route(), *(frame.route(query) for query in QUERIES)]


def query_api(
    pool: asyncpg.Pool,
    verifier: Verifier,
    *,
    now: Callable[[], datetime] = utc_now,
    stopping: asyncio.Event | None = None,
    heartbeat_seconds: float = 15.0,
    beside: list[Route] | None = None,
) -> Starlette:
    """The application of the query service; *beside* are further routes, such as those of health."""
    routes = query_routes(pool, verifier, now=now, stopping=stopping, heartbeat_seconds=heartbeat_seconds)
    return Starlette(
        routes=[*routes, *(beside or []), problems.page(refusals.MEANINGS)],
        exception_handlers=problems.exception_handlers(),
    )
