"""What the projector keeps in PostgreSQL beside the read models, and what it reads of the ledger: a function each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import asyncpg
from pydantic_core import from_json

from okr_contracts.envelope import Recorded, decode
from okr_contracts.events import EVENT_TYPES
from projections.positions import Position
from services.projector.records import SetAside

_SQL: Final = Path(__file__).parent / "sql"
_KEEP_OFFSETS: Final = (_SQL / "keep_offsets.sql").read_text()
_READ_OFFSETS: Final = (_SQL / "read_offsets.sql").read_text()
_SET_ASIDE: Final = (_SQL / "set_aside.sql").read_text()
_PARK: Final = (_SQL / "park.sql").read_text()
_UNPARK: Final = (_SQL / "unpark.sql").read_text()
_PARKED: Final = (_SQL / "parked.sql").read_text()
_READ_LEDGER: Final = (_SQL / "read_ledger.sql").read_text()

_SAY_WHAT_IS_KNOWN: Final = (_SQL / "say_what_is_known.sql").read_text()

_LEDGER_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Standstill:
    """The event that cannot be applied, and why: without a word that it holds."""

    position: Position
    event_type: str
    reason: str


async def keep_offsets(
    connection: asyncpg.Connection, projection: str, topic: str, topic_id: str, next_offsets: Mapping[int, int]
) -> None:
    """Remember where partitions go on."""
    await connection.execute(
        _KEEP_OFFSETS, projection, topic, topic_id, list(next_offsets), list(next_offsets.values())
    )


async def read_offsets(connection: asyncpg.Connection, projection: str, topic: str, topic_id: str) -> dict[int, int]:
    """Where the partitions of this very topic go on."""
    rows = await connection.fetch(_READ_OFFSETS, projection, topic, topic_id)
    return {int(row["partition"]): int(row["next_offset"]) for row in rows}


async def set_aside(connection: asyncpg.Connection, projection: str, topic: str, aside: Sequence[SetAside]) -> None:
    """Keep records that are no events."""
    await connection.execute(
        _SET_ASIDE,
        projection,
        topic,
        [one.partition for one in aside],
        [one.offset for one in aside],
        [one.reason for one in aside],
        [one.key for one in aside],
        [one.value for one in aside],
    )


async def park(connection: asyncpg.Connection, projection: str, organisation: str, at: Standstill) -> None:
    """Stop an organisation."""
    await connection.execute(
        _PARK, projection, organisation, at.position.epoch, at.position.sequence, at.event_type, at.reason
    )


async def unpark(connection: asyncpg.Connection, projection: str, organisation: str) -> None:
    """The organisation went on."""
    await connection.execute(_UNPARK, projection, organisation)


async def say_what_is_known(connection: asyncpg.Connection, projection: str, instance: str) -> None:
    """Say which event types and versions this process can read: the ledger writes no others while it lives."""
    await connection.execute(_SAY_WHAT_IS_KNOWN, projection, instance, EVENT_TYPES)


async def read_parked(connection: asyncpg.Connection, projection: str) -> set[str]:
    """The organisations that are parked."""
    return {str(row["organisation"]) for row in await connection.fetch(_PARKED, projection)}


async def read_ledger(
    connection: asyncpg.Connection, organisation: str, position: Position
) -> tuple[list[Recorded], Standstill | None]:
    """The events after *position*, up to 1,000, and what stands in the way of the one after them."""
    rows = await connection.fetch(_READ_LEDGER, organisation, position.sequence, _LEDGER_PAGE)
    if position.sequence:
        if not rows or (rows[0]["sequence"], rows[0]["epoch"]) != (position.sequence, position.epoch):
            reason = "a restore lost events that were applied here: rebuild this read model"
            return [], Standstill(position, "", reason)
        del rows[0]
    events: list[Recorded] = []
    for row in rows:
        try:
            events.append(decode(row["entry"], row["data"] or b"null", row["text"]))
        except (ValueError, KeyError, TypeError) as broken:
            position = Position(row["epoch"], row["sequence"])
            return events, Standstill(position, _type_of(row["entry"]), type(broken).__name__)
    return events, None


def _type_of(entry: bytes) -> str:
    try:
        return str(cast("dict[str, object]", from_json(entry))["type"])
    except (ValueError, KeyError, TypeError):
        return ""
