"""When a person leaves, comes back, and is erased."""

from collections.abc import Sequence
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import DeactivatePerson, ErasePerson, ReactivatePerson
from okr_contracts.events import (
    Event,
    KeyResultAdded,
    PersonDeactivated,
    PersonErased,
    PersonReactivated,
    ResponsibleAssigned,
)
from services.ledger.domain import person as people
from services.ledger.domain.collected import Collected
from services.ledger.domain.key_result import KeyResult
from services.ledger.domain.known import Context, Deciders, Known
from services.ledger.domain.organisation import Organisation
from services.ledger.domain.refusal import ReasonMissing, Refusal

_SHOWN: Final = 20


class StillResponsible(Refusal):
    """Somebody would be erased who answers for key results."""

    code = "still_responsible"

    def __init__(self, person_id: str, key_results: Sequence[str]) -> None:
        more = f" and {len(key_results) - _SHOWN} more" if len(key_results) > _SHOWN else ""
        super().__init__(
            f"{person_id} is responsible for {', '.join(key_results[:_SHOWN])}{more}. Assign somebody else first, with"
            " AssignResponsible."
        )


class PersonIsHeld(Refusal):
    """Somebody would be erased on whom a hold is in place."""

    code = "person_is_held"

    def __init__(self, person_id: str, holds: Sequence[str]) -> None:
        super().__init__(
            f"Nothing of {person_id} is erased while a hold is in place: {', '.join(holds[:_SHOWN])}. Release it first,"
            " with ReleaseHold."
        )


def deactivate(command: DeactivatePerson, context: Context, known: Known) -> list[Event]:
    """Say that a person left, and what they are responsible for."""
    person = people.addressed(command.person_id, known)
    people.require_not_erased(person, "/person_id")
    if person.state == "inactive":
        return []
    responsible_for = tuple(_responsible_for(command.person_id, known))
    return [PersonDeactivated(person_id=command.person_id, responsible_for=responsible_for)]


def reactivate(command: ReactivatePerson, context: Context, known: Known) -> list[Event]:
    """Say that a person is back."""
    person = people.addressed(command.person_id, known)
    people.require_not_erased(person, "/person_id")
    return [] if person.state == "active" else [PersonReactivated(person_id=command.person_id)]


def erase(command: ErasePerson, context: Context, known: Known) -> list[Event]:
    """Erase name and address of a person who answers for nothing and on whom there is no hold."""
    person = people.addressed(command.person_id, known)
    if person.state == "erased":
        return []
    organisation = known.get(subjects.organisation(context.organisation), Organisation)
    holds = () if organisation is None else organisation.holds.values()
    if held := sorted(hold.hold_id for hold in holds if hold.person_id in (None, command.person_id)):
        raise PersonIsHeld(command.person_id, held)
    if responsible_for := _responsible_for(command.person_id, known):
        raise StillResponsible(command.person_id, responsible_for)
    if not command.reason:
        raise ReasonMissing("An erasure cannot be taken back.")
    return [PersonErased(person_id=command.person_id)]


def _responsible_for(person_id: str, known: Known) -> list[str]:
    """The key results that they answer for now, dropped ones left out. Cost: those that they ever answered for."""
    collected = known.get(subjects.responsibilities(person_id), Collected)
    events = [] if collected is None else [recorded.event for recorded in collected]
    ever = {event.key_result_id for event in events if isinstance(event, KeyResultAdded | ResponsibleAssigned)}
    known.require(map(subjects.key_result, sorted(ever)))
    states = {each: known.get(subjects.key_result(each), KeyResult) for each in ever}
    return sorted(
        each
        for each, state in states.items()
        if state is not None and state.responsible_id == person_id and not state.dropped
    )


DECIDERS: Final[Deciders] = {
    DeactivatePerson: deactivate,
    ReactivatePerson: reactivate,
    ErasePerson: erase,
}
"""Which function answers which command."""
