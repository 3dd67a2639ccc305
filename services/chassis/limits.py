"""
What a service takes of those who ask too much: bodies that are too large, too many at once, or come too slowly.

A body counts from its first byte until its request is answered, so that what waits in a queue counts as well: memory is
bounded by bytes, whatever the number of requests.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.problems import Problem

BODY_LIMIT: Final = 1_000_000
BODIES_LIMIT: Final = 64_000_000
"""The most bytes of bodies that one process holds at once."""
BODY_SECONDS: Final = 20.0
"""How long a body may take, and a second more for each 50 kB of it."""
_BYTES_A_SECOND: Final = 50_000
_RETRY_SECONDS: Final = 1


class Limited:
    """
    Refuses bodies above *limit* bytes (of the request's scope), also while they stream in without a length.

    It also refuses what would make the bodies that are held at once more than *held_limit* bytes, and bodies that take
    longer than *body_seconds* and a second for each 50 kB.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: Callable[[Scope], int] = lambda _: BODY_LIMIT,
        *,
        held_limit: int = BODIES_LIMIT,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._limit = limit
        self._held_limit = held_limit
        self._body_seconds = body_seconds
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            await _too_large(limit).response(scope["path"])(scope, receive, send)
            return
        read, awaited, answering = 0, True, False
        began = asyncio.get_running_loop().time()

        async def counted() -> Message:
            nonlocal read, awaited
            if not awaited or answering:
                return await receive()
            try:
                async with asyncio.timeout_at(began + self._body_seconds + read / _BYTES_A_SECOND):
                    message = await receive()
            except TimeoutError:
                if answering:
                    return await receive()
                raise _too_slow(self._body_seconds) from None
            if answering:
                # Only listened for the end of the connection: nobody holds what comes, and nobody can be refused.
                return message
            awaited = bool(message.get("more_body"))
            size = len(message.get("body", b""))
            read += size
            self._held += size
            if read > limit:
                raise _too_large(limit)
            if self._held > self._held_limit:
                raise _too_many()
            return message

        async def noted(message: Message) -> None:
            nonlocal answering
            answering = answering or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted, noted)
        finally:
            self._held -= read


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", "Body too large", f"A body may have {limit} bytes. Send less at a time.")


def _too_many() -> Problem:
    return Problem(
        429,
        "too_many_bytes",
        "Too much at once",
        "This service holds as many bodies as it can. Send it again in a second, with the same Idempotency-Key.",
        headers={"Retry-After": str(_RETRY_SECONDS), "Connection": "close"},
    )


def _too_slow(seconds: float) -> Problem:
    return Problem(
        408,
        "body_too_slow",
        "The body came too slowly",
        f"A body has {seconds:g} s, and a second more for each {_BYTES_A_SECOND} bytes."
        " Send it again, with the same Idempotency-Key; nothing was done.",
        headers={"Connection": "close"},
    )
