"""When a cycle is planned, revised, opened, locked and reopened, and what its state allows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

from okr_contracts import subjects
from okr_contracts.commands import LockCycle, OpenCycle, PlanCycle, ReopenCycle, ReviseCycle
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    CycleClosed,
    CycleLocked,
    CycleOpened,
    CyclePlanned,
    CycleReopened,
    CycleRevised,
    Event,
    ExceptionGranted,
    ExceptionRevoked,
)
from okr_contracts.fields import Thresholds, ThresholdsChange
from services.ledger.domain import exception as exceptions
from services.ledger.domain.collected import Collected
from services.ledger.domain.exception import Grant
from services.ledger.domain.known import Context, Deciders, Known, bare
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

    def __init__(self, parent: "Cycle", pointer: str = "/parent_id") -> None:
        super().__init__(
            f"The days must lie within those of cycle {parent.planned.cycle_id}:"
            f" {parent.planned.starts_on} to {parent.planned.ends_on}.",
            pointer,
        )


class ContainsLongerCycle(Refusal):
    """A cycle would no longer reach as far as one that it contains."""

    code = "contains_longer_cycle"

    def __init__(self, child: "Cycle") -> None:
        super().__init__(
            f"Cycle {child.planned.cycle_id}, {child.planned.starts_on} to {child.planned.ends_on}, lies within this"
            " one and must go on doing so. Revise that one first, or choose days that contain it.",
            "/ends_on",
        )


class ThresholdsOutOfOrder(Refusal):
    """What is at risk would be better than what is on track."""

    code = "thresholds_out_of_order"

    def __init__(self, ambition: str) -> None:
        super().__init__(
            f"{ambition}_at_risk may not be above {ambition}_on_track. Send both in an order that makes sense.",
            f"/thresholds/{ambition}_at_risk",
        )


class CycleIsNotOpen(Refusal):
    """The command needs an open cycle."""

    code = "cycle_is_not_open"

    def __init__(self, cycle_id: str, state: str) -> None:
        super().__init__(f"Cycle {cycle_id} is {state}, not open. Open it first with OpenCycle, or use an open cycle.")


class CycleIsElsewhere(Refusal):
    """A step of a cycle's life would not follow its last one."""

    code = "cycle_is_elsewhere"

    def __init__(self, cycle_id: str, state: str, wanted: str, fix: str) -> None:
        super().__init__(f"Cycle {cycle_id} is {state}; only {wanted} can take this step. {fix}")


class ContainingCycleIsClosed(Refusal):
    """A cycle would begin, or begin again, within one that is closed: the containing one closes last."""

    code = "containing_cycle_is_closed"

    def __init__(self, parent_id: str, pointer: str = "") -> None:
        super().__init__(
            f"Cycle {parent_id}, which contains this one, is closed, and closes last. Reopen it first with ReopenCycle,"
            " itself by exception.",
            pointer,
        )


CycleState = Literal["planned", "open", "locked", "closed"]


_NO_GRANTS: Final[Mapping[int, Grant]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Cycle:
    """
    What the rules read of a cycle.

    ``first_planned`` is how it was planned first, ``planned`` how it is planned now. ``reopened`` stays true once it
    was. ``grants`` are the exceptions by the sequence of their events.
    """

    planned: CyclePlanned
    first_planned: CyclePlanned
    state: CycleState = "planned"
    reopened: bool = False
    grants: Mapping[int, Grant] = field(default_factory=lambda: _NO_GRANTS)


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
        thresholds=context.settings.thresholds,
    )
    cycle = known.get(subjects.cycle(cycle_id), Cycle)
    if cycle is not None:
        # Rule version and thresholds are the ledger's own choice: a later release must not call a repetition another.
        first = cycle.first_planned
        pinned = {"rule_version": first.rule_version, "thresholds": first.thresholds}
        if first == planned.model_copy(update=pinned):
            return []
        raise IdTaken("cycle", cycle_id, "/cycle_id")
    _check_days(planned, known, "/parent_id")
    _require_open_above(planned, context, known, "/parent_id")
    return [planned]


