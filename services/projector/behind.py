"""
Which organisations of a read model have not reached their head.

A look reads the heads that changed since the last one, of every transaction which that one did not see, and those that
were behind then. Nothing else can have fallen behind while the connection held. On a new connection, after a change of
what this process reads, and every minute in any case, a look reads all heads.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

_SQL: Final = Path(__file__).parent / "sql"
_ALL: Final = (_SQL / "behind.sql").read_text()
_SINCE: Final = (_SQL / "behind_since.sql").read_text()

_ALL_EVERY_SECONDS: Final = 60.0
# With so many organisations that reading all heads takes long, it is done more seldom.
_SHARE_OF_THE_TIME: Final = 0.002
_MOST_NAMED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Behind:
    """An organisation that has not reached its head, how long ago that was recorded, and what it has reached."""

    organisation: str
    lag_events: int
    head_age_seconds: float
    position: int


class Heads:
    """The heads of the ledger as one read model looks at them."""

    def __init__(self, projection: str) -> None:
        self._projection = projection
        self._connection: asyncpg.Connection | None = None
        self._seen = ""
        self._behind: list[str] = []
        self._all_at = 0.0

    def forget(self) -> None:
        """Trust nothing that was seen: the next look reads all heads."""
        self._connection = None

    async def behind(self, connection: asyncpg.Connection) -> list[Behind]:
        """The organisations that have not reached their heads, parked ones among them."""
        started = time.monotonic()
        if connection is self._connection and started < self._all_at and len(self._behind) <= _MOST_NAMED:
            rows = await connection.fetch(_SINCE, self._projection, self._seen, self._behind)
        else:
            rows = await connection.fetch(_ALL, self._projection)
            ended = time.monotonic()
            self._all_at = ended + max(_ALL_EVERY_SECONDS, (ended - started) / _SHARE_OF_THE_TIME)
        self._connection, self._seen = connection, str(rows[0]["seen"])
        found = [
            Behind(row["organisation"], row["lag_events"], row["head_age_seconds"], row["position"])
            for row in rows
            if row["organisation"] is not None
        ]
        self._behind = [one.organisation for one in found]
        return found
