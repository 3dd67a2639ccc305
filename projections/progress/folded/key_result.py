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
            folding.graph.histories[event.key_result_id].definitions.append(definition)
            look_again(folding, event.key_result_id)
        case ResponsibleAssigned(person_id=person_id):
            folding.rows.responsible.append((folding.organisation, event.key_result_id, *dated, person_id))
        case KeyPartnerNamed(person_id=person_id):
            folding.rows.partners.append((folding.organisation, event.key_result_id, person_id, *dated))
        case _:
            pass


def look_again(folding: Folding, key_result_id: str) -> None:
    """Finds definition and value in force among everything that was ever said of a key result."""
    key_result, history = folding.graph.key_results[key_result_id], folding.graph.histories[key_result_id]
    versions = (reported.version for reported in history.check_ins)
    key_result.definition = definition_in_force(history.definitions, LAST_DAY, LAST_SEQUENCE)
    if not key_result.fed:
        key_result.value = value_in_force(versions, history.definitions, LAST_DAY, LAST_SEQUENCE)
    folding.compute(Node("key_result", key_result_id))


def _added(folding: Folding, recorded: Recorded, event: KeyResultAdded) -> None:
    key, dated = (folding.organisation, event.key_result_id), (recorded.effective_on, recorded.sequence)
    folding.rows.key_results.append(
        (*key, event.objective_id, event.source, plain(event.weight), event.cadence_days, *dated)
    )
    folding.rows.words.append((key[0], "key_result", key[1], *dated, event.title, None, None))
    folding.rows.responsible.append((*key, *dated, event.responsible_id))
    folding.rows.partners.extend((*key, partner_id, *dated) for partner_id in event.partner_ids)
    definition = _defined(folding, recorded, event)
    if event.key_result_id in folding.graph.histories:
        folding.graph.histories[event.key_result_id].definitions.append(definition)
    fed = event.source == "children"
    key_result = KeyResult(event.objective_id, fed, event.weight, definition)
    folding.graph.add_key_result(event.key_result_id, key_result)


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
