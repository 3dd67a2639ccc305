"""All that the query process is made of."""

import asyncio

import asyncpg

from services.chassis import auth, health, postgres, process, serve
from services.chassis.limits import Limited
from services.query.api import query_api
from services.query.settings import QuerySettings


async def run(settings: QuerySettings) -> None:
    """Answer queries until cancelled."""
    verifier = auth.verifier(settings)
    listening = serve.listen(settings.http_host, settings.http_port)
    stopping = asyncio.Event()
    async with postgres.pool(
        settings.database_url, "okr_query", application="okr query", size=settings.query_connections
    ) as pool:
        app = query_api(
            pool,
            verifier,
            stopping=stopping,
            heartbeat_seconds=settings.heartbeat_seconds,
            beside=health.routes({"database": lambda: _database(pool)}),
        )
        process.settle()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve.serve(Limited(app), listening), name="http")
            tasks.create_task(end_streams(stopping), name="end_streams")


async def end_streams(stopping: asyncio.Event) -> None:
    """Sets *stopping* when cancelled, together with the server: streams of events would outlast its grace."""
    try:
        await asyncio.Event().wait()
    finally:
        stopping.set()


async def _database(pool: asyncpg.Pool) -> str | None:
    await pool.fetchval("SELECT 1")
    return None
