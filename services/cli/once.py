"""The end of `okr up --once`: has everything gone all the way through, and does it agree?"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Final

import asyncpg
from rich.console import RenderableType

from projections.positions import Progress, list_positions
from projections.read_models import READ_MODELS
from projections.verify import Verification, verify
from services.chassis import postgres
from services.cli import align, audit, output, positions, tree
from services.cli.client import Client, JsonObject
from services.cli.connection import Connection, ConnectionFile
from services.cli.failures import Refused

# Long enough for a first start on a slow machine: the projector reads the ledger itself if Kafka does not deliver.
_SECONDS: Final = 120.0
_NAMES: Final = [model.name for model in READ_MODELS]
_POLL_SECONDS: Final = 0.1
_LAST_EVENTS: Final = 10
_NAMED_AT_MOST: Final = 3


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


def verified(
    outcomes: Sequence[Verification],
    title: str = "Compared with the fold of the ledger",
    question: str = "agrees with the ledger",
) -> RenderableType:
    """The comparison of read models with the fold of the ledger, or with another generation."""
    rows = ([each.projection, each.events, each.rows, _agreement(each)] for each in outcomes)
    return output.table(title, ("read model", "events", "rows", question), rows)


async def all_the_way(started: ConnectionFile) -> Outcome:
    """
    Waits until every read model is at the head, compares them with the ledger, and asks what they show.

    Raises Refused if they do not get there.
    """
    await wait_until_read(started.database_url)
    compared = await _verified(started.database_url)
    if started.organisation is None:
        return Outcome(compared)
    return await asyncio.to_thread(_asked, started, compared)


async def wait_until_read(database_url: str) -> None:
    """
    Returns once every read model is at the head of the ledger in every organisation.

    Raises Refused, naming those that are behind, if that takes too long or one of them is parked.
    """
    deadline = time.monotonic() + _SECONDS
    connection: asyncpg.Connection = await postgres.connect(database_url, application="okr up")
    try:
        while True:
            behind = [each for each in await list_positions(connection, _NAMES) if each.lag_events]
            if not behind:
                return
            parked = any(each.parked for each in behind)
            if parked or time.monotonic() > deadline:
                raise Refused(
                    f"Not every read model is at the head of the ledger: {', '.join(map(_place, behind))}.",
                    "`okr projection list` says why." if parked else "Look at the log of the projector.",
                )
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        await connection.close()


async def _verified(database_url: str) -> tuple[Verification, ...]:
    connection: asyncpg.Connection = await postgres.connect(
        database_url, application="okr verify", command_seconds=None
    )
    try:
        return tuple([await verify(connection, model) for model in READ_MODELS])
    finally:
        await connection.close()


def _asked(started: ConnectionFile, compared: tuple[Verification, ...]) -> Outcome:
    with Client(Connection(started.url, started.token, started.organisation)) as client:
        reached = client.get("positions")
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


def _place(each: Progress) -> str:
    return f"{each.projection} of {each.organisation} at {each.sequence} of {each.head}"


def _sequence(item: Mapping[str, object]) -> int:
    return int(str(item["sequence"]))


def _some(organisations: Sequence[str]) -> str:
    more = f" and {len(organisations) - _NAMED_AT_MOST} more" if len(organisations) > _NAMED_AT_MOST else ""
    return ", ".join(organisations[:_NAMED_AT_MOST]) + more


def _agreement(outcome: Verification) -> str:
    if outcome.agrees:
        return "yes"
    return "; ".join(
        f"{each.table}: {each.missing} rows missing, {each.unexpected} unexpected, in {_some(each.organisations)}"
        for each in outcome.differences
    )
