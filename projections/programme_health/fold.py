"""Which rows an event makes. Every row restates its event alone, so that no earlier state has to be read."""

from collections.abc import Callable, Iterator
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
    CheckInAcknowledged,
    CheckInCorrected,
    CheckInRecorded,
    CheckInWithdrawn,
    CycleClosed,
    CycleLocked,
    CycleOpened,
    CyclePlanned,
    CycleReopened,
    CycleRevised,
    Event,
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
    yield from _FOLDS[type(recorded.event)](recorded)


def _check_in(recorded: Recorded) -> Iterator[CheckIn]:
    event = recorded.event
    assert isinstance(event, CheckInEvent)
    value = event.value if isinstance(event, CheckInRecorded | CheckInCorrected) else None
    yield CheckIn(
        recorded.organisation,
        event.key_result_id,
        event.check_in_id,
        recorded.sequence,
        recorded.effective_on,
        recorded.recorded_at,
        corrects=type(event) is not CheckInRecorded,
        withdrawn=type(event) is CheckInWithdrawn,
        imported=event.import_source is not None,
        actor_id=person_of(recorded),
        value=Decimal(value) if isinstance(value, bool) else value,
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


def _nothing(recorded: Recorded) -> Iterator[Fact]:
    """Nothing but what its integrity says."""
    del recorded
    yield from ()


def _fold_of(event: type[Event]) -> Callable[[Recorded], Iterator[Fact | CheckIn]]:
    if event is CheckInAcknowledged:
        return _nothing
    folds: tuple[tuple[type[Event], Callable[[Recorded], Iterator[Fact | CheckIn]]], ...] = (
        (CheckInEvent, _check_in),
        (KeyResultEvent, folded_nodes.of_key_result),
        (ObjectiveEvent, folded_nodes.of_objective),
        (AlignmentEvent, _links),
        (CycleEvent, _cycle),
        (PersonEvent, folded_directory.facts),
        (UnitEvent, folded_directory.facts),
    )
    return next((fold for kind, fold in folds if issubclass(event, kind)), _programme)


# Looked up by type: nine of ten events are check-ins, and asking each class in turn took longer than the rest.
_FOLDS: Final = {event: _fold_of(event) for event in EVENTS.values()}
