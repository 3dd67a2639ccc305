"""What the events of a key result change: what it measures, and who answers for it."""

from datetime import date

from okr_contracts.envelope import Recorded
from okr_contracts.events import KeyPartnerNamed, KeyResultAdded, KeyResultRedefined, ResponsibleAssigned
from okr_contracts.events.key_result import KeyResultEvent
from okr_contracts.fields import plain
from okr_rules import DefinitionVersion, Node, definition_in_force, value_in_force
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
            key_result = folding.graph.key_results[event.key_result_id]
            key_result.definitions.append(definition)
            key_result.definition = definition_in_force(key_result.definitions, LAST_DAY, LAST_SEQUENCE)
            look_again(folding, key_result)
        case ResponsibleAssigned(person_id=person_id):
            folding.rows.responsible.append((folding.organisation, event.key_result_id, *dated, person_id))
        case KeyPartnerNamed(person_id=person_id):
            folding.rows.partners.append((folding.organisation, event.key_result_id, person_id, *dated))
        case _:
            pass


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
    folding.rows.words.append((key[0], "key_result", key[1], *dated, event.title, None, None))
    folding.rows.responsible.append((*key, *dated, event.responsible_id))
    folding.rows.partners.extend((*key, partner_id, *dated) for partner_id in event.partner_ids)
    definition = _defined(folding, recorded, event)
    node, fed = Node("key_result", event.key_result_id), event.source == "children"
    key_result = KeyResult(node, event.objective_id, fed, event.weight, [definition], definition)
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
