"""What all queries share: who asks, of which moment, how fresh, and the answer as HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, TypeAlias
from urllib.parse import urlencode

import asyncpg
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from okr_contracts.fields import write_instant
from services.chassis import tracing
from services.chassis.auth import Identity, Verifier
from services.query import access, metrics, paging, parameters, refusals
from services.query.answers import Answer, Asked, Key, NotAllowed, Page, Streamed
from services.query.event_json import json_bytes
from services.query.freshness import Reached, Wanted, fresh_snapshot
from services.query.visibility import Visibility, visibility

BASE: Final = "/v1/organisations/{organisation}"
_JSON: Final = "application/json"
# A reader who takes longer is cut off: the snapshot of a streamed answer holds a connection, and old rows, until then.
_LONGEST_STREAM_SECONDS: Final = 120.0
# What is hidden is not to be found by them, nor by whom it names.
_SEARCHES: Final = frozenset({"owner", "unit", "q", "actor"})
_NAMED: Final = ("people/", "units/")
_MOMENT: Final = ("known_at", "effective_on")

Ask: TypeAlias = Callable[..., Awaitable[Answer]]
"""``(connection, asked, **ids of the path) -> Answer``."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query: its address below the organisation, and what it reads."""

    path: str
    ask: Ask
    summary: str
    read_model: str | None
    """Whose position the answer is true for; None for the ledger itself."""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Its own parameters, with what they mean."""
    moment: tuple[str, ...] = _MOMENT
    """Which of the two clocks it can be asked on."""
    sorted_by: tuple[type, ...] | None = None
    """The types of the sort key of a list that is paged by cursor; None for all others."""
    resumed_by: str | None = None
    """The parameter that a list is paged by instead of a cursor: one that readers may set themselves."""

    def known(self) -> set[str]:
        """The names of all parameters that it takes."""
        paged = ("limit", "cursor") if self.sorted_by else ("limit",) if self.resumed_by else ()
        return {*self.parameters, *self.moment, *paged}


@dataclass(frozen=True, slots=True)
class Frame:
    """Turns queries into routes over one pool, whose connections have the role that row level security binds."""

    pool: asyncpg.Pool
    verifier: Verifier
    now: Callable[[], datetime]

    def route(self, query: Query) -> Route:
        """The route of *query*."""

        seconds = metrics.ANSWER_SECONDS.labels(query.path)

        async def endpoint(request: Request) -> Response:
            with seconds.time(), refusals.as_problems():
                return await self._respond(query, request)

        return Route(BASE + query.path, endpoint, methods=["GET"], name=query.path)

    async def _respond(self, query: Query, request: Request) -> Response:
        organisation, identity = await refusals.admitted(request, self.verifier)
        who = (organisation, identity)
        ids = {name: value for name, value in request.path_params.items() if name != "organisation"}
        refusals.refuse_impossible_ids(ids)
        given = parameters.only_known(request.query_params.multi_items(), query.known())
        # All that can be refused is refused before anybody waits for a sequence.
        wanted = wanted_of(request, given)
        place = _place(query, request.url.path, given)
        async with AsyncExitStack() as held:
            with tracing.span("wait until it is fresh", {"okr.read_model": query.read_model or "ledger"}):
                connection, reached = await held.enter_async_context(
                    fresh_snapshot(self.pool, organisation, query.read_model, wanted)
                )
            asked = self._asked(query, organisation, identity, given, place, reached)
            with tracing.span(f"ask {query.path}", {"okr.sequence": reached.known_at}):
                seen = await visibility(
                    connection, organisation, asked.asker, asked.roles, asked.today, read_model=query.read_model
                )
                if _is_search(asked.parameters):
                    asked = replace(asked, not_to_find=seen.hidden)
                try:
                    told = await query.ask(connection, asked, **ids)
                except NotAllowed:
                    held.push_async_callback(access.note, self.pool, *who, "refused", [_subject_of(ids)], query.path)
                    raise
                answer = seen.shown(told)
            headers = freshness_headers(reached) | waited_header(request)
            if isinstance(answer, Streamed):

                def note(read: frozenset[str]) -> Awaitable[None]:
                    return access.note(self.pool, *who, "read", read, query.path)

                return _Held(_stream(answer, seen, note), held.pop_all(), headers=headers, media_type=_JSON)
            read = seen.read_in(answer)
        # With the connection of the snapshot given back: whoever notes must not wait for one that waits for it.
        await access.note(self.pool, *who, "read", read, query.path)
        return _plain(request, _body(query, request.url.path, given, asked, answer), headers)

    def _asked(
        self,
        query: Query,
        organisation: str,
        identity: Identity,
        given: Mapping[str, str],
        place: "_Place",
        reached: Reached,
    ) -> Asked:
        today = self.now().astimezone(reached.time_zone).date()
        return Asked(
            organisation=organisation,
            effective_on=place.effective_on or today,
            known_at=reached.known_at,
            position=reached.position,
            today=today,
            time_zone=reached.time_zone,
            limit=place.limit,
            after=place.after,
            parameters={name: value for name, value in given.items() if name in query.parameters},
            asker=identity.actor_id if identity.actor_kind == "person" else identity.on_behalf_of,
            roles=identity.roles,
            generation=reached.generation,
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """The day that is asked about, where it is named, and the place in a list."""

    effective_on: date | None
    limit: int
    after: Key | None


def _place(query: Query, path: str, given: Mapping[str, str]) -> _Place:
    day, cursor = given.get("effective_on"), given.get("cursor")
    return _Place(
        effective_on=None if day is None else parameters.day("effective_on", day),
        limit=parameters.limit(given),
        after=paging.read_cursor(path, given, cursor, query.sorted_by) if cursor and query.sorted_by else None,
    )


def _is_search(given: Mapping[str, str]) -> bool:
    return not _SEARCHES.isdisjoint(given) or given.get("subject", "").startswith(_NAMED)


def _subject_of(ids: Mapping[str, str]) -> str:
    """What an address is about, for the record of a refusal."""
    return "/".join(ids.values()) or "everything"


def wanted_of(request: Request, given: Mapping[str, str]) -> Wanted:
    """What the reader asks of the answer's freshness."""
    at_least = request.headers.get("okr-min-sequence")
    return Wanted(
        at_least=parameters.sequence("Okr-Min-Sequence", at_least) if at_least is not None else 0,
        known_at=parameters.known_at(given["known_at"]) if "known_at" in given else None,
        wait_seconds=parameters.wait_seconds(request.headers.get("prefer")) or 0.0,
    )


