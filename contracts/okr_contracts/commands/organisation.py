"""Commands about an organisation."""

from typing import Annotated, ClassVar
from zoneinfo import available_timezones

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import (
    AlignmentAcceptance,
    CadenceDays,
    Identifier,
    OrganisationId,
    Role,
    ThresholdsChange,
    Title,
    UnitInterval,
)


class RegisterOrganisation(Command):
    """Open the ledger of a new organisation; it starts with a root unit, id ``root``."""

    id_field: ClassVar[str | None] = "organisation"

    organisation: OrganisationId
    name: Title
    time_zone: str = "UTC"

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, time_zone: str) -> str:
        if time_zone not in available_timezones():
            raise PydanticCustomError(
                "time_zone", 'a name of the IANA time zone database is wanted, as in "Europe/Berlin"'
            )
        return time_zone

    @property
    @override
    def subject(self) -> str:
        return subjects.organisation(self.organisation)


class OfOrganisation(Command):
    """A command to the organisation itself; ``organisation`` may be left out, for the address names it."""

    organisation: OrganisationId | None = None

    @property
    @override
    def subject(self) -> str:
        return subjects.organisation(self.organisation or "")


class ChangeSettings(OfOrganisation):
    """Change what the organisation may choose; what is left out stays as it is."""

    alignment_acceptance: AlignmentAcceptance | None = None
    cadence_days: CadenceDays | None = None
    thresholds: ThresholdsChange | None = None
    smallest_group: Annotated[int, Field(ge=1, le=1000)] | None = None
    most_objectives: Annotated[int, Field(ge=1, le=1000)] | None = None
    most_key_results: Annotated[int, Field(ge=1, le=1000)] | None = None
    over_cascaded_links: Annotated[int, Field(ge=1, le=1000)] | None = None
    over_cascaded_share: UnitInterval | None = None
    drifting_coverage: UnitInterval | None = None
    punctual_within_days: Annotated[int, Field(ge=0, le=366)] | None = None
    reach_within_days: Annotated[int, Field(ge=0, le=366)] | None = None
    views_kept_days: Annotated[int, Field(ge=1, le=366)] | None = None


class CloseOrganisation(OfOrganisation):
    """Close the ledger of the organisation, with a reason; everything stays readable."""


class AssignRole(OfOrganisation):
    """Give a person a role in the organisation, beside those of their token."""

    person_id: Identifier
    role: Role

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.person_id))


class RevokeRole(OfOrganisation):
    """Take a role back that was assigned."""

    person_id: Identifier
    role: Role


class PlaceHold(OfOrganisation):
    """Forbid, with a reason, that anything of a person is erased; without ``person_id``, of anybody."""

    id_field: ClassVar[str | None] = "hold_id"

    hold_id: Identifier | None = None
    person_id: Identifier | None = None

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.person_id)) if self.person_id else (self.subject,)


class ReleaseHold(OfOrganisation):
    """End a hold, with a reason."""

    hold_id: Identifier
