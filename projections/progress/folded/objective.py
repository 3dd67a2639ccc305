"""What the events of an objective change: its words, its roll-up, its override."""

import json

from okr_contracts.envelope import Recorded
from okr_contracts.events import ObjectiveCreated, ObjectiveRevised, OverrideLifted, ProgressOverridden, RollUpSet
from okr_contracts.events.objective import ObjectiveEvent
from okr_contracts.fields import plain
from okr_rules import Node
from projections.progress.folding import Folding
from projections.progress.graph import Objective


def fold(folding: Folding, recorded: Recorded, event: ObjectiveEvent) -> None:
    """Folds one event of an objective."""
    key = (folding.organisation, event.objective_id, recorded.effective_on, recorded.sequence)
    match event:
        case ObjectiveCreated():
            _created(folding, recorded, event)
        case ObjectiveRevised():
            _words(folding, recorded, event, None)
        case RollUpSet(roll_up=roll_up):
            folding.rows.roll_ups.append((*key, roll_up))
            objective = folding.graph.objectives[event.objective_id]
            # Dated before the one in force, it was never in force on the newest day.
            if recorded.effective_on >= objective.roll_up_on:
                objective.roll_up, objective.roll_up_on = roll_up, recorded.effective_on
                folding.touch(objective)
                folding.graph.roll_up_changed(objective)
        case ProgressOverridden() | OverrideLifted():
            override = event.progress if isinstance(event, ProgressOverridden) else None
            folding.rows.overrides.append((*key, None if override is None else plain(override), event.reason))
            objective = folding.graph.objectives[event.objective_id]
            if objective.override_on is None or recorded.effective_on >= objective.override_on:
                objective.override, objective.override_on = override, recorded.effective_on
                folding.compute(objective)
        case _:
            pass


def _created(folding: Folding, recorded: Recorded, event: ObjectiveCreated) -> None:
    key = (folding.organisation, event.objective_id)
    dated = (recorded.effective_on, recorded.sequence)
    folding.rows.objectives.append(
        (*key, event.cycle_id, event.owner.kind, event.owner.id, event.ambition, event.top_level, *dated, event.roll_up)
    )
    folding.rows.roll_ups.append((*key, *dated, event.roll_up))
    labels = None if event.labels is None else json.dumps(event.labels)
    _words(folding, recorded, event, labels)
    node = Node("objective", event.objective_id)
    folding.graph.add_objective(Objective(node, event.cycle_id, event.roll_up, recorded.effective_on))


def _words(
    folding: Folding, recorded: Recorded, event: ObjectiveCreated | ObjectiveRevised, labels: str | None
) -> None:
    dated = (recorded.effective_on, recorded.sequence)
    folding.rows.words.append(
        (folding.organisation, "objective", event.objective_id, *dated, event.title, event.description, labels)
    )
