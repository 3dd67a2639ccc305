"""What the events of a key result change: what it measures, and who answers for it."""

import json
from datetime import date
from decimal import Decimal

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    CadenceSet,
    GradeCorrected,
    KeyPartnerNamed,
    KeyPartnerReleased,
    KeyResultAdded,
    KeyResultDropped,
    KeyResultGraded,
    KeyResultRedefined,
    KeyResultReinstated,
    KeyResultRevised,
    KeyResultReweighed,
    ObjectiveGraded,
    PhasedTargetsSet,
    ResponsibleAssigned,
)
from okr_contracts.events.key_result import KeyResultEvent
from okr_contracts.fields import PhasedTargets, plain
from okr_rules import DefinitionVersion, Node, NodeKind, definition_in_force, value_in_force
from projections.progress.folding import Folding
from projections.progress.graph import KeyResult
from projections.progress.inputs import LAST_DAY, LAST_SEQUENCE, definition_version, written


def fold(folding: Folding, recorded: Recorded, event: KeyResultEvent) -> None:
    """Folds one event of a key result."""
    dated = (recorded.effective_on, recorded.sequence)
    match event:
        case KeyResultAdded():
            _added(folding, recorded, event)
        case KeyResultRedefined():
            definition = _defined(folding, recorded, event)
            # Unless given anew they lapse.
            _phased(folding, recorded, event.key_result_id, event.phased_targets or ())
            key_result = folding.graph.key_results[event.key_result_id]
            key_result.definitions.append(definition)
            key_result.definition = definition_in_force(key_result.definitions, LAST_DAY, LAST_SEQUENCE)
            look_again(folding, key_result)
        case ResponsibleAssigned(person_id=person_id):
            folding.rows.responsible.append((folding.organisation, event.key_result_id, *dated, person_id))
        case KeyPartnerNamed(person_id=person_id) | KeyPartnerReleased(person_id=person_id):
            named = isinstance(event, KeyPartnerNamed)
            folding.rows.partners.append((folding.organisation, event.key_result_id, person_id, *dated, named))
        case KeyResultRevised(title=title):
            folding.rows.words.append((folding.organisation, "key_result", event.key_result_id, *dated, title, None))
        case KeyResultReweighed(weight=weight):
            _reweighed(folding, recorded, event.key_result_id, weight)
        case KeyResultDropped() | KeyResultReinstated():
            _dropped(folding, recorded, event.key_result_id, dropped=isinstance(event, KeyResultDropped))
        case CadenceSet(cadence_days=cadence_days):
            folding.decided(recorded, "key_result", event.key_result_id, "cadence_days", str(cadence_days))
        case PhasedTargetsSet(phased_targets=phased_targets):
            _phased(folding, recorded, event.key_result_id, phased_targets)
        case KeyResultGraded():
            graded(folding, recorded, "key_result", event.key_result_id, event)
        case _:
            pass


def graded(
    folding: Folding,
    recorded: Recorded,
    kind: NodeKind,
    node_id: str,
    event: KeyResultGraded | ObjectiveGraded | GradeCorrected,
) -> None:
    """Notes the grade of a node; a correction says nothing new of what was proposed."""
    corrected = isinstance(event, GradeCorrected)
    proposed = None if corrected or event.proposed is None else plain(event.proposed)
    folding.rows.grades.append(
        (
            folding.organisation,
            kind,
            node_id,
            recorded.effective_on,
            recorded.sequence,
            plain(event.grade),
            proposed,
            event.reflection,
            event.reason,
            corrected,
            recorded.actor.kind,
            recorded.actor.id,
            recorded.recorded_at,
        )
    )


def _reweighed(folding: Folding, recorded: Recorded, key_result_id: str, weight: Decimal) -> None:
    folding.decided(recorded, "key_result", key_result_id, "weight", plain(weight))
    key_result = folding.graph.key_results[key_result_id]
    # Dated before the one in force, it was never in force on the newest day.
    if recorded.effective_on >= key_result.weight_on:
        key_result.weight, key_result.weight_on = weight, recorded.effective_on
        folding.weighed[key_result_id] = key_result
        folding.graph.counts_otherwise(key_result)


def _dropped(folding: Folding, recorded: Recorded, key_result_id: str, *, dropped: bool) -> None:
    folding.decided(recorded, "key_result", key_result_id, "state", "dropped" if dropped else "live")
    key_result = folding.graph.key_results[key_result_id]
    if key_result.dropped_on is None or recorded.effective_on >= key_result.dropped_on:
        key_result.dropped, key_result.dropped_on = dropped, recorded.effective_on
        folding.weighed[key_result_id] = key_result
        folding.graph.counts_otherwise(key_result)


def _phased(folding: Folding, recorded: Recorded, key_result_id: str, phased_targets: PhasedTargets) -> None:
    steps = [{"on": step.on.isoformat(), "value": plain(step.value)} for step in phased_targets]
    folding.decided(recorded, "key_result", key_result_id, "phased_targets", json.dumps(steps))


def look_again(folding: Folding, key_result: KeyResult) -> None:
    """Finds the value in force among everything that was ever said of a key result."""
    if not key_result.fed:
        versions = (reported.version for reported in folding.graph.check_ins[key_result.node.id])
        key_result.value = value_in_force(versions, key_result.definitions, LAST_DAY, LAST_SEQUENCE)
    folding.compute(key_result)


def _added(folding: Folding, recorded: Recorded, event: KeyResultAdded) -> None:
    key, dated = (folding.organisation, event.key_result_id), (recorded.effective_on, recorded.sequence)
    folding.rows.key_results.append(
        (*key, event.objective_id, event.source, plain(event.weight), event.cadence_days, *dated)
    )
    folding.rows.words.append((key[0], "key_result", key[1], *dated, event.title, None))
    if event.phased_targets:
        _phased(folding, recorded, event.key_result_id, event.phased_targets)
    folding.rows.responsible.append((*key, *dated, event.responsible_id))
    folding.rows.partners.extend((*key, partner_id, *dated, True) for partner_id in event.partner_ids)
    definition = _defined(folding, recorded, event)
    node, fed = Node("key_result", event.key_result_id), event.source == "children"
    key_result = KeyResult(
        node,
        event.objective_id,
        fed,
        event.weight,
        recorded.effective_on,
        definitions=[definition],
        definition=definition,
    )
    folding.graph.add_key_result(key_result)


def _defined(folding: Folding, recorded: Recorded, event: KeyResultAdded | KeyResultRedefined) -> DefinitionVersion:
    restated = event.restated_value if isinstance(event, KeyResultRedefined) else None
    numbers = (event.baseline, event.target, event.floor, event.ceiling, event.low, event.high)
    row: tuple[date | int | str | None, ...] = (
        recorded.effective_on,
        recorded.sequence,
        event.kind,
        event.unit.kind,
        event.unit.code,
        *(None if number is None else plain(number) for number in numbers),
        written(restated),
    )
    folding.rows.definitions.append((folding.organisation, event.key_result_id, *row, event.reason))
    return definition_version(row)
