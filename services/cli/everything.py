"""
Everything in one process: the servers, the schema, every service as a task, one HTTP address.

In production each service is a process of its own; here they share nothing but the database, Kafka and one event that
spares the publisher its poll.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from socket import gethostname, socket
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route

from projections.read_models import READ_MODELS
from services.chassis import auth, health, postgres, problems, serve, settings, tokens
from services.chassis.health import Check
from services.chassis.limits import Limited
from services.chassis.operations import checks_of
from services.chassis.process import settle
from services.cli import documentation, openapi, schemas
from services.cli.connection import ConnectionFile
from services.cli.data_folder import held
from services.cli.migrate import migrate_database
from services.cli.servers import Place, Servers, servers
from services.cli.token import KEY_FILE
from services.ledger import main as ledger
from services.ledger.api import CommandApi, body_limit
from services.ledger.meanings import MEANINGS
from services.ledger.policies import ROLES
from services.ledger.settings import LedgerSettings
from services.projector import main as projector
from services.projector.settings import ProjectorSettings
from services.publisher import main as publisher
from services.publisher.settings import PublisherSettings
from services.query import refusals
from services.query.api import query_routes
from services.query.main import end_streams

HOST: Final = "127.0.0.1"
OPERATOR: Final = "operator"
_NAMES: Final = tuple(model.name for model in READ_MODELS)


@asynccontextmanager
async def everything(place: Place) -> AsyncGenerator[ConnectionFile]:
    """
    Starts everything, and stops it in reverse; ready when this yields, with how to reach it.

    What fails while it runs stops the rest and is raised. Raises Failure, SettingsError or PortTaken where it cannot
    start.
    """
    # The folder and the port first: they are what a person chose, and cheap to try.
    async with held(place.data):
        with serve.listen(HOST, place.port) as listening:
            async with servers(place) as running:
                await migrate_database(running.database_url, after=True)
                told = _settings(place, running)
                async with _services(place, running, told, listening):
                    settle()
                    yield _connection(running, told, listening)


def _connection(running: Servers, told: LedgerSettings, listening: socket) -> ConnectionFile:
    return ConnectionFile(
        url=f"http://{HOST}:{listening.getsockname()[1]}",
        token=tokens.issue_token(told, OPERATOR, tokens.EVERYWHERE, ROLES, kind="service"),
        organisation=None,
        database_url=running.database_url,
        kafka_bootstrap=running.kafka_bootstrap,
    )


def _settings(place: Place, running: Servers) -> LedgerSettings:
    """The environment's settings, and a key in the folder where it names none: tokens survive a restart."""
    key = settings.read(settings.TokenSettings).token_key_file or place.data / KEY_FILE
    tokens.key_at(key)
    return settings.read(LedgerSettings, database_url=running.database_url, token_key_file=key, http_port=place.port)


@asynccontextmanager
async def _services(place: Place, running: Servers, told: LedgerSettings, listening: socket) -> AsyncGenerator[None]:
    """The services as tasks; HTTP starts last and ends first, so that nothing is asked of what is not there."""
    verifier = auth.verifier(told)
    woken, stopping = asyncio.Event(), asyncio.Event()
    shared = _shared(place, running)
    publishing, projecting = settings.read(PublisherSettings, **shared), settings.read(ProjectorSettings, **shared)
    beside = [
        publisher.run(publishing, woken=woken),
        projector.run(projecting),
        *(server.wait_until_dead() for server in running.embedded),
    ]
    async with (
        _tasks(*beside),
        postgres.pool(running.database_url, "okr_query", application="okr query") as connections,
        ledger.api(told, verifier, _NAMES, on_append=woken.set) as commands,
    ):
        queries = query_routes(connections, verifier, stopping=stopping)
        app = Limited(_app(commands, queries, checks_of(told, "okr_ledger", publishing)), body_limit)
        async with _tasks(serve.serve(app, listening), end_streams(stopping)):
            yield


def _shared(place: Place, running: Servers) -> dict[str, str | None]:
    """What publisher and projector are told here beside the environment."""
    home = f"{gethostname()}:{place.data}"
    return {
        "database_url": running.database_url,
        "kafka_bootstrap": running.kafka_bootstrap,
        # One address answers for all of them.
        "operations_port": None,
        # A name that stays lets a restart go on at once, where the lease and the membership of a stranger would have
        # to run out first. Whoever has it holds the folder, so that only one living process does.
        "instance_id": f"okr-up-{hashlib.sha256(home.encode(errors='surrogateescape')).hexdigest()[:12]}",
    }


@asynccontextmanager
async def _tasks(*work: Coroutine[object, object, None]) -> AsyncGenerator[None]:
    """Runs *work* beside the block, and cancels it at the end; one that fails stops the block and is raised."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def _app(commands: CommandApi, queries: list[Route], checks: Mapping[str, Check]) -> Starlette:
    """All routes at one address, under the paths that a proxy gives them in production."""
    routes = [
        *commands.routes(),
        *queries,
        *health.routes(checks),
        problems.page({**MEANINGS, **refusals.MEANINGS}),
        openapi.route(),
        schemas.route(),
        *documentation.routes(),
    ]
    return Starlette(routes=routes, exception_handlers=problems.exception_handlers())
