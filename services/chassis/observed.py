"""What is seen of each HTTP request from outside: how long it took, how it ended, whose trace it belongs to."""

import re
import time
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client import Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import tracing

if TYPE_CHECKING:
    from opentelemetry.trace import Span

SECONDS: Final = Histogram(
    "okr_http_request_seconds",
    "Time from a request to the first byte of its answer, by route and status; `none`: no such route, or no answer,"
    " because the client went away.",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)
IN_PROGRESS: Final = Gauge("okr_http_requests_in_progress", "Requests that are being answered, streams of events too.")

# W3C Trace Context: version ff and ids of zeros alone are none, and only versions after 00 may add something.
_TRACEPARENT = re.compile(
    rb"(?P<known>(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-.*)?"
)
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_NONE: Final = "none"


class Observed:
    """
    Times and counts what *app* answers, and makes it part of the trace that the header `traceparent` names.

    The trace stands in every line that is logged meanwhile, whether spans are made or not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # Finding a child by its labels costs more than observing: each is looked up once.
        self._seconds: dict[tuple[str, str, int | None], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answered: list[tuple[int, float]] = []

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append((message["status"], time.perf_counter()))
            await send(message)

        IN_PROGRESS.inc()
        try:
            await self._traced(scope, receive, timed, answered)
        finally:
            IN_PROGRESS.dec()
            status, at = answered[0] if answered else (None, time.perf_counter())
            self._of(_method(scope), _route(scope), status).observe(at - began)

    async def _traced(self, scope: Scope, receive: Receive, send: Send, answered: list[tuple[int, float]]) -> None:
        caller = traceparent(scope)
        if caller is None and not tracing.on():
            await self._app(scope, receive, send)
            return
        with tracing.span(_method(scope), {"http.request.method": _method(scope)}, "server", caller) as span:
            try:
                with structlog.contextvars.bound_contextvars(trace=(tracing.current() or caller or "").split("-")[1]):
                    await self._app(scope, receive, send)
            finally:
                if span is not None:
                    _describe(span, scope, answered[0][0] if answered else None)

    def _of(self, method: str, route: str, status: int | None) -> Histogram:
        key = (method, route, status)
        if key not in self._seconds:
            self._seconds[key] = SECONDS.labels(method, route, _NONE if status is None else str(status))
        return self._seconds[key]


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in _METHODS else "_OTHER"


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", _NONE))


def _describe(span: "Span", scope: Scope, status: int | None) -> None:
    """What is known at the end. The path would name subjects, and who knows what else; the route does not."""
    span.update_name(f"{_method(scope)} {_route(scope)}")
    span.set_attribute("http.route", _route(scope))
    if status is None:
        return
    span.set_attribute("http.response.status_code", status)
    if status < 400 and (organisation := scope.get("path_params", {}).get("organisation")):
        span.set_attribute("okr.organisation", organisation)
    if status >= 500:
        tracing.fail(span, str(status))


def traceparent(scope: Scope) -> str | None:
    """The W3C trace context of a request, None where it has none of that form; what a later version adds is cut off."""
    return parsed(dict(scope["headers"]).get(b"traceparent"))


def parsed(header: bytes | None) -> str | None:
    """The same of a header's value."""
    found = _TRACEPARENT.fullmatch(header) if header is not None else None
    return found["known"].decode("ascii") if found else None
