"""A command on its way through the ledger, and the answer to it."""

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import NamedTuple, TypedDict, cast

from pydantic_core import to_json

from okr_contracts.actor import Actor
from okr_contracts.commands import Command
from okr_contracts.commands.organisation import OfOrganisation
from okr_contracts.envelope import Recorded
from services.ledger.domain.refusal import Refusal


class EventAdded(TypedDict):
    """An event in a reply."""

    sequence: int
    subject: str
    type: str
    version: int


class Reply(NamedTuple):
    """
    The answer to a command that was taken, and the exact bytes in which it is stored.

    ``sequence`` is that of the command's last event; where nothing changed, the one at which that was so.
    """

    body: bytes
    sequence: int
    events: tuple[EventAdded, ...]

    @property
    def created(self) -> bool:
        """Whether the command created its subject."""
        return bool(self.events) and self.events[0]["version"] == 1

    @staticmethod
    def of(command_id: str, sequence: int, recorded: list[Recorded]) -> "Reply":
        """The reply to a command that added *recorded*; *sequence* is the head after it."""
        events = tuple(
            EventAdded(sequence=each.sequence, subject=each.subject, type=each.type, version=each.version)
            for each in recorded
        )
        # Names in order, here and in EventAdded, which a test holds against canonical_bytes.
        body = to_json({"command_id": command_id, "events": events, "sequence": sequence})
        return Reply(body, sequence, events)

    @staticmethod
    def stored(body: bytes) -> "Reply":
        """The reply whose stored bytes are *body*."""
        parsed = cast("dict[str, object]", json.loads(body))
        return Reply(body, cast("int", parsed["sequence"]), tuple(cast("list[EventAdded]", parsed["events"])))


class CommandIdReused(Refusal):
    """The command id belongs to an earlier command with another content."""

    code = "command_id_reused"

    def __init__(self, command_id: str) -> None:
        super().__init__(
            f"Command id {command_id} was used for another command. A repetition is sent unchanged; a new command needs"
            " a new id."
        )


class NotApplied(Refusal):
    """Another line of the same atomic batch was refused."""

    code = "not_applied"

    def __init__(self, place: int) -> None:
        super().__init__(
            f"Line {place + 1} of the batch was refused, and the batch is atomic: none was applied."
            " Mend that line and send the batch again."
        )


@dataclass(frozen=True, slots=True)
class Request:
    """
    A command as it was asked for, by whom, under which id.

    ``may_send``, ``may_import`` and ``reads_all`` say what the roles of its token allow. ``command`` is as it was
    parsed: an id that it leaves out is made from the command id, so that a repetition is about the same subject.
    """

    organisation: str
    command: Command
    command_id: str
    actor: Actor
    may_send: bool = True
    may_import: bool = False
    reads_all: bool = False
    expected_version: int | None = None
    traceparent: str | None = field(default=None, compare=False)
    """The trace that it came in, in the form of the W3C; it stands with its events and decides nothing."""
    completed: Command = field(init=False, compare=False)
    """The command with the id of the subject that it creates; made once, for it is asked for at every attempt."""
    made_subject: str | None = field(init=False, compare=False)
    """The subject that it creates, where its id was made from the command id: nobody else names it before."""

    def __post_init__(self) -> None:
        name = self.command.id_field
        completed = self.command
        made_subject = None
        if isinstance(completed, OfOrganisation) and completed.organisation is None:
            completed = completed.model_copy(update={"organisation": self.organisation})
        if name is not None and getattr(completed, name) is None:
            digest = hashlib.sha256(f"{self.organisation}/{self.command_id}/{name}".encode()).hexdigest()
            before = completed.subject
            completed = completed.model_copy(update={name: digest[:24]})
            made_subject = completed.subject if completed.subject != before else None
        object.__setattr__(self, "completed", completed)
        object.__setattr__(self, "made_subject", made_subject)

    def content_hash(self, salt: bytes) -> bytes:
        """What a repetition is recognised by: type, content and actor. Salted, for the content may name a person."""
        # What model_dump_json does, without looking at options that are not given, nor making text of the bytes.
        content = self.command.__pydantic_serializer__.to_json(self.command, exclude_unset=True)
        actor = f"{self.actor.kind}/{self.actor.id}/{self.actor.on_behalf_of or ''}"
        parts = (salt, type(self.command).__name__.encode(), actor.encode(), content)
        return hashlib.sha256(b"\x00".join(parts)).digest()


@dataclass(slots=True, eq=False)
class Unit:
    """Requests of one organisation that are applied all or none; most are one request alone."""

    requests: tuple[Request, ...]
    answer: "asyncio.Future[list[Reply | Refusal]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    known: dict[int, Reply] = field(default_factory=dict[int, Reply])
    """Those of its requests, by place, that were applied before: they have their replies already."""
    lost_races: int = 0
    submitted: float = field(default_factory=time.perf_counter)
    """When it came, by `time.perf_counter`."""
    looks_all_up: bool = False
    """Whether even subjects whose ids were made are read: one of them turned out not to be new."""

    @property
    def organisation(self) -> str:
        """The organisation that all of its requests are for."""
        return self.requests[0].organisation

    def fail(self, fault: Exception) -> None:
        """Let whoever waits fail with *fault*."""
        if not self.answer.done():
            self.answer.set_exception(fault)

    def settle(self, answers: list[Reply | Refusal]) -> None:
        """Answer its requests, in order; nobody may be waiting any more."""
        if not self.answer.done():
            self.answer.set_result(answers)
