"""One call of one command: who asks where, and how the answer is shown."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.console import RenderableType

from services.cli import output

if TYPE_CHECKING:
    from services.cli.client import Client


@dataclass(frozen=True, slots=True)
class Session:
    """A client, and the form in which its answers are wanted."""

    client: "Client"
    as_json: bool

    def send(self, command: str, command_id: str | None = None, /, **fields: object) -> None:
        """Sends a command with the fields that are not None, and shows which events it made."""
        body = {name: value for name, value in fields.items() if value is not None}
        self.show_reply(self.client.command(command, body, command_id))

    def show_reply(self, reply: Mapping[str, object]) -> None:
        """Shows the ledger's answer to a command."""
        self.show(reply, lambda: words_of(reply))

    def show(self, document: object, for_people: Callable[[], RenderableType]) -> None:
        """Shows *document* as it is to programs, and what *for_people* makes of it to people."""
        if self.as_json:
            output.to_programs(document)
        else:
            output.to_people(for_people())


@contextmanager
def session(
    url: str | None, token: str | None, organisation: str | None, data: Path, as_json: bool
) -> Generator[Session]:
    """The session that the options describe; a failure inside is shown and ends the program with its exit code."""
    from services.cli import connection
    from services.cli.client import Client

    with (
        output.failures_shown(as_json),
        Client(connection.find(url, token, organisation, data)) as client,
    ):
        yield Session(client, as_json)


def words_of(reply: Mapping[str, object]) -> str:
    """The ledger's answer to a command, one line an event."""
    events = cast("list[dict[str, object]]", reply["events"])
    if not events:
        return f"Already so (as known at {reply['sequence']}): no event."
    return "\n".join(
        f"{event['sequence']}  {event['type']}  {event['subject']}  (version {event['version']})" for event in events
    )
