"""The ledger's SQL functions, called over one held connection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple, cast

import asyncpg

from okr_contracts.envelope import ExactBytes, Recorded, decode
from services.ledger.cache import Head

Outcome = Literal["appended", "head_moved", "command_known", "subject_known"]


class NewReply(NamedTuple):
    """A reply to be stored with its group."""

    command_id: str
    content_salt: bytes
    content_hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """
    Name and address of a person, for the directory vault.

    ``AS_IT_IS`` leaves what is there, None takes it away; without either nothing of the person is kept.
    """

    person_id: str
    name: str | None
    email: str | None

    def after(self, before: "VaultEntry | None") -> "VaultEntry":
        """This entry written over the one *before* it, of the same person."""
        if before is None:
            return self
        return VaultEntry(
            self.person_id,
            before.name if self.name == AS_IT_IS else self.name,
            before.email if self.email == AS_IT_IS else self.email,
        )


AS_IT_IS: Final = ""
"""No name and no address is empty: it stands for the one that is in the vault."""


class NewEvent(NamedTuple):
    """An event to be appended, and the trace that it was decided in."""

    recorded: Recorded
    exact: ExactBytes
    traceparent: str | None = None


@dataclass(slots=True)
class Addition:
    """What a group adds to one organisation, decided on the head with ``expected`` as its sequence."""

    organisation: str
    expected: int
    epoch: int
    recorded_at: datetime
    events: list[NewEvent] = field(default_factory=list[NewEvent])
    presumed_new: set[str] = field(default_factory=set[str])
    """Subjects that were taken for new without looking: the append function looks."""
    replies: list[NewReply] = field(default_factory=list[NewReply])
    vault: list[VaultEntry] = field(default_factory=list[VaultEntry])


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A reply that was stored, with what its command's content is compared by."""

    content_salt: bytes
    content_hash: bytes
    body: bytes


APPEND: Final = (
    "SELECT organisation, outcome FROM ledger.append_groups("
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)"
)


async def append(connection: asyncpg.Connection, additions: Sequence[Addition]) -> dict[str, Outcome]:
    """Append a lane's group in one statement and one commit; the outcome of each organisation."""
    rows = await connection.fetch(APPEND, *arguments(additions))
    return {row["organisation"]: cast("Outcome", row["outcome"]) for row in rows}


def arguments(additions: Sequence[Addition]) -> tuple[Sequence[object], ...]:
    """The arrays that the append function takes, in its order."""
    places = list(enumerate(additions, start=1))
    events = [event for addition in additions for event in addition.events]
    subjects = [
        (n, subject, subject in addition.presumed_new)
        for n, (addition, event) in enumerate(((a, e) for a in additions for e in a.events), start=1)
        for subject in event.recorded.event.touches
    ]
    replies = [(place, reply) for place, addition in places for reply in addition.replies]
    vault = [(place, entry) for place, addition in places for entry in _once_each(addition.vault)]
    return (
        [addition.organisation for addition in additions],
        [addition.expected for addition in additions],
        [addition.epoch for addition in additions],
        [addition.recorded_at for addition in additions],
        [place for place, addition in places for _ in addition.events],
        [event.recorded.sequence for event in events],
        [event.exact.entry for event in events],
        [event.exact.data for event in events],
        [event.exact.text for event in events],
        [event.exact.data_secret for event in events],
        [event.exact.text_secret for event in events],
        [event.traceparent for event in events],
        [n for n, _, _ in subjects],
        [subject for _, subject, _ in subjects],
        [presumed_new for _, _, presumed_new in subjects],
        [place for place, _ in replies],
        [reply.command_id for _, reply in replies],
        [reply.content_salt for _, reply in replies],
        [reply.content_hash for _, reply in replies],
        [reply.body for _, reply in replies],
        [place for place, _ in vault],
        [entry.person_id for _, entry in vault],
        [entry.name for _, entry in vault],
        [entry.email for _, entry in vault],
    )


def _once_each(entries: Sequence[VaultEntry]) -> Iterable[VaultEntry]:
    """A statement writes each row once: what a group says of one person, in order, is one entry."""
    merged: dict[str, VaultEntry] = {}
    for entry in entries:
        merged[entry.person_id] = entry.after(merged.get(entry.person_id))
    return merged.values()


async def read_heads(connection: asyncpg.Connection, organisations: Sequence[str]) -> dict[str, Head]:
    """The heads of those organisations that have a ledger."""
    rows = await connection.fetch("SELECT * FROM ledger.read_heads($1)", organisations)
    return {row["organisation"]: Head(row["sequence"], row["epoch"], row["recorded_at"]) for row in rows}


async def read_subjects(
    connection: asyncpg.Connection, wanted: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, str], list[Recorded]]:
    """The events of each (organisation, subject, up to which sequence), oldest first."""
    rows = await connection.fetch(
        "SELECT * FROM ledger.read_subjects($1, $2, $3)",
        [organisation for organisation, _, _ in wanted],
        [subject for _, subject, _ in wanted],
        [up_to for _, _, up_to in wanted],
    )
    found: dict[tuple[str, str], list[Recorded]] = {(organisation, subject): [] for organisation, subject, _ in wanted}
    for row in rows:
        found[row["organisation"], row["subject"]].append(decode(row["entry"], row["data"], row["words"]))
    return found


async def read_difference(connection: asyncpg.Connection, organisation: str, after: int, up_to: int) -> list[Recorded]:
    """The events of one organisation after a sequence and up to another, oldest first."""
    rows = await connection.fetch("SELECT * FROM ledger.read_difference($1, $2, $3)", organisation, after, up_to)
    return [decode(row["entry"], row["data"], row["words"]) for row in rows]


async def read_replies(
    connection: asyncpg.Connection, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], StoredReply]:
    """The stored replies among those (organisation, command id)."""
    rows = await connection.fetch(
        "SELECT * FROM ledger.read_replies($1, $2)",
        [organisation for organisation, _ in wanted],
        [command_id for _, command_id in wanted],
    )
    return {
        (row["organisation"], row["command_id"]): StoredReply(row["content_salt"], row["content_hash"], row["reply"])
        for row in rows
    }
