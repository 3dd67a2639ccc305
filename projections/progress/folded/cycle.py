"""What the events of a cycle change: its days and thresholds, and from when on it counts in other cycles."""

from okr_contracts.envelope import Recorded
from okr_contracts.events import CycleOpened, CyclePlanned
from projections.progress.folding import Folding


def fold(folding: Folding, recorded: Recorded, event: CyclePlanned | CycleOpened) -> None:
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
        case CycleOpened():
            folding.rows.cycles_changed.append((folding.organisation, event.cycle_id, *dated))
            folding.graph.cycle_opened(event.cycle_id)
