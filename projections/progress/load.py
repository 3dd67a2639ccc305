"""Which nodes a batch of events can touch, and what the database knows of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias, cast

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentLinked,
    AlignmentUnlinked,
    CheckInCorrected,
    CheckInWithdrawn,
    CycleOpened,
    KeyResultAdded,
    KeyResultRedefined,
)
from okr_contracts.events.check_in import CheckInEvent
from okr_contracts.events.key_result import KeyResultEvent
from okr_contracts.events.objective import ObjectiveEvent
from okr_rules import CheckInVersion, DefinitionVersion, Node, NodeKind, RollUp, ValueInForce, definition_in_force
from projections.progress.graph import Graph, Histories, KeyResult, Link, Objective, Reported
from projections.progress.inputs import LAST_DAY, LAST_SEQUENCE, Numbers, definition_version, read
from projections.read_model import Connection, in_schema

_LOAD: Final = Path(__file__).with_name("sql").joinpath("load.sql").read_text()

_CycleRow: TypeAlias = tuple[str, str, bool]
_ObjectiveRow: TypeAlias = tuple[
    str, str, str, RollUp, date, Decimal | None, date | None, Decimal, Decimal, Decimal, bool
]
_KeyResultRow: TypeAlias = tuple[
    str,
    str,
    str,
    str,
    Decimal,
    str | None,
    date | None,
    int | None,
    int | None,
    Decimal | None,
    Decimal,
    Decimal,
    bool,
]
_LinkRow: TypeAlias = tuple[str, str, NodeKind, str, date, int, str | None, str | None, Decimal | None, Decimal | None]
_CheckInRow: TypeAlias = tuple[str, str, str, int, int, date, str | None, bool]


class _Named:
    """What the events of a batch name, over all its organisations; each once."""

    def __init__(self, batches: Mapping[str, Sequence[Recorded]]) -> None:
        self.nodes: dict[tuple[str, str, str], None] = {}
        self.opened: dict[tuple[str, str], None] = {}
        self.questioned: dict[tuple[str, str], None] = {}
        """Key results whose value in force has to be looked for again."""
        for organisation, events in batches.items():
            for recorded in events:
                self._add(organisation, recorded)

    def _add(self, organisation: str, recorded: Recorded) -> None:
        match recorded.event:
            case CheckInEvent(key_result_id=key_result_id) as event:
                self.nodes[organisation, "key_result", key_result_id] = None
                if isinstance(event, (CheckInCorrected, CheckInWithdrawn)):
                    self.questioned[organisation, key_result_id] = None
            case KeyResultEvent(key_result_id=key_result_id) as event:
                self.nodes[organisation, "key_result", key_result_id] = None
                if isinstance(event, KeyResultAdded):
                    self.nodes[organisation, "objective", event.objective_id] = None
                if isinstance(event, KeyResultRedefined):
                    self.questioned[organisation, key_result_id] = None
            case ObjectiveEvent(objective_id=objective_id):
                self.nodes[organisation, "objective", objective_id] = None
            case AlignmentLinked() | AlignmentUnlinked() as event:
                self.nodes[organisation, "objective", event.child_id] = None
                self.nodes[organisation, event.parent.kind, event.parent.id] = None
            case CycleOpened(cycle_id=cycle_id):
                self.opened[organisation, cycle_id] = None
            case _:
                pass


async def load(connection: Connection, schema: str, batches: Mapping[str, Sequence[Recorded]]) -> dict[str, Graph]:
    """The graph that the events of each organisation can touch, as the rows of *schema* have it; one statement."""
    named = _Named(batches)
    found = await connection.fetchrow(
        in_schema(_LOAD, "progress", schema),
        *_columns(named.nodes, 3),
        *_columns(named.opened, 2),
        *_columns(named.questioned, 2),
        list(batches),
    )
    assert found is not None
    graphs = {organisation: Graph() for organisation in batches}
    for organisation, key_result_id in named.questioned:
        graphs[organisation].histories[key_result_id] = Histories()

    for organisation, cycle_id, opened in cast("Iterable[_CycleRow]", found["cycles"] or ()):
        graphs[organisation].opened[cycle_id] = opened
    _objectives(graphs, cast("Iterable[_ObjectiveRow]", found["objectives"] or ()))
    _key_results(graphs, cast("Iterable[_KeyResultRow]", found["key_results"] or ()))
    _links(graphs, cast("Iterable[_LinkRow]", found["links"] or ()))
    _definitions(graphs, cast("Iterable[tuple[object, ...]]", found["definitions"] or ()))
    _check_ins(graphs, cast("Iterable[_CheckInRow]", found["check_ins"] or ()))
    for graph in graphs.values():
        graph.connect()
    return graphs


def _columns(keys: Iterable[tuple[str, ...]], width: int) -> list[list[str]]:
    columns = [list(column) for column in zip(*keys, strict=True)]
    return columns or [[] for _ in range(width)]


def _objectives(graphs: Mapping[str, Graph], rows: Iterable[_ObjectiveRow]) -> None:
    for row in rows:
        organisation, objective_id, cycle_id, roll_up, roll_up_on, override, override_on = row[:7]
        progress, measured, computed, no_inputs = row[7:]
        graph = graphs[organisation]
        graph.objectives[objective_id] = Objective(cycle_id, roll_up, roll_up_on, override, override_on)
        graph.numbers[Node("objective", objective_id)] = Numbers(None, progress, measured, computed, no_inputs)


def _key_results(graphs: Mapping[str, Graph], rows: Iterable[_KeyResultRow]) -> None:
    for row in rows:
        organisation, key_result_id, objective_id, source, weight, value, value_on, first, sequence = row[:9]
        raw, progress, measured, no_inputs = row[9:]
        graph = graphs[organisation]
        key_result = KeyResult(objective_id, source == "children", weight)
        reported = read(value)
        if reported is not None and value_on is not None and first is not None and sequence is not None:
            key_result.value = ValueInForce(reported, value_on, first, sequence)
        graph.key_results[key_result_id] = key_result
        graph.numbers[Node("key_result", key_result_id)] = Numbers(raw, progress, measured, progress, no_inputs)


def _links(graphs: Mapping[str, Graph], rows: Iterable[_LinkRow]) -> None:
    for row in rows:
        organisation, child_id, parent_kind, parent_id = row[:4]
        effective_on, sequence, effect, origin, weight, share = row[4:]
        link = Link(effective_on, sequence, effect, origin, weight, share)
        graphs[organisation].links[child_id, Node(parent_kind, parent_id)] = link


def _definitions(graphs: Mapping[str, Graph], rows: Iterable[tuple[object, ...]]) -> None:
    versions: dict[tuple[str, str], list[DefinitionVersion]] = {}
    for organisation, key_result_id, *definition in rows:
        key = (cast("str", organisation), cast("str", key_result_id))
        versions.setdefault(key, []).append(definition_version(tuple(definition)))
    for (organisation, key_result_id), definitions in versions.items():
        graph = graphs[organisation]
        graph.key_results[key_result_id].definition = definition_in_force(definitions, LAST_DAY, LAST_SEQUENCE)
        if key_result_id in graph.histories:
            graph.histories[key_result_id].definitions.extend(definitions)


def _check_ins(graphs: Mapping[str, Graph], rows: Iterable[_CheckInRow]) -> None:
    for organisation, key_result_id, check_in_id, first, sequence, day, value, withdrawn in rows:
        version = CheckInVersion(first, sequence, day, read(value), withdrawn)
        graphs[organisation].histories[key_result_id].check_ins.append(Reported(check_in_id, version))
