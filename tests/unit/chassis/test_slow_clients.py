"""Clients that say nothing, a byte at a time, or vanish: they hold nothing, and harm nobody."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from services.chassis import problems
from services.chassis.first_words import FirstWords
from services.chassis.limits import Limited
from services.chassis.serve import listen, serve


class Hasty(FirstWords):
    """The same with little patience."""

    head_seconds = 0.2


async def length(request: Request) -> Response:
    return JSONResponse(len(await request.body()))


def app() -> Starlette:
    return Starlette(
        routes=[Route("/length", length, methods=["POST"])], exception_handlers=problems.exception_handlers()
    )


@asynccontextmanager
async def served(limited: ASGIApp) -> AsyncGenerator[int]:
    listening = listen("127.0.0.1", 0)
    port: int = listening.getsockname()[1]
    serving = asyncio.create_task(serve(limited, listening, Hasty))
    try:
        yield port
    finally:
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving


async def said_to(port: int, *pieces: bytes) -> bytes:
    """All that the service says until it closes the connection, which is never closed from here."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), 30)
    finally:
        writer.close()


@pytest.mark.parametrize("words", [[], [b"POST /length HT"], [b"POST /length HTTP/1.1\r\nHost: here\r\n"]])
async def test_a_head_that_does_not_come_is_not_waited_for(words: list[bytes]):
    async with served(Limited(app())) as port:
        assert await said_to(port, *words) == b""


async def test_a_second_head_that_does_not_come_is_not_waited_for_either():
    whole = b"POST /length HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nhi"
    async with served(Limited(app())) as port:
        answer = await said_to(port, whole, whole[:20])
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert answer.endswith(b"\r\n\r\n2")


async def test_a_body_that_does_not_come_is_refused():
    async with served(Limited(app(), body_seconds=0.2)) as port:
        answer = await said_to(port, b"POST /length HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n1")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"body_too_slow" in answer
    assert b"connection: close" in answer.lower()


async def test_a_body_that_nobody_waits_for_holds_no_connection():
    whole = b"POST /nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n"
    async with served(Limited(app())) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(whole)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 404 ")
        writer.write(b"1")
        await asyncio.wait_for(reader.read(), 30)
        writer.close()


async def test_a_connection_is_kept_where_the_body_came_after_the_answer():
    whole = b"POST /nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n"
    async with served(Limited(app())) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(whole)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
        writer.write(b"hi" + whole.replace(b"/nowhere", b"/length") + b"hi")
        assert b"HTTP/1.1 200 OK" in await asyncio.wait_for(reader.read(), 30)
        writer.close()


async def test_a_body_that_nobody_waits_for_does_not_end_a_stream():
    async def parts() -> AsyncGenerator[bytes]:
        yield b"first "
        await asyncio.sleep(0.3)
        yield b"last"

    async def stream(_request: Request) -> Response:
        return StreamingResponse(parts())

    limited = Limited(Starlette(routes=[Route("/stream", stream)]), body_seconds=0.1)
    async with served(limited) as port:
        answer = await said_to(port, b"GET /stream HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n1")
    assert b"first " in answer
    assert answer.endswith(b"last\r\n0\r\n\r\n")


async def test_a_sender_who_vanishes_in_the_middle_is_no_fault_of_ours():
    with capture_logs() as lines:
        async with served(Limited(app())) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /length HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n12345")
            await writer.drain()
            writer.transport.abort()
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as other:
                while not lines:
                    assert (await other.post("/length", content=b"12")).json() == 2
    assert [line["event"] for line in lines] == ["sender_left"]


async def test_what_is_not_http_is_told_so():
    async with served(Limited(app())) as port:
        answer = await said_to(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"application/problem+json" in head
    assert b'"code": "not_http"' in body


async def test_what_is_not_http_is_no_answer_to_the_request_before_it():
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        asked.set()
        await answer.wait()
        return JSONResponse("done")

    async with served(Limited(Starlette(routes=[Route("/slow", slow, methods=["POST"])]))) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /slow HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nhi")
        await asked.wait()
        writer.write(b"\x16\x03\x01\r\n\r\n")
        said = await asyncio.wait_for(reader.read(), 30)
        answer.set()
        writer.close()
    assert said == b""


async def test_bodies_are_held_up_to_a_limit_and_let_go_with_the_answer():
    asked, answer = asyncio.Event(), asyncio.Event()

    async def held(request: Request) -> Response:
        size = len(await request.body())
        if size == 60:
            asked.set()
            await answer.wait()
        return JSONResponse(size)

    routes = [Route("/", held, methods=["POST"])]
    limited = Limited(
        Starlette(routes=routes, exception_handlers=problems.exception_handlers()), lambda _: 1000, held_limit=100
    )
    transport = httpx.ASGITransport(limited, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as here:
        under_way = asyncio.create_task(here.post("/", content=b"x" * 60))
        await asked.wait()
        refused = await here.post("/", content=b"x" * 41)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_bytes")
        assert refused.headers["retry-after"] == "1"
        assert (await here.post("/", content=b"x" * 40)).json() == 40
        answer.set()
        assert (await under_way).json() == 60
        assert (await here.post("/", content=b"x" * 100)).json() == 100
