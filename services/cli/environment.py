"""Which OKR_ variables there are, over all services and this program."""

from typing import Final

from services.chassis import settings
from services.cli.failures import Misused
from services.ledger.settings import LedgerSettings
from services.projector.settings import ProjectorSettings
from services.publisher.settings import PublisherSettings
from services.query.settings import QuerySettings

SETTINGS: Final = (LedgerSettings, PublisherSettings, ProjectorSettings, QuerySettings)
# What the commands of this program read themselves.
_OWN: Final = ("OKR_DATA", "OKR_URL", "OKR_TOKEN", "OKR_ORGANISATION")


def refuse_unknown() -> None:
    """
    Raises Misused for a variable that no service knows, and names the nearest one.

    One environment may serve all services, so that a variable of another one is no mistake.
    """
    try:
        settings.refuse_unknown(SETTINGS, _OWN)
    except settings.SettingsError as error:
        raise Misused(str(error), "docs/settings.md and .env.example list every setting.") from error
