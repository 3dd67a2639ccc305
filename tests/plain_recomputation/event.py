"""Events as the query API gives them, read field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

Json = Mapping[str, object]

KNOWN_TYPES = frozenset(
    {
        "OrganisationRegistered",
        "EpochBegun",
        "SettingsChanged",
        "RoleAssigned",
        "RoleRevoked",
        "HoldPlaced",
        "HoldReleased",
        "OrganisationClosed",
        "UnitAdded",
        "UnitRenamed",
        "UnitMoved",
        "UnitLeadNamed",
        "UnitClosed",
        "PersonAdded",
        "PersonRevised",
        "ManagerChanged",
        "UnitJoined",
        "UnitLeft",
        "PersonDeactivated",
        "PersonReactivated",
        "PersonErased",
        "CyclePlanned",
        "CycleRevised",
        "CycleOpened",
        "CycleLocked",
        "CycleReopened",
        "CycleClosed",
        "ExceptionGranted",
        "ExceptionRevoked",
        "ObjectiveCreated",
        "ObjectiveRevised",
        "ObjectiveReassigned",
        "TopLevelDeclared",
        "AmbitionSet",
        "RollUpSet",
        "LabelsSet",
        "ObjectiveRestricted",
        "ObjectiveOpened",
        "ObjectiveAbandoned",
        "ObjectiveReinstated",
        "ObjectiveCarriedOver",
        "ProgressOverridden",
        "OverrideLifted",
        "ObjectiveGraded",
        "GradeCorrected",
        "SignalDismissed",
        "KeyResultAdded",
        "KeyResultRevised",
        "KeyResultRedefined",
        "KeyResultReweighed",
        "ResponsibleAssigned",
        "KeyPartnerNamed",
        "KeyPartnerReleased",
        "CadenceSet",
        "PhasedTargetsSet",
        "KeyResultDropped",
        "KeyResultReinstated",
        "KeyResultGraded",
        "AlignmentLinked",
        "AlignmentChanged",
        "AlignmentMoved",
        "AlignmentUnlinked",
        "AlignmentAccepted",
        "AlignmentDeclined",
        "CheckInRecorded",
        "CheckInCorrected",
        "CheckInWithdrawn",
        "CheckInAcknowledged",
        "Announced",
        "ViewsRecorded",
        "ActionRecorded",
    }
)


class NotRecomputed(ValueError):
    """An event of a type that the plain recomputation does not know: any figure beside it could be wrong."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as far as figures rest on it."""

    sequence: int
    type: str
    subject: str
    effective_on: date
    data: Json
    text: Json
    recorded_at: str = ""


def read_all(events: Sequence[Json], known_at: int | None = None) -> list[Event]:
    """The events of one organisation up to *known_at*, in order."""
    read = sorted((_read(event) for event in events), key=lambda event: event.sequence)
    if len({event["organisation"] for event in events}) > 1:
        raise ValueError("events of several organisations cannot be recomputed together")
    for event in read:
        if event.type not in KNOWN_TYPES:
            raise NotRecomputed(event.type)
    return [event for event in read if known_at is None or event.sequence <= known_at]


def _read(event: Json) -> Event:
    return Event(
        sequence=cast("int", event["sequence"]),
        type=cast("str", event["type"]),
        subject=cast("str", event["subject"]),
        effective_on=date.fromisoformat(cast("str", event["effective_on"])),
        data=cast("Json", event["data"]),
        text=cast("Json | None", event.get("text")) or {},
        recorded_at=cast("str", event.get("recorded_at", "")),
    )


def latest(events: Sequence[Event], on: date) -> Event | None:
    """The latest of *events* by (effective_on, sequence) that is not after *on*."""
    not_after = [event for event in events if event.effective_on <= on]
    return max(not_after, key=lambda event: (event.effective_on, event.sequence)) if not_after else None


def word(data: Json, name: str) -> str:
    """A string that has to be there."""
    return cast("str", data[name])


def part(data: Json, name: str) -> Json:
    """An object that has to be there."""
    return cast("Json", data[name])


def number(data: Json, name: str) -> Fraction | None:
    """A decimal, exactly; None where it is null or left out."""
    value = data.get(name)
    return None if value is None else Fraction(cast("str", value))


def number_of(data: Json, name: str) -> Fraction:
    """A decimal that has to be there, exactly."""
    return Fraction(cast("str", data[name]))


def reported(data: Json, name: str) -> Fraction | bool | None:
    """A reported value: a decimal, or true or false."""
    value = data.get(name)
    return value if isinstance(value, bool) else number(data, name)
