"""
Events on Kafka: CloudEvents 1.0, Kafka protocol binding, binary mode.

The key is the organisation. The headers carry the envelope, the value ``{"data":…,"text":…}`` the two stored parts side
by side, byte for byte. The pair of source and id is the event's identity; consumers gate by the sequence.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final, cast
from urllib.parse import quote, unquote

from pydantic_core import from_json

from okr_contracts.envelope import Actor, Recorded, UnknownEvent, decode_event
from okr_contracts.fields import write_instant

TOPIC: Final = "okr.events.v1"
_TYPE_PREFIX: Final = "okr."
_TYPE: Final = re.compile(r"okr\.(?P<name>[A-Za-z]{1,64})\.v(?P<version>[1-9][0-9]{0,4})", re.ASCII)
# Epoch 1 has no suffix: one event has one identity.
_SOURCE: Final = re.compile(
    r"/organisations/(?P<organisation>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(/e(?P<epoch>(?!1$)[1-9][0-9]{0,8}))?",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_HIGHEST_SEQUENCE: Final = 2**53 - 1


class NotAnEvent(ValueError):
    """The record is none of the ledger's events: the message says what is missing or broken."""


def source(organisation: str, epoch: int) -> str:
    """The CloudEvents source of an organisation's events: from the second epoch on it names the epoch."""
    return f"/organisations/{organisation}" if epoch == 1 else f"/organisations/{organisation}/e{epoch}"


def write_actor(actor: Actor) -> str:
    """The actor as a header: ``person/p1``, or ``service/sync?on_behalf_of=p1``."""
    behalf = f"?on_behalf_of={quote(actor.on_behalf_of, safe='')}" if actor.on_behalf_of else ""
    return f"{actor.kind}/{quote(actor.id, safe='')}{behalf}"


def value(data: bytes, text: bytes | None) -> bytes:
    """The record's value: both stored parts, put side by side without encoding them again."""
    return b'{"data":' + data + b',"text":' + (text or b"null") + b"}"


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


def decode_record(record_headers: Iterable[tuple[str, bytes | None]], record_value: bytes | None) -> Recorded:
    """
    The recorded event of a Kafka record.

    Raises NotAnEvent for whatever is not one of the ledger's records, UnknownEvent for a type or version of a later
    release. Nothing else is raised, whatever the bytes.
    """
    try:
        fields = {name: content.decode() for name, content in record_headers if content is not None}
    except UnicodeDecodeError as broken:
        raise NotAnEvent("a header is not UTF-8") from broken
    # A database refuses it in any text: the record would be taken here and stop its reader there.
    if any("\x00" in text for text in fields.values()):
        raise NotAnEvent("a header holds a NUL")
    if fields.get("ce_specversion") != "1.0":
        raise NotAnEvent("it has no header ce_specversion 1.0")
    if not record_value:
        raise NotAnEvent("its value is empty")
    event_type, schema_version = _read_type(fields)
    try:
        parts = from_json(record_value)
        data, text = parts["data"], parts["text"]
        if not isinstance(data, dict) or not isinstance(text, dict | None):
            raise NotAnEvent("its value is not {data, text}")
        organisation, epoch = _read_source(fields["ce_source"])
        recorded = Recorded(
            organisation=organisation,
            epoch=epoch,
            sequence=_read_number(fields, "ce_id"),
            version=_read_number(fields, "ce_subjectversion"),
            recorded_at=_read_instant(fields["ce_time"]),
            effective_on=_read_day(fields["ce_effectiveon"]),
            actor=_read_actor(fields["ce_actor"]),
            command_id=fields["ce_commandid"],
            correlation_id=fields.get("ce_correlationid"),
            causation_id=fields.get("ce_causationid"),
            exception=_read_number(fields, "ce_exception") if "ce_exception" in fields else None,
            event=decode_event(
                event_type, schema_version, cast("dict[str, object]", data), cast("dict[str, object] | None", text)
            ),
        )
    except KeyError as missing:
        raise NotAnEvent(f"{missing} is missing") from missing
    except (NotAnEvent, UnknownEvent):
        raise
    except (TypeError, ValueError, OverflowError) as broken:
        raise NotAnEvent(f"it cannot be read: {type(broken).__name__}") from broken
    if recorded.event.subject != fields.get("ce_subject"):
        raise NotAnEvent("its subject is not that of its data")
    return recorded


def identity(record_headers: Iterable[tuple[str, bytes | None]]) -> tuple[str, int, int]:
    """
    Organisation, epoch and sequence of a record, from its headers alone: what makes two records the same event.

    Raises NotAnEvent where they are missing or broken.
    """
    try:
        fields = {name: content.decode() for name, content in record_headers if content is not None}
        return (*_read_source(fields["ce_source"]), _read_number(fields, "ce_id"))
    except UnicodeDecodeError as broken:
        raise NotAnEvent("a header is not UTF-8") from broken
    except KeyError as missing:
        raise NotAnEvent(f"{missing} is missing") from missing


def _read_type(fields: Mapping[str, str]) -> tuple[str, int]:
    named = _TYPE.fullmatch(fields.get("ce_type", ""))
    if named is None:
        raise NotAnEvent("its ce_type is not okr.<Type>.v<version>")
    return named["name"], int(named["version"])


def _read_source(text: str) -> tuple[str, int]:
    named = _SOURCE.fullmatch(text)
    if named is None:
        raise NotAnEvent("its ce_source is not /organisations/<organisation>")
    return named["organisation"], int(named["epoch"] or 1)


def _read_number(fields: Mapping[str, str], name: str) -> int:
    text = fields[name]
    # Bounded before it is read: a number that no database column holds would stop whoever stores it.
    if not _NUMBER.fullmatch(text) or int(text) > _HIGHEST_SEQUENCE:
        raise NotAnEvent(f"{name} is not a number from 1 to {_HIGHEST_SEQUENCE}")
    return int(text)


def _read_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise NotAnEvent("its ce_time has no time zone")
    return instant.astimezone(UTC)


def _read_day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise NotAnEvent("its ce_effectiveon is not a calendar day")
    return date.fromisoformat(text)


def _read_actor(text: str) -> Actor:
    main, _, behalf = text.partition("?on_behalf_of=")
    kind, _, actor_id = main.partition("/")
    if kind not in ("person", "service") or not actor_id:
        raise NotAnEvent("its ce_actor is not person/<id> or service/<id>")
    actor = Actor(kind, unquote(actor_id), unquote(behalf) or None)
    if "\x00" in actor.id + (actor.on_behalf_of or ""):
        raise NotAnEvent("its ce_actor holds a NUL")
    return actor
