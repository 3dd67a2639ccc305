"""`okr run`: one service, a process of its own, told by its environment what it needs."""

from collections.abc import Coroutine
from enum import StrEnum
from typing import Annotated

import typer

from services.cli import options, output
from services.cli.failures import Misused, Refused, causes


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
        from services.chassis.serve import PortTaken
        from services.cli import environment
        from services.ledger.readers import ReadersTooOld

        try:
            environment.refuse_unknown()
            told = settings.read(settings.LogSettings)
            logging.configure(told.log_format, told.log_level)
            run_until_signal(_service(target))
        except (settings.SettingsError, PortTaken, ValueError) as error:
            raise Misused(str(error), ".env.example lists every setting.") from error
        except ReadersTooOld as error:
            raise Refused(str(error)) from error
        except BaseExceptionGroup as group:
            raise Refused(f"The service ended: {causes(group)}.", "Its log says more; start it again.") from group


def _service(target: Target) -> Coroutine[object, object, None]:
    """The work of *target*, not begun yet."""
    from services.chassis.settings import read

    match target:
        case Target.ledger:
            from projections.read_models import READ_MODELS
            from services.ledger import main as ledger
            from services.ledger.settings import LedgerSettings

            return ledger.run(read(LedgerSettings), [model.name for model in READ_MODELS])
        case Target.publisher:
            from services.publisher import main as publisher
            from services.publisher.settings import PublisherSettings

            return publisher.run(read(PublisherSettings))
        case Target.projector:
            from services.projector import main as projector
            from services.projector.settings import ProjectorSettings

            return projector.run(read(ProjectorSettings))
        case Target.query:
            from services.query import main as query
            from services.query.settings import QuerySettings

            return query.run(read(QuerySettings))
