"""An OpenTelemetry collector of the test's own: takes spans by OTLP over HTTP, on loopback, and shows them as text."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.chassis.serve import listen, serve


@dataclass(frozen=True, slots=True)
class Seen:
    """A span that came in."""

    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str | None
    links: tuple[tuple[str, str], ...]
    """Trace and span of each."""
    attributes: dict[str, str | int]
    failed: bool
    began_ns: int
    ended_ns: int


@dataclass(slots=True)
class Collector:
    """What came in so far, and where to send it."""

    endpoint: str
    spans: list[Seen] = field(default_factory=list[Seen])

    def of(self, trace: str) -> list[Seen]:
        """The spans of one trace, in the order in which they began."""
        return sorted((span for span in self.spans if span.trace == trace), key=lambda span: span.began_ns)

    def shown(self, trace: str) -> str:
        """The spans of one trace as a tree, with what each did beside its parent; times in milliseconds."""
        spans = self.of(trace)
        known = {span.id for span in spans}
        first = min(span.began_ns for span in spans)

        def lines(below: Iterable[Seen], depth: int) -> Iterable[str]:
            for span in below:
                at, took = (span.began_ns - first) / 1e6, (span.ended_ns - span.began_ns) / 1e6
                linked = "  ⇢ " + self._whole(span) if span.links else ""
                label = f"{'  ' * depth}{span.name}"
                yield f"{at:7.1f} {took:7.1f}  {span.service:<14} {label}{'  FAILED' if span.failed else ''}{linked}"
                yield from lines([each for each in spans if each.parent == span.id], depth + 1)

        tops = [span for span in spans if span.parent not in known]
        return "\n".join(["  at ms    took  service        span", *lines(tops, 0)])

    def _whole(self, span: Seen) -> str:
        ((trace, identity),) = span.links
        return next((each.name for each in self.spans if (each.trace, each.id) == (trace, identity)), "?")


@asynccontextmanager
async def collecting() -> AsyncGenerator[Collector]:
    """A collector that listens on a free port."""
    listening = listen("127.0.0.1", 0)
    collector = Collector(f"http://127.0.0.1:{listening.getsockname()[1]}")

    async def take(request: Request) -> Response:
        collector.spans += _read(await request.body())
        return Response(b"", media_type="application/x-protobuf")

    serving = asyncio.create_task(serve(Starlette(routes=[Route("/v1/traces", take, methods=["POST"])]), listening))
    try:
        yield collector
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def _read(body: bytes) -> Iterable[Seen]:
    for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = str(_attributes(of_resource.resource.attributes)["service.name"])
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield Seen(
                    service=service,
                    name=span.name,
                    kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex() or None,
                    links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
                    attributes=_attributes(span.attributes),
                    failed=span.status.code == Status.STATUS_CODE_ERROR,
                    began_ns=span.start_time_unix_nano,
                    ended_ns=span.end_time_unix_nano,
                )


def _attributes(found: Sequence[KeyValue]) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in found}
