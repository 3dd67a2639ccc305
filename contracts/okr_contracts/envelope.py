"""
The envelope of an event and its exact bytes.

An event is stored as three byte strings, made once and never encoded again:

- *entry*, the envelope: who, when, about what, in which order. It holds no personal data and no free text, and it is
  what a transparency log hashes.
- *data*: ids, numbers, dates, words from fixed lists.
- *text*: titles, narratives, reasons. It can be erased; None where an event has no words at all.

All three are JSON in the form of RFC 8785 (sorted keys, no white space, no floats). The entry commits to each part by
HMAC-SHA-256 under a secret of its own: a bare hash of "score = 70 %" could be guessed.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, cast

from pydantic_core import from_json, to_json

from okr_contracts.actor import Actor
from okr_contracts.events import EVENTS, Event
from okr_contracts.fields import plain, seldom_fields_of, text_fields_of, write_instant

ENTRY_VERSION: Final = 1
ENTRY_LIMIT: Final = 8 * 1024
VALUE_LIMIT: Final = 256 * 1024
"""The most bytes that an event's value may have on Kafka."""


# Values that JSON has as they are.
_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})

_PREFIXES: Final = {"data": b"data\x00", "text": b"text\x00"}


class UnknownEvent(ValueError):
    """The bytes are those of an event type or version that this release does not know: install a newer one."""


class Recorded(NamedTuple):
    """
    An event with its place in the ledger.

    ``sequence`` is dense within the organisation, from 1. ``version`` is that of the subject after the event.
    ``recorded_at`` is when the ledger learned it, ``effective_on`` the day that it is about.

    A tuple, since one is made for every event that anybody reads: a frozen dataclass takes six times as long.
    """

    organisation: str
    epoch: int
    sequence: int
    version: int
    recorded_at: datetime
    effective_on: date
    actor: Actor
    command_id: str
    correlation_id: str | None
    causation_id: str | None
    exception: int | None
    event: Event

    @property
    def subject(self) -> str:
        """The subject that the event is of."""
        return self.event.subject

    @property
    def type(self) -> str:
        """The name of the event's type."""
        return type(self.event).__name__


class ExactBytes(NamedTuple):
    """The stored bytes of one event, and the secrets of its commitments; ``text`` and its secret may be None."""

    entry: bytes
    data: bytes
    text: bytes | None
    data_secret: bytes
    text_secret: bytes | None


def canonical_bytes(value: object) -> bytes:
    """The JSON of *value* in the form of RFC 8785; *value* holds no floats, and every name in it is ASCII."""
    return to_json(_in_order(value))


def _in_order(value: object) -> object:
    if type(value) in _AS_THEY_ARE:
        return value
    match value:
        case dict():
            fields = cast("dict[str, object]", value)
            return {name: _in_order(fields[name]) for name in sorted(fields)}
        case list() | tuple():
            return [_in_order(each) for each in cast("list[object]", value)]
        case _:
            raise ValueError(f"exact JSON has no {type(value).__name__}")


def _names_of_parts(event: type[Event]) -> tuple[list[str], list[str]]:
    text = text_fields_of(event)
    return sorted(event.model_fields.keys() - text), sorted(text)


_SELDOM: Final = {event: tuple(sorted(seldom_fields_of(event))) for event in EVENTS.values()}
_NAMES_OF_PARTS: Final = {event: _names_of_parts(event) for event in EVENTS.values()}


def commitment(secret: bytes, part: Literal["data", "text"], content: bytes) -> str:
    """HMAC-SHA-256(secret, part name ‖ 00 ‖ content), in lower-case hexadecimal."""
    return hmac.digest(secret, _PREFIXES[part] + content, "sha256").hex()


def written(event: Event, names: Iterable[str]) -> dict[str, object]:
    """What ``model_dump(mode="json")`` gives of the fields *names*; as dear only where values are nested."""
    values: dict[str, object] = {}
    fields: Mapping[str, object] = event.__dict__
    for name in names:
        value = fields[name]
        if type(value) is Decimal:
            values[name] = plain(value)
        elif type(value) in _AS_THEY_ARE:
            values[name] = value
        else:
            return event.model_dump(mode="json", include=set(names))
    return values


