"""Events that change another part of their subject's state than the fields that they carry."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    ActionRecorded,
    AlignmentAccepted,
    AlignmentDeclined,
    CheckInAcknowledged,
    CycleClosed,
    CycleLocked,
    CycleOpened,
    CyclePlanned,
    CycleReopened,
    Event,
    ExceptionGranted,
    ExceptionRevoked,
    GradeCorrected,
    HoldPlaced,
    HoldReleased,
    KeyPartnerNamed,
    KeyPartnerReleased,
    KeyResultDropped,
    KeyResultReinstated,
    ObjectiveAbandoned,
    ObjectiveCarriedOver,
    ObjectiveOpened,
    ObjectiveReinstated,
    OrganisationClosed,
    OverrideLifted,
    PersonDeactivated,
    PersonErased,
    PersonReactivated,
    ResponsibleAssigned,
    RoleAssigned,
    RoleRevoked,
    SignalDismissed,
    UnitClosed,
    UnitJoined,
    UnitLeft,
    ViewsRecorded,
)

Fields: TypeAlias = Mapping[str, object]
Rule: TypeAlias = Callable[[Fields, Recorded], Fields]
"""The fields of a subject before an event, and the event: the fields after it."""

ALSO: Final[Mapping[type[Event], tuple[str, object]]] = {
    OrganisationClosed: ("status", "closed"),
    UnitClosed: ("status", "closed"),
    PersonDeactivated: ("status", "inactive"),
    PersonReactivated: ("status", "active"),
    PersonErased: ("status", "erased"),
    CyclePlanned: ("status", "planned"),
    CycleOpened: ("status", "open"),
    CycleLocked: ("status", "locked"),
    CycleClosed: ("status", "closed"),
    ObjectiveAbandoned: ("status", "abandoned"),
    ObjectiveReinstated: ("status", "live"),
    ObjectiveOpened: ("readers", None),
    OverrideLifted: ("progress", None),
    KeyResultDropped: ("status", "dropped"),
    KeyResultReinstated: ("status", "live"),
    AlignmentAccepted: ("acceptance", "accepted"),
    AlignmentDeclined: ("acceptance", "declined"),
}
"""What an event type sets beside the fields that it carries."""


def _listed(fields: Fields, name: str) -> list[Any]:
    return cast("list[Any]", fields.get(name) or [])


def _with(name: str, item: Callable[[Any, Recorded], object]) -> Rule:
    """Adds an item to a list, once."""

    def rule(fields: Fields, recorded: Recorded) -> Fields:
        added = item(recorded.event, recorded)
        return {**fields, name: [*(each for each in _listed(fields, name) if each != added), added]}

    return rule


def _without(name: str, item: Callable[[Any, Recorded], object]) -> Rule:
    """Takes an item from a list."""

    def rule(fields: Fields, recorded: Recorded) -> Fields:
        gone = item(recorded.event, recorded)
        return {**fields, name: [each for each in _listed(fields, name) if each != gone]}

    return rule


def _counted(name: str, count: Callable[[Any], int]) -> Rule:
    """Adds to a number: what it counts has no end, and is in the events."""

    def rule(fields: Fields, recorded: Recorded) -> Fields:
        return {**fields, name: cast("int", fields.get(name) or 0) + count(recorded.event)}

    return rule


def _sets(name: str, value: Callable[[Any], object]) -> Rule:
    def rule(fields: Fields, recorded: Recorded) -> Fields:
        return {**fields, name: value(recorded.event)}

    return rule


def _joined(fields: Fields, recorded: Recorded) -> Fields:
    event = cast("UnitJoined", recorded.event)
    others = [each for each in _listed(fields, "unit_ids") if each != event.unit_id]
    # The first unit is the primary one.
    return {**fields, "unit_ids": [event.unit_id, *others] if event.primary else [*others, event.unit_id]}


def _left(fields: Fields, recorded: Recorded) -> Fields:
    event = cast("UnitLeft", recorded.event)
    others = [each for each in _listed(fields, "unit_ids") if each not in (event.unit_id, event.primary_unit_id)]
    return {**fields, "unit_ids": [event.primary_unit_id, *others] if event.primary_unit_id else others}


def _carried_over(fields: Fields, recorded: Recorded) -> Fields:
    event = cast("ObjectiveCarriedOver", recorded.event)
    return {**fields, "status": "carried_over", "successor_id": event.successor_id}


def _regraded(fields: Fields, recorded: Recorded) -> Fields:
    """The grade of the objective, or of the key result that is named, which has its own line."""
    event = cast("GradeCorrected", recorded.event)
    name = "grade" if event.key_result_id is None else f"grade of {event.key_result_id}"
    return {**fields, name: event.model_dump(mode="json", include={"grade"})["grade"]}


INSTEAD: Final[Mapping[type[Event], Rule]] = {
    RoleAssigned: _with("roles", lambda event, _: f"{event.person_id}/{event.role}"),
    RoleRevoked: _without("roles", lambda event, _: f"{event.person_id}/{event.role}"),
    HoldPlaced: _with("holds", lambda event, _: event.hold_id),
    HoldReleased: _without("holds", lambda event, _: event.hold_id),
    ExceptionGranted: _with("exceptions", lambda _, recorded: recorded.sequence),
    ExceptionRevoked: _without("exceptions", lambda event, _: event.granted),
    CycleReopened: _sets("status", lambda event: event.to),
    UnitJoined: _joined,
    UnitLeft: _left,
    ResponsibleAssigned: _sets("responsible_id", lambda event: event.person_id),
    KeyPartnerNamed: _with("partner_ids", lambda event, _: event.person_id),
    KeyPartnerReleased: _without("partner_ids", lambda event, _: event.person_id),
    ObjectiveCarriedOver: _carried_over,
    GradeCorrected: _regraded,
    SignalDismissed: _with(
        "dismissed", lambda event, _: f"{event.key_result_id}/{event.code}" if event.key_result_id else event.code
    ),
    CheckInAcknowledged: _with("acknowledged_by", lambda event, _: event.person_id),
    ViewsRecorded: _counted("views", lambda event: event.count),
    ActionRecorded: _counted("actions", lambda _: 1),
}
"""What an event type does to the fields of its subject, in the place of setting those that it carries."""
