"""The whole graph of one organisation at one moment: what the alignment report is computed from."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from okr_rules.roll_up import RollUp
from projections.alignment.moment import Moment
from projections.alignment.neighbours import NodeKey
from projections.read_model import Connection, in_schema

Ended: TypeAlias = Literal["abandoned", "carried_over"]
Acceptance: TypeAlias = Literal["awaited", "accepted", "declined"]

_SQL: Final = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective, with the unit that it is counted in: the owning one, or its owner's primary one."""

    id: str
    cycle_id: str
    owner_kind: str
    owner_id: str
    unit_id: str | None
    title: str | None
    roll_up: RollUp
    overridden: bool
    top_level: bool
    """Declared so, or owned by the root unit."""
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class KeyResult:
    """A key result: where it belongs and what feeds it."""

    id: str
    objective_id: str
    fed_by_children: bool
    weight: Decimal
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An alignment of the objective ``child_id`` with a parent."""

    child_id: str
    parent: NodeKey
    effect: str
    origin: str
    weight: Decimal
    share: Decimal
    drawn_by: str | None
    acceptance: Acceptance | None = None
    """None where nobody has to accept it."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle, the one that contains it, and whether it was opened."""

    parent_id: str | None
    opened: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Objectives, key results and cycles by id, and the links between those that exist."""

    objectives: dict[str, Objective]
    key_results: dict[str, KeyResult]
    links: list[Link]
    cycles: dict[str, Cycle]

    def objective_at(self, node: NodeKey) -> str:
        """The id of the objective that a node is or belongs to."""
        kind, node_id = node
        return node_id if kind == "objective" else self.key_results[node_id].objective_id

    def containing(self, cycle_id: str) -> list[str]:
        """The cycle itself and those that contain it, from the inside out."""
        chain: list[str] = []
        inner: str | None = cycle_id
        while inner is not None and inner not in chain:
            chain.append(inner)
            inner = self.cycles[inner].parent_id if inner in self.cycles else None
        return chain


async def read_graph(connection: Connection, moment: Moment) -> Graph:
    """The graph at *moment*: four statements that read all of the organisation's objectives, key results and links."""
    at = (moment.organisation, moment.effective_on, moment.known_at)
    objectives = {
        row["objective_id"]: Objective(
            id=row["objective_id"],
            cycle_id=row["cycle_id"],
            owner_kind=row["owner_kind"],
            owner_id=row["owner_id"],
            unit_id=row["unit_id"],
            title=row["title"],
            roll_up=row["roll_up"],
            overridden=row["overridden"],
            top_level=row["top_level"],
            ended=row["ended"],
        )
        for row in await connection.fetch(_statement("every_objective", moment.schema), *at)
    }
    key_results = {
        row["key_result_id"]: KeyResult(
            id=row["key_result_id"],
            objective_id=row["objective_id"],
            fed_by_children=row["source"] == "children",
            weight=row["weight"],
            dropped=row["ended"] is not None,
        )
        for row in await connection.fetch(_statement("every_key_result", moment.schema), *at)
    }
    links = [
        Link(
            child_id=row["child_id"],
            parent=(row["parent_kind"], row["parent_id"]),
            effect=row["effect"],
            origin=row["origin"],
            weight=row["weight"],
            share=row["share"],
            drawn_by=row["drawn_by"],
            acceptance=row["acceptance"],
        )
        for row in await connection.fetch(_statement("every_link", moment.schema), *at)
    ]
    cycles = {
        row["cycle_id"]: Cycle(row["parent_id"], row["opened"])
        for row in await connection.fetch(_statement("every_cycle", moment.schema), *at)
    }
    # On an earlier day a link may be there before one of its back-dated ends is: it holds from when both are.
    existing = {("objective", each) for each in objectives} | {("key_result", each) for each in key_results}
    return Graph(
        objectives,
        key_results,
        [link for link in links if link.child_id in objectives and link.parent in existing],
        cycles,
    )


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "alignment", schema)
