"""The ledger in pages, for a generation that is built beside the live one: what it lacks, and no further."""

from collections import deque
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, cast

import asyncpg
from pydantic_core import from_json

from okr_contracts.envelope import Recorded, decode
from projections.positions import Position

_SQL: Final = Path(__file__).parent / "sql"
_BEHIND: Final = (_SQL / "rebuild_behind.sql").read_text()
_PIECES: Final = (_SQL / "rebuild_pieces.sql").read_text()

PAGE_EVENTS: Final = 20_000
_PAGE_BYTES: Final = 16 * 2**20
# An event has at most 256 KiB: so much more than the bytes of a page may be read at once.
_CHUNK_EVENTS: Final = 1_000
_ORGANISATIONS: Final = 10_000
_SIZE: Final = itemgetter("size")
# The entry is canonical JSON: between its quotes a quote is escaped, so that this is the member and no value.
_TYPE: Final = b'"type":"'


class Ignored(NamedTuple):
    """An event that changes no row of the read model: only its place counts, so that nothing else of it is read."""

    organisation: str
    epoch: int
    sequence: int
    type: str
    entry: bytes

    @property
    def recorded_at(self) -> datetime:
        """When the ledger learned it."""
        return datetime.fromisoformat(cast("dict[str, str]", from_json(self.entry))["recorded_at"])


@dataclass(frozen=True, slots=True)
class Piece:
    """The events of one organisation after *start*, up to the sequence *up_to*."""

    organisation: str
    start: Position
    up_to: int


@dataclass(frozen=True, slots=True)
class Page:
    """Pieces of the ledger as they are stored, in order; those of one piece follow each other."""

    rows: Sequence[asyncpg.Record]
    starts: dict[str, Position]
    """The positions that the rows continue."""


class LedgerPages:
    """
    What *generation* lacks, by key, page by page; one pass over the organisations.

    A page has at most *page_events*, and fewer where they are large: memory is bounded by the page. Raises what asyncpg
    raises.
    """

    def __init__(
        self, connection: asyncpg.Connection, projection: str, generation: str, page_events: int = PAGE_EVENTS
    ) -> None:
        self._connection = connection
        self._projection = projection
        self._generation = generation
        self._page_events = page_events
        self._pieces: deque[Piece] = deque()
        self._after = ""
        self._left = True

    async def next(self) -> Page | None:
        """The next page, None after the last one."""
        if not self._pieces and self._left:
            await self._look()
        wanted = self._first_pieces()
        if not wanted:
            return None
        rows: list[asyncpg.Record] = []
        size = 0
        async with self._connection.transaction():
            cursor = await self._connection.cursor(
                _PIECES,
                [piece.organisation for piece in wanted],
                [piece.start.sequence for piece in wanted],
                [piece.up_to for piece in wanted],
            )
            while size < _PAGE_BYTES and (chunk := await cursor.fetch(_CHUNK_EVENTS)):
                rows += chunk
                size += sum(map(_SIZE, chunk))
        self._go_on_after(rows, len(wanted))
        return Page(rows, {piece.organisation: piece.start for piece in wanted})

    async def _look(self) -> None:
        found = await self._connection.fetch(_BEHIND, self._projection, self._generation, self._after, _ORGANISATIONS)
        self._pieces += (
            Piece(row["organisation"], Position(row["epoch"], row["sequence"]), row["up_to"]) for row in found
        )
        self._left = len(found) == _ORGANISATIONS
        if found:
            self._after = found[-1]["organisation"]

    def _first_pieces(self) -> list[Piece]:
        """The pieces of one page, the last one cut where it is full."""
        found: list[Piece] = []
        room = self._page_events
        for piece in self._pieces:
            up_to = min(piece.up_to, piece.start.sequence + room)
            found.append(Piece(piece.organisation, piece.start, up_to))
            room -= up_to - piece.start.sequence
            if not room:
                break
        return found

    def _go_on_after(self, rows: Sequence[asyncpg.Record], pieces: int) -> None:
        """The next page begins after the last of *rows*; where there is none, after all the *pieces* asked for."""
        for _ in range(pieces):
            piece = self._pieces.popleft()
            if rows and piece.organisation == rows[-1]["organisation"]:
                if rows[-1]["sequence"] < piece.up_to:
                    reached = Position(rows[-1]["epoch"], rows[-1]["sequence"])
                    self._pieces.appendleft(Piece(piece.organisation, reached, piece.up_to))
                return


def read(row: asyncpg.Record, ignores: Set[str]) -> Recorded | Ignored:
    """The event of a row. Raises ValueError, KeyError or TypeError where it cannot be read."""
    entry: bytes = row["entry"]
    begins = entry.index(_TYPE) + len(_TYPE)
    event_type = entry[begins : entry.index(b'"', begins)].decode()
    if event_type in ignores:
        return Ignored(row["organisation"], row["epoch"], row["sequence"], event_type, entry)
    return decode(entry, row["data"] or b"null", row["text"])
