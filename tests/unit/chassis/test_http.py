"""Problems, health, body limits and traces, over the smallest application that has them."""

import asyncio
import socket
from collections.abc import AsyncGenerator

import httpx
import pytest
import structlog
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from services.chassis import health, problems
from services.chassis.limits import Limited
from services.chassis.observed import Observed
from services.chassis.problems import FieldError, Problem
from services.chassis.serve import PortTaken, listen, serve

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def length(request: Request) -> Response:
    return JSONResponse(len(await request.body()))


async def refuse(_request: Request) -> Response:
    raise Problem(
        412,
        "version_is_another",
        "Changed meanwhile",
        "Read it again.",
        [FieldError("/value", "decimal", "Write a number.")],
        current_version=3,
    )


async def trip(_request: Request) -> Response:
    raise ValueError("the words of the body")


async def trace(_request: Request) -> Response:
    return JSONResponse(structlog.contextvars.get_contextvars())


def application() -> Starlette:
    async def well() -> str | None:
        return None

    async def lagging() -> str | None:
        return "7 events behind"

    async def broken() -> str | None:
        raise OSError("password=secret")

    async def hanging() -> str | None:
        await asyncio.Event().wait()

    return Starlette(
        routes=[
            Route("/length", length, methods=["POST"]),
            Route("/refuse", refuse),
            Route("/trip", trip),
            Route("/trace", trace),
            *health.routes({"database": well}),
            *(Route(f"/not{each.path}", each.endpoint) for each in health.routes(
                {"database": well, "lag": lagging, "broker": broken, "disk": hanging}
            )),
            *(Route(f"/degraded{each.path}", each.endpoint) for each in health.routes(
                {"database": well}, {"broker": broken}, {"ledger": ["database"], "publisher": ["database", "broker"]}
            )),
            problems.page({"version_is_another": "Somebody else changed it <first>."}),
        ],
        exception_handlers=problems.exception_handlers(),
    )  # fmt: skip


def client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://here")


async def get(path: str, **headers: str) -> httpx.Response:
    async with client(Observed(Limited(application(), lambda _: 100))) as here:
        return await here.get(path, headers=headers)


async def test_a_refusal_is_a_problem_document() -> None:
    answer = await get("/refuse")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()) == (
        412,
        {
            "type": "/problems/version_is_another",
            "title": "Changed meanwhile",
            "status": 412,
            "detail": "Read it again.",
            "code": "version_is_another",
            "instance": "/refuse",
            "errors": [{"pointer": "/value", "rule": "decimal", "message": "Write a number."}],
            "current_version": 3,
        },
    )


@pytest.mark.parametrize(
    ("path", "status", "code"), [("/nowhere", 404, "not_found"), ("/length", 405, "method_not_allowed")]
)
async def test_what_is_not_there_is_a_problem_too(path: str, status: int, code: str) -> None:
    answer = await get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_fault_of_ours_tells_nothing_but_that() -> None:
    with capture_logs() as lines:
        answer = await get("/trip")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "words" not in answer.text
    assert "Traceback" not in answer.text
    assert [(line["event"], line["route"]) for line in lines] == [("request_failed", "/trip")]


@pytest.mark.parametrize("code", ["version_is_another", "not_found", "token_expired"])
async def test_the_type_of_a_problem_is_a_page(code: str) -> None:
    answer = await get(f"/problems/{code}")
    assert answer.status_code == 200
    assert "http" not in answer.text, "it loads nothing from elsewhere"
    assert "<first>" not in answer.text


async def test_an_unknown_problem_has_no_page() -> None:
    assert (await get("/problems/unheard-of")).status_code == 404


async def test_ready_means_that_every_check_is_well() -> None:
    answer = await get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": {"database": "ok"}})


async def test_not_ready_says_which_check_and_keeps_the_words_of_exceptions() -> None:
    answer = await get("/not/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (
        503,
        {"database": "ok", "lag": "7 events behind", "broker": "OSError", "disk": "no answer within 2 s"},
    )


