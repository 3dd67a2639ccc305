"""
Clients of the command route, in a process of their own, each with one connection and one command at a time.

``python -m tests.benchmarks.http_load PORT ORGANISATION TOKEN NAME COMMANDS`` prints ``[commands/s, p99 in ms]``.
Raw sockets and requests made before: a client library would cost more than the service that it measures.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Sequence
from statistics import quantiles
from typing import Final, cast

from typing_extensions import override

from tests.benchmarks.check_ins import check_in

CLIENTS: Final = 64
_LENGTH: Final = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)


class Client(asyncio.Protocol):
    """Sends *requests* one after the other; `done` comes with the last answer, or with the first that is wrong."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = iter(requests)
        self._received = b""
        self._sent_at = 0.0
        self.seconds: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        length = _LENGTH.search(self._received, 0, end + 2)
        if length is None or len(self._received) < end + 4 + int(length[1]):
            return
        if not self._received.startswith(b"HTTP/1.1 201 "):
            self.done.set_exception(AssertionError(self._received))
            self._transport.close()
            return
        self.seconds.append(time.perf_counter() - self._sent_at)
        self._received = b""
        self._send()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError())

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


def request(organisation: str, token: str, command_id: str, number: int) -> bytes:
    """The bytes of one request."""
    body = check_in(number).model_dump_json(exclude_unset=True).encode()
    head = (
        f"POST /v1/organisations/{organisation}/commands/RecordCheckIn HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\n"
        f"Idempotency-Key: {command_id}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def main(port: int, organisation: str, token: str, name: str, commands: int) -> tuple[float, float]:
    """Commands a second, and the 99th percentile of the answer times in milliseconds."""
    each = commands // CLIENTS
    loop = asyncio.get_running_loop()
    clients = [
        Client([request(organisation, token, f"{name}-{place}-{n}", place * each + n) for n in range(each)])
        for place in range(CLIENTS)
    ]
    started = time.perf_counter()
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
    await asyncio.gather(*(client.done for client in clients))
    elapsed = time.perf_counter() - started
    seconds = [each for client in clients for each in client.seconds]
    return len(seconds) / elapsed, quantiles(seconds, n=100)[-1] * 1000


if __name__ == "__main__":
    _, to_port, of_organisation, with_token, under_name, how_many = sys.argv
    print(json.dumps(asyncio.run(main(int(to_port), of_organisation, with_token, under_name, int(how_many)))))
