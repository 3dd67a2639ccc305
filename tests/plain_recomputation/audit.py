"""What each event changed, field by field: before and after, in the order of recording."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from tests.plain_recomputation.event import Event, Json, read_all

NOT_STATE = frozenset(
    {"reason", "import_source", "import_source_actor", "import_source_digest", "effective_basis", "after_lock"}
)
"""What is said of the event itself and not of its subject."""
LAPSES = {
    "KeyResultRedefined": "phased_targets",
    "AlignmentLinked": "awaits_acceptance",
    "AlignmentChanged": "awaits_acceptance",
}
"""What an event ends by not saying it."""
IDS = {
    "organisations": {"organisation"},
    "units": {"unit_id"},
    "people": {"person_id"},
    "cycles": {"cycle_id"},
    "objectives": {"objective_id"},
    "key-results": {"key_result_id"},
    "check-ins": {"check_in_id"},
    "alignments": {"child_id", "parent"},
    "announcements": {"announcement_id"},
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
    lapsed = LAPSES.get(event.type)
    unsaid: State = {} if lapsed is None or lapsed in both else {lapsed: None}
    return {**unsaid, **{name: value for name, value in both.items() if name not in ids and name not in NOT_STATE}}


def _with_its_fields(before: State, event: Event) -> State:
    return {**before, **_fields(event)}


def _a_check_in(before: State, event: Event) -> State:
    # A correction may move the day, so that the day is one of the check-in's own fields.
    return {**before, **_fields(event), "effective_on": event.effective_on.isoformat()}


def _ended(before: State, event: Event) -> State:
    return {}


def _lifted(before: State, event: Event) -> State:
    return {**before, "progress": None}


def _status(word: str) -> Callable[[State, Event], State]:
    return lambda before, event: {**before, **_fields(event), "status": word}


def _reopened(before: State, event: Event) -> State:
    return {**before, "status": event.data["to"]}


def _in_the_open(before: State, event: Event) -> State:
    return {**before, "readers": None}


def _answered(word: str) -> Callable[[State, Event], State]:
    return lambda before, event: {**before, "acceptance": word}


def _carried_over(before: State, event: Event) -> State:
    return {**before, "status": "carried_over", "successor_id": event.data["successor_id"]}


def _regraded(before: State, event: Event) -> State:
    of = event.data["key_result_id"]
    return {**before, f"grade of {of}" if of else "grade": event.data["grade"]}


def _one_more(name: str, what: Callable[[Event], object]) -> Callable[[State, Event], State]:
    def after(before: State, event: Event) -> State:
        listed = cast("list[object]", before.get(name) or [])
        return {**before, name: [each for each in listed if each != what(event)] + [what(event)]}

    return after


def _one_less(name: str, what: Callable[[Event], object]) -> Callable[[State, Event], State]:
    def after(before: State, event: Event) -> State:
        listed = cast("list[object]", before.get(name) or [])
        return {**before, name: [each for each in listed if each != what(event)]}

    return after


def _added_up(name: str, what: Callable[[Event], object]) -> Callable[[State, Event], State]:
    return lambda before, event: {**before, name: cast("int", before.get(name) or 0) + cast("int", what(event))}


def _role(event: Event) -> object:
    return f"{event.data['person_id']}/{event.data['role']}"


def _signal(event: Event) -> object:
    of = event.data["key_result_id"]
    return f"{of}/{event.data['code']}" if of else event.data["code"]


def _out_of_a_unit(before: State, event: Event) -> State:
    units = cast("list[str]", before.get("unit_ids") or [])
    primary = cast("str | None", event.data["primary_unit_id"])
    others = [unit for unit in units if unit not in (event.data["unit_id"], primary)]
    return {**before, "unit_ids": ([primary] if primary else []) + others}


def _responsible(before: State, event: Event) -> State:
    return {**before, "responsible_id": event.data["person_id"]}


def _in_a_unit(before: State, event: Event) -> State:
    units = cast("list[str]", before.get("unit_ids") or [])
    unit_id = cast("str", event.data["unit_id"])
    others = [other for other in units if other != unit_id]
    # The first unit is the primary one.
    return {**before, "unit_ids": [unit_id, *others] if event.data["primary"] else [*others, unit_id]}


_AFTER: dict[str, Callable[[State, Event], State]] = {
    "OrganisationClosed": _status("closed"),
    "RoleAssigned": _one_more("roles", _role),
    "RoleRevoked": _one_less("roles", _role),
    "HoldPlaced": _one_more("holds", lambda event: event.data["hold_id"]),
    "HoldReleased": _one_less("holds", lambda event: event.data["hold_id"]),
    "UnitClosed": _status("closed"),
    "PersonDeactivated": _status("inactive"),
    "PersonReactivated": _status("active"),
    "PersonErased": _status("erased"),
    "UnitJoined": _in_a_unit,
    "UnitLeft": _out_of_a_unit,
    "CyclePlanned": _status("planned"),
    "CycleOpened": _status("open"),
    "CycleLocked": _status("locked"),
    "CycleClosed": _status("closed"),
    "CycleReopened": _reopened,
    "ExceptionGranted": _one_more("exceptions", lambda event: event.sequence),
    "ExceptionRevoked": _one_less("exceptions", lambda event: event.data["granted"]),
    "OverrideLifted": _lifted,
    "ObjectiveAbandoned": _status("abandoned"),
    "ObjectiveReinstated": _status("live"),
    "ObjectiveCarriedOver": _carried_over,
    "ObjectiveOpened": _in_the_open,
    "GradeCorrected": _regraded,
    "SignalDismissed": _one_more("dismissed", _signal),
    "ResponsibleAssigned": _responsible,
    "KeyPartnerNamed": _one_more("partner_ids", lambda event: event.data["person_id"]),
    "KeyPartnerReleased": _one_less("partner_ids", lambda event: event.data["person_id"]),
    "KeyResultDropped": _status("dropped"),
    "KeyResultReinstated": _status("live"),
    "AlignmentAccepted": _answered("accepted"),
    "AlignmentDeclined": _answered("declined"),
    "AlignmentMoved": _ended,
    "AlignmentUnlinked": _ended,
    "CheckInRecorded": _a_check_in,
    "CheckInCorrected": _a_check_in,
    "CheckInWithdrawn": _ended,
    "CheckInAcknowledged": _one_more("acknowledged_by", lambda event: event.data["person_id"]),
    "ViewsRecorded": _added_up("views", lambda event: event.data["count"]),
    "ActionRecorded": _added_up("actions", lambda event: 1),
}