def freshness_headers(reached: Reached) -> dict[str, str]:
    """Which sequence the answer is true for, and when that event was recorded."""
    recorded = {"Okr-Recorded-At": write_instant(reached.recorded_at)} if reached.recorded_at else {}
    return {"Okr-Sequence": str(reached.known_at), **recorded}


def waited_header(request: Request) -> dict[str, str]:
    """Says how long the answer would have been waited for, where the reader asked to wait."""
    seconds = parameters.wait_seconds(request.headers.get("prefer"))
    return {"Preference-Applied": f"wait={seconds:.0f}"} if seconds is not None else {}


def _body(query: Query, path: str, given: Mapping[str, str], asked: Asked, answer: Answer) -> bytes:
    match answer:
        case bytes():
            return answer
        case Page(items=items, last=last):
            written = [item if isinstance(item, bytes) else json_bytes(item) for item in items]
            following = None if last is None else _next_page(query, path, given, asked, last)
            return b'{"items":[' + b",".join(written) + b'],"next":' + json_bytes(following) + b"}"
        case Streamed():
            raise TypeError("a streamed answer has no body of its own")
        case _:
            return json_bytes(answer)


def _next_page(query: Query, path: str, given: Mapping[str, str], asked: Asked, last: Key) -> str:
    if query.resumed_by:
        return f"{path}?{urlencode({**given, query.resumed_by: last[0]})}"
    moment = {"known_at": str(asked.known_at), "effective_on": asked.effective_on.isoformat()}
    return paging.next_page(path, {**given, **{name: moment[name] for name in query.moment}}, last)


def _plain(request: Request, body: bytes, headers: Mapping[str, str]) -> Response:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    sent = {**headers, "ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or known == ["*"]:
        return Response(status_code=304, headers=sent)
    return Response(body, headers=sent, media_type=_JSON)


async def _stream(
    answer: Streamed, seen: Visibility, note: Callable[[frozenset[str]], Awaitable[None]]
) -> AsyncIterator[bytes]:
    """The answer piece by piece; what it shows of something restricted is noted before it is sent."""
    noted = seen.read_in(answer)
    await note(noted)
    head = json_bytes(answer.head)[:-1]
    yield head + (b"," if answer.head else b"") + json_bytes(answer.field) + b":["
    separator = b""
    async for item in answer.items:
        if new := seen.read_in_item(item) - noted:
            await note(new)
            noted |= new
        yield separator + json_bytes(item)
        separator = b","
    yield b"]}"


class _Held(StreamingResponse):
    """A streamed answer that keeps its snapshot until it was sent, or the reader went away."""

    def __init__(
        self, content: AsyncIterator[bytes], held: AsyncExitStack, headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(content, headers=headers, media_type=media_type)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held, asyncio.timeout(_LONGEST_STREAM_SECONDS):
            await super().__call__(scope, receive, send)
