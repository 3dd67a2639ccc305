"""What the query service reads beside the numbers: words, people, parents, check-ins, and the order of the tree."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias, cast

from okr_rules import Node, NodeKind, Value
from projections.progress.as_of import Moment, Standing, Standings
from projections.progress.graph import RunsInACircle
from projections.progress.inputs import Acceptance, read
from projections.progress.statements import statement
from projections.read_model import Connection

_ParentRow: TypeAlias = tuple[NodeKind, str, str, str, Decimal, Decimal, Acceptance | None]


class Above(NamedTuple):
    """What a node stands under; a key result stands under its objective with its own weight, all of it."""

    node: Node
    effect: str
    origin: str | None
    """Who drew the link; None from a key result to its own objective, which nobody drew."""
    weight: Decimal
    share: Decimal
    acceptance: Acceptance | None = None
    """None where nobody has to accept it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a node at the moment beside its numbers."""

    title: str | None
    description: str | None
    labels: Sequence[str] | None
    top_level: bool | None
    """None for a key result."""
    owner_kind: str
    owner_id: str
    """Who owns the objective; the person responsible for the key result."""
    partner_ids: Sequence[str]
    parents: Sequence[Above]
    last_check_in_on: date | None
    confidence: int | None


@dataclass(frozen=True, slots=True)
class CheckInVersion:
    """A check-in as one event left it."""

    first_sequence: int
    sequence: int
    check_in_id: str
    effective_on: date
    value: Value | None
    forecast: Value | None
    confidence: int | None
    narrative: str | None
    withdrawn: bool
    reason: str | None
    actor_kind: str
    actor_id: str
    recorded_at: datetime


async def shown(
    connection: Connection, organisation: str, found: Standings, nodes: Sequence[Node]
) -> dict[Node, Shown]:
    """What is shown of *nodes*, which are among those *found*; one statement."""
    rows = await connection.fetch(
        statement("shown", found.moment.schema),
        organisation,
        [node.kind for node in nodes],
        [node.id for node in nodes],
        found.moment.effective_on,
        found.moment.known_at,
    )
    answer: dict[Node, Shown] = {}
    for row in rows:
        node = Node(row["kind"], row["id"])
        owner = found.nodes[node].decided.get("owner")
        owner_kind, owner_id = row["owner_kind"], row["owner_id"]
        if owner is not None and owner.value is not None:
            owner_kind, _, owner_id = owner.value.partition("/")
        answer[node] = Shown(
            title=row["title"],
            description=row["description"],
            labels=_labels(node, found.nodes[node]),
            top_level=_top_level(row["top_level"], found.nodes[node]),
            owner_kind=owner_kind,
            owner_id=owner_id,
            partner_ids=row["partner_ids"] or (),
            parents=_parents(node, found, cast("Iterable[_ParentRow]", row["parents"] or ())),
            last_check_in_on=row["last_check_in_on"],
            confidence=row["confidence"],
        )
    return answer


def _labels(node: Node, standing: Standing) -> Sequence[str] | None:
    given = standing.decided.get("labels")
    if given is None:
        return () if node.kind == "objective" else None
    return None if given.value is None else json.loads(given.value)


def _top_level(created: bool | None, standing: Standing) -> bool | None:
    declared = standing.decided.get("top_level")
    return created if declared is None else declared.value == "true"


def _parents(node: Node, found: Standings, rows: Iterable[_ParentRow]) -> list[Above]:
    standing = found.nodes[node]
    if node.kind == "key_result":
        assert standing.weight is not None
        return [Above(Node("objective", standing.objective_id), "contributes", None, standing.weight, Decimal(1))]
    return [
        Above(Node(kind, parent_id), effect, origin, weight, share, acceptance)
        for kind, parent_id, effect, origin, weight, share, acceptance in rows
    ]


async def objective_ids(
    connection: Connection,
    organisation: str,
    moment: Moment,
    *,
    cycle_id: str | None,
    owner: tuple[str, str] | None,
    after: str | None,
    limit: int,
) -> list[str]:
    """At most *limit* ids after *after*, in order; *owner* is kind and id."""
    kind, owner_id = owner or (None, None)
    rows = await connection.fetch(
        statement("objective_page", moment.schema),
        organisation,
        moment.effective_on,
        moment.known_at,
        cycle_id,
        kind,
        owner_id,
        after,
        limit,
    )
    return [row["objective_id"] for row in rows]


async def check_ins(
    connection: Connection, organisation: str, key_result_id: str, moment: Moment, *, after: int, limit: int
) -> list[list[CheckInVersion]]:
    """The versions of at most *limit* check-ins recorded after event *after*, oldest first, each with its versions."""
    rows = await connection.fetch(
        statement("check_ins", moment.schema),
        organisation,
        key_result_id,
        moment.known_at,
        moment.effective_on,
        after,
        limit,
    )
    versions: dict[int, list[CheckInVersion]] = {}
    for row in rows:
        version = CheckInVersion(
            first_sequence=row["first_sequence"],
            sequence=row["sequence"],
            check_in_id=row["check_in_id"],
            effective_on=row["effective_on"],
            value=read(row["value"]),
            forecast=read(row["forecast"]),
            confidence=row["confidence"],
            narrative=row["narrative"],
            withdrawn=row["withdrawn"],
            reason=row["reason"],
            actor_kind=row["actor_kind"],
            actor_id=row["actor_id"],
            recorded_at=row["recorded_at"],
        )
        versions.setdefault(version.first_sequence, []).append(version)
    return list(versions.values())


def levels(found: Standings, root: Node | None) -> tuple[dict[Node, int], dict[Node, int]]:
    """
    For each node below *root* (None: all): its rank, greater than those of all its parents there, and its depth.

    The depth is that of the shortest way from a root. Sorted by rank, parents come first. Raises RunsInACircle.
    """
    below = _edges(found)
    parents_left: dict[Node, int] = dict.fromkeys(found.nodes, 0)
    for children in below.values():
        for child in children:
            parents_left[child] += 1
    waiting = [node for node, parents in parents_left.items() if not parents]
    rank = dict.fromkeys(waiting, 0)
    depth = dict.fromkeys(waiting if root is None else [root], 0)
    while waiting:
        node = waiting.pop()
        for child in below[node]:
            rank[child] = max(rank.get(child, 0), rank[node] + 1)
            if node in depth:
                depth[child] = min(depth.get(child, depth[node] + 1), depth[node] + 1)
            parents_left[child] -= 1
            if not parents_left[child]:
                waiting.append(child)
    if any(parents_left.values()):
        raise RunsInACircle("as imported events are dated, the links ran in a circle on that day")
    return rank, depth


def _edges(found: Standings) -> Mapping[Node, list[Node]]:
    below: dict[Node, list[Node]] = {node: [] for node in found.nodes}
    for node, standing in found.nodes.items():
        objective = Node("objective", standing.objective_id)
        if node.kind == "key_result" and objective in below:
            below[objective].append(node)
        for child_id, *_ in standing.links:
            if (child := Node("objective", child_id)) in below:
                below[node].append(child)
    return below
