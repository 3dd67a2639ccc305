"""Waiting for a fact: what tests do in place of sleeping."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_POLL_SECONDS = 0.02


async def wait_until(fact: Callable[[], Awaitable[bool]], what: str, seconds: float = 60) -> None:
    """Returns once *fact* is true; fails the test when it is not within *seconds*."""
    deadline = time.monotonic() + seconds
    while not await fact():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(_POLL_SECONDS)
