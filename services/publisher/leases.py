"""
Who publishes which partition: a lease per partition, with an epoch that grows at every change of hands.

A lease does not fence Kafka, nothing can; it keeps publishers out of each other's way. A publisher that was frozen past
its lease may send events again, each after its predecessor as before, and cannot move what was published.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import asyncpg
import structlog

from services.chassis import postgres
from services.chassis.patience import Patience
from services.chassis.seldom import Seldom
from services.publisher import metrics

_SQL: Final = Path(__file__).parent / "sql"
_TAKE: Final = (_SQL / "take_leases.sql").read_text()
_RENEW: Final = (_SQL / "renew_leases.sql").read_text()
_RELEASE: Final = (_SQL / "release_leases.sql").read_text()

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

Connect = Callable[[], Awaitable[asyncpg.Connection]]


@dataclass(frozen=True, slots=True)
class Lease:
    """``good_until`` is on this process's monotonic clock, counted from before the database was asked."""

    epoch: int
    good_until: float


class Leases:
    """The leases of one publisher, on a connection of their own so that a long round never delays a renewal."""

    def __init__(self, connect: Connect, topic: str, partitions: int, holder: str, seconds: float) -> None:
        self._connect = connect
        self._topic = topic
        self._partitions = range(partitions)
        self._holder = holder
        self._seconds = seconds
        self._held: dict[int, Lease] = {}
        self.renewed = asyncio.Event()
        """Set whenever leases were renewed or taken."""

    @property
    def holder(self) -> str:
        """Under what name the leases are held."""
        return self._holder

    def held(self) -> Mapping[int, int]:
        """Partition → epoch, of the leases that are good at this moment."""
        now = time.monotonic()
        return {partition: lease.epoch for partition, lease in self._held.items() if lease.good_until > now}

    def lost(self, partition: int) -> None:
        """Somebody else has the lease of *partition*: this process learns it before the next renewal."""
        self._held.pop(partition, None)

    async def keep(self) -> None:
        """Take and renew, three times in each term, until cancelled; then give back what is held."""
        patience, seldom = Patience(), Seldom(_log)
        while True:
            connection = None
            try:
                connection = await self._connect()
                while True:
                    await self._renew_and_take(connection)
                    patience.succeeded()
                    await asyncio.sleep(self._seconds / 3)
            except asyncio.CancelledError:
                if connection is not None:
                    await self._release(connection)
                raise
            except (asyncpg.PostgresError, *postgres.LOST) as failed:
                seldom.warning("leases_not_renewed", cause=type(failed).__name__)
                await patience.wait()
            finally:
                if connection is not None:
                    connection.terminate()

    async def _renew_and_take(self, connection: asyncpg.Connection) -> None:
        asked_at = time.monotonic()
        # A twin or a standby may take a lease at the very moment it runs out by the database's clock: stop before that.
        good_until = asked_at + self._seconds * 0.9
        term = timedelta(seconds=self._seconds)
        mine = list(self._held.items())
        renewed = await connection.fetch(
            _RENEW, self._topic, [p for p, _ in mine], [lease.epoch for _, lease in mine], self._holder, term
        )
        held = {int(row["partition"]): Lease(int(row["epoch"]), good_until) for row in renewed}
        for lost in self._held.keys() - held.keys():
            _log.warning("lease_lost", partition=lost, holder=self._holder)
        wanted = [partition for partition in self._partitions if partition not in held]
        taken = await connection.fetch(_TAKE, self._topic, wanted, self._holder, term) if wanted else []
        for row in taken:
            held[int(row["partition"])] = Lease(int(row["epoch"]), good_until)
        self._held = held
        metrics.LEASES.set(len(held))
        if held:
            self.renewed.set()
        if taken:
            _log.info("leases_taken", partitions=[int(row["partition"]) for row in taken], holder=self._holder)

    async def _release(self, connection: asyncpg.Connection) -> None:
        mine, self._held = list(self._held.items()), {}
        try:
            async with asyncio.timeout(2):
                await connection.execute(
                    _RELEASE, self._topic, [p for p, _ in mine], [lease.epoch for _, lease in mine], self._holder
                )
        except (asyncpg.PostgresError, *postgres.LOST):
            _log.info("leases_left_to_expire", holder=self._holder)
