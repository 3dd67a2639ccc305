"""Waiting longer from one failed attempt to the next."""

import asyncio
from typing import Final

_FIRST_SECONDS: Final = 0.05
_LAST_SECONDS: Final = 2.0


class Patience:
    """The pause before the next attempt: 50 ms after the first failure, doubling up to 2 s; afresh after a success."""

    def __init__(self, first: float = _FIRST_SECONDS, last: float = _LAST_SECONDS) -> None:
        self._first = first
        self._last = last
        self._next = first

    async def wait(self) -> None:
        """Pause, and remember to pause longer the next time."""
        pause, self._next = self._next, min(self._next * 2, self._last)
        await asyncio.sleep(pause)

    def succeeded(self) -> None:
        """Start again with the shortest pause."""
        self._next = self._first
