"""When an organisation is registered, and what its name stands for from then on."""

from dataclasses import dataclass

from okr_contracts import subjects
from okr_contracts.commands import RegisterOrganisation
from okr_contracts.envelope import Recorded
from okr_contracts.events import Event, OrganisationRegistered, UnitAdded
from services.ledger.domain.known import Context, Known, bare
from services.ledger.domain.refusal import IdTaken

ROOT_UNIT = "root"


@dataclass(frozen=True, slots=True)
class Organisation:
    """What the rules read of an organisation."""

    registered: OrganisationRegistered

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


def evolve(state: Organisation | None, recorded: Recorded) -> Organisation | None:
    """The organisation after the event."""
    match recorded.event:
        case OrganisationRegistered() as registered:
            return Organisation(bare(registered))
        case _:
            return state
