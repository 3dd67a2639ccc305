"""What people were told about the programme, and what they saw and did."""

from dataclasses import dataclass, replace
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import Announce, RecordAction, RecordViews
from okr_contracts.envelope import Recorded
from okr_contracts.events import ActionRecorded, Announced, Event, ViewsRecorded
from services.ledger.domain.known import Context, Deciders, Known, bare
from services.ledger.domain.person import Person, require_present
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, Refusal, SubjectUnknown
from services.ledger.domain.unit import Unit


class MoreDeliveredThanSent(Refusal):
    """More messages would have arrived than were sent."""

    code = "more_delivered_than_sent"

    def __init__(self, sent: int | None) -> None:
        super().__init__(f"{sent or 0} messages were sent: no more can have been delivered.", "/delivered")


class SeenInTheFuture(Refusal):
    """Somebody would have seen something at a moment to come."""

    code = "seen_in_the_future"

    def __init__(self, place: int) -> None:
        super().__init__(
            "Nobody has seen anything yet at a moment to come. Name one up to now, or leave the view out.",
            f"/views/{place}/seen_at",
        )


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the rules read of an announcement; ``actions`` are by their ids."""

    announced: Announced
    actions: frozenset[tuple[str, str, str]] = frozenset()


def announce(command: Announce, context: Context, known: Known) -> list[Event]:
    """Record that something went out."""
    announcement_id = command.announcement_id or ""
    announced = Announced(
        announcement_id=announcement_id,
        kind=command.kind,
        title=command.title,
        audience=command.audience,
        sent=command.sent,
        delivered=command.delivered,
    )
    announcement = known.get(subjects.announcement(announcement_id), Announcement)
    if announcement is not None:
        if announcement.announced == announced:
            return []
        raise IdTaken("announcement", announcement_id, "/announcement_id")
    if command.delivered is not None and command.delivered > (command.sent or 0):
        raise MoreDeliveredThanSent(command.sent)
    audience = command.audience
    known.require([*map(subjects.unit, audience.unit_ids), *map(subjects.person, audience.person_ids)])
    for place, unit_id in enumerate(audience.unit_ids):
        if known.get(subjects.unit(unit_id), Unit) is None:
            raise ReferenceUnknown("unit", unit_id, f"/audience/unit_ids/{place}")
    for place, person_id in enumerate(audience.person_ids):
        require_present(person_id, known, f"/audience/person_ids/{place}")
    return [announced]


def record_views(command: RecordViews, context: Context, known: Known) -> list[Event]:
    """Record who saw it; every batch is news."""
    _existing(command.announcement_id, known)
    known.require(subjects.person(view.person_id) for view in command.views)
    for place, view in enumerate(command.views):
        if known.get(subjects.person(view.person_id), Person) is None:
            raise ReferenceUnknown("person", view.person_id, f"/views/{place}/person_id")
        if view.seen_at > context.now:
            raise SeenInTheFuture(place)
    return [ViewsRecorded(announcement_id=command.announcement_id, count=len(command.views), views=command.views)]


def record_action(command: RecordAction, context: Context, known: Known) -> list[Event]:
    """Record what somebody did."""
    announcement = _existing(command.announcement_id, known)
    action_id = command.action_id or ""
    if (action_id, command.person_id, command.action) in announcement.actions:
        return []
    if any(action_id == known_id for known_id, _, _ in announcement.actions):
        raise IdTaken("action", action_id, "/action_id")
    require_present(command.person_id, known, "/person_id")
    return [
        ActionRecorded(
            announcement_id=command.announcement_id,
            action_id=action_id,
            person_id=command.person_id,
            action=command.action,
        )
    ]


def _existing(announcement_id: str, known: Known) -> Announcement:
    announcement = known.get(subjects.announcement(announcement_id), Announcement)
    if announcement is None:
        raise SubjectUnknown("announcement", announcement_id)
    return announcement


def evolve(state: Announcement | None, recorded: Recorded) -> Announcement | None:
    """The announcement after the event."""
    match recorded.event, state:
        case Announced() as announced, _:
            return Announcement(bare(announced))
        case ActionRecorded() as action, Announcement():
            done = (action.action_id, action.person_id, action.action)
            return replace(state, actions=state.actions | {done})
        case _:
            return state


DECIDERS: Final[Deciders] = {Announce: announce, RecordViews: record_views, RecordAction: record_action}
"""Which function answers which command."""
