"""Loading the sample organisation: the same commands over HTTP as anybody's."""

from datetime import UTC, datetime

from services.cli.client import Client
from services.cli.connection import Connection
from services.cli.failures import Refused
from services.cli.imports.send import send
from services.cli.sample.commands import ORGANISATION, REGISTRATION, commands, organisation


def load(url: str, token: str) -> None:
    """
    Registers and fills the sample organisation, as far as it is not there yet.

    Raises Refused if the ledger refuses any of it.
    """
    with Client(Connection(url, token, ORGANISATION)) as client:
        client.register(**organisation(), command_id=REGISTRATION)
        sent = send(client, commands(datetime.now(UTC).date()), lambda _: None)
        if refusals := [remark for remark in sent.remarks if remark.outcome == "refused"]:
            raise Refused(
                f"The ledger refused {len(refusals)} commands of the sample; the first, on {refusals[0].record}:",
                refusals[0].message,
            )
