"""A proxy on loopback between clients and one server: it delays what passes, and cuts what is open."""

import asyncio
from contextlib import suppress

_HOST = "127.0.0.1"
_CHUNK_BYTES = 65536


class Proxy:
    """
    Listens on a free port and passes everything on to *port*.

    A Kafka broker tells its clients where it listens, and they would leave the proxy: with *kafka* its answers name the
    proxy's port instead.
    """

    def __init__(self, port: int, *, kafka: bool = False) -> None:
        self._server_port = port
        self._kafka = kafka
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.delay_seconds = 0.0
        """How long each piece waits on its way, in both directions."""

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, _HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut everything and listen no more."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> int:
        """Cut every open connection with a reset, whatever was on its way; how many."""
        cut = len(self._open) // 2
        for writer in list(self._open):
            writer.transport.abort()
        return cut

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection(_HOST, self._server_port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, to_server}
        self._open |= both
        up = asyncio.create_task(self._pump(reader, to_server))
        down = asyncio.create_task(self._pump(from_server, writer, answers=True))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open -= both
            for each in both:
                each.transport.abort()
            for task in (up, down):
                task.cancel()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while piece := await (self._frame(reader) if answers and self._kafka else reader.read(_CHUNK_BYTES)):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                writer.write(piece)
                await writer.drain()

    async def _frame(self, reader: asyncio.StreamReader) -> bytes:
        """One answer of a broker, with our port in the place of its own."""
        size = await reader.readexactly(4)
        frame = await reader.readexactly(int.from_bytes(size))
        there, here = (_HOST.encode() + port.to_bytes(4) for port in (self._server_port, self.port))
        return size + frame.replace(there, here)
