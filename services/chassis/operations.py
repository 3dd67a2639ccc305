"""`/livez`, `/readyz` and `/metrics` of a process that has no other API."""

import asyncio
from collections.abc import Mapping
from functools import partial

from starlette.applications import Starlette

from services.chassis import health, kafka, postgres, serve
from services.chassis.health import Check
from services.chassis.settings import DatabaseSettings, KafkaSettings, OperationsSettings


async def serve_operations(settings: OperationsSettings, checks: Mapping[str, Check]) -> None:
    """Answer until cancelled, or only wait where no port is set. Raises PortTaken."""
    if settings.operations_port is None:
        await asyncio.Event().wait()
        return
    listening = serve.listen(settings.operations_host, settings.operations_port)
    await serve.serve(Starlette(routes=health.routes(checks)), listening)


def checks_of(database: DatabaseSettings, role: str, broker: KafkaSettings) -> dict[str, Check]:
    """Whether the database answers *role*, and Kafka at all."""
    return {
        "database": partial(_database, database.database_url, role),
        "kafka": partial(broker_answers, broker.kafka_bootstrap),
    }


async def broker_answers(bootstrap: str) -> str | None:
    """Whether Kafka answers at all."""
    return None if await kafka.answers(bootstrap) else "no broker answers"


async def _database(url: str, role: str) -> str | None:
    connection = await postgres.connect(url, role, application="okr ready")
    try:
        await connection.fetchval("SELECT 1")
    finally:
        connection.terminate()
    return None