def revise(command: ReviseCycle, context: Context, known: Known) -> list[Event]:
    """Change name, days or thresholds; days and thresholds of a cycle that is not merely planned by exception alone."""
    cycle = addressed(command.cycle_id, known)
    before = cycle.planned
    given = {name: value for name in ("name", "starts_on", "ends_on") if (value := getattr(command, name)) is not None}
    thresholds = changed_thresholds(before.thresholds, command.thresholds)
    after = before.model_copy(update={**given, "thresholds": thresholds})
    if after == before:
        return []
    _check_days(after, known, "/starts_on")
    for child_id in children(command.cycle_id, known):
        child = existing(child_id, known)
        if child.planned.starts_on < after.starts_on or child.planned.ends_on > after.ends_on:
            raise ContainsLongerCycle(child)
    if cycle.state == "closed":
        raise CycleIsElsewhere(command.cycle_id, "closed", "one that is not", "Reopen it first, by an exception.")
    counts = after.model_copy(update={"name": before.name}) != before
    if cycle.state == "planned" or not counts:
        exceptions.refuse_needless(command)
    else:
        exceptions.require(
            command, cycle.grants, context, f"The days and thresholds of a cycle that is {cycle.state} are fixed."
        )
    return [
        CycleRevised(
            cycle_id=command.cycle_id,
            name=after.name,
            starts_on=after.starts_on,
            ends_on=after.ends_on,
            thresholds=after.thresholds,
        )
    ]


def changed_thresholds(before: Thresholds, change: ThresholdsChange | None) -> Thresholds:
    """The thresholds with what is given changed. Raises ThresholdsOutOfOrder."""
    if change is None:
        return before
    after = before.model_copy(update={name: value for name, value in change if value is not None})
    if after.aspirational_at_risk > after.aspirational_on_track:
        raise ThresholdsOutOfOrder("aspirational")
    if after.committed_at_risk > after.committed_on_track:
        raise ThresholdsOutOfOrder("committed")
    return after


def open_cycle(command: OpenCycle, context: Context, known: Known) -> list[Event]:
    """Open a planned cycle."""
    cycle = addressed(command.cycle_id, known)
    exceptions.refuse_needless(command)
    if cycle.state == "open":
        return []
    if cycle.state != "planned":
        raise CycleIsElsewhere(
            command.cycle_id, cycle.state, "a planned one", "Open it again with ReopenCycle, by an exception."
        )
    return [CycleOpened(cycle_id=command.cycle_id)]


def lock(command: LockCycle, context: Context, known: Known) -> list[Event]:
    """Lock an open cycle."""
    cycle = addressed(command.cycle_id, known)
    exceptions.refuse_needless(command)
    if cycle.state == "locked":
        return []
    if cycle.state != "open":
        raise CycleIsElsewhere(command.cycle_id, cycle.state, "an open one", "Open it first, or leave it as it is.")
    return [marked(CycleLocked(cycle_id=command.cycle_id), cycle)]


def reopen(command: ReopenCycle, context: Context, known: Known) -> list[Event]:
    """Open a locked or closed cycle again, by exception."""
    cycle = addressed(command.cycle_id, known)
    if cycle.state == command.to:
        return []
    if cycle.state not in ("locked", "closed"):
        raise CycleIsElsewhere(
            command.cycle_id, cycle.state, "a locked or closed one", "Use LockCycle for an open one."
        )
    if not command.reason:
        raise ReasonMissing("To reopen a cycle is on the record with its reason.")
    _require_open_above(cycle.planned, context, known)
    exceptions.require(command, cycle.grants, context, "A cycle is reopened by exception alone.")
    return [CycleReopened(cycle_id=command.cycle_id, to=command.to, after_lock=command.cycle_id)]


def addressed(cycle_id: str, known: Known) -> Cycle:
    """The cycle that a command is addressed to. Raises SubjectUnknown where there is none."""
    cycle = known.get(subjects.cycle(cycle_id), Cycle)
    if cycle is None:
        raise SubjectUnknown("cycle", cycle_id)
    return cycle


