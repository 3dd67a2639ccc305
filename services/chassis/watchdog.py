"""What ends a process that goes on without doing anything."""

import asyncio
import os
import threading
import time
from collections.abc import Callable

import structlog

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

STOP_SECONDS = 10.0
_EXIT_CODE = 70  # EX_SOFTWARE of sysexits.h: neither a refusal nor a wrong use


class Stuck(Exception):
    """Something that must happen again and again has not happened for too long."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"{what}: nothing for {seconds:.0f} s")
        self.what = what
        self.seconds = seconds


class LastPoll:
    """When something that must happen again and again last happened, such as a poll that returned, even empty."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._at = monotonic()

    def returned(self) -> None:
        """It happened."""
        self._at = self._monotonic()

    def seconds(self) -> float:
        """How long ago that was."""
        return self._monotonic() - self._at


async def watch(last: LastPoll, what: str, limit_seconds: float) -> None:
    """Raises Stuck once *last* is longer ago than *limit_seconds*, which in a task group ends the process."""
    while True:
        waited = last.seconds()
        if waited > limit_seconds:
            log.error("watchdog_bit", what=what, silent_s=round(waited, 1))
            raise Stuck(what, waited)
        await asyncio.sleep(max(limit_seconds - waited, 0.01))


def exit_after(seconds: float = STOP_SECONDS, leave: Callable[[int], None] = os._exit) -> Callable[[], None]:
    """
    Ends this process in *seconds*, whatever it is doing; the answer calls that off.

    For a stop that hangs: a client library that waits for a broker that is gone would keep the process for ever. It
    runs in a thread, because the event loop may be what hangs.
    """

    def bite() -> None:
        log.error("stop_took_too_long", limit_s=seconds)
        leave(_EXIT_CODE)

    timer = threading.Timer(seconds, bite)
    timer.daemon = True
    timer.start()
    return timer.cancel
