"""
A stored event as a Kafka record: the same headers and value as okr_contracts.cloud_events, at a fraction of the cost.

The publisher never builds the event itself: the headers are read from the stored entry, and the value is the two stored
parts side by side. A test holds both ways equal for every event type. Only `traceparent` comes from beside the entry.
"""

from datetime import datetime
from functools import lru_cache
from typing import TypedDict, cast

from pydantic_core import from_json

from okr_contracts.cloud_events import source, value, write_actor
from okr_contracts.envelope import Actor

NO_DATA = b"null"


class _Entry(TypedDict):
    actor: dict[str, str | None]
    causation_id: str | None
    command_id: str
    correlation_id: str | None
    effective_on: str
    epoch: int
    exception: int | None
    organisation: str
    recorded_at: str
    schema_version: int
    sequence: int
    subject: str
    subject_version: int
    type: str


def record_of(
    entry: bytes, data: bytes | None, text: bytes | None, traceparent: str | None = None
) -> tuple[bytes, bytes, list[tuple[str, bytes | None]]]:
    """The record's key, value and headers."""
    fields = cast("_Entry", from_json(entry))
    sequence = fields["sequence"]
    key, its_source = _names_of(fields["organisation"], fields["epoch"])
    its_type, its_schema = _names_of_type(fields["type"], fields["schema_version"])
    actor = fields["actor"]
    headers: list[tuple[str, bytes | None]] = [
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_source", its_source),
        ("ce_id", b"%d" % sequence),
        ("ce_type", its_type),
        ("ce_time", fields["recorded_at"].encode()),
        ("ce_subject", fields["subject"].encode()),
        ("ce_sequence", b"%020d" % sequence),
        ("ce_partitionkey", key),
        ("ce_dataschema", its_schema),
        ("ce_actor", _actor(actor["kind"], actor["id"], actor["on_behalf_of"])),
        ("ce_effectiveon", fields["effective_on"].encode()),
        ("ce_commandid", fields["command_id"].encode()),
        ("ce_subjectversion", b"%d" % fields["subject_version"]),
    ]
    if fields["exception"] is not None:
        headers.append(("ce_exception", b"%d" % fields["exception"]))
    if fields["correlation_id"] is not None:
        headers.append(("ce_correlationid", fields["correlation_id"].encode()))
    if fields["causation_id"] is not None:
        headers.append(("ce_causationid", fields["causation_id"].encode()))
    if traceparent is not None:
        headers.append(("traceparent", traceparent.encode()))
    return key, value(data or NO_DATA, text), headers


def recorded_at(entry: bytes) -> datetime:
    """When the event of *entry* was recorded."""
    return datetime.fromisoformat(cast("_Entry", from_json(entry))["recorded_at"])


@lru_cache(maxsize=100_000)
def _names_of(organisation: str, epoch: int) -> tuple[bytes, bytes]:
    return organisation.encode(), source(organisation, epoch).encode()


@lru_cache(maxsize=1_000)
def _names_of_type(event_type: str, schema_version: int) -> tuple[bytes, bytes]:
    name = f"{event_type}.v{schema_version}"
    return f"okr.{name}".encode(), f"/schemas/events/{name}.json".encode()


@lru_cache(maxsize=10_000)
def _actor(kind: str | None, actor_id: str | None, on_behalf_of: str | None) -> bytes:
    return write_actor(Actor("person" if kind == "person" else "service", actor_id or "", on_behalf_of)).encode()
