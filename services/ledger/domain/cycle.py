"""When a cycle is planned and opened, and what its state allows."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from okr_contracts import subjects
from okr_contracts.commands import OpenCycle, PlanCycle
from okr_contracts.envelope import Recorded
from okr_contracts.events import CycleOpened, CyclePlanned, Event
from okr_contracts.fields import Thresholds
from services.ledger.domain.known import Context, Known, bare
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, Refusal, SubjectUnknown

RULE_VERSION: Final = 1
"""The rule version that cycles are planned under by this release; a planned cycle keeps its own for ever."""


class DaysOutOfOrder(Refusal):
    """A cycle would end before it starts."""

    code = "days_out_of_order"

    def __init__(self, starts_on: date) -> None:
        super().__init__(f"The cycle ends before it starts. Name a last day from {starts_on} on.", "/ends_on")


class OutsideParentCycle(Refusal):
    """A nested cycle would reach beyond the one that contains it."""

    code = "outside_parent_cycle"

    def __init__(self, parent: "Cycle") -> None:
        super().__init__(
            f"The days must lie within those of cycle {parent.planned.cycle_id}:"
            f" {parent.planned.starts_on} to {parent.planned.ends_on}.",
            "/parent_id",
        )


class CycleIsNotOpen(Refusal):
    """The command needs an open cycle."""

    code = "cycle_is_not_open"

    def __init__(self, cycle_id: str, state: str) -> None:
        super().__init__(f"Cycle {cycle_id} is {state}, not open. Open it first with OpenCycle, or use an open cycle.")


@dataclass(frozen=True, slots=True)
class Cycle:
    """What the rules read of a cycle."""

    planned: CyclePlanned
    state: Literal["planned", "open"] = "planned"


def plan(command: PlanCycle, context: Context, known: Known) -> list[Event]:
    """Plan a cycle and pin the rule version and thresholds of its figures."""
    cycle_id = command.cycle_id or ""
    planned = CyclePlanned(
        cycle_id=cycle_id,
        name=command.name,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        parent_id=command.parent_id,
        rule_version=RULE_VERSION,
        thresholds=Thresholds(),
    )
    cycle = known.get(subjects.cycle(cycle_id), Cycle)
    if cycle is not None:
        # Rule version and thresholds are the ledger's own choice: a later release must not call a repetition another.
        pinned = {"rule_version": cycle.planned.rule_version, "thresholds": cycle.planned.thresholds}
        if cycle.planned == planned.model_copy(update=pinned):
            return []
        raise IdTaken("cycle", cycle_id, "/cycle_id")
    if command.ends_on < command.starts_on:
        raise DaysOutOfOrder(command.starts_on)
    if command.parent_id is not None:
        parent = known.get(subjects.cycle(command.parent_id), Cycle)
        if parent is None:
            raise ReferenceUnknown("cycle", command.parent_id, "/parent_id")
        if command.starts_on < parent.planned.starts_on or command.ends_on > parent.planned.ends_on:
            raise OutsideParentCycle(parent)
    return [planned]


def open_cycle(command: OpenCycle, context: Context, known: Known) -> list[Event]:
    """Open a planned cycle."""
    cycle = known.get(subjects.cycle(command.cycle_id), Cycle)
    if cycle is None:
        raise SubjectUnknown("cycle", command.cycle_id)
    return [] if cycle.state == "open" else [CycleOpened(cycle_id=command.cycle_id)]


def existing(cycle_id: str, known: Known) -> Cycle:
    """The cycle that a recorded objective lives in; it exists because the objective could be created."""
    cycle = known.get(subjects.cycle(cycle_id), Cycle)
    if cycle is None:
        raise LookupError(f"cycle {cycle_id} is missing from the ledger")
    return cycle


def require_reason_when_open(cycle: Cycle, reason: str | None, what: str) -> None:
    """Before a cycle opens everything may be revised freely; after it, what counts changes only with a reason."""
    if cycle.state == "open" and not reason:
        raise ReasonMissing(f"Cycle {cycle.planned.cycle_id} is open, so that {what} is on the record with its reason.")


def containing(cycle_id: str, known: Known) -> list[str]:
    """The ids of the cycles that contain *cycle_id*, itself first, outwards."""
    found: list[str] = []
    next_id: str | None = cycle_id
    while next_id is not None:
        found.append(next_id)
        next_id = existing(next_id, known).planned.parent_id
    return found


def evolve(state: Cycle | None, recorded: Recorded) -> Cycle | None:
    """The cycle after the event."""
    match recorded.event, state:
        case CyclePlanned() as planned, _:
            return Cycle(bare(planned))
        case CycleOpened(), Cycle():
            return replace(state, state="open")
        case _:
            return state
