"""
Events on Kafka: CloudEvents 1.0, Kafka protocol binding, binary mode.

The key is the organisation. The headers carry the envelope, the value ``{"data":…,"text":…}`` the two stored parts side
by side, byte for byte. The pair of source and id is the event's identity; consumers gate by the sequence.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias, cast
from urllib.parse import unquote

from pydantic_core import from_json

from okr_contracts.actor import Actor
from okr_contracts.cloud_event_attributes import source, write_actor
from okr_contracts.envelope import Recorded, UnknownEvent, decode_event
from okr_contracts.events import EVENTS
from okr_contracts.fields import write_instant

TOPIC: Final = "okr.events.v1"
_TYPE_PREFIX: Final = "okr."
_TYPE: Final = re.compile(rb"okr\.(?P<name>[A-Za-z]{1,64})\.v(?P<version>[1-9][0-9]{0,4})")
# Epoch 1 has no suffix: one event has one identity.
_SOURCE: Final = re.compile(
    rb"/organisations/(?P<organisation>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(/e(?P<epoch>(?!1$)[1-9][0-9]{0,8}))?"
)
_DAY: Final = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HIGHEST_SEQUENCE: Final = 2**53 - 1
_MOST_DIGITS: Final = 16
_ZERO: Final = ord("0")
_Part: TypeAlias = dict[str, object]


class NotAnEvent(ValueError):
    """The record is none of the ledger's events: the message says what is missing or broken."""


class Heading(NamedTuple):
    """What the headers of a record say about its event: its place in the ledger, and of which type it is."""

    organisation: str
    epoch: int
    sequence: int
    recorded_at: datetime
    type: str
    schema_version: int


def headers(recorded: Recorded) -> list[tuple[str, bytes]]:
    """The record's headers, in a fixed order; those without a value are left out."""
    optional = (
        ("ce_exception", None if recorded.exception is None else str(recorded.exception)),
        ("ce_correlationid", recorded.correlation_id),
        ("ce_causationid", recorded.causation_id),
    )
    event = recorded.event
    return [
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_source", source(recorded.organisation, recorded.epoch).encode()),
        ("ce_id", str(recorded.sequence).encode()),
        ("ce_type", f"{_TYPE_PREFIX}{type(event).__name__}.v{event.schema_version}".encode()),
        ("ce_time", write_instant(recorded.recorded_at).encode()),
        ("ce_subject", event.subject.encode()),
        ("ce_sequence", f"{recorded.sequence:020d}".encode()),
        ("ce_partitionkey", recorded.organisation.encode()),
        ("ce_dataschema", f"/schemas/events/{type(event).__name__}.v{event.schema_version}.json".encode()),
        ("ce_actor", write_actor(recorded.actor).encode()),
        ("ce_effectiveon", recorded.effective_on.isoformat().encode()),
        ("ce_commandid", recorded.command_id.encode()),
        ("ce_subjectversion", str(recorded.version).encode()),
        *((name, text.encode()) for name, text in optional if text is not None),
    ]


def decode_heading(given: Mapping[str, bytes | None]) -> Heading:
    """
    What the headers of a Kafka record say about its event: enough to know whether one wants to read it.

    Raises as `decode_record`.
    """
    if given.get("ce_specversion") != b"1.0":
        raise NotAnEvent("it has no header ce_specversion 1.0")
    event_type, schema_version = _read_type(given.get("ce_type") or b"")
    organisation, epoch = _read_source(given.get("ce_source") or b"")
    return Heading(
        organisation,
        epoch,
        _read_number("ce_id", given.get("ce_id") or b""),
        _read_instant(given.get("ce_time") or b""),
        event_type,
        schema_version,
    )


def decode_record(record_headers: Iterable[tuple[str, bytes | None]], record_value: bytes | None) -> Recorded:
    """
    The recorded event of a Kafka record. A header that is given twice counts as it was given last.

    Raises NotAnEvent for whatever is not one of the ledger's records, UnknownEvent for a type or version of a later
    release. Nothing else is raised, whatever the bytes.
    """
    given = dict(record_headers)
    return decode_body(decode_heading(given), given, record_value)


