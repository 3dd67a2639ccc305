"""Every event that the ledger has ever written, in every version."""

from typing import Final

from okr_contracts.events.alignment import AlignmentLinked, AlignmentUnlinked
from okr_contracts.events.check_in import CheckInCorrected, CheckInRecorded, CheckInWithdrawn
from okr_contracts.events.cycle import CycleOpened, CyclePlanned
from okr_contracts.events.event import Event
from okr_contracts.events.key_result import KeyPartnerNamed, KeyResultAdded, KeyResultRedefined, ResponsibleAssigned
from okr_contracts.events.objective import (
    ObjectiveCreated,
    ObjectiveRevised,
    OverrideLifted,
    ProgressOverridden,
    RollUpSet,
)
from okr_contracts.events.organisation import EpochBegun, OrganisationRegistered
from okr_contracts.events.person import ManagerChanged, PersonAdded, UnitJoined
from okr_contracts.events.unit import UnitAdded

EVENTS: Final[dict[tuple[str, int], type[Event]]] = {
    (event.__name__, event.schema_version): event
    for event in (
        OrganisationRegistered,
        EpochBegun,
        UnitAdded,
        PersonAdded,
        ManagerChanged,
        UnitJoined,
        CyclePlanned,
        CycleOpened,
        ObjectiveCreated,
        ObjectiveRevised,
        RollUpSet,
        ProgressOverridden,
        OverrideLifted,
        KeyResultAdded,
        KeyResultRedefined,
        ResponsibleAssigned,
        KeyPartnerNamed,
        AlignmentLinked,
        AlignmentUnlinked,
        CheckInRecorded,
        CheckInCorrected,
        CheckInWithdrawn,
    )
}
"""(type, schema version) → class. The names are what is stored: a class here is never renamed."""

__all__ = [
    "EVENTS",
    "AlignmentLinked",
    "AlignmentUnlinked",
    "CheckInCorrected",
    "CheckInRecorded",
    "CheckInWithdrawn",
    "CycleOpened",
    "CyclePlanned",
    "EpochBegun",
    "Event",
    "KeyPartnerNamed",
    "KeyResultAdded",
    "KeyResultRedefined",
    "ManagerChanged",
    "ObjectiveCreated",
    "ObjectiveRevised",
    "OrganisationRegistered",
    "OverrideLifted",
    "PersonAdded",
    "ProgressOverridden",
    "ResponsibleAssigned",
    "RollUpSet",
    "UnitAdded",
    "UnitJoined",
]
