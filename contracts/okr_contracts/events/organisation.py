"""Events of an organisation."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import OrganisationId, Text, TimeZoneName


class OrganisationRegistered(Event):
    """The ledger of an organisation was opened; its days are counted in ``time_zone``."""

    organisation: OrganisationId
    name: Text = None
    time_zone: TimeZoneName

    @property
    @override
    def subject(self) -> str:
        return subjects.organisation(self.organisation)
