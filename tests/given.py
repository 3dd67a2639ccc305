"""
The sentence builder of decider tests: ``given(...).when(...).then(...)``.

``given`` takes commands that were accepted before: their events are decided and folded exactly as the ledger does it,
so that a test never starts from a state that no history leads to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Final

from okr_contracts import subjects
from okr_contracts.actor import Actor
from okr_contracts.commands import Command
from okr_contracts.envelope import Recorded
from okr_contracts.events import Event
from services.ledger.domain.cycle import Cycle
from services.ledger.domain.decide import Decision, decide, fold
from services.ledger.domain.known import Folded, Known, NotLoaded
from services.ledger.domain.refusal import Refusal

ORGANISATION: Final = "acme"
NOON: Final = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
SOMEBODY: Final = Actor("person", "p-ada")


@dataclass(frozen=True)
class By:
    """A command that somebody else than usual sends."""

    actor: Actor
    command: Command


@dataclass
class History:
    """The accepted events of one organisation, and all of its subjects folded."""

    recorded: list[Recorded] = field(default_factory=list[Recorded])
    folded: dict[str, Folded] = field(default_factory=dict[str, Folded])
    now: datetime = NOON
    may_import: bool = False
    organisation: str = ORGANISATION
    actor: Actor = SOMEBODY

    def decide(self, command: Command, expected_version: int | None = None) -> Decision:
        """What the ledger answers to *command* now. Raises Refusal."""
        known = dict(self.folded)
        while True:
            try:
                return decide(
                    command,
                    Known(known),
                    organisation_id=self.organisation,
                    now=self.now,
                    actor=self.actor,
                    may_import=self.may_import,
                    expected_version=expected_version,
                )
            except NotLoaded as missing:
                # Everything that exists is folded: what is missing does not exist.
                known.update({subject: Folded() for subject in missing.subjects})

    def accept(self, command: Command) -> list[Recorded]:
        """Decide *command* and add its events."""
        decision = self.decide(command)
        added: list[Recorded] = []
        for event in decision.events:
            version = self.folded.get(event.subject, Folded()).version + 1
            recorded = Recorded(
                organisation=self.organisation,
                epoch=1,
                sequence=len(self.recorded) + 1,
                version=version,
                recorded_at=self.now,
                effective_on=decision.effective_on,
                actor=self.actor,
                command_id=f"c-{len(self.recorded) + 1}",
                correlation_id=None,
                causation_id=None,
                exception=command.exception,
                event=event,
            )
            for subject in event.touches:
                self.folded[subject] = fold(self.folded.get(subject, Folded()), subject, recorded)
            self.recorded.append(recorded)
            added.append(recorded)
        return added

    def state_of_cycle(self, cycle_id: str) -> str | None:
        """planned, open, locked or closed; None where there is no such cycle."""
        cycle = self.folded.get(subjects.cycle(cycle_id), Folded()).state
        return cycle.state if isinstance(cycle, Cycle) else None

    def version(self, subject: str) -> int:
        """The version of a subject, 0 where it does not exist."""
        return self.folded.get(subject, Folded()).version


@dataclass(frozen=True)
class Outcome:
    """What became of the command of a sentence."""

    decision: Decision | None
    refusal: Refusal | None

    def then(self, *events: Event) -> None:
        """Exactly these events, in this order."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert self.decision is not None
        assert self.decision.events == list(events)

    def then_on(self, day: date, *events: Event) -> None:
        """Exactly these events, effective on that day."""
        self.then(*events)
        assert self.decision is not None
        assert self.decision.effective_on == day

    def then_nothing_happened(self) -> None:
        """The command succeeded and added no event."""
        self.then()

    def then_refused(self, refusal: type[Refusal], words: str, pointer: str | None = None) -> None:
        """Refused for that reason; the sentence has those words, and the pointer is that one."""
        assert self.refusal is not None, f"not refused: {self.decision}"
        assert type(self.refusal) is refusal, repr(self.refusal)
        assert words in str(self.refusal)
        if pointer is not None:
            assert self.refusal.pointer == pointer


@dataclass(frozen=True)
class Given:
    """A history, and what comes next."""

    commands: tuple[Command | By, ...]
    now: datetime = NOON
    may_import: bool = False
    actor: Actor = SOMEBODY

    def history(self) -> History:
        """The history that the commands make."""
        history = History(now=min(self.now, NOON), may_import=True)
        for each in self.commands:
            history.actor = each.actor if isinstance(each, By) else SOMEBODY
            history.accept(each.command if isinstance(each, By) else each)
        history.may_import, history.now, history.actor = self.may_import, self.now, self.actor
        return history

    def at(self, now: datetime) -> "Given":
        """The same history, at another moment."""
        return replace(self, now=now)

    def by(self, actor: Actor) -> "Given":
        """The same history, and somebody else sends what comes next."""
        return replace(self, actor=actor)

    def as_import(self) -> "Given":
        """The same history, for a sender with the import role."""
        return replace(self, may_import=True)

    def when(self, command: Command, expected_version: int | None = None) -> Outcome:
        """Ask for *command*."""
        try:
            return Outcome(self.history().decide(command, expected_version), None)
        except Refusal as refusal:
            return Outcome(None, refusal)


def given(*commands: Command | By | Sequence[Command | By]) -> Given:
    """A history of accepted commands; sequences of them are strung together."""
    flat: list[Command | By] = []
    for each in commands:
        flat += [each] if isinstance(each, Command | By) else each
    return Given(tuple(flat))


ORGANISATION_SUBJECT: Final = subjects.organisation(ORGANISATION)
