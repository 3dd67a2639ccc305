"""What the clients of a run said and what they were told: all that an outsider knows of the ledger."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Json = Mapping[str, object]
Outcome = Literal["unknown", "acknowledged", "refused", "abandoned"]


@dataclass(slots=True)
class Sent:
    """
    A command, and what became of it.

    ``abandoned``: its request was cut before its body was complete, and never sent again; it must never be taken.
    ``lost_answers`` counts the attempts that had none: after one of them even a refusal may be overtaken by an attempt
    that is still on its way.
    """

    command_id: str
    type: str
    body: Json
    expected_version: int | None = None
    batch: str | None = None
    outcome: Outcome = "unknown"
    status: int = 0
    reply: bytes = b""
    lost_answers: int = 0

    @property
    def overtaken_perhaps(self) -> bool:
        """Whether it was refused while an earlier attempt, which had no answer, may still have been on its way."""
        return self.outcome == "refused" and self.lost_answers > 0

    @property
    def headers(self) -> dict[str, str]:
        """Of a request for this command alone."""
        version = {} if self.expected_version is None else {"If-Match": f'"{self.expected_version}"'}
        return {"Idempotency-Key": self.command_id, **version}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the query service, and the sequence that it says it is true for."""

    path: str
    effective_on: str
    sequence: int
    body: bytes


@dataclass(eq=False)
class World:
    """One organisation: what its clients know to be there, what they sent, what its readers were told."""

    name: str
    sent: list[Sent] = field(default_factory=list[Sent])
    answers: list[Answer] = field(default_factory=list[Answer])
    differences: list[str] = field(default_factory=list[str])
    ids: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Ids by what they are of, as acknowledged."""
    versions: dict[str, int] = field(default_factory=dict[str, int])
    """Versions of subjects, as acknowledged; they may be older than the truth."""
    head: int = 0
    """The newest sequence that was acknowledged to anybody."""
    under_way: int = 0
    """Commands that are not settled yet."""
    closed: bool = False
    """No new commands are sent."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    number: int = 0

    def next_number(self) -> int:
        """A number that no other thing of this organisation has."""
        self.number += 1
        return self.number

    def begin(self, sent: Sent) -> None:
        """*sent* is about to be sent."""
        self.sent.append(sent)
        self.under_way += 1

    def end(self) -> None:
        """A command has its final answer."""
        self.under_way -= 1
        self.settled.set()

    async def all_settled(self) -> None:
        """Wait until no command is under way."""
        while self.under_way:
            self.settled.clear()
            await self.settled.wait()
