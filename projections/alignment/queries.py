"""What the alignment read model answers: neighbours, the report, the organisation chart."""

import asyncio
from dataclasses import dataclass

from okr_rules.credit import AlignmentHasACircle, Credit, SharesExceedOne
from projections.alignment.balance import Contradiction, UnitBalance, by_unit, contradictions, longest_cascade
from projections.alignment.coverage import orphans
from projections.alignment.crediting import credits_of
from projections.alignment.directory import PeopleFilter, Person, Unit, people, person, unit, units
from projections.alignment.graph import Graph, KeyResult, Objective, read_graph
from projections.alignment.moment import Moment
from projections.alignment.neighbours import Direction, Edge, Neighbour, NodeKey, neighbours, parents
from projections.read_model import Connection

__all__ = [
    "Direction",
    "Edge",
    "Moment",
    "Neighbour",
    "NodeKey",
    "PeopleFilter",
    "Person",
    "Report",
    "Unit",
    "neighbours",
    "parents",
    "people",
    "person",
    "report",
    "unit",
    "units",
]


@dataclass(frozen=True, slots=True)
class Report:
    """How well an organisation's goals meet, with the lists behind each figure, every list in the order of its ids."""

    objectives: list[Objective]
    top_level: int
    orphans: list[Objective]
    units: list[UnitBalance]
    longest_cascade: list[str] | None
    """None where back-dated links run in a circle."""
    contradictions: list[Contradiction]
    credit: list[tuple[KeyResult, Credit]]
    no_credit_because: str | None
    """Why there is no credit at all: back-dated links that contradict each other; otherwise None."""


async def report(connection: Connection, moment: Moment, cycle_id: str | None = None) -> Report | None:
    """
    The alignment report over the objectives of one cycle, or of all; None where there is no such cycle.

    Reads the organisation's whole graph, whatever the cycle: links lead out of it.
    """
    graph = await read_graph(connection, moment)
    if cycle_id is not None and cycle_id not in graph.cycles:
        return None
    # It may take a second of computing in a large organisation: others are answered meanwhile.
    return await asyncio.to_thread(_report, graph, cycle_id)


def _report(graph: Graph, cycle_id: str | None) -> Report:
    counted = [each for each in graph.objectives.values() if each.ended is None and cycle_id in (None, each.cycle_id)]
    ids = {each.id for each in counted}
    loose = orphans(graph)
    credit: dict[str, Credit] = {}
    no_credit_because = None
    try:
        credit = credits_of(graph)
    except (AlignmentHasACircle, SharesExceedOne) as contradictory:
        no_credit_because = str(contradictory)
    return Report(
        objectives=counted,
        top_level=sum(each.top_level for each in counted),
        orphans=[each for each in counted if each.id in loose],
        units=by_unit(graph, ids, loose),
        longest_cascade=longest_cascade(graph, ids),
        contradictions=contradictions(graph, ids),
        credit=[
            (graph.key_results[each], credit[each])
            for each in sorted(credit)
            if graph.key_results[each].objective_id in ids
        ],
        no_credit_because=no_credit_because,
    )
