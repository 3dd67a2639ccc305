"""What the events of a cycle change: its days and thresholds, its state, and from when on it counts in other cycles."""

import json

from okr_contracts.envelope import Recorded
from okr_contracts.events import CycleClosed, CycleLocked, CycleOpened, CyclePlanned, CycleReopened, CycleRevised
from okr_contracts.events.cycle import CycleEvent
from projections.progress.folding import Folding


def fold(folding: Folding, recorded: Recorded, event: CycleEvent) -> None:
    """Folds one event of a cycle."""
    dated = (recorded.effective_on, recorded.sequence)
    match event:
        case CyclePlanned():
            folding.graph.opened[event.cycle_id] = False
            folding.rows.cycles.append(
                (
                    folding.organisation,
                    event.cycle_id,
                    event.name,
                    event.starts_on,
                    event.ends_on,
                    event.parent_id,
                    event.rule_version,
                    event.thresholds.model_dump_json(),
                    *dated,
                )
            )
        case CycleRevised():
            revision = event.model_dump(mode="json", include={"name", "starts_on", "ends_on", "thresholds"})
            folding.decided(recorded, "cycle", event.cycle_id, "revision", json.dumps(revision))
        case CycleOpened():
            folding.rows.cycles_changed.append((folding.organisation, event.cycle_id, *dated))
            folding.decided(recorded, "cycle", event.cycle_id, "state", "open")
            folding.graph.cycle_opened(event.cycle_id)
        case CycleLocked():
            folding.decided(recorded, "cycle", event.cycle_id, "state", "locked")
        case CycleReopened(to=to):
            folding.decided(recorded, "cycle", event.cycle_id, "state", to)
        case CycleClosed():
            folding.decided(recorded, "cycle", event.cycle_id, "state", "closed")
        case _:
            pass
