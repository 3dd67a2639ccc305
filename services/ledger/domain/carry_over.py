"""When an objective is abandoned, reinstated, and carried over into another cycle."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Final

from okr_contracts import subjects
from okr_contracts.commands import AbandonObjective, CarryOverObjective, ReinstateObjective
from okr_contracts.events import (
    AlignmentLinked,
    Event,
    KeyResultAdded,
    ObjectiveAbandoned,
    ObjectiveCarriedOver,
    ObjectiveCreated,
    ObjectiveReinstated,
    ObjectiveRestricted,
)
from okr_contracts.fields import CarriedKeyResult
from services.ledger.domain import cycle as cycles
from services.ledger.domain import objective as objectives
from services.ledger.domain.alignment import may_go_on_with
from services.ledger.domain.cycle import Cycle
from services.ledger.domain.key_result import KeyResult
from services.ledger.domain.known import Context, Deciders, Known
from services.ledger.domain.objective import Objective
from services.ledger.domain.person import require_present
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, Refusal
from services.ledger.domain.reported import progress_on, value_on


class CarriedOverElsewhere(Refusal):
    """An objective would be carried over that went on already, or into a cycle that takes none."""

    code = "carried_over_elsewhere"


def abandon(command: AbandonObjective, context: Context, known: Known) -> list[Event]:
    """Give an objective up."""
    objective = objectives.existing(command.objective_id, known)
    if objective.ended == "abandoned":
        return []
    objectives.require_live(objective, "")
    cycle = cycles.existing(objective.created.cycle_id, known)
    cycles.require_reason_when_open(cycle, command.reason, "that an objective is abandoned")
    return [ObjectiveAbandoned(objective_id=command.objective_id)]


def reinstate(command: ReinstateObjective, context: Context, known: Known) -> list[Event]:
    """Let an objective that was abandoned count again."""
    objective = objectives.existing(command.objective_id, known)
    if objective.ended is None:
        return []
    if objective.ended == "carried_over":
        objectives.require_live(objective, "")
    cycle = cycles.existing(objective.created.cycle_id, known)
    cycles.require_reason_when_open(cycle, command.reason, "that an objective counts again")
    objectives.require_owner(objective.owner, known)
    return [ObjectiveReinstated(objective_id=command.objective_id)]


def carry_over(command: CarryOverObjective, context: Context, known: Known) -> list[Event]:
    """
    Let an objective go on in another cycle: what became of it, and then all that its successor is made of.

    Cost: its key results with their check-ins.
    """
    objective = objectives.existing(command.objective_id, known)
    successor_id = command.successor_id or _successor(command.objective_id, command.cycle_id)
    if objective.ended == "carried_over" and objective.successor == (command.cycle_id, successor_id):
        return []
    objectives.require_live(objective, "")
    target = known.get(subjects.cycle(command.cycle_id), Cycle)
    if target is None:
        raise ReferenceUnknown("cycle", command.cycle_id, "/cycle_id")
    _check_target(objective, target)
    if known.get(subjects.objective(successor_id), Objective) is not None:
        raise IdTaken("objective", successor_id, "/successor_id")
    objectives.require_owner(objective.owner, known)
    ends_on = cycles.existing(objective.created.cycle_id, known).planned.ends_on
    going_on = list(_going_on(objective, ends_on, known))
    added = [_added(each, successor_id, command, ends_on, known) for each in going_on]
    carried = tuple(
        CarriedKeyResult(key_result_id=before.added.key_result_id, successor_id=after.key_result_id)
        for before, after in zip(going_on, added, strict=True)
    )
    return [
        ObjectiveCarriedOver(
            objective_id=command.objective_id,
            cycle_id=command.cycle_id,
            successor_id=successor_id,
            key_results=carried,
        ),
        _created(objective, successor_id, command.cycle_id),
        *_restricted(objective, successor_id),
        *added,
        *_links(objective, successor_id, command.cycle_id, known),
    ]


def _check_target(objective: Objective, target: Cycle) -> None:
    planned = target.planned
    if planned.cycle_id == objective.created.cycle_id:
        raise CarriedOverElsewhere("An objective is carried over into another cycle than its own.", "/cycle_id")
    if target.state not in ("planned", "open"):
        raise CarriedOverElsewhere(
            f"Cycle {planned.cycle_id} is {target.state}; name one that is planned or open.", "/cycle_id"
        )


def _created(objective: Objective, successor_id: str, cycle_id: str) -> ObjectiveCreated:
    return ObjectiveCreated(
        objective_id=successor_id,
        cycle_id=cycle_id,
        owner=objective.owner,
        title=objective.title,
        description=objective.description,
        ambition=objective.ambition,
        roll_up=objective.roll_up,
        top_level=objective.top_level,
        labels=objective.labels,
    )


def _restricted(objective: Objective, successor_id: str) -> Iterator[ObjectiveRestricted]:
    """What some alone may read goes on with the same words: its successor has the same readers."""
    if objective.readers:
        reason = f"Carried over from {objective.created.objective_id}, which is restricted."
        yield ObjectiveRestricted(objective_id=successor_id, readers=objective.readers, reason=reason)


def _going_on(objective: Objective, ends_on: date, known: Known) -> Iterator[KeyResult]:
    """Its key results that were neither dropped nor met their target."""
    known.require(map(subjects.key_result, objective.key_result_ids))
    for key_result_id in objective.key_result_ids:
        key_result = known.get(subjects.key_result(key_result_id), KeyResult)
        if key_result is None or key_result.dropped:
            continue
        fed = key_result.added.source == "children"
        if fed or progress_on(key_result_id, ends_on, known) < 1:
            yield key_result


def _added(
    key_result: KeyResult, successor_id: str, command: CarryOverObjective, ends_on: date, known: Known
) -> KeyResultAdded:
    before, definition = key_result.added, key_result.definition
    require_present(key_result.responsible_id, known, "/objective_id")
    baseline = definition.baseline
    if not command.keep_baselines and baseline is not None:
        value = value_on(before.key_result_id, ends_on, known)
        if value is not None and not isinstance(value.value, bool):
            baseline = value.value
    key_result_id = _successor(before.key_result_id, command.cycle_id)
    if known.get(subjects.key_result(key_result_id), KeyResult) is not None:
        raise IdTaken("key result", key_result_id, "/cycle_id")
    return KeyResultAdded(
        key_result_id=key_result_id,
        objective_id=successor_id,
        title=key_result.title,
        kind=definition.kind,
        unit=definition.unit,
        baseline=baseline,
        target=definition.target,
        floor=definition.floor,
        ceiling=definition.ceiling,
        low=definition.low,
        high=definition.high,
        weight=key_result.weight,
        source=before.source,
        responsible_id=key_result.responsible_id,
        partner_ids=key_result.partner_ids,
        cadence_days=key_result.cadence_days,
    )


def _links(objective: Objective, successor_id: str, cycle_id: str, known: Known) -> Iterator[AlignmentLinked]:
    """Its links to what lives in a cycle that contains the new one."""
    containing = cycles.containing(cycle_id, known)
    for _, link in objective.links:
        if not link.declined and may_go_on_with(link.linked.parent, containing, known):
            yield link.linked.model_copy(update={"child_id": successor_id})


def _successor(subject_id: str, cycle_id: str) -> str:
    """The id of what goes on in another cycle: readable where it fits, and the same whenever it is asked for."""
    readable = f"{subject_id}_{cycle_id}"
    return readable if len(readable) <= 64 else hashlib.sha256(readable.encode()).hexdigest()[:40]


DECIDERS: Final[Deciders] = {
    AbandonObjective: abandon,
    ReinstateObjective: reinstate,
    CarryOverObjective: carry_over,
}
"""Which function answers which command."""
