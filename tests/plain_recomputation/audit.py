"""What each event changed, field by field: before and after, in the order of recording."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from tests.plain_recomputation.event import Event, Json, read_all

NOT_STATE = frozenset({"reason", "import_source", "import_source_actor", "import_source_digest", "effective_basis"})
"""What is said of the event itself and not of its subject."""
IDS = {
    "organisations": {"organisation"},
    "units": {"unit_id"},
    "people": {"person_id"},
    "cycles": {"cycle_id"},
    "objectives": {"objective_id"},
    "key-results": {"key_result_id"},
    "check-ins": {"check_in_id"},
    "alignments": {"child_id", "parent"},
}
"""The fields that name a subject, by its plural: they never change."""

State = dict[str, object]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one subject; null where there was or is nothing."""

    field: str
    before: object
    after: object


def recompute_changes(events: Sequence[Json], known_at: int | None = None) -> dict[int, list[Change]]:
    """Sequence → what the event changed of its subject, by field name."""
    subjects: dict[str, State] = {}
    changes: dict[int, list[Change]] = {}
    for event in read_all(events, known_at):
        before = subjects.get(event.subject, {})
        after = _AFTER.get(event.type, _with_its_fields)(before, event)
        subjects[event.subject] = after
        changes[event.sequence] = [
            Change(name, before.get(name), after.get(name))
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        ]
    return changes


def _fields(event: Event) -> State:
    ids = IDS[event.subject.partition("/")[0]]
    both = {**event.data, **event.text}
    return {name: value for name, value in both.items() if name not in ids and name not in NOT_STATE}


def _with_its_fields(before: State, event: Event) -> State:
    return {**before, **_fields(event)}


def _a_check_in(before: State, event: Event) -> State:
    # A correction may move the day, so that the day is one of the check-in's own fields.
    return {**before, **_fields(event), "effective_on": event.effective_on.isoformat()}


def _ended(before: State, event: Event) -> State:
    return {}


def _lifted(before: State, event: Event) -> State:
    return {**before, "progress": None}


def _planned(before: State, event: Event) -> State:
    return {**_fields(event), "status": "planned"}


def _opened(before: State, event: Event) -> State:
    return {**before, "status": "open"}


def _responsible(before: State, event: Event) -> State:
    return {**before, "responsible_id": event.data["person_id"]}


def _partner(before: State, event: Event) -> State:
    partners = cast("list[str]", before.get("partner_ids") or [])
    return {**before, "partner_ids": [*partners, event.data["person_id"]]}


def _in_a_unit(before: State, event: Event) -> State:
    units = cast("list[str]", before.get("unit_ids") or [])
    unit_id = cast("str", event.data["unit_id"])
    others = [other for other in units if other != unit_id]
    # The first unit is the primary one.
    return {**before, "unit_ids": [unit_id, *others] if event.data["primary"] else [*others, unit_id]}


_AFTER: dict[str, Callable[[State, Event], State]] = {
    "CyclePlanned": _planned,
    "CycleOpened": _opened,
    "OverrideLifted": _lifted,
    "ResponsibleAssigned": _responsible,
    "KeyPartnerNamed": _partner,
    "UnitJoined": _in_a_unit,
    "AlignmentUnlinked": _ended,
    "CheckInWithdrawn": _ended,
    "CheckInRecorded": _a_check_in,
    "CheckInCorrected": _a_check_in,
}