def decode_body(heading: Heading, given: Mapping[str, bytes | None], record_value: bytes | None) -> Recorded:
    """The recorded event under *heading*, which the headers *given* say. Raises as `decode_record`."""
    if not record_value:
        raise NotAnEvent("its value is empty")
    try:
        parts = from_json(record_value)
        data, text = parts["data"], parts["text"]
        if not isinstance(data, dict) or not isinstance(text, dict | None):
            raise NotAnEvent("its value is not {data, text}")
        event = decode_event(heading.type, heading.schema_version, cast("_Part", data), cast("_Part | None", text))
        if event.subject.encode() != given["ce_subject"]:
            raise NotAnEvent("its subject is not that of its data")
        exception, correlation = given.get("ce_exception"), given.get("ce_correlationid")
        causation = given.get("ce_causationid")
        return Recorded(
            heading.organisation,
            heading.epoch,
            heading.sequence,
            _read_number("ce_subjectversion", given["ce_subjectversion"] or b""),
            heading.recorded_at,
            _read_day(given["ce_effectiveon"] or b""),
            _read_actor(given["ce_actor"] or b""),
            _read_text(given["ce_commandid"] or b""),
            None if correlation is None else _read_text(correlation),
            None if causation is None else _read_text(causation),
            None if exception is None else _read_number("ce_exception", exception),
            event,
        )
    except KeyError as missing:
        raise NotAnEvent(f"{missing} is missing") from missing
    except (NotAnEvent, UnknownEvent):
        raise
    except (TypeError, ValueError, OverflowError) as broken:
        raise NotAnEvent(f"it cannot be read: {type(broken).__name__}") from broken


def identity(record_headers: Iterable[tuple[str, bytes | None]]) -> tuple[str, int, int]:
    """
    Organisation, epoch and sequence of a record, of whatever type: what makes two records the same event.

    Raises NotAnEvent where they are missing or broken.
    """
    given = dict(record_headers)
    return (*_read_source(given.get("ce_source") or b""), _read_number("ce_id", given.get("ce_id") or b""))


# What many records say in the same bytes is read once. The bounds hold the memory, whatever is sent.
@lru_cache(maxsize=256)
def _read_type(content: bytes) -> tuple[str, int]:
    named = _TYPE.fullmatch(content)
    if named is None:
        raise NotAnEvent("its ce_type is not okr.<Type>.v<version>")
    event_type, schema_version = named["name"].decode(), int(named["version"])
    if (event_type, schema_version) not in EVENTS:
        raise UnknownEvent(f"{event_type} version {schema_version} is not known to this release of okr-contracts")
    return event_type, schema_version


@lru_cache(maxsize=16_384)
def _read_source(content: bytes) -> tuple[str, int]:
    named = _SOURCE.fullmatch(content)
    if named is None:
        raise NotAnEvent("its ce_source is not /organisations/<organisation>")
    return named["organisation"].decode(), int(named["epoch"] or 1)


def _read_number(name: str, content: bytes) -> int:
    # Bounded before it is read: a number that no database column holds would stop whoever stores it.
    if content.isdigit() and len(content) <= _MOST_DIGITS and content[0] != _ZERO:
        number = int(content)
        if number <= _HIGHEST_SEQUENCE:
            return number
    raise NotAnEvent(f"{name} is not a number from 1 to {_HIGHEST_SEQUENCE}")


@lru_cache(maxsize=64)  # The events of a group are of one moment.
def _read_instant(content: bytes) -> datetime:
    try:
        instant = datetime.fromisoformat(content.decode())
        if instant.tzinfo is not None:
            return instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    except (ValueError, OverflowError) as broken:
        raise NotAnEvent("its ce_time is no moment") from broken
    raise NotAnEvent("its ce_time has no time zone")


def _read_text(content: bytes) -> str:
    text = content.decode()
    # A database refuses it in any text: the record would be taken here and stop its reader there.
    if "\x00" in text:
        raise NotAnEvent("a header holds a NUL")
    return text


@lru_cache(maxsize=4_096)
def _read_day(content: bytes) -> date:
    if not _DAY.fullmatch(content):
        raise NotAnEvent("its ce_effectiveon is not a calendar day")
    return date.fromisoformat(content.decode())


@lru_cache(maxsize=4_096)
def _read_actor(content: bytes) -> Actor:
    main, _, behalf = content.decode().partition("?on_behalf_of=")
    kind, _, actor_id = main.partition("/")
    if kind not in ("person", "service") or not actor_id:
        raise NotAnEvent("its ce_actor is not person/<id> or service/<id>")
    actor = Actor(kind, unquote(actor_id), unquote(behalf) or None)
    if "\x00" in actor.id + (actor.on_behalf_of or ""):
        raise NotAnEvent("its ce_actor holds a NUL")
    return actor