def encode_parts(event: Event) -> tuple[bytes, bytes | None]:
    """The exact bytes of the data and of the text part; the text is None where the event has no words."""
    values = written(event, type(event).model_fields)
    for name in _SELDOM[type(event)]:
        if values[name] is None:
            del values[name]
    data_names, text_names = _NAMES_OF_PARTS[type(event)]
    # Names in order from the start: only what is nested is left to be put in order.
    data = {name: _in_order(values[name]) for name in data_names if name in values}
    text = {name: _in_order(values[name]) for name in text_names if name in values}
    worded = any(value not in (None, []) for value in text.values())
    return to_json(data), to_json(text) if worded else None


def encode(recorded: Recorded, new_secret: Callable[[], bytes] = lambda: secrets.token_bytes(32)) -> ExactBytes:
    """
    The exact bytes of a new event.

    *new_secret* gives 32 random bytes at each call. Raises ValueError where the entry would be longer than 8 KiB.
    """
    event, actor = recorded.event, recorded.actor
    data, text = encode_parts(event)
    data_secret = new_secret()
    text_secret = new_secret() if text is not None else None
    # Names in order, which a test holds against canonical_bytes.
    entry = to_json(
        {
            "actor": {"id": actor.id, "kind": actor.kind, "on_behalf_of": actor.on_behalf_of},
            "causation_id": recorded.causation_id,
            "command_id": recorded.command_id,
            "commitments": {
                "data": commitment(data_secret, "data", data),
                "text": commitment(text_secret, "text", text) if text is not None and text_secret else None,
            },
            "correlation_id": recorded.correlation_id,
            "effective_on": recorded.effective_on.isoformat(),
            "epoch": recorded.epoch,
            "exception": recorded.exception,
            "organisation": recorded.organisation,
            "recorded_at": write_instant(recorded.recorded_at),
            "schema_version": event.schema_version,
            "sequence": recorded.sequence,
            "subject": recorded.subject,
            "subject_version": recorded.version,
            "type": type(event).__name__,
            "version": ENTRY_VERSION,
        }
    )
    if len(entry) > ENTRY_LIMIT:
        raise ValueError(f"the entry has {len(entry)} bytes, at most {ENTRY_LIMIT} are allowed")
    return ExactBytes(entry, data, text, data_secret, text_secret)


def decode_event(
    event_type: str, schema_version: int, data: dict[str, object], text: dict[str, object] | None
) -> Event:
    """The event of parsed parts. Raises UnknownEvent, or pydantic's ValidationError where the parts do not fit."""
    event = EVENTS.get((event_type, schema_version))
    if event is None:
        raise UnknownEvent(f"{event_type} version {schema_version} is not known to this release of okr-contracts")
    # What model_validate does, without looking at options that are not given.
    return event.__pydantic_validator__.validate_python({**text, **data} if text else data)


def decode(entry: bytes, data: bytes, text: bytes | None) -> Recorded:
    """
    The recorded event of its stored bytes; *text* is None where there is none or where it was erased.

    Raises UnknownEvent for a type or version of a later release, ValueError for bytes that are no event.
    """
    # Not a cast each: they are calls, and this is done for every event that anybody reads.
    envelope: dict[str, Any] = from_json(entry)
    actor: dict[str, Any] = envelope["actor"]
    return Recorded(
        envelope["organisation"],
        envelope["epoch"],
        envelope["sequence"],
        envelope["subject_version"],
        datetime.fromisoformat(envelope["recorded_at"]),
        date.fromisoformat(envelope["effective_on"]),
        _actor(actor["kind"], actor["id"], actor["on_behalf_of"]),
        envelope["command_id"],
        envelope["correlation_id"],
        envelope["causation_id"],
        envelope["exception"],
        decode_event(envelope["type"], envelope["schema_version"], from_json(data), from_json(text) if text else None),
    )


_actor: Final = lru_cache(maxsize=4_096)(Actor)
