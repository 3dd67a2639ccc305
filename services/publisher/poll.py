"""When the ledger is looked at again."""

import asyncio
import contextlib
import time
from typing import Final

from services.publisher.leases import Leases

# The looks may keep one connection busy for a tenth of the time, whatever a look costs.
_SHARE_OF_THE_DATABASE: Final = 0.1
# Whoever wrote a moment ago is likely to write again.
_BUSY_FOR_SECONDS: Final = 2.0
# However often it is woken: what comes within a millisecond is found together.
_AT_LEAST_SECONDS: Final = 0.001


class Poll:
    """
    Says when to look again.

    At once after something was published or *woken* was set, by whoever appends in this process; otherwise every
    *busy_seconds* up to two seconds after the last event, then every *idle_seconds*; never while no lease is held.
    """

    def __init__(self, leases: Leases, busy_seconds: float, idle_seconds: float, woken: asyncio.Event) -> None:
        self._leases = leases
        self._busy = busy_seconds
        self._idle = idle_seconds
        self._woken = woken
        self._busy_until = time.monotonic() + _BUSY_FOR_SECONDS

    def look_again(self) -> None:
        """Something was published, or failed."""
        self._busy_until = time.monotonic() + _BUSY_FOR_SECONDS
        self._woken.set()

    async def wait(self, look_seconds: float) -> None:
        """Wait for the next look; the last one cost *look_seconds*."""
        if not self._leases.held():
            self._leases.renewed.clear()
            await self._leases.renewed.wait()
            return
        began = time.monotonic()
        pause = self._busy if began < self._busy_until else self._idle
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(pause, look_seconds / _SHARE_OF_THE_DATABASE)):
                await self._woken.wait()
        if (early := _AT_LEAST_SECONDS - (time.monotonic() - began)) > 0:
            await asyncio.sleep(early)
        self._woken.clear()
