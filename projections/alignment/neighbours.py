"""
All that is above or below a node, over any links, each node once.

The graph is walked level by level: two statements for each level, whatever its width. A node's depth is the length of
the shortest way to it. Walking in rounds also ends where a back-dated import has drawn a circle.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast

from projections.alignment.moment import Moment
from projections.alignment.rows import NodeKind
from projections.read_model import Connection, in_schema

Direction: TypeAlias = Literal["ancestors", "descendants"]
NodeKey: TypeAlias = tuple[NodeKind, str]

_SQL: Final = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Edge:
    """A step up: along a link, or from a key result to its own objective, which has no origin."""

    child: NodeKey
    parent: NodeKey
    effect: str
    origin: str | None
    weight: Decimal
    share: Decimal
    sequence: int
    """The event that drew it."""
    acceptance: str | None = None
    """awaited, accepted or declined; None where nobody has to accept it."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A node above or below another one."""

    kind: NodeKind
    id: str
    title: str | None
    owner_kind: str
    owner_id: str
    cycle_id: str
    depth: int
    ended: str | None = None
    """abandoned, carried_over or dropped; None while it is live."""
    links: list[Edge] = field(default_factory=list[Edge])
    """The steps between it and the nodes on the way from the start."""

    @property
    def key(self) -> NodeKey:
        """Kind and id."""
        return (self.kind, self.id)


async def neighbours(
    connection: Connection, moment: Moment, start: NodeKey, direction: Direction
) -> list[Neighbour] | None:
    """
    Every ancestor or descendant of *start*, nearest first, then by kind and id; None where *start* does not exist.

    Costs two statements per level and reads each node and each edge between them once.
    """
    if not await _existing(connection, moment, [start], 0):
        return None
    above = direction == "ancestors"
    found: dict[NodeKey, Neighbour] = {}
    steps: defaultdict[NodeKey, list[Edge]] = defaultdict(list)
    frontier, depth = [start], 0
    while frontier:
        depth += 1
        edges = await _edges(connection, moment, frontier, above=above)
        ends = [(edge.parent if above else edge.child, edge) for edge in edges]
        for end, edge in ends:
            steps[end].append(edge)
        new = sorted({end for end, _ in ends} - found.keys() - {start})
        reached = await _existing(connection, moment, new, depth) if new else []
        found.update((node.key, node) for node in reached)
        frontier = [node.key for node in reached]
    for key, node in found.items():
        node.links.extend(sorted(steps[key], key=lambda edge: (edge.child, edge.parent)))
    return sorted(found.values(), key=lambda node: (node.depth, node.kind, node.id))


async def parents(connection: Connection, moment: Moment, nodes: Sequence[NodeKey]) -> dict[NodeKey, list[Edge]]:
    """The steps directly above each of *nodes*, in the order of the parents; one statement."""
    steps: defaultdict[NodeKey, list[Edge]] = defaultdict(list)
    for edge in await _edges(connection, moment, nodes, above=True):
        steps[edge.child].append(edge)
    return {key: sorted(edges, key=lambda edge: edge.parent) for key, edges in steps.items()}


async def _edges(connection: Connection, moment: Moment, nodes: Sequence[NodeKey], *, above: bool) -> list[Edge]:
    rows = await connection.fetch(
        _statement("edges_above" if above else "edges_below", moment.schema), *_asked(moment, nodes)
    )
    return [
        Edge(
            child=(row["child_kind"], row["child_id"]),
            parent=(row["parent_kind"], row["parent_id"]),
            effect=row["effect"],
            origin=row["origin"],
            weight=row["weight"],
            share=row["share"],
            sequence=row["sequence"],
            acceptance=row["acceptance"],
        )
        for row in rows
    ]


async def _existing(connection: Connection, moment: Moment, nodes: Sequence[NodeKey], depth: int) -> list[Neighbour]:
    rows = await connection.fetch(_statement("nodes", moment.schema), *_asked(moment, nodes))
    return [
        Neighbour(
            kind=cast("NodeKind", row["kind"]),
            id=row["id"],
            title=row["title"],
            owner_kind=row["owner_kind"],
            owner_id=row["owner_id"],
            cycle_id=row["cycle_id"],
            depth=depth,
            ended=row["ended"],
        )
        for row in rows
    ]


def _asked(moment: Moment, nodes: Sequence[NodeKey]) -> tuple[object, ...]:
    kinds, ids = [kind for kind, _ in nodes], [node_id for _, node_id in nodes]
    return (moment.organisation, kinds, ids, moment.effective_on, moment.known_at)


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "alignment", schema)
