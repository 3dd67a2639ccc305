"""
The fold of the progress read model: events into numbers and rows. Pure: no database, no clock.

An event computes again what it is about and what counts above it, and nothing else; a check-in for a day before the
value in force, or with the number that is there already, ends at its key result. Check-ins that follow each other are
computed together: nothing asks for the numbers in between.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from okr_contracts.envelope import Recorded
from okr_contracts.events import CheckInRecorded, OrganisationRegistered
from okr_contracts.events.alignment import AlignmentEvent
from okr_contracts.events.check_in import CheckInEvent
from okr_contracts.events.cycle import CycleEvent
from okr_contracts.events.key_result import KeyResultEvent
from okr_contracts.events.objective import ObjectiveEvent
from projections.progress.folded import alignment, check_in, cycle, key_result, objective
from projections.progress.folding import Folding
from projections.progress.graph import Graph
from projections.progress.rows import Rows
from projections.read_model import CannotApply

HANDLES: Final = frozenset(
    {
        "OrganisationRegistered",
        "CyclePlanned",
        "CycleOpened",
        "ObjectiveCreated",
        "ObjectiveRevised",
        "RollUpSet",
        "ProgressOverridden",
        "OverrideLifted",
        "KeyResultAdded",
        "KeyResultRedefined",
        "ResponsibleAssigned",
        "KeyPartnerNamed",
        "AlignmentLinked",
        "AlignmentUnlinked",
        "CheckInRecorded",
        "CheckInCorrected",
        "CheckInWithdrawn",
        # Who works where, and where a ledger goes on after a restore, changes no number, but may be about a later day
        # than anything before it.
        "EpochBegun",
        "UnitAdded",
        "PersonAdded",
        "ManagerChanged",
        "UnitJoined",
        "SettingsChanged",
        "RoleAssigned",
        "RoleRevoked",
        "HoldPlaced",
        "HoldReleased",
        "OrganisationClosed",
        "UnitRenamed",
        "UnitMoved",
        "UnitLeadNamed",
        "UnitClosed",
        "PersonRevised",
        "UnitLeft",
        "PersonDeactivated",
        "PersonReactivated",
        "PersonErased",
        "CycleRevised",
        "CycleLocked",
        "CycleReopened",
        "CycleClosed",
        "ExceptionGranted",
        "ExceptionRevoked",
        "ObjectiveReassigned",
        "TopLevelDeclared",
        "AmbitionSet",
        "LabelsSet",
        "ObjectiveRestricted",
        "ObjectiveOpened",
        "ObjectiveAbandoned",
        "ObjectiveReinstated",
        "ObjectiveCarriedOver",
        "ObjectiveGraded",
        "GradeCorrected",
        "SignalDismissed",
        "KeyResultRevised",
        "KeyResultReweighed",
        "KeyPartnerReleased",
        "CadenceSet",
        "PhasedTargetsSet",
        "KeyResultDropped",
        "KeyResultReinstated",
        "KeyResultGraded",
        "AlignmentChanged",
        "AlignmentMoved",
        "AlignmentAccepted",
        "AlignmentDeclined",
        "CheckInAcknowledged",
        "Announced",
        "ViewsRecorded",
        "ActionRecorded",
    }
)
IGNORES: Final[frozenset[str]] = frozenset()
"""None: whatever is ignored is not even decoded."""

# Events: half a millisecond.
_A_TURN: Final = 32


def fold(organisation: str, graph: Graph, events: Sequence[Recorded], rows: Rows) -> Iterator[None]:
    """
    Adds to *rows* what *events* of one organisation, dense and in order, make of *graph*.

    It stops some thousand times a second, for whoever else has to have a turn, and is done when the iterator is at its
    end. *graph* has all that they can touch (``load``), and is changed. Raises CannotApply, and the graph is spoilt;
    the event that it names may be a later one than a check-in that was to blame.
    """
    folding = Folding(organisation, graph, rows)
    for number, recorded in enumerate(events, start=1):
        if number % _A_TURN == 0:
            yield
        folding.begin(recorded.sequence, recorded.effective_on)
        try:
            if not isinstance(recorded.event, CheckInEvent):
                # It may look at what counts.
                graph.settle(folding.touch)
            _fold(folding, recorded)
            if number == len(events) or not isinstance(recorded.event, CheckInEvent):
                graph.settle(folding.touch)
        except KeyError as unknown:
            missing = f"it names {unknown}, which is not there"
            raise CannotApply(organisation, recorded.sequence, missing) from unknown
        except (ValueError, ArithmeticError) as refused:
            raise CannotApply(organisation, recorded.sequence, str(refused)) from refused
    folding.finish()
    graph.check_ins.clear()
    graph.left_at = (events[-1].epoch, events[-1].sequence)


def _fold(folding: Folding, recorded: Recorded) -> None:
    match recorded.event:
        # First, and by its own class: of ten events nine are these, and to try the class of a model costs a call.
        case CheckInRecorded() as event:
            check_in.fold_recorded(folding, recorded, event)
        case CheckInEvent() as event:
            check_in.fold(folding, recorded, event)
        case KeyResultEvent() as event:
            key_result.fold(folding, recorded, event)
        case ObjectiveEvent() as event:
            objective.fold(folding, recorded, event)
        case AlignmentEvent() as event:
            alignment.fold(folding, recorded, event)
        case CycleEvent() as event:
            cycle.fold(folding, recorded, event)
        case OrganisationRegistered(time_zone=time_zone):
            folding.rows.organisations.append(
                (folding.organisation, time_zone, recorded.effective_on, recorded.sequence)
            )
        case _:
            pass
