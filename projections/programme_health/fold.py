"""Which rows an event makes. Every row restates its event alone, so that no earlier state has to be read."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    EVENTS,
    ActionRecorded,
    AlignmentLinked,
    AlignmentMoved,
    AlignmentUnlinked,
    Announced,
    CheckInCorrected,
    CheckInRecorded,
    CheckInWithdrawn,
    CycleClosed,
    CycleLocked,
    CycleOpened,
    CyclePlanned,
    CycleReopened,
    CycleRevised,
    OrganisationRegistered,
    RoleAssigned,
    RoleRevoked,
    SettingsChanged,
)
from okr_contracts.events.alignment import AlignmentEvent
from okr_contracts.events.check_in import CheckInEvent
from okr_contracts.events.cycle import CycleEvent
from okr_contracts.events.key_result import KeyResultEvent
from okr_contracts.events.objective import ObjectiveEvent
from okr_contracts.events.person import PersonEvent
from okr_contracts.events.unit import UnitEvent
from projections.programme_health import folded_directory, folded_nodes, integrity
from projections.programme_health.folded_facts import always, fact, instant, json, person_of
from projections.programme_health.rows import CheckIn, Fact

IGNORES: Final = frozenset({"EpochBegun", "HoldPlaced", "HoldReleased", "OrganisationClosed"})
"""They say nothing of how the programme goes."""

HANDLES: Final = frozenset(name for name, _ in EVENTS) - IGNORES
"""Everything else: whatever comes after a lock is a figure, whatever it changes."""


def fold(recorded: Recorded) -> Iterator[Fact | CheckIn]:
    """The rows of one event."""
    yield from integrity.facts(recorded)
    match recorded.event:
        case CheckInEvent() as event:
            yield from _check_in(recorded, event)
        case KeyResultEvent() as event:
            yield from folded_nodes.of_key_result(recorded, event)
        case ObjectiveEvent() as event:
            yield from folded_nodes.of_objective(recorded, event)
        case AlignmentEvent():
            yield from _links(recorded)
        case CycleEvent():
            yield from _cycle(recorded)
        case PersonEvent() | UnitEvent():
            yield from folded_directory.facts(recorded)
        case _:
            yield from _programme(recorded)


def _check_in(recorded: Recorded, event: CheckInEvent) -> Iterator[CheckIn]:
    match event:
        case CheckInRecorded(value=value) | CheckInCorrected(value=value):
            number = Decimal(value) if isinstance(value, bool) else value
        case CheckInWithdrawn():
            number = None
        case _:
            return
    yield CheckIn(
        recorded.organisation,
        event.key_result_id,
        event.check_in_id,
        recorded.sequence,
        recorded.effective_on,
        recorded.recorded_at,
        corrects=not isinstance(event, CheckInRecorded),
        withdrawn=isinstance(event, CheckInWithdrawn),
        imported=event.import_source is not None,
        actor_id=person_of(recorded),
        value=number,
    )


def _links(recorded: Recorded) -> Iterator[Fact]:
    match recorded.event:
        case AlignmentLinked() as link:
            yield fact(recorded, "link", link.child_id, f"{link.parent.kind}/{link.parent.id}", _drawn(recorded, link))
            yield from _act(recorded, "link")
        case AlignmentUnlinked() as link:
            yield fact(recorded, "link", link.child_id, f"{link.parent.kind}/{link.parent.id}", None)
        case AlignmentMoved() as link:
            yield fact(recorded, "link", link.child_id, f"{link.parent.kind}/{link.parent.id}", None)
            to = f"{link.to_parent.kind}/{link.to_parent.id}"
            yield fact(recorded, "link", link.child_id, to, _drawn(recorded, link))
        case _:
            return


def _drawn(recorded: Recorded, link: AlignmentLinked | AlignmentMoved) -> str:
    """The origin of a link, and who drew it."""
    return f"{link.origin}/{person_of(recorded) or ''}"


def _cycle(recorded: Recorded) -> Iterator[Fact]:
    match recorded.event:
        case CyclePlanned() as cycle:
            yield always(fact(recorded, "cycle", cycle.cycle_id, "days", f"{cycle.starts_on}/{cycle.ends_on}"))
            yield always(fact(recorded, "cycle", cycle.cycle_id, "parent", cycle.parent_id))
            yield fact(recorded, "cycle", cycle.cycle_id, "state", "planned")
        case CycleRevised() as cycle:
            yield always(fact(recorded, "cycle", cycle.cycle_id, "days", f"{cycle.starts_on}/{cycle.ends_on}"))
        case CycleOpened(cycle_id=cycle_id):
            yield fact(recorded, "cycle", cycle_id, "state", "open")
        case CycleLocked(cycle_id=cycle_id):
            yield fact(recorded, "cycle", cycle_id, "state", "locked")
        case CycleReopened(cycle_id=cycle_id, to=to):
            yield fact(recorded, "cycle", cycle_id, "state", to)
        case CycleClosed(cycle_id=cycle_id):
            yield fact(recorded, "cycle", cycle_id, "state", "closed")
        case _:
            return


def _programme(recorded: Recorded) -> Iterator[Fact]:
    match recorded.event:
        case OrganisationRegistered(time_zone=time_zone):
            yield fact(recorded, "organisation", "", "time_zone", time_zone)
        case SettingsChanged(settings=settings):
            yield fact(recorded, "organisation", "", "settings", settings.model_dump_json())
        case RoleAssigned(person_id=person_id, role=role):
            yield fact(recorded, "role", person_id, role, "assigned")
        case RoleRevoked(person_id=person_id, role=role):
            yield fact(recorded, "role", person_id, role, None)
        case Announced() as announced:
            said = announced.model_dump(mode="json", include={"kind", "audience", "sent", "delivered"})
            said["at"] = instant(recorded)
            yield fact(recorded, "announcement", announced.announcement_id, "announced", json(said))
        case ActionRecorded() as done:
            yield fact(recorded, "action", done.person_id, f"{done.announcement_id}/{done.action}", instant(recorded))
            yield fact(recorded, "act", done.person_id, "action", instant(recorded))
        case _:
            return


def _act(recorded: Recorded, what: str) -> Iterator[Fact]:
    """Something that a person did, which an announcement may have led to."""
    person_id = person_of(recorded)
    if person_id is not None:
        yield fact(recorded, "act", person_id, what, instant(recorded))