async def test_what_it_goes_on_without_makes_it_degraded_and_says_which_part_is_not_ready() -> None:
    answer = await get("/degraded/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "status": "degraded",
            "checks": {"database": "ok", "broker": "OSError"},
            "parts": {"ledger": "ready", "publisher": "not ready: broker"},
        },
    )
    told = (await get("/degraded/metrics")).text
    assert 'okr_dependency_up{dependency="database"} 1.0' in told
    assert 'okr_dependency_up{dependency="broker"} 0.0' in told


def answered(method: str, route: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("okr_http_request_seconds_count", labels) or 0


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/refuse", "/refuse", "412"),
        ("/trip", "/trip", "500"),
        ("/nowhere/ada", "none", "404"),
        ("/problems/unheard-of", "/problems/{code}", "404"),
    ],
)
async def test_a_request_is_counted_by_its_route_and_status(path: str, route: str, status: str) -> None:
    before = answered("GET", route, status)
    await get(path)
    assert answered("GET", route, status) == before + 1


async def test_a_method_that_nobody_knows_is_no_label_of_its_own() -> None:
    before = answered("_OTHER", "none", "404")
    async with client(Observed(application())) as here:
        await here.request("BREW", "/nowhere")
    assert answered("_OTHER", "none", "404") == before + 1


async def test_a_request_that_is_given_up_is_counted_and_no_longer_in_progress() -> None:
    async def give_up(_scope: object, _receive: object, _send: object) -> None:
        raise asyncio.CancelledError

    before = answered("GET", "none", "none")
    async with client(Observed(give_up)) as here:
        with pytest.raises(asyncio.CancelledError):
            await here.get("/")
    assert answered("GET", "none", "none") == before + 1
    assert REGISTRY.get_sample_value("okr_http_requests_in_progress") == 0


async def test_alive_and_metrics() -> None:
    assert (await get("/livez")).status_code == 200
    assert "python_info" in (await get("/metrics")).text


async def post(content: bytes | AsyncGenerator[bytes]) -> httpx.Response:
    async with client(Limited(application(), lambda _: 100)) as here:
        return await here.post("/length", content=content)


async def in_pieces(count: int) -> AsyncGenerator[bytes]:
    for _ in range(count):
        yield b"x" * 10


async def test_a_body_up_to_the_limit_is_taken() -> None:
    assert (await post(b"x" * 100)).json() == 100
    assert (await post(in_pieces(10))).json() == 100


async def test_a_larger_one_is_refused_with_and_without_a_length() -> None:
    for answer in (await post(b"x" * 101), await post(in_pieces(11))):
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert "100 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("given", [f"00-{TRACE}-00f067aa0ba902b7-01", f"01-{TRACE}-00f067aa0ba902b7-01-and-more"])
async def test_the_trace_of_a_request_is_bound(given: str) -> None:
    assert (await get("/trace", traceparent=given)).json() == {"trace": TRACE}


@pytest.mark.parametrize(
    "given",
    [
        "",
        "00",
        f"00-{TRACE}",
        "00-gggggggggggggggggggggggggggggggg-00f067aa0ba902b7-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01-and-more",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
    ],
)
async def test_a_broken_trace_is_ignored(given: str) -> None:
    assert (await get("/trace", traceparent=given)).json() == {}


async def test_serving_ends_when_cancelled_and_lets_the_answer_under_way_finish() -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        asked.set()
        await answer.wait()
        return Response("done")

    listening = listen("127.0.0.1", 0)
    port: int = listening.getsockname()[1]
    serving = asyncio.create_task(serve(Starlette(routes=[Route("/", slow)]), listening))
    async with httpx.AsyncClient() as here:
        under_way = asyncio.create_task(here.get(f"http://127.0.0.1:{port}/"))
        await asked.wait()
        serving.cancel()
        answer.set()
        assert (await under_way).text == "done"
    with pytest.raises(asyncio.CancelledError):
        await serving


def test_an_answer_does_not_wait_for_an_acknowledgement():
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()[:2]):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_that_is_taken_is_named_with_the_fix() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(PortTaken, match="OKR_HTTP_PORT"):
        listen("127.0.0.1", taken.getsockname()[1])
