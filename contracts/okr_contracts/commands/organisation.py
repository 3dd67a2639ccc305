"""Commands about an organisation."""

from typing import ClassVar
from zoneinfo import available_timezones

from pydantic import field_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import OrganisationId, Title


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
