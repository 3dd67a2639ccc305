"""Spans as OpenTelemetry makes and sends them; imported only where traces are wanted (`tracing`)."""

import logging
import threading
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Final, Literal, TypeAlias

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from services.chassis.kafka import calm_client_log
from services.chassis.problems import Problem

Kind = Literal["internal", "server", "producer", "consumer"]
Attributes: TypeAlias = Mapping[str, str | int]

_KINDS: Final = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
# A collector that is gone must not hold up the end of the process.
_FLUSH_SECONDS: Final = 2.0
_LOST_SPANS_EVERY_SECONDS: Final = 60.0
# The SDK would leave out more of them.
_MOST_LINKS: Final = 128


class Spans:
    """The spans of one process, sent in the background as the variables of OpenTelemetry say."""

    def __init__(self, service: str) -> None:
        # It would log each attempt, two a second while the collector is away; that spans were lost is enough.
        calm_client_log(_LOST_SPANS_EVERY_SECONDS, "opentelemetry")
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)
        # A name that the operator gave wins over ours.
        told = Resource.create()
        unnamed = str(told.attributes.get("service.name", "")).startswith("unknown_service")
        resource = told.merge(Resource({"service.name": service})) if unnamed else told
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("okr")

    def close(self) -> None:
        """Send what is left, for two seconds at most."""
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(_FLUSH_SECONDS)

    def current(self) -> str | None:
        """The traceparent of the span around this code."""
        context = get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    @contextmanager
    def around(self, name: str, parent: str | None, attributes: Attributes | None, kind: Kind) -> Generator[Span]:
        """A span around a block, below the one around it, or else below *parent*."""
        inside = get_current_span().get_span_context().is_valid
        with self._tracer.start_as_current_span(
            name,
            context=None if inside or parent is None else _below(_read(parent)),
            kind=_KINDS[kind],
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as made:
            try:
                yield made
            except Exception as failure:
                # A refusal is an answer. A failure is told by its type, for its message may quote what people wrote.
                if isinstance(failure, Problem) and failure.status < 500:
                    made.set_attribute("okr.refusal", failure.code)
                else:
                    self.fail(made, type(failure).__name__)
                raise

    def fail(self, span: Span, error: str) -> None:
        """See `tracing.fail`."""
        span.set_attribute("error.type", error)
        span.set_status(StatusCode.ERROR)

    def done(self, name: str, parent: str, began: float, ended: float, attributes: Attributes | None) -> None:
        """See `tracing.done`."""
        context = _read(parent)
        if context.trace_flags.sampled:
            made = self._tracer.start_span(name, _below(context), start_time=_instant(began), attributes=attributes)
            made.end(_instant(ended))

    def done_together(
        self,
        name: str,
        whole: str,
        parents: Iterable[str],
        began: float,
        attributes: Attributes | None,
        kind: Kind,
        error: str,
    ) -> None:
        """See `tracing.done_together`."""
        sampled = [context for parent in parents if (context := _read(parent)).trace_flags.sampled]
        if not sampled:
            return

        def start(its_name: str, below: Context, links: Iterable[SpanContext]) -> Span:
            return self._tracer.start_span(
                its_name,
                below,
                kind=_KINDS[kind],
                attributes=attributes,
                links=[Link(each) for each in links],
                start_time=_instant(began),
            )

        together = start(whole, Context(), sampled[:_MOST_LINKS])
        parts = [start(name, _below(context), [together.get_span_context()]) for context in sampled]
        ended = _instant(time.perf_counter())
        for made in (*parts, together):
            if error:
                self.fail(made, error)
            made.end(ended)


def _read(traceparent: str) -> SpanContext:
    _, trace, span, flags = traceparent.split("-")
    return SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def _below(parent: SpanContext) -> Context:
    return set_span_in_context(NonRecordingSpan(parent), Context())


def _instant(moment: float) -> int:
    """A moment of `time.perf_counter` by the clock of the day, in nanoseconds."""
    return time.time_ns() - int((time.perf_counter() - moment) * 1e9)
