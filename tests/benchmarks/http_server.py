"""
The ledger service in a process of its own, or the same routes with nothing behind them.

``python -m tests.benchmarks.http_server ledger|nothing PORT URL KEY`` serves until it is told to stop.
"""

import sys
from pathlib import Path
from typing import Final, cast

from starlette.applications import Starlette

from services.chassis import auth, health, logging, postgres, problems
from services.chassis.limits import Limited
from services.chassis.process import run_until_signal, settle
from services.chassis.serve import listen, serve
from services.ledger import main as ledger_service
from services.ledger.api import CommandApi, body_limit
from services.ledger.ledger import Ledger
from services.ledger.meanings import MEANINGS
from services.ledger.replies import Replies
from services.ledger.request import Reply, Request
from services.ledger.settings import LedgerSettings

CANNED: Final = Reply.stored(
    b'{"command_id":"1-12-3456","events":[{"sequence":123456,"subject":"check-ins/0123456789abcdef01234567",'
    b'"type":"CheckInRecorded","version":1}],"sequence":123456}'
)


class Nothing:
    """In the place of a ledger: a reply of the usual size to every command, at once."""

    async def answer(self, request: Request) -> Reply:
        """The same for every request."""
        return CANNED


async def with_nothing_behind(settings: LedgerSettings) -> None:
    """The routes of the ledger service, put together as `services.ledger.main.run` does it."""
    verifier = auth.verifier(settings)
    listening = listen(settings.http_host, settings.http_port)
    async with postgres.pool(settings.database_url, "okr_ledger") as connections:
        commands = CommandApi(cast("Ledger", Nothing()), Replies(connections, []), verifier.identify)
        app = Starlette(
            routes=[
                *commands.routes(),
                *health.routes({"database": commands.replies.alive}),
                problems.page(MEANINGS),
            ],
            exception_handlers=problems.exception_handlers(),
        )
        settle()
        await serve(Limited(app, body_limit), listening)


if __name__ == "__main__":
    _, behind, on_port, at_url, with_key = sys.argv
    given = LedgerSettings(
        database_url=at_url, token_key_file=Path(with_key), http_port=int(on_port), log_level="WARNING"
    )
    logging.configure(level=given.log_level)
    run_until_signal(ledger_service.run(given, []) if behind == "ledger" else with_nothing_behind(given))
