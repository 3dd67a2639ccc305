"""
Traces for OpenTelemetry, where an OTLP endpoint is configured; otherwise nothing of it is loaded.

The standard variables of OpenTelemetry say where they go and which are made: operators know them, and platforms set
them. A command's trace goes on behind the ledger by the traceparent that is stored with its events and travels with
their records. What is done for many commands at once, such as a group or a batch of records, is a trace of its own;
each of theirs shows it as one span, linked to the whole.
"""

import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

from services.chassis.settings import SettingsError

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from services.chassis.spans import Attributes, Kind, Spans

SETTINGS: Final = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": (
        "http://localhost:4318",
        "Where traces are sent, by OTLP over HTTP. Default: none are made.",
    ),
    "OTEL_EXPORTER_OTLP_HEADERS": ("", "What is sent along as headers, such as `authorization=Bearer …`."),
    "OTEL_TRACES_SAMPLER": (
        "parentbased_traceidratio",
        "Which traces are made. Default: `parentbased_always_on`, all but those whose caller makes none.",
    ),
    "OTEL_TRACES_SAMPLER_ARG": ("0.01", "The share that such a sampler makes."),
    "OTEL_SDK_DISABLED": ("true", "`true`: none are made, whatever else is set. Default: `false`."),
}
"""The variables that are asked for most, with an example and the meaning; the SDK knows more."""

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
_PROTOCOL: Final = "http/protobuf"
_spans: "Spans | None" = None


def configured(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether traces are wanted. Raises SettingsError for a protocol that is not spoken here."""
    disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if disabled or not any(environment.get(name) for name in _ENDPOINTS):
        return False
    for name in _PROTOCOLS:
        if environment.get(name, _PROTOCOL) != _PROTOCOL:
            raise SettingsError(f"{name}: only {_PROTOCOL} is spoken here. Name the collector's HTTP port, often 4318.")
    return True


@contextmanager
def exported(service: str) -> Generator[None]:
    """Sends the spans of this process as those of *service*, if traces are wanted. Raises SettingsError."""
    global _spans  # noqa: PLW0603 - one a process, as with logs and metrics
    if not configured():
        yield
        return
    try:
        from services.chassis.spans import Spans  # noqa: PLC0415 - 20 MB, only where they are wanted
    except ModuleNotFoundError as missing:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, and what makes them is not installed:"
            " pip install 'okr-ledger[tracing]', or remove the variable."
        ) from missing
    _spans = Spans(service)
    try:
        yield
    finally:
        made, _spans = _spans, None
        made.close()


def on() -> bool:
    """Whether spans are made: to be asked before anything is worked out for them."""
    return _spans is not None


def current() -> str | None:
    """The traceparent of the span around this code; None where there is none."""
    if _spans is None:
        return None
    return _spans.current()


def span(
    name: str, attributes: "Attributes | None" = None, kind: "Kind" = "internal", parent: str | None = None
) -> "AbstractContextManager[Span | None]":
    """
    A span around a block, below the one around it, or else below *parent*; None where no spans are made.

    *attributes* hold ids, types, counts and codes: no names, no tokens, nothing that people wrote. An exception marks
    it as failed, by its type alone.
    """
    return nullcontext() if _spans is None else _spans.around(name, parent, attributes, kind)


def fail(span: "Span", error: str) -> None:
    """Mark *span* as failed by *error*, a type or a code."""
    if _spans is not None:
        _spans.fail(span, error)


def done(name: str, parent: str | None, began: float, ended: float, attributes: "Attributes | None" = None) -> None:
    """A span below *parent* of what was done from *began* to *ended*, both by `time.perf_counter`."""
    if _spans is not None and parent is not None:
        _spans.done(name, parent, began, ended, attributes)


def done_together(
    name: str,
    whole: str,
    parents: Iterable[str | None],
    began: float,
    attributes: "Attributes | None" = None,
    kind: "Kind" = "internal",
    error: str = "",
) -> None:
    """
    What was done at once for all of *parents*, from *began* by `time.perf_counter` until now; it failed if there is an
    *error*, a type or a code.

    One span, *whole*, in a trace of its own, with a link to each parent whose trace is made (to the first 128); and for
    each of those a span *name* below it, with a link to the whole. Without such a parent there is none.
    """
    if _spans is not None and (known := [each for each in dict.fromkeys(parents) if each is not None]):
        _spans.done_together(name, whole, known, began, attributes, kind, error)
