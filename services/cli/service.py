"""
One service and nothing else: what `okr run` becomes once the database has what this release needs.

A process keeps what it once imported. The program and the read models, after which migrations are named, would stay in
services that need neither: so what only a failure needs is imported where there is one.
"""

import sys
from collections.abc import Coroutine, Sequence
from typing import Final

from services.chassis import logging, settings, tracing
from services.chassis.process import run_until_signal
from services.chassis.schema import TooOld
from services.chassis.serve import PortTaken
from services.chassis.settings import SettingsError
from services.cli.failures import Failure, Misused, Refused, causes

_AS_JSON: Final = "--json"
ENDS: Final = (SettingsError, PortTaken, ValueError, TooOld, BaseExceptionGroup)
"""What ends a service with words of its own."""


def command(target: str, as_json: bool, read_models: Sequence[str]) -> list[str]:
    """What an interpreter is called with, so that it becomes that service."""
    # Not what lies in the folder that it happens to start in.
    return ["-P", "-m", __name__, target, *([_AS_JSON] if as_json else []), *read_models]


def main(target: str, as_json: bool, read_models: Sequence[str]) -> None:
    """
    Runs *target* until it is told to stop. *read_models* are the names of all that there are.

    A failure is shown as the program shows its own, and ends this process with its exit code.
    """
    try:
        told = settings.read(settings.LogSettings)
        logging.configure(told.log_format, told.log_level)
        with tracing.exported(f"okr-{target}"):
            run_until_signal(_service(target, read_models))
    except ENDS as error:
        from services.cli import output

        failure = failure_of(error)
        output.show(failure, as_json)
        sys.exit(failure.exit_code)


def failure_of(error: BaseException) -> Failure:
    """The words and the exit code of *error*, one of ENDS."""
    match error:
        case TooOld():
            return Refused(str(error))
        case BaseExceptionGroup():
            return Refused(f"The service ended: {causes(error)}.", "Its log says more; start it again.")
        case _:
            return Misused(str(error), ".env.example lists every setting.")


def _service(target: str, read_models: Sequence[str]) -> Coroutine[object, object, None]:
    """The work of *target*, not begun yet."""
    match target:
        case "ledger":
            from services.ledger import main as ledger
            from services.ledger.settings import LedgerSettings

            return ledger.run(settings.read(LedgerSettings), read_models)
        case "publisher":
            from services.publisher import main as publisher
            from services.publisher.settings import PublisherSettings

            return publisher.run(settings.read(PublisherSettings))
        case "projector":
            from services.projector import main as projector
            from services.projector.settings import ProjectorSettings

            return projector.run(settings.read(ProjectorSettings))
        case "query":
            from services.query import main as query
            from services.query.settings import QuerySettings

            return query.run(settings.read(QuerySettings))
        case _:
            raise ValueError(f"there is no service {target}")


if __name__ == "__main__":
    named = [word for word in sys.argv[1:] if word != _AS_JSON]
    main(named[0], _AS_JSON in sys.argv, named[1:])
