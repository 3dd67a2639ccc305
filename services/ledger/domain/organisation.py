"""When an organisation is registered, what it chooses, who has which role, what is held, and when it is closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from okr_contracts import subjects
from okr_contracts.commands import (
    AssignRole,
    ChangeSettings,
    CloseOrganisation,
    Command,
    ErasePerson,
    PlaceHold,
    RegisterOrganisation,
    ReleaseHold,
    RevokeRole,
)
from okr_contracts.commands.organisation import OfOrganisation
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    Event,
    HoldPlaced,
    HoldReleased,
    OrganisationClosed,
    OrganisationRegistered,
    RoleAssigned,
    RoleRevoked,
    SettingsChanged,
    UnitAdded,
)
from okr_contracts.fields import Settings
from services.ledger.domain.cycle import changed_thresholds
from services.ledger.domain.known import Context, Deciders, Known, bare
from services.ledger.domain.person import require_present
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, Refusal, SubjectUnknown

ROOT_UNIT = "root"
_NO_ROLES: Final[frozenset[str]] = frozenset()


class OtherOrganisation(Refusal):
    """The command names another organisation than its address."""

    code = "other_organisation"

    def __init__(self, organisation: str) -> None:
        super().__init__(f"The address is that of {organisation}. Leave 'organisation' out.", "/organisation")


class OrganisationIsClosed(Refusal):
    """The organisation's ledger was closed."""

    code = "organisation_is_closed"

    def __init__(self, organisation: str) -> None:
        super().__init__(
            f"The ledger of {organisation} is closed: it stays readable, and takes holds, their release and erasures"
            " alone."
        )


@dataclass(frozen=True, slots=True)
class Organisation:
    """
    What the rules read of an organisation.

    ``roles`` are those that were assigned, by person; ``holds`` are in place, by their ids, ``released`` were.
    """

    registered: OrganisationRegistered
    settings: Settings = field(default_factory=Settings)
    roles: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    holds: Mapping[str, HoldPlaced] = field(default_factory=lambda: MappingProxyType({}))
    released: frozenset[str] = frozenset()
    closed: bool = False

    @property
    def time_zone(self) -> str:
        """The IANA name of the zone in which its days are counted."""
        return self.registered.time_zone


def register(command: RegisterOrganisation, context: Context, known: Known) -> list[Event]:
    """Open the ledger of an organisation; its root unit is the second event."""
    registered = OrganisationRegistered(
        organisation=command.organisation, name=command.name, time_zone=command.time_zone
    )
    organisation = known.get(subjects.organisation(context.organisation), Organisation)
    if organisation is None:
        return [registered, UnitAdded(unit_id=ROOT_UNIT, name=command.name)]
    if organisation.registered == registered:
        return []
    raise IdTaken("organisation", command.organisation, "/organisation")


def change_settings(command: ChangeSettings, context: Context, known: Known) -> list[Event]:
    """Change what may be chosen; the event carries all of it."""
    organisation = _addressed(command, context, known)
    before = organisation.settings
    given: dict[str, Any] = {
        name: value
        for name in Settings.model_fields
        if name != "thresholds" and (value := getattr(command, name)) is not None
    }
    thresholds = changed_thresholds(before.thresholds, command.thresholds)
    after = before.model_copy(update={**given, "thresholds": thresholds})
    return [] if after == before else [SettingsChanged(organisation=context.organisation, settings=after)]


def close(command: CloseOrganisation, context: Context, known: Known) -> list[Event]:
    """Close the ledger."""
    organisation = _addressed(command, context, known)
    if organisation.closed:
        return []
    if not command.reason:
        raise ReasonMissing("That an organisation's ledger is closed is on the record with its reason.")
    return [OrganisationClosed(organisation=context.organisation)]


def assign_role(command: AssignRole, context: Context, known: Known) -> list[Event]:
    """Give a person a role."""
    organisation = _addressed(command, context, known)
    if command.role in organisation.roles.get(command.person_id, _NO_ROLES):
        return []
    require_present(command.person_id, known, "/person_id")
    return [RoleAssigned(organisation=context.organisation, person_id=command.person_id, role=command.role)]


