"""All that the ledger service is made of."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import structlog
from starlette.applications import Starlette

from services.chassis import auth, health, postgres, problems
from services.chassis.auth import Verifier
from services.chassis.limits import Limited
from services.chassis.process import settle
from services.chassis.serve import listen, serve
from services.ledger.api import CommandApi, body_limit
from services.ledger.lane import Lane
from services.ledger.ledger import Ledger
from services.ledger.meanings import MEANINGS
from services.ledger.readers import refuse_old_readers
from services.ledger.replies import Replies
from services.ledger.settings import LedgerSettings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_LOOKUP_CONNECTIONS = 4


async def run(settings: LedgerSettings, read_models: Sequence[str]) -> None:
    """
    Serve commands until cancelled.

    *read_models* are the names of those that ``Prefer: wait`` waits for. Raises SettingsError where tokens cannot be
    verified, PortTaken where somebody else listens, ReadersTooOld where a projector could not read what would be
    written.
    """
    verifier = auth.verifier(settings)
    listening = listen(settings.http_host, settings.http_port)
    await refuse_old_readers(settings.database_url)
    async with api(settings, verifier, read_models) as commands:
        app = Starlette(
            routes=[
                *commands.routes(),
                *health.routes({"database": commands.replies.alive}),
                problems.page(MEANINGS),
            ],
            exception_handlers=problems.exception_handlers(),
        )
        settle()
        log.info("ledger_started", port=listening.getsockname()[1], lanes=settings.lanes)
        await serve(Limited(app, body_limit), listening)


@asynccontextmanager
async def api(
    settings: LedgerSettings,
    verifier: Verifier,
    read_models: Sequence[str],
    *,
    on_append: Callable[[], None] = lambda: None,
) -> AsyncGenerator[CommandApi]:
    """The command routes over running lanes; *on_append* is called after each commit that added events."""
    async with (
        postgres.pool(
            settings.database_url, "okr_ledger", application="okr ledger", size=_LOOKUP_CONNECTIONS
        ) as connections,
        asyncio.TaskGroup() as tasks,
    ):
        lanes = [
            Lane(
                partial(postgres.connect, settings.database_url, "okr_ledger", application="okr ledger lane"),
                group_limit=settings.group_limit,
                queue_limit=settings.queue_limit,
                cached_subjects=settings.cached_subjects,
                now=lambda: datetime.now(UTC),
                on_append=on_append,
            )
            for _ in range(settings.lanes)
        ]
        running = [tasks.create_task(lane.run(), name="lane") for lane in lanes]
        yield CommandApi(Ledger(lanes), Replies(connections, read_models), verifier.identify)
        for task in running:
            task.cancel()
