"""
What an event changes of its subject, field by field.

A subject's state is made of the fields that its events carried; there are none of null. Fields of text are not kept,
only which event carried them last. What an event ends goes back to null.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from okr_contracts.envelope import Recorded, written
from okr_contracts.events import (
    EVENTS,
    AlignmentMoved,
    AlignmentUnlinked,
    CheckInCorrected,
    CheckInRecorded,
    CheckInWithdrawn,
    Event,
)
from okr_contracts.fields import text_fields_of
from projections.audit.state import ALSO, INSTEAD, Fields

HANDLES: Final = frozenset(name for name, _ in EVENTS)
"""Every event: an audit that left one out would be none."""

Words: TypeAlias = Mapping[str, int]

# What an event says of itself and not of its subject.
_NOT_STATE: Final = frozenset(
    {"reason", "import_source", "import_source_actor", "import_source_digest", "effective_basis", "after_lock"}
)
# In one order everywhere: what is stored must not depend on how a process hashes its strings.
_TEXT_FIELDS: Final = {event: tuple(sorted(text_fields_of(event) - _NOT_STATE)) for event in EVENTS.values()}
# What they end goes back to null.
_ENDS: Final = frozenset({AlignmentMoved, AlignmentUnlinked, CheckInWithdrawn})
# A correction may move the day, so that the day is one of the check-in's own fields.
_HAVE_A_DAY: Final = frozenset({CheckInRecorded, CheckInCorrected})
# The fields that name a subject never change.
_IDS: Final[Mapping[str, frozenset[str]]] = {
    "organisations": frozenset({"organisation"}),
    "units": frozenset({"unit_id"}),
    "people": frozenset({"person_id"}),
    "cycles": frozenset({"cycle_id"}),
    "objectives": frozenset({"objective_id"}),
    "key-results": frozenset({"key_result_id"}),
    "check-ins": frozenset({"check_in_id"}),
    "alignments": frozenset({"child_id", "parent"}),
    "announcements": frozenset({"announcement_id"}),
}

_fields_of_state: Final[dict[type[Event], tuple[str, ...]]] = {}


class Subject(NamedTuple):
    """A subject after an event: its fields, and for each text field the sequence of the event that said it last."""

    fields: Fields
    words: Words


NOTHING: Final = Subject({}, {})
"""A subject before its first event."""


class Change(NamedTuple):
    """One field of one subject; None where there was or is nothing."""

    field: str
    before: object
    after: object


class Changes(NamedTuple):
    """What one event changed; ``earlier_words`` has, for each text field that it set or ended, who said it before."""

    fields: Sequence[tuple[str, object, object]]
    """Each as a Change."""
    earlier_words: dict[str, int | None]


def fold(before: Subject, recorded: Recorded) -> tuple[Subject, Changes]:
    """The subject after the event, and what the event changed."""
    after = _after(before, recorded)
    if not before.fields and not before.words:
        fields = [(name, None, value) for name, value in sorted(after.fields.items())]
        return after, Changes(fields, dict.fromkeys(sorted(after.words)))
    said = [name for name, sequence in after.words.items() if sequence == recorded.sequence]
    ended = [name for name in before.words if name not in after.words]
    return after, Changes(
        _changed(before.fields, after.fields), {name: before.words.get(name) for name in sorted(said + ended)}
    )


def _changed(before: Fields, after: Fields) -> list[tuple[str, object, object]]:
    return [
        (name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _after(before: Subject, recorded: Recorded) -> Subject:
    kind = type(recorded.event)
    if kind in _ENDS:
        return NOTHING
    rule = INSTEAD.get(kind)
    if rule is not None:
        return Subject(rule(before.fields, recorded), before.words)
    return _with_its_fields(before, recorded)


def _with_its_fields(before: Subject, recorded: Recorded) -> Subject:
    event = recorded.event
    kind = type(event)
    said = written(event, _fields_of_state.get(kind) or _fields_of(event))
    also = ALSO.get(kind)
    if also is not None:
        said[also[0]] = also[1]
    if kind in _HAVE_A_DAY:
        said["effective_on"] = recorded.effective_on.isoformat()
    fields = {name: value for name, value in {**before.fields, **said}.items() if value is not None}
    return Subject(fields, {**before.words, **dict.fromkeys(_TEXT_FIELDS[kind], recorded.sequence)})


def _fields_of(event: Event) -> tuple[str, ...]:
    """The fields of the event that are of its subject's state, and no text; the same for all events of a type."""
    kind = type(event)
    others = {*_IDS[event.subject.partition("/")[0]], *_NOT_STATE, *_TEXT_FIELDS[kind]}
    _fields_of_state[kind] = tuple(sorted(kind.model_fields.keys() - others))
    return _fields_of_state[kind]


def first_of(changes: Sequence[Change], earlier_words: Mapping[str, int | None], sequence: int) -> Subject:
    """The subject after its first event, of that *sequence*, by what that event changed."""
    return Subject({change.field: change.after for change in changes}, dict.fromkeys(earlier_words, sequence))
