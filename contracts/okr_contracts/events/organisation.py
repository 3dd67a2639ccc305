"""Events of an organisation."""

from typing import Annotated

from pydantic import Field
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Identifier, OrganisationId, Role, Settings, Text, TimeZoneName


class OrganisationEvent(Event):
    """An event of the organisation itself."""

    organisation: OrganisationId

    @property
    @override
    def subject(self) -> str:
        return subjects.organisation(self.organisation)


class OrganisationRegistered(OrganisationEvent):
    """The ledger of an organisation was opened; its days are counted in ``time_zone``."""

    name: Text = None
    time_zone: TimeZoneName


class EpochBegun(OrganisationEvent):
    """
    The ledger goes on in another epoch, after a restore that lost events, or may have lost some.

    It is the first event of the new epoch; what comes before it was restored. ``lost_up_to`` is the highest sequence of
    ``previous_epoch`` that is known to have been given out and is lost, None where none is known of.
    """

    previous_epoch: Annotated[int, Field(ge=1)]
    lost_up_to: Annotated[int, Field(ge=1)] | None = None


class SettingsChanged(OrganisationEvent):
    """The organisation's choices changed; all of them are carried as they are now."""

    settings: Settings


class OrganisationClosed(OrganisationEvent):
    """The organisation's ledger takes no further commands but those of holds and erasure."""


class RoleAssigned(OrganisationEvent):
    """A person has one more role in the organisation, beside those of their token."""

    person_id: Identifier
    role: Role

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.person_id),)


class RoleRevoked(OrganisationEvent):
    """A person has a role no longer."""

    person_id: Identifier
    role: Role

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.person_id),)


class HoldPlaced(OrganisationEvent):
    """Nothing of a person, or of anybody where none is named, is erased until the hold is released."""

    hold_id: Identifier
    person_id: Identifier | None

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.person_id),) if self.person_id else ()


class HoldReleased(OrganisationEvent):
    """A hold ended."""

    hold_id: Identifier
