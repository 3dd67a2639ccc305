"""
Deciding a lane's group: each unit in order, each seeing what the one before it did.

Nothing here writes. What was decided stands in a ``Draft`` per organisation until the append says what became of it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from okr_contracts.commands import AddPerson, Command, ErasePerson, RevisePerson
from okr_contracts.envelope import VALUE_LIMIT, ExactBytes, Recorded, encode
from okr_contracts.subjects import is_collection
from services.ledger.cache import Cache, Head, View
from services.ledger.domain.decide import Decision, decide, fold
from services.ledger.domain.known import Folded, Known
from services.ledger.domain.refusal import Refusal
from services.ledger.request import CommandIdReused, NotApplied, Reply, Request, Unit
from services.ledger.store import AS_IT_IS, Addition, NewEvent, NewReply, VaultEntry


class EventTooLarge(Refusal):
    """An event would not fit into a message."""

    code = "event_too_large"

    def __init__(self, size: int) -> None:
        super().__init__(f"The event would have {size} bytes, at most {VALUE_LIMIT} are allowed. Shorten its texts.")


_NEW: Final = Folded()


@dataclass(slots=True)
class Draft:
    """What a group has decided for one organisation so far: on which head, and what would be written."""

    head: Head
    addition: Addition
    view: View
    answers: list[tuple[Unit, list[Reply | Refusal]]] = field(default_factory=list[tuple[Unit, list[Reply | Refusal]]])

    @property
    def refused(self) -> bool:
        """Whether any unit was refused: then the head must be shown to be the newest before anybody is told."""
        return any(isinstance(answer, Refusal) for _, answers in self.answers for answer in answers)

    @property
    def next_head(self) -> Head:
        """The head after the append."""
        count = len(self.addition.events)
        if not count:
            return self.head
        return Head(self.head.sequence + count, self.head.epoch, self.addition.recorded_at)


@dataclass(slots=True)
class _Step:
    """What one unit adds, kept apart until all of its requests are decided."""

    view: View
    events: list[NewEvent]
    presumed_new: set[str]
    replies: list[NewReply]
    vault: list[VaultEntry]
    answers: list[Reply | Refusal]


def new_draft(organisation: str, cache: Cache, now: datetime, before: Draft | None = None) -> Draft:
    """
    An empty draft on the cached head, or on the head that the draft *before* it will leave.

    Time never runs backwards: its events are not recorded before those of the head.
    """
    head = before.next_head if before is not None else cache.head(organisation) or Head()
    recorded_at = max(now, head.recorded_at)
    view = View(cache, organisation, before.view if before is not None else None)
    return Draft(head, Addition(organisation, head.sequence, head.epoch, recorded_at), view)


@dataclass(slots=True)
class Decided:
    """A group as far as it is decided: a draft for each organisation."""

    size: int = 0
    """The commands in it."""
    drafts: dict[str, Draft] = field(default_factory=dict[str, Draft])
    deferred: list[Unit] = field(default_factory=list[Unit])
    """Units with a command that the group has already: they wait for the stored reply of the first."""
    _taken: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def add(self, unit: Unit, start: Callable[[str], Draft]) -> None:
        """
        Decide *unit*; *start* makes the draft of an organisation that has none yet.

        Raises NotLoaded, with nothing changed, where subjects have to be read first.
        """
        keys = [(unit.organisation, request.command_id) for request in unit.requests]
        if not self._taken.isdisjoint(keys):
            self.deferred.append(unit)
            return
        draft = self.drafts.get(unit.organisation)
        if draft is None:
            draft = self.drafts[unit.organisation] = start(unit.organisation)
        decide_unit(unit, draft)
        self._taken.update(keys)
        self.size += len(keys)


def decide_unit(unit: Unit, draft: Draft, new_salt: Callable[[], bytes] = lambda: os.urandom(16)) -> None:
    """
    Decide all requests of *unit* into *draft*; where one is refused, none of the unit is applied.

    Raises NotLoaded, with the draft as it was, where subjects have to be read first.
    """
    step = _Step(draft.view.copy() if len(unit.requests) > 1 else draft.view, [], set(), [], [], [])
    ids: set[str] = set()
    for place, request in enumerate(unit.requests):
        if place in unit.known:
            step.answers.append(unit.known[place])
            continue
        try:
            if request.command_id in ids:
                raise CommandIdReused(request.command_id)
            ids.add(request.command_id)
            _decide_presuming(request, draft, step, new_salt, looks_all_up=unit.looks_all_up)
        except Refusal as refusal:
            draft.answers.append((unit, refused_at(place, refusal, len(unit.requests))))
            return
    draft.view = step.view
    draft.addition.events += step.events
    draft.addition.presumed_new |= step.presumed_new
    draft.addition.replies += step.replies
    draft.addition.vault += step.vault
    draft.answers.append((unit, step.answers))


def _decide_presuming(
    request: Request, draft: Draft, step: _Step, new_salt: Callable[[], bytes], *, looks_all_up: bool
) -> None:
    """
    Decide *request* with the subject whose id was made taken for new, unless it is known here.

    To read that it does not exist would be a question to the database for almost every group. Where nothing comes of
    the command, nothing is left of the presumption either: the append function looks at what is appended alone.
    """
    made = request.made_subject
    if made is None or looks_all_up or step.view.knows(made):
        _decide_request(request, draft, step, new_salt)
        return
    step.view[made] = _NEW
    try:
        _decide_request(request, draft, step, new_salt)
    except BaseException:
        del step.view[made]
        raise
    if step.view[made] is _NEW:
        del step.view[made]
    else:
        step.presumed_new.add(made)


def _decide_request(request: Request, draft: Draft, step: _Step, new_salt: Callable[[], bytes]) -> None:
    command = request.completed
    known = Known(step.view)
    decision = decide(
        command,
        known,
        organisation_id=request.organisation,
        now=draft.addition.recorded_at,
        actor=request.actor,
        may_send=request.may_send,
        may_import=request.may_import,
        reads_all=request.reads_all,
        expected_version=request.expected_version,
    )
    # Folding an event needs every subject that it touches: one that was read later would miss what this group added.
    # Collections are long and seldom asked for: the view remembers what to add to one that nobody has read yet.
    touched = [event.touches for event in decision.events]
    known.require([subject for each in touched for subject in each if not is_collection(subject)])
    first = draft.head.sequence + len(draft.addition.events) + len(step.events) + 1
    recorded = _record(request, decision, draft, known, first)
    encoded = [NewEvent(each, _fitting(encode(each)), request.traceparent) for each in recorded]
    changed: dict[str, Folded] = {}
    for each, subjects in zip(recorded, touched, strict=True):
        for subject in subjects:
            if is_collection(subject) and not step.view.knows(subject):
                step.view.unread.append((subject, each))
            else:
                changed[subject] = fold(changed.get(subject) or step.view[subject], subject, each)
    step.view.update(changed)
    step.events += encoded
    reply = Reply.of(request.command_id, first - 1 + len(recorded), recorded)
    salt = new_salt()
    step.replies.append(NewReply(request.command_id, salt, request.content_hash(salt), reply.body))
    step.answers.append(reply)
    if recorded and (entry := _vault_entry(command)) is not None:
        step.vault.append(entry)


def _vault_entry(command: Command) -> VaultEntry | None:
    """What a command that was taken says of a person's name and address."""
    match command:
        case AddPerson() if command.name or command.email:
            return VaultEntry(command.person_id or "", command.name, command.email)
        case RevisePerson() if command.model_fields_set & {"name", "email"}:
            given = command.model_fields_set
            name = command.name if "name" in given else AS_IT_IS
            email = command.email if "email" in given else AS_IT_IS
            return VaultEntry(command.person_id, name, email)
        case ErasePerson():
            return VaultEntry(command.person_id, None, None)
        case _:
            return None


def _record(request: Request, decision: Decision, draft: Draft, known: Known, first: int) -> list[Recorded]:
    versions: dict[str, int] = {}
    recorded: list[Recorded] = []
    for place, event in enumerate(decision.events):
        subject = event.subject
        versions[subject] = versions.get(subject, known.version(subject)) + 1
        recorded.append(
            # By place: by name it takes twice as long, for every event.
            Recorded(
                request.organisation,
                draft.head.epoch,
                first + place,
                versions[subject],
                draft.addition.recorded_at,
                decision.effective_on,
                request.actor,
                request.command_id,
                request.command.correlation_id,
                request.command.causation_id,
                request.command.exception,
                event,
            )
        )
    return recorded


def _fitting(exact: ExactBytes) -> ExactBytes:
    size = len(exact.data) + len(exact.text or b"null") + len(b'{"data":,"text":}')
    if size > VALUE_LIMIT:
        raise EventTooLarge(size)
    return exact


def refused_at(place: int, refusal: Refusal, requests: int) -> list[Reply | Refusal]:
    """The answers of a unit that was refused for one of its requests."""
    return [refusal if n == place else NotApplied(place) for n in range(requests)]
