"""
The ledger as server-sent events: from any past position, then live.

The id of each is its sequence, so that a reader who was cut off goes on where it stopped (Last-Event-ID). Between
look-ups no connection to the database is held; a reader who is slow is read for more slowly. It ends when the reader
goes away, or when it is told that the process stops.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

import anyio
import asyncpg
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from services.chassis.auth import Identity, Verifier
from services.query import access, metrics, parameters, refusals
from services.query.answers import NotFound
from services.query.event_json import event_json
from services.query.frame import BASE
from services.query.freshness import snapshot
from services.query.statements import statement
from services.query.visibility import EVERYTHING, visibility

_BATCH: Final = 200
_GREATEST: Final = parameters.GREATEST_SEQUENCE
_SHORTEST_POLL_SECONDS: Final = 0.05
PARAMETERS: Final = {"after": "Start after this sequence; Last-Event-ID wins. 0, from the beginning, if left out."}


@dataclass(slots=True)
class EventStream:
    """The route of the stream."""

    pool: asyncpg.Pool
    verifier: Verifier
    heartbeat_seconds: float = 15.0
    """The longest silence: a comment is sent, so that proxies keep the connection and we notice who left."""
    longest_poll_seconds: float = 1.0
    """How often the ledger is asked while nothing happens; the delay of the first event after a pause."""
    most_readers: int = 500
    """Readers at the same time; one more is asked to come back."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    readers: int = 0
    """How many follow it now."""

    def route(self) -> Route:
        """The route of the stream; it comes before the one of single events."""

        async def endpoint(request: Request) -> Response:
            with refusals.as_problems():
                return await self._respond(request)

        return Route(BASE + "/events/stream", endpoint, methods=["GET"], name="/events/stream")

    async def _respond(self, request: Request) -> Response:
        organisation, identity = await refusals.admitted(request, self.verifier)
        given = parameters.only_known(request.query_params.multi_items(), PARAMETERS)
        last_seen = request.headers.get("last-event-id")
        if last_seen is not None:
            after = parameters.sequence("Last-Event-ID", last_seen)
        else:
            after = parameters.sequence("after", given.get("after", "0"))
        if self.readers >= self.most_readers:
            raise refusals.TooManyReaders
        async with snapshot(self.pool, organisation) as connection:
            if await connection.fetchrow(statement("state"), organisation, None) is None:
                raise NotFound(f"organisations/{organisation}")
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        return StreamingResponse(
            self._sent(organisation, identity, after),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    async def _sent(self, organisation: str, identity: Identity, after: int) -> AsyncIterator[bytes]:
        self.readers += 1
        metrics.STREAM_READERS.inc()
        try:
            yield b": events of " + organisation.encode() + b"\n\n"
            pause, spoke = _SHORTEST_POLL_SECONDS, monotonic()
            while not self.stopping.is_set():
                batch = await self._read(organisation, identity, after)
                if batch:
                    after = batch[-1][0]
                    yield b"".join(b"id: %d\ndata: %b\n\n" % event for event in batch)
                    pause, spoke = _SHORTEST_POLL_SECONDS, monotonic()
                    continue
                if monotonic() - spoke >= self.heartbeat_seconds:
                    yield b": heartbeat\n\n"
                    spoke = monotonic()
                await self._pause(pause)
                pause = min(pause * 2, self.longest_poll_seconds)
        finally:
            self.readers -= 1
            metrics.STREAM_READERS.dec()

    async def _read(self, organisation: str, identity: Identity, after: int) -> list[tuple[int, bytes]]:
        rows: Sequence[asyncpg.Record] = ()
        seen = EVERYTHING
        told: list[tuple[int, bytes]] = []
        asker = identity.actor_id if identity.actor_kind == "person" else identity.on_behalf_of
        # A reader may leave at any time; the look-up, a few milliseconds, ends in order all the same.
        with anyio.CancelScope(shield=True):
            async with snapshot(self.pool, organisation) as connection:
                rows = await connection.fetch(statement("events_after"), organisation, after, _GREATEST, _BATCH)
                if rows:
                    # A restriction holds from the day that it is about: a day later than anywhere's today sees it.
                    today = (datetime.now(UTC) + timedelta(days=1)).date()
                    seen = await visibility(connection, organisation, asker, identity.roles, today, read_model=None)
            told = [(row["sequence"], event_json(row["entry"], row["data"], row["words"])) for row in rows]
            read = frozenset(subject for _, event in told for subject in seen.read_in_item(event))
            await access.note(self.pool, organisation, identity, "read", read, "/events/stream")
        return [(sequence, seen.event(event)) for sequence, event in told]

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            pass
