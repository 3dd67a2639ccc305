"""Log lines at a bounded rate: a dead broker must not fill a disk with the same sentence."""

import time
from collections.abc import Callable
from typing import Final

import structlog

_EVERY_SECONDS: Final = 10.0


class Seldom:
    """
    Writes each event name at most once in *every* seconds, with the number of those kept back since the last one.

    What is kept back is not lost to operators: whoever logs through this also counts in a metric.
    """

    def __init__(
        self,
        log: structlog.typing.FilteringBoundLogger,
        every: float = _EVERY_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._every = every
        self._monotonic = monotonic
        self._last: dict[str, float] = {}
        self._kept_back: dict[str, int] = {}

    def warning(self, event: str, **fields: object) -> None:
        """Log *event* as a warning, unless that was done a moment ago."""
        if (kept_back := self._due(event)) is not None:
            self._log.warning(event, kept_back=kept_back, **fields)

    def error(self, event: str, **fields: object) -> None:
        """Log *event* as an error, unless that was done a moment ago."""
        if (kept_back := self._due(event)) is not None:
            self._log.error(event, kept_back=kept_back, **fields)

    def _due(self, event: str) -> int | None:
        now = self._monotonic()
        if now - self._last.get(event, -self._every) < self._every:
            self._kept_back[event] = self._kept_back.get(event, 0) + 1
            return None
        self._last[event] = now
        return self._kept_back.pop(event, 0)
