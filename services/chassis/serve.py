"""HTTP, served as one task among others: it starts with them, and a cancelled one lets answers under way finish."""

import asyncio
import contextlib
import re
import socket
from collections.abc import Generator

import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.first_words import FirstWords

_GRACE_SECONDS = 5
# W3C Trace Context: version ff and ids of zeros alone are none, and only versions after 00 may add something.
_TRACEPARENT = re.compile(
    rb"(?P<known>(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-.*)?"
)


class PortTaken(Exception):
    """Somebody else listens there."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Cannot listen on {host} port {port}: {reason}. Choose another with OKR_HTTP_PORT or --port.")
        self.port = port


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; its port is `.getsockname()[1]`, where *port* was 0 a free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        raise PortTaken(host, port, getattr(error, "strerror", None) or str(error)) from error


async def serve(app: ASGIApp, listening: socket.socket, protocol: type[FirstWords] = FirstWords) -> None:
    """
    Serves *app* on *listening* until cancelled; then takes no more requests, gives those under way five seconds.

    *app* is wrapped so that lines of the log carry the trace of their request.
    """
    config = uvicorn.Config(
        Traced(app),
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="uvicorn")
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leaves signals alone: whoever runs the task group decides what they mean."""
        yield


class Traced:
    """Binds the trace of a request, from its header `traceparent`, to every line that it logs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        context = traceparent(scope) if scope["type"] == "http" else None
        if context is None:
            await self._app(scope, receive, send)
            return
        with structlog.contextvars.bound_contextvars(trace=context.split("-")[1]):
            await self._app(scope, receive, send)


def traceparent(scope: Scope) -> str | None:
    """The W3C trace context of a request, None where it has none of that form; what a later version adds is cut off."""
    for name, content in scope["headers"]:
        if name == b"traceparent":
            found = _TRACEPARENT.fullmatch(content)
            return found["known"].decode("ascii") if found else None
    return None
