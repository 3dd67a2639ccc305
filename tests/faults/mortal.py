"""
A service as `okr run` starts it, but for one thing: it dies when it comes to a named step.

    python -m tests.faults.mortal ledger|publisher|projector STEP TIME
"""

import sys

from projections.read_models import READ_MODELS
from services.chassis import logging, settings
from services.chassis.faults import KilledAt
from services.chassis.process import run_until_signal
from services.ledger import main as ledger
from services.ledger.settings import LedgerSettings
from services.projector import main as projector
from services.projector.settings import ProjectorSettings
from services.publisher import main as publisher
from services.publisher.settings import PublisherSettings


def main(target: str, step: str, time: str) -> None:
    """The service, until it dies."""
    told = settings.read(settings.LogSettings)
    logging.configure(told.log_format, told.log_level)
    faults = KilledAt(step, int(time))
    match target:
        case "ledger":
            read_models = [model.name for model in READ_MODELS]
            run_until_signal(ledger.run(settings.read(LedgerSettings), read_models, faults=faults))
        case "publisher":
            run_until_signal(publisher.run(settings.read(PublisherSettings), faults=faults))
        case "projector":
            run_until_signal(projector.run(settings.read(ProjectorSettings), faults=faults))
        case _:
            raise ValueError(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
