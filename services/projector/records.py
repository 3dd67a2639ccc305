"""
What a record of the topic says: an event, or why it is none.

Only the publisher may write to the topic, and the broker's access rules hold that. A record that claims to be an event
is believed in what it says, with two limits: its key must be the organisation that it speaks of, and no position moves
beyond the ledger. A forged record that keeps within both changes a read model until `okr projection verify` shows the
difference: comparing each event with the ledger would cost a read of the ledger for each, and make Kafka pointless.
It can never park an organisation: what cannot be applied is read from the ledger before that is decided.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final, Protocol

from okr_contracts.cloud_events import Heading, NotAnEvent, decode_body, decode_heading
from okr_contracts.envelope import Recorded, UnknownEvent

_KEPT_BYTES: Final = 256 * 1024


class Record(Protocol):
    """What is used of a client library's record."""

    @property
    def partition(self) -> int:
        """The partition that it is in."""
        ...

    @property
    def offset(self) -> int:
        """Its place in the partition."""
        ...

    @property
    def key(self) -> bytes | None:
        """The key as it was sent."""
        ...

    @property
    def value(self) -> bytes | None:
        """The value as it was sent."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """The headers as they were sent."""
        ...


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in the place of a record that the client library cannot read, so that nothing else of it is known."""

    topic: str
    """FastStream reads it from the first record of a batch, for its log."""
    partition: int
    offset: int
    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that is none of the ledger's events; kept to be looked at. ``reason`` is one of a few fixed words."""

    partition: int
    offset: int
    reason: str
    key: bytes | None
    value: bytes | None


def read(record: Record, ignores: Set[str]) -> Recorded | Heading | SetAside:
    """
    The event of *record*, or what to set aside. Raises nothing, whatever the bytes.

    Of a type that the read model *ignores* the heading is all that is read: it moves the position, whatever the value.
    """
    if isinstance(record, Unreadable):
        return _set_aside(record, "unreadable")
    try:
        given = dict(record.headers)
        heading = decode_heading(given)
        if record.key != heading.organisation.encode():
            return _set_aside(record, "foreign_key")
        return heading if heading.type in ignores else decode_body(heading, given, record.value)
    except UnknownEvent:
        return _set_aside(record, "unknown_event")
    except NotAnEvent:
        return _set_aside(record, "not_an_event")


def _set_aside(record: Record, reason: str) -> SetAside:
    value = record.value[:_KEPT_BYTES] if record.value is not None else None
    key = record.key[:_KEPT_BYTES] if record.key is not None else None
    return SetAside(record.partition, record.offset, reason, key, value)
