"""What a decision knows: subjects folded from their events, up to the head that it is made on."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias, TypeVar

from okr_contracts.actor import Actor
from okr_contracts.commands import Command
from okr_contracts.events import Event
from okr_contracts.fields import Settings

State = TypeVar("State")

_SELDOM = (
    "reason",
    "import_source",
    "import_source_actor",
    "import_source_digest",
    "effective_basis",
    "after_lock",
)
_seldom_of = attrgetter(*_SELDOM)
_NONE = (None,) * len(_SELDOM)


class Folded(NamedTuple):
    """A subject folded from its events: its version, and its state or None where it does not exist."""

    version: int = 0
    state: object = None


class NotLoaded(Exception):
    """A decision needs subjects that were not read yet; read them and decide again."""

    def __init__(self, subjects: Iterable[str]) -> None:
        self.subjects = frozenset(subjects)
        super().__init__(", ".join(sorted(self.subjects)))


class Context(NamedTuple):
    """
    What surrounds a decision: time, actor and standing come in from outside.

    ``now`` is when the events are recorded, ``today`` that day in the organisation's time zone. ``imports`` says that
    the command reports what another system holds, by a service with the import role: the rules of dating and of the
    cycle's state are lifted for it, no others. ``settings`` are the organisation's choices.
    """

    organisation: str
    now: datetime
    today: date
    actor: Actor
    imports: bool = False
    settings: Settings = Settings()


class Known:
    """The folded subjects of one organisation."""

    def __init__(self, folded: Mapping[str, Folded]) -> None:
        self._folded = folded

    def version(self, subject: str) -> int:
        """The version of *subject*, 0 where it does not exist. Raises NotLoaded where it was not read."""
        try:
            return self._folded[subject].version
        except KeyError:
            raise NotLoaded([subject]) from None

    def get(self, subject: str, kind: type[State]) -> State | None:
        """The state of *subject*, None where it does not exist. Raises NotLoaded where it was not read."""
        try:
            state = self._folded[subject].state
        except KeyError:
            raise NotLoaded([subject]) from None
        if state is None:
            return None
        if not isinstance(state, kind):
            raise TypeError(f"{subject} is folded to {type(state).__name__}, not to {kind.__name__}")
        return state

    def require(self, subjects: Iterable[str]) -> None:
        """Raise one NotLoaded for all of *subjects* that were not read, so that they are read together."""
        missing: list[str] = []
        for subject in subjects:
            try:
                self._folded[subject]
            except KeyError:
                missing.append(subject)
        if missing:
            raise NotLoaded(missing)


EventKind = TypeVar("EventKind", bound=Event)


def bare(event: EventKind) -> EventKind:
    """The event without its reason, its source and the mark of a lock: what "already so" is judged by."""
    if _seldom_of(event) == _NONE:
        return event
    return event.model_copy(update=dict.fromkeys(_SELDOM))


Deciders: TypeAlias = "Mapping[type[Command], Callable[[Any, Context, Known], list[Event]]]"
"""From the class of a command to the function that answers it with events, or raises Refusal or NotLoaded."""
