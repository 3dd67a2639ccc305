"""What the events of an objective change: its words, what it is the mean of, its override, whether it counts."""

import json

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AmbitionSet,
    GradeCorrected,
    LabelsSet,
    ObjectiveAbandoned,
    ObjectiveCarriedOver,
    ObjectiveCreated,
    ObjectiveGraded,
    ObjectiveOpened,
    ObjectiveReassigned,
    ObjectiveReinstated,
    ObjectiveRestricted,
    ObjectiveRevised,
    OverrideLifted,
    ProgressOverridden,
    RollUpSet,
    TopLevelDeclared,
)
from okr_contracts.events.objective import ObjectiveEvent
from okr_contracts.fields import Labels, RollUp, plain
from okr_rules import Node
from projections.progress.folded.key_result import graded
from projections.progress.folding import Folding
from projections.progress.graph import Objective
from projections.progress.inputs import Ended


def fold(folding: Folding, recorded: Recorded, event: ObjectiveEvent) -> None:
    """Folds one event of an objective."""
    match event:
        case ObjectiveCreated():
            _created(folding, recorded, event)
        case ObjectiveRevised():
            _words(folding, recorded, event)
        case RollUpSet(roll_up=roll_up):
            _rolls_up(folding, recorded, event.objective_id, roll_up)
        case ProgressOverridden() | OverrideLifted():
            _overridden(folding, recorded, event)
        case ObjectiveAbandoned():
            _ends(folding, recorded, event.objective_id, "abandoned")
        case ObjectiveReinstated():
            _ends(folding, recorded, event.objective_id, None)
        case ObjectiveCarriedOver():
            folding.decided(recorded, "objective", event.objective_id, "successor", event.successor_id)
            _ends(folding, recorded, event.objective_id, "carried_over")
        case ObjectiveGraded():
            graded(folding, recorded, "objective", event.objective_id, event)
        case GradeCorrected(key_result_id=str(key_result_id)):
            graded(folding, recorded, "key_result", key_result_id, event)
        case GradeCorrected():
            graded(folding, recorded, "objective", event.objective_id, event)
        case _:
            _decided(folding, recorded, event)


def _decided(folding: Folding, recorded: Recorded, event: ObjectiveEvent) -> None:
    """What changes no number of the objective, but what is shown of it or what its status is judged by."""
    match event:
        case AmbitionSet(ambition=ambition):
            folding.decided(recorded, "objective", event.objective_id, "ambition", ambition)
        case ObjectiveReassigned(owner=owner):
            folding.decided(recorded, "objective", event.objective_id, "owner", f"{owner.kind}/{owner.id}")
        case TopLevelDeclared(top_level=top_level):
            folding.decided(recorded, "objective", event.objective_id, "top_level", "true" if top_level else "false")
        case ObjectiveRestricted(readers=readers):
            named = json.dumps([f"{reader.kind}/{reader.id}" for reader in readers])
            folding.decided(recorded, "objective", event.objective_id, "readers", named)
        case ObjectiveOpened():
            folding.decided(recorded, "objective", event.objective_id, "readers", None)
        case LabelsSet(count=count, labels=labels):
            _labelled(folding, recorded, event.objective_id, labels if count else ())
        case _:
            pass


def _created(folding: Folding, recorded: Recorded, event: ObjectiveCreated) -> None:
    key = (folding.organisation, event.objective_id)
    dated = (recorded.effective_on, recorded.sequence)
    folding.rows.objectives.append(
        (*key, event.cycle_id, event.owner.kind, event.owner.id, event.ambition, event.top_level, *dated, event.roll_up)
    )
    folding.rows.roll_ups.append((*key, *dated, event.roll_up))
    _words(folding, recorded, event)
    if event.labels:
        _labelled(folding, recorded, event.objective_id, event.labels)
    node = Node("objective", event.objective_id)
    folding.graph.add_objective(Objective(node, event.cycle_id, event.roll_up, recorded.effective_on))


def _rolls_up(folding: Folding, recorded: Recorded, objective_id: str, roll_up: RollUp) -> None:
    dated = (recorded.effective_on, recorded.sequence)
    folding.rows.roll_ups.append((folding.organisation, objective_id, *dated, roll_up))
    objective = folding.graph.objectives[objective_id]
    # Dated before the one in force, it was never in force on the newest day.
    if recorded.effective_on >= objective.roll_up_on:
        objective.roll_up, objective.roll_up_on = roll_up, recorded.effective_on
        folding.touch(objective)
        folding.graph.roll_up_changed(objective)


def _overridden(folding: Folding, recorded: Recorded, event: ProgressOverridden | OverrideLifted) -> None:
    override = event.progress if isinstance(event, ProgressOverridden) else None
    key = (folding.organisation, event.objective_id, recorded.effective_on, recorded.sequence)
    folding.rows.overrides.append((*key, None if override is None else plain(override), event.reason))
    objective = folding.graph.objectives[event.objective_id]
    if objective.override_on is None or recorded.effective_on >= objective.override_on:
        objective.override, objective.override_on = override, recorded.effective_on
        folding.compute(objective)


def _ends(folding: Folding, recorded: Recorded, objective_id: str, ended: Ended | None) -> None:
    folding.decided(recorded, "objective", objective_id, "state", ended or "live")
    objective = folding.graph.objectives[objective_id]
    if objective.ended_on is None or recorded.effective_on >= objective.ended_on:
        objective.ended, objective.ended_on = ended, recorded.effective_on
        folding.ended[objective_id] = objective
        folding.graph.counts_otherwise(objective)


def _labelled(folding: Folding, recorded: Recorded, objective_id: str, labels: Labels) -> None:
    folding.decided(recorded, "objective", objective_id, "labels", None if labels is None else json.dumps(labels))


def _words(folding: Folding, recorded: Recorded, event: ObjectiveCreated | ObjectiveRevised) -> None:
    dated = (recorded.effective_on, recorded.sequence)
    folding.rows.words.append(
        (folding.organisation, "objective", event.objective_id, *dated, event.title, event.description)
    )
