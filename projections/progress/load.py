"""Which nodes a batch of events can touch, and what the database knows of them."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from typing import TypeAlias, cast

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentMoved,
    CheckInAcknowledged,
    CheckInRecorded,
    CycleOpened,
    Event,
    KeyResultAdded,
    KeyResultRedefined,
)
from okr_contracts.events.alignment import AlignmentEvent
from okr_contracts.events.check_in import CheckInEvent
from okr_contracts.events.key_result import KeyResultEvent
from okr_contracts.events.objective import ObjectiveEvent
from okr_rules import CheckInVersion, DefinitionVersion, Node, NodeKind, RollUp, ValueInForce, definition_in_force
from projections.progress.graph import Acceptance, Ended, Graph, KeyResult, Link, Objective, Pair, Reported
from projections.progress.inputs import LAST_DAY, LAST_SEQUENCE, Numbers, definition_version, read
from projections.progress.statements import statement
from projections.read_model import Connection

_PlaceRow: TypeAlias = tuple[str, NodeKind, str]
_CycleRow: TypeAlias = tuple[str, str, bool]
_ObjectiveRow: TypeAlias = tuple[
    str,
    str,
    str,
    RollUp,
    date,
    Decimal | None,
    date | None,
    Ended | None,
    date | None,
    Decimal,
    Decimal,
    Decimal,
    bool,
]
_KeyResultRow: TypeAlias = tuple[
    str,
    str,
    str,
    str,
    Decimal,
    date,
    bool,
    date | None,
    str | None,
    date | None,
    int | None,
    int | None,
    Decimal | None,
    Decimal,
    Decimal,
    bool,
]
_LinkRow: TypeAlias = tuple[
    str,
    str,
    NodeKind,
    str,
    date,
    int,
    str | None,
    str | None,
    Decimal | None,
    Decimal | None,
    Acceptance | None,
]
_CheckInRow: TypeAlias = tuple[str, str, str, int, int, date, str | None, bool]


class _Missing:
    """What the events of a batch name that is not in memory yet, over all its organisations; each once."""

    def __init__(self, graphs: Mapping[str, Graph], batches: Mapping[str, Sequence[Recorded]]) -> None:
        self.nodes: dict[tuple[str, str, str], None] = {}
        self.opened: dict[tuple[str, str], None] = {}
        self.questioned: dict[tuple[str, str], None] = {}
        """Key results whose value in force has to be looked for again."""
        for organisation, events in batches.items():
            complete = graphs[organisation].complete
            for recorded in events:
                event = recorded.event
                # Mostly it is a check-in on a key result that is there.
                if type(event) is CheckInRecorded and ("key_result", event.key_result_id) in complete:
                    continue
                self._add(organisation, complete, event)

    def _add(self, organisation: str, complete: Set[Node], event: Event) -> None:
        named: tuple[Node, ...] = ()
        match event:
            case CheckInRecorded(key_result_id=key_result_id):
                named = (Node("key_result", key_result_id),)
            case CheckInAcknowledged():
                # It changes no number: nothing has to be looked for again.
                pass
            case CheckInEvent(key_result_id=key_result_id) | KeyResultRedefined(key_result_id=key_result_id):
                named = (Node("key_result", key_result_id),)
                self.questioned[organisation, key_result_id] = None
            case KeyResultAdded(key_result_id=key_result_id, objective_id=objective_id):
                named = (Node("key_result", key_result_id), Node("objective", objective_id))
            case KeyResultEvent(key_result_id=key_result_id):
                named = (Node("key_result", key_result_id),)
            case ObjectiveEvent(objective_id=objective_id):
                named = (Node("objective", objective_id),)
            case AlignmentMoved(child_id=child_id, parent=parent, to_parent=to_parent):
                above = (Node(parent.kind, parent.id), Node(to_parent.kind, to_parent.id))
                named = (Node("objective", child_id), *above)
            case AlignmentEvent(child_id=child_id, parent=parent):
                named = (Node("objective", child_id), Node(parent.kind, parent.id))
            case CycleOpened(cycle_id=cycle_id):
                self.opened[organisation, cycle_id] = None
            case _:
                pass
        for node in named:
            if node not in complete:
                self.nodes[organisation, node.kind, node.id] = None


async def load(
    connection: Connection, schema: str, graphs: Mapping[str, Graph], batches: Mapping[str, Sequence[Recorded]]
) -> None:
    """
    Brings into *graphs* what the events of each organisation can touch, as the rows of *schema* have it.

    One statement, or none where everything is in memory. What a graph has already is that of the rows.
    """
    missing = _Missing(graphs, batches)
    fresh = [organisation for organisation in batches if not graphs[organisation].loaded]
    if not (missing.nodes or missing.opened or missing.questioned or fresh):
        return
    found = await connection.fetchrow(
        statement("load", schema),
        *_columns(missing.nodes, 3),
        *_columns(missing.opened, 2),
        *_columns(missing.questioned, 2),
        fresh,
    )
    assert found is not None
    for organisation in fresh:
        graphs[organisation].loaded = True
    for organisation, key_result_id in missing.questioned:
        graphs[organisation].check_ins[key_result_id] = []
    for organisation, kind, node_id in missing.nodes:
        # Also where it is not there: then it is known that it is not.
        graphs[organisation].complete.add(Node(cast("NodeKind", kind), node_id))
    for organisation, kind, node_id in cast("Iterable[_PlaceRow]", found["places"] or ()):
        graphs[organisation].complete.add(Node(kind, node_id))

    for organisation, cycle_id, opened in cast("Iterable[_CycleRow]", found["cycles"] or ()):
        graphs[organisation].opened[cycle_id] = opened
    _objectives(graphs, cast("Iterable[_ObjectiveRow]", found["objectives"] or ()))
    key_results = _key_results(graphs, cast("Iterable[_KeyResultRow]", found["key_results"] or ()))
    links = _links(graphs, cast("Iterable[_LinkRow]", found["links"] or ()))
    for organisation, graph in graphs.items():
        graph.connect(key_results.get(organisation, ()), links.get(organisation, ()))
    _definitions(graphs, cast("Iterable[tuple[object, ...]]", found["definitions"] or ()))
    _check_ins(graphs, cast("Iterable[_CheckInRow]", found["check_ins"] or ()))


def _columns(keys: Iterable[tuple[str, ...]], width: int) -> list[list[str]]:
    columns = [list(column) for column in zip(*keys, strict=True)]
    return columns or [[] for _ in range(width)]


def _objectives(graphs: Mapping[str, Graph], rows: Iterable[_ObjectiveRow]) -> None:
    for row in rows:
        organisation, objective_id, cycle_id, roll_up, roll_up_on, override, override_on, ended, ended_on = row[:9]
        objectives = graphs[organisation].objectives
        if objective_id not in objectives:
            node = Node("objective", objective_id)
            objective = objectives[objective_id] = Objective(
                node, cycle_id, roll_up, roll_up_on, override, override_on, ended, ended_on
            )
            objective.numbers = Numbers(None, *row[9:])


def _key_results(graphs: Mapping[str, Graph], rows: Iterable[_KeyResultRow]) -> dict[str, list[KeyResult]]:
    new: dict[str, list[KeyResult]] = {}
    for row in rows:
        organisation, key_result_id, objective_id, source, weight, weight_on, dropped, dropped_on = row[:8]
        value, value_on, first, sequence, raw, progress, measured, no_inputs = row[8:]
        key_results = graphs[organisation].key_results
        if key_result_id in key_results:
            continue
        node = Node("key_result", key_result_id)
        key_result = key_results[key_result_id] = KeyResult(
            node, objective_id, source == "children", weight, weight_on, dropped, dropped_on
        )
        key_result.numbers = Numbers(raw, progress, measured, progress, no_inputs)
        reported = read(value)
        if reported is not None and value_on is not None and first is not None and sequence is not None:
            key_result.value = ValueInForce(reported, value_on, first, sequence)
        new.setdefault(organisation, []).append(key_result)
    return new


def _links(graphs: Mapping[str, Graph], rows: Iterable[_LinkRow]) -> dict[str, list[Pair]]:
    new: dict[str, list[Pair]] = {}
    for organisation, child_id, parent_kind, parent_id, on, sequence, effect, origin, *counts in rows:
        links, pair = graphs[organisation].links, (child_id, Node(parent_kind, parent_id))
        if pair not in links:
            weight, share, acceptance = cast("tuple[Decimal | None, Decimal | None, Acceptance | None]", counts)
            links[pair] = Link(on, sequence, effect, origin, weight, share, acceptance)
            new.setdefault(organisation, []).append(pair)
    return new


def _definitions(graphs: Mapping[str, Graph], rows: Iterable[tuple[object, ...]]) -> None:
    versions: dict[tuple[str, str], list[DefinitionVersion]] = {}
    for organisation, key_result_id, *definition in rows:
        key = (cast("str", organisation), cast("str", key_result_id))
        versions.setdefault(key, []).append(definition_version(tuple(definition)))
    for (organisation, key_result_id), definitions in versions.items():
        key_result = graphs[organisation].key_results[key_result_id]
        key_result.definitions = definitions
        key_result.definition = definition_in_force(definitions, LAST_DAY, LAST_SEQUENCE)


def _check_ins(graphs: Mapping[str, Graph], rows: Iterable[_CheckInRow]) -> None:
    for organisation, key_result_id, check_in_id, first, sequence, day, value, withdrawn in rows:
        version = CheckInVersion(first, sequence, day, read(value), withdrawn)
        graphs[organisation].check_ins[key_result_id].append(Reported(check_in_id, version))