def revoke_role(command: RevokeRole, context: Context, known: Known) -> list[Event]:
    """Take a role back."""
    organisation = _addressed(command, context, known)
    if command.role not in organisation.roles.get(command.person_id, _NO_ROLES):
        return []
    return [RoleRevoked(organisation=context.organisation, person_id=command.person_id, role=command.role)]


def place_hold(command: PlaceHold, context: Context, known: Known) -> list[Event]:
    """Forbid erasures."""
    organisation = _addressed(command, context, known)
    hold_id = command.hold_id or ""
    placed = HoldPlaced(organisation=context.organisation, hold_id=hold_id, person_id=command.person_id)
    before = organisation.holds.get(hold_id)
    if before == placed:
        return []
    if before is not None or hold_id in organisation.released:
        raise IdTaken("hold", hold_id, "/hold_id")
    if command.person_id is not None:
        require_present(command.person_id, known, "/person_id")
    if not command.reason:
        raise ReasonMissing("A hold forbids what people may ask for.")
    return [placed]


def release_hold(command: ReleaseHold, context: Context, known: Known) -> list[Event]:
    """End a hold."""
    organisation = _addressed(command, context, known)
    if command.hold_id in organisation.released:
        return []
    if command.hold_id not in organisation.holds:
        raise ReferenceUnknown("hold", command.hold_id, "/hold_id")
    if not command.reason:
        raise ReasonMissing("That a hold ends is on the record.")
    return [HoldReleased(organisation=context.organisation, hold_id=command.hold_id)]


def refuse_when_closed(command: Command, organisation: Organisation | None) -> None:
    """After an organisation was closed only holds, their release and erasures are taken, and the closing again."""
    if organisation is None or not organisation.closed:
        return
    if not isinstance(command, PlaceHold | ReleaseHold | ErasePerson | CloseOrganisation | RegisterOrganisation):
        raise OrganisationIsClosed(organisation.registered.organisation)


def _addressed(command: OfOrganisation, context: Context, known: Known) -> Organisation:
    if command.organisation != context.organisation:
        raise OtherOrganisation(context.organisation)
    organisation = known.get(subjects.organisation(context.organisation), Organisation)
    if organisation is None:
        raise SubjectUnknown("organisation", context.organisation)
    return organisation


def evolve(state: Organisation | None, recorded: Recorded) -> Organisation | None:
    """The organisation after the event."""
    match recorded.event, state:
        case OrganisationRegistered() as registered, _:
            return Organisation(bare(registered))
        case SettingsChanged(settings=settings), Organisation():
            return replace(state, settings=settings)
        case OrganisationClosed(), Organisation():
            return replace(state, closed=True)
        case RoleAssigned(person_id=person_id, role=role), Organisation():
            return _with_roles(state, person_id, state.roles.get(person_id, _NO_ROLES) | {role})
        case RoleRevoked(person_id=person_id, role=role), Organisation():
            return _with_roles(state, person_id, state.roles.get(person_id, _NO_ROLES) - {role})
        case HoldPlaced() as placed, Organisation():
            return replace(state, holds={**state.holds, placed.hold_id: bare(placed)})
        case HoldReleased(hold_id=hold_id), Organisation():
            left = {each: hold for each, hold in state.holds.items() if each != hold_id}
            return replace(state, holds=left, released=state.released | {hold_id})
        case _:
            return state


def _with_roles(state: Organisation, person_id: str, roles: frozenset[str]) -> Organisation:
    others = {each: assigned for each, assigned in state.roles.items() if each != person_id}
    return replace(state, roles={**others, person_id: roles} if roles else others)


DECIDERS: Final[Deciders] = {
    RegisterOrganisation: register,
    ChangeSettings: change_settings,
    CloseOrganisation: close,
    AssignRole: assign_role,
    RevokeRole: revoke_role,
    PlaceHold: place_hold,
    ReleaseHold: release_hold,
}
"""Which function answers which command."""