def existing(cycle_id: str, known: Known) -> Cycle:
    """The cycle that a recorded objective lives in; it exists because the objective could be created."""
    cycle = known.get(subjects.cycle(cycle_id), Cycle)
    if cycle is None:
        raise LookupError(f"cycle {cycle_id} is missing from the ledger")
    return cycle


def require_reason_when_open(cycle: Cycle, reason: str | None, what: str) -> None:
    """Before a cycle opens everything may be revised freely; after it, what counts changes only with a reason."""
    if cycle.state != "planned" and not reason:
        raise ReasonMissing(
            f"Cycle {cycle.planned.cycle_id} is {cycle.state}, so that {what} is on the record with its reason."
        )


def containing(cycle_id: str, known: Known) -> list[str]:
    """The ids of the cycles that contain *cycle_id*, itself first, outwards."""
    found: list[str] = []
    next_id: str | None = cycle_id
    while next_id is not None:
        found.append(next_id)
        next_id = existing(next_id, known).planned.parent_id
    return found


def _check_days(planned: CyclePlanned, known: Known, pointer: str) -> None:
    if planned.ends_on < planned.starts_on:
        raise DaysOutOfOrder(planned.starts_on)
    if planned.parent_id is None:
        return
    parent = known.get(subjects.cycle(planned.parent_id), Cycle)
    if parent is None:
        raise ReferenceUnknown("cycle", planned.parent_id, "/parent_id")
    if planned.starts_on < parent.planned.starts_on or planned.ends_on > parent.planned.ends_on:
        raise OutsideParentCycle(parent, pointer)


def _require_open_above(planned: CyclePlanned, context: Context, known: Known, pointer: str = "") -> None:
    parent_id = planned.parent_id
    if parent_id is not None and existing(parent_id, known).state == "closed" and not context.imports:
        raise ContainingCycleIsClosed(parent_id, pointer)


def contents(cycle_id: str, known: Known) -> list[Event]:
    """The events that put objectives and cycles into the cycle."""
    collected = known.get(subjects.cycle_contents(cycle_id), Collected)
    return [] if collected is None else [recorded.event for recorded in collected]


def children(cycle_id: str, known: Known) -> list[str]:
    """The ids of the cycles that it contains directly."""
    return [event.cycle_id for event in contents(cycle_id, known) if isinstance(event, CyclePlanned)]


def marked(event: Event, cycle: Cycle) -> Event:
    """The event, marked where the cycle was ever opened again."""
    return event.model_copy(update={"after_lock": cycle.planned.cycle_id}) if cycle.reopened else event


def evolve(state: Cycle | None, recorded: Recorded) -> Cycle | None:
    """The cycle after the event, which need not be its own: an exception is used by what it allows."""
    event = recorded.event
    if isinstance(event, CyclePlanned):
        return Cycle(bare(event), bare(event))
    if state is None:
        return None
    if recorded.exception is not None and (grant := state.grants.get(recorded.exception)) is not None:
        state = replace(state, grants={**state.grants, recorded.exception: replace(grant, used=True)})
    match event:
        case CycleRevised():
            days = {"starts_on": event.starts_on, "ends_on": event.ends_on}
            after = {**days, "name": event.name, "thresholds": event.thresholds}
            return replace(state, planned=state.planned.model_copy(update=after))
        case CycleOpened():
            return replace(state, state="open")
        case CycleLocked():
            return replace(state, state="locked")
        case CycleReopened(to=to):
            return replace(state, state=to, reopened=True)
        case CycleClosed():
            return replace(state, state="closed")
        case ExceptionGranted():
            grant = Grant(bare(event), recorded.actor)
            return replace(state, grants={**state.grants, recorded.sequence: grant})
        case ExceptionRevoked(granted=granted):
            revoked = replace(state.grants[granted], revoked=True)
            return replace(state, grants={**state.grants, granted: revoked})
        case _:
            return state


DECIDERS: Final[Deciders] = {
    PlanCycle: plan,
    ReviseCycle: revise,
    OpenCycle: open_cycle,
    LockCycle: lock,
    ReopenCycle: reopen,
}
"""Which function answers which command."""
