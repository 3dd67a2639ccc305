"""HTTP, served as one task among others: it starts with them, and a cancelled one lets answers under way finish."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

from services.chassis.first_words import FirstWords
from services.chassis.observed import Observed

_GRACE_SECONDS = 5


class PortTaken(Exception):
    """Somebody else listens there."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Cannot listen on {host} port {port}: {reason}. Choose another with OKR_HTTP_PORT or --port.")
        self.port = port


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; its port is `.getsockname()[1]`, where *port* was 0 a free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        raise PortTaken(host, port, getattr(error, "strerror", None) or str(error)) from error
    # Connections inherit it. Without it the body of an answer, written after its head, waits until the other side has
    # acknowledged the head, which it puts off for 40 ms. asyncio sets it only for sockets that it makes itself.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def serve(app: ASGIApp, listening: socket.socket, protocol: type[FirstWords] = FirstWords) -> None:
    """
    Serves *app* on *listening* until cancelled; then takes no more requests, gives those under way five seconds.

    *app* is wrapped so that requests are timed, counted and traced.
    """
    config = uvicorn.Config(
        Observed(app),
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
