"""
One line per fact: JSON where machines read, colours where people do.

What other libraries log goes the same way. A name, a token or free text has no place in a line; of an exception only
its type and its places in the code are written, because its message may quote what it tripped over.
"""

import logging
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Literal, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from services.chassis.kafka import calm_client_log

LogFormat = Literal["console", "json"]
_WITHHELD = "(withheld)"
PRIVATE = frozenset({
    "authorization", "body", "description", "email", "key_file", "label", "name", "narrative", "password", "reason",
    "secret", "text", "title", "token",
})  # fmt: skip
"""Fields that hold names, secrets or free text, should one get into a line."""


def configure(form: LogFormat | None = None, level: str = "INFO") -> None:
    """Sets up logging for this process; without *form*, colours at a terminal and JSON elsewhere. Writes to stderr."""
    console = (form or ("console" if sys.stderr.isatty() else "json")) == "console"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        withhold,
        describe_exception,
    ]
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if console
        else [structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # An error of a request is logged where it is answered (`problems`), once.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    calm_client_log()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def withhold(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces the values of fields that hold names, secrets or free text, should one get here."""
    for field in PRIVATE & event.keys():
        event[field] = _WITHHELD
    return event


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces `exc_info` by the exception's type and where it came from, without its message."""
    given: object = event.pop("exc_info", None)
    error = _exception(given)
    if error is not None:
        event["error"] = type(error).__name__
        event["where"] = where(error)
    return event


def where(error: BaseException) -> list[str]:
    """The places in the code that *error* passed, outermost first, those of its causes after it."""
    places = [
        f"{frame.name} ({_short(frame.filename)}:{frame.lineno})" for frame in traceback.extract_tb(error.__traceback__)
    ]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return places if cause is None else [*places, f"after {type(cause).__name__}", *where(cause)]


def _exception(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return cast("tuple[object, BaseException | None, TracebackType | None]", given)[1]
    return sys.exc_info()[1] if given else None


def _short(path: str) -> str:
    return "/".join(path.split("/")[-3:])


def bound(fields: Mapping[str, str | int]) -> None:
    """Adds *fields* to every line of the current task from now on, such as the organisation and the trace."""
    structlog.contextvars.bind_contextvars(**fields)
