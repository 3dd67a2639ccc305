"""The end of `okr up --once`: has everything gone all the way through, and does it agree?"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Final

import asyncpg
from rich.console import RenderableType

from projections.read_models import READ_MODELS
from projections.verify import Verification, verify
from services.chassis import postgres
from services.cli import align, audit, output, positions, tree
from services.cli.client import Client, JsonObject
from services.cli.connection import Connection, ConnectionFile
from services.cli.failures import Refused

# Long enough for a first start on a slow machine: the projector reads the ledger itself if Kafka does not deliver.
_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.1
_LAST_EVENTS: Final = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the read models show, and how they compare with the ledger; without an organisation only the comparison."""

    verified: tuple[Verification, ...]
    organisation: str | None = None
    nodes: Sequence[JsonObject] = ()
    alignment: JsonObject | None = None
    last_events: Sequence[JsonObject] = ()
    positions: JsonObject | None = None

    @property
    def agrees(self) -> bool:
        """Whether every read model is the fold of the ledger."""
        return all(each.agrees for each in self.verified)

    def document(self) -> dict[str, object]:
        """The outcome as JSON."""
        return {
            "organisation": self.organisation,
            "agrees": self.agrees,
            "tree": list(self.nodes),
            "alignment": self.alignment,
            "audit": list(self.last_events),
            "positions": self.positions,
            "verified": [{**asdict(each), "agrees": each.agrees} for each in self.verified],
        }

    def for_people(self) -> Iterator[RenderableType]:
        """The outcome, section by section."""
        if self.organisation and self.alignment and self.positions:
            yield tree.drawn(self.nodes, self.organisation)
            yield align.figures(self.alignment)
            yield audit.listed(self.last_events)
            yield positions.listed(self.positions)
        yield verified(self.verified)


def verified(outcomes: Sequence[Verification]) -> RenderableType:
    """The comparison of read models with the fold of the ledger."""
    columns = ("read model", "events", "rows", "agrees with the ledger")
    rows = ([each.projection, each.events, each.rows, _agreement(each)] for each in outcomes)
    return output.table("Compared with the fold of the ledger", columns, rows)


async def all_the_way(started: ConnectionFile, sequence: int) -> Outcome:
    """
    Waits until every read model has *sequence*, compares them with the ledger, and asks what they show.

    Raises Refused if they do not get there, naming where they are.
    """
    if started.organisation is None:
        return Outcome(await _verified(started.database_url))
    reached = await asyncio.to_thread(_wait_until_read, started, sequence)
    compared = await _verified(started.database_url)
    return await asyncio.to_thread(_asked, started, reached, compared)


async def _verified(database_url: str) -> tuple[Verification, ...]:
    connection: asyncpg.Connection = await postgres.connect(
        database_url, application="okr verify", command_seconds=None
    )
    try:
        return tuple([await verify(connection, model) for model in READ_MODELS])
    finally:
        await connection.close()


def _wait_until_read(started: ConnectionFile, sequence: int) -> JsonObject:
    deadline = time.monotonic() + _SECONDS
    with _client(started) as client:
        while True:
            found = client.get("positions")
            if all(_sequence(item) >= sequence and not item["parked"] for item in positions.items(found)):
                return found
            parked = [item for item in positions.items(found) if item["parked"]]
            if parked or time.monotonic() > deadline:
                raise Refused(
                    f"Not every read model has event {sequence}: {_places(found)}.",
                    "Parked ones name the event and the error." if parked else "Look at the log of the projector.",
                )
            time.sleep(_POLL_SECONDS)


def _asked(started: ConnectionFile, reached: JsonObject, compared: tuple[Verification, ...]) -> Outcome:
    with _client(started) as client:
        head = int(str(reached["head"]))
        return Outcome(
            compared,
            started.organisation,
            nodes=list(client.pages("tree", limit=500)),
            alignment=client.get("alignment/report"),
            last_events=list(islice(_after(client, head - _LAST_EVENTS), _LAST_EVENTS)),
            positions=reached,
        )


def _after(client: Client, sequence: int) -> Iterator[JsonObject]:
    """The audited events after *sequence*; the audit is read from its beginning, a page at a time."""
    return (item for item in client.pages("audit", limit=500) if _sequence(item) > sequence)


def _client(started: ConnectionFile) -> Client:
    return Client(Connection(started.url, started.token, started.organisation))


def _places(found: JsonObject) -> str:
    return ", ".join(f"{item['projection']} at {item['sequence']}" for item in positions.items(found))


def _sequence(item: Mapping[str, object]) -> int:
    return int(str(item["sequence"]))


def _agreement(outcome: Verification) -> str:
    if outcome.agrees:
        return "yes"
    return "; ".join(
        f"{each.table}: {each.missing} rows missing, {each.unexpected} unexpected" for each in outcome.differences
    )
