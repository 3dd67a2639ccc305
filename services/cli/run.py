"""`okr run`: one service, a process of its own, told by its environment what it needs."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from services.cli import options, output


class Target(StrEnum):
    """The services that there are."""

    ledger = "ledger"
    publisher = "publisher"
    projector = "projector"
    query = "query"


def run(
    target: Annotated[Target, typer.Argument(help="The service.")],
    as_json: options.Json = False,
) -> None:
    """
    Run one service until it is told to stop; its settings are environment variables, see .env.example.

    Example: OKR_DATABASE_URL=postgresql://okr@db/okr OKR_KAFKA_BOOTSTRAP=kafka:9092 okr run publisher
    """
    with output.failures_shown(as_json):
        from services.chassis import logging, settings
        from services.chassis.process import run_until_signal
        from services.cli import service

        try:
            told = settings.read(settings.LogSettings)
            logging.configure(told.log_format, told.log_level)
            run_until_signal(_become(target, as_json))
        except service.ENDS as error:
            raise service.failure_of(error) from error


async def _become(target: Target, as_json: bool) -> None:
    """
    Makes this process that service and nothing else, once its database has what this release needs.

    In the loop: whoever is told to stop before that must not become it.
    """
    from projections.read_models import READ_MODELS
    from services.chassis import schema
    from services.chassis.settings import DatabaseSettings, read
    from services.cli import service
    from services.cli.migrate import steps

    told = read(DatabaseSettings)
    # What comes after a deployment is waited for by nobody.
    needed = [step.name for step in steps() if not step.after]
    await schema.require(told.database_url, f"okr_{target}", needed)
    words = service.command(target, as_json, [model.name for model in READ_MODELS])
    os.execv(sys.executable, [sys.executable, *words])  # noqa: S606 - no shell: the words are ours
