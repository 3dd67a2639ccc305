"""How far each read model has come in each organisation: moved by compare-and-set, listed, resumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from projections.read_model import Connection

_SQL: Final = Path(__file__).parent / "sql"
_ADVANCE: Final = (_SQL / "advance.sql").read_text()
_READ: Final = (_SQL / "read_positions.sql").read_text()
_LIST: Final = (_SQL / "list_positions.sql").read_text()
_RESUME: Final = (_SQL / "resume.sql").read_text()


@dataclass(frozen=True, slots=True)
class Position:
    """The newest event that was applied; (0, 0) before the first."""

    epoch: int
    sequence: int


START: Final = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Move:
    """The position of *organisation* goes from one event to another, recorded at *recorded_at*."""

    organisation: str
    start: Position
    end: Position
    recorded_at: datetime


class PositionMoved(Exception):
    """
    The positions of *organisations* are not those that the rows were folded on: roll back and read them again.

    Another process applied their events meanwhile, or the ledger has no event of that number.
    """

    def __init__(self, organisations: frozenset[str]) -> None:
        super().__init__(f"{len(organisations)} positions are not where they were")
        self.organisations = organisations


@dataclass(frozen=True, slots=True)
class Parked:
    """The event of the ledger at which a read model stopped in one organisation, and why."""

    sequence: int
    event_type: str
    error: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far one read model has come in one organisation.

    ``recorded_at`` is that of the newest applied event, None before the first. ``lag_seconds`` is the age of the first
    event that is not applied yet, 0 where there is none.
    """

    projection: str
    organisation: str
    head: int
    sequence: int
    recorded_at: datetime | None
    lag_events: int
    lag_seconds: float
    parked: Parked | None


async def advance(connection: Connection, projection: str, moves: Sequence[Move]) -> None:
    """Move positions in the caller's transaction, all or none. Raises PositionMoved; the caller rolls back."""
    # In one order for every process, so that two of them do not wait for each other in a circle.
    in_order = sorted(moves, key=lambda move: move.organisation)
    rows = await connection.fetch(
        _ADVANCE,
        projection,
        [move.organisation for move in in_order],
        [move.start.epoch for move in in_order],
        [move.start.sequence for move in in_order],
        [move.end.epoch for move in in_order],
        [move.end.sequence for move in in_order],
        [move.recorded_at for move in in_order],
    )
    if len(rows) != len(in_order):
        moved = {str(row["organisation"]) for row in rows}
        raise PositionMoved(frozenset(move.organisation for move in in_order if move.organisation not in moved))


async def read_positions(
    connection: Connection, projection: str, organisations: Sequence[str]
) -> Mapping[str, Position]:
    """The positions of *organisations*; START for one that has none."""
    rows = await connection.fetch(_READ, projection, organisations)
    found = {str(row["organisation"]): Position(int(row["epoch"]), int(row["sequence"])) for row in rows}
    return {organisation: found.get(organisation, START) for organisation in organisations}


async def list_positions(
    connection: Connection, projections: Sequence[str], organisation: str | None = None
) -> list[Progress]:
    """
    How far *projections* have come in every organisation, or in one.

    Whoever asks as the query role sees its own organisation only. Costs one look-up per organisation and read model.
    """
    return [
        Progress(
            projection=row["projection"],
            organisation=row["organisation"],
            head=row["head"],
            sequence=row["sequence"],
            recorded_at=row["recorded_at"],
            lag_events=row["lag_events"],
            lag_seconds=row["lag_seconds"],
            parked=None
            if row["parked_sequence"] is None
            else Parked(row["parked_sequence"], row["parked_event_type"], row["parked_error"], row["parked_at"]),
        )
        for row in await connection.fetch(_LIST, projections, organisation)
    ]


async def resume(connection: Connection, projection: str, organisation: str | None = None) -> list[str]:
    """Let the parked organisations of *projection*, or one of them, be tried again; which ones that were."""
    return sorted(str(row["organisation"]) for row in await connection.fetch(_RESUME, projection, organisation))
