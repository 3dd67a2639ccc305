"""What is above and below each node, who is an orphan, and where credit goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, cast

from tests.plain_recomputation.event import Event, Json, read_all, word
from tests.plain_recomputation.links import Link
from tests.plain_recomputation.node import NodeKey
from tests.plain_recomputation.progress import Organisation

Loss = Literal[
    "not_claimed",
    "supports_only",
    "weight_0",
    "not_counted_by_the_rule",
    "overridden",
    "abandoned",
    "carried_over",
    "dropped",
    "declined",
    "not_accepted",
    "cycle_not_open",
]


@dataclass(frozen=True, slots=True)
class Edge:
    """A step up: from a key result to its objective, or along a link; ``lost`` says why no credit goes this way."""

    child: NodeKey
    parent: NodeKey
    share: Fraction
    lost: Loss | None


@dataclass(frozen=True, slots=True)
class Credit:
    """The credit of one key result: what reaches top-level objectives, and what is lost where and why."""

    attributed: Fraction
    lost: tuple[tuple[NodeKey, Loss, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The graph of one organisation on one day; above and below include every link, whether or not it counts."""

    ancestors: dict[NodeKey, frozenset[NodeKey]]
    descendants: dict[NodeKey, frozenset[NodeKey]]
    top_level: frozenset[str]
    orphans: frozenset[str]
    credit: dict[str, Credit]


def recompute_alignment(events: Sequence[Json], effective_on: date, known_at: int | None = None) -> Alignment:
    """The alignment of every node that exists on *effective_on*, from the events up to *known_at*."""
    organisation = Organisation(read_all(events, known_at), effective_on)
    nodes = organisation.existing()
    edges = _edges(organisation)
    ancestors = {key: _above(key, edges) for key in nodes}
    top_level = frozenset(key[1] for key in nodes if key[0] == "objective" and _is_top_level(organisation, key))
    return Alignment(
        ancestors=ancestors,
        descendants={key: frozenset(low for low in nodes if key in ancestors[low]) for key in nodes},
        top_level=top_level,
        orphans=frozenset(
            key[1]
            for key in nodes
            if key[0] == "objective"
            and organisation.end_of(key) is None
            and not _is_covered(organisation, key, ancestors[key], top_level)
        ),
        credit={
            key[1]: _credit(key, edges, top_level)
            for key in nodes
            if key[0] == "key_result" and organisation.end_of(_objective_of(organisation, key)) is None
        },
    )


def _objective_of(organisation: Organisation, key: NodeKey) -> NodeKey:
    return "objective", word(organisation.objective_of(key).data, "objective_id")


def _edges(organisation: Organisation) -> list[Edge]:
    edges: list[Edge] = []
    for key in organisation.existing():
        if key[0] == "key_result":
            added = organisation.created(key)
            assert added is not None
            parent: NodeKey = ("objective", word(added.data, "objective_id"))
            ended = cast("Loss | None", organisation.end_of(key))
            lost = ended or _lost(organisation, parent, organisation.weight(key), "key_results")
            edges.append(Edge(key, parent, Fraction(1), lost))
    linked = (Edge(link.child, link.parent, link.share, _lost_on(organisation, link)) for link in organisation.links)
    return [*edges, *linked]


def _lost_on(organisation: Organisation, link: Link) -> Loss | None:
    if link.effect == "supports":
        return "supports_only"
    ended = cast("Loss | None", organisation.end_of(link.child) or link.unaccepted)
    if ended is not None:
        return ended
    cycle = organisation.cycle_of(link.child)
    if cycle.subject != organisation.cycle_of(link.parent).subject and not organisation.is_open(cycle):
        return "cycle_not_open"
    return _lost(organisation, link.parent, link.weight, "children")


def _lost(organisation: Organisation, parent: NodeKey, weight: Fraction, asked_rule: str) -> Loss | None:
    if weight == 0:
        return "weight_0"
    if parent[0] == "key_result":
        added = organisation.created(parent)
        assert added is not None
        return None if added.data["source"] == "children" else "not_counted_by_the_rule"
    if organisation.roll_up(parent[1]) not in (asked_rule, "both"):
        return "not_counted_by_the_rule"
    return None if organisation.override(parent[1]) is None else "overridden"


def _above(key: NodeKey, edges: Sequence[Edge]) -> frozenset[NodeKey]:
    found: set[NodeKey] = set()
    open_ends = [key]
    while open_ends:
        low = open_ends.pop()
        for edge in edges:
            if edge.child == low and edge.parent not in found:
                found.add(edge.parent)
                open_ends.append(edge.parent)
    return frozenset(found)


def _is_top_level(organisation: Organisation, key: NodeKey) -> bool:
    if organisation.end_of(key) is not None:
        return False
    if organisation.own(key, "top_level", "ObjectiveCreated", "TopLevelDeclared"):
        return True
    owner = cast("Json", organisation.own(key, "owner", "ObjectiveCreated", "ObjectiveReassigned"))
    roots = {event.data["unit_id"] for event in organisation.of("UnitAdded") if event.data.get("parent_id") is None}
    return owner["kind"] == "unit" and owner["id"] in roots


def _is_covered(organisation: Organisation, key: NodeKey, above: frozenset[NodeKey], top_level: frozenset[str]) -> bool:
    if key[1] in top_level:
        return True
    own_and_containing = _cycle_and_containing(organisation, organisation.cycle_of(key))
    return any(
        kind == "objective"
        and node_id in top_level
        and organisation.cycle_of((kind, node_id)).data["cycle_id"] in own_and_containing
        for kind, node_id in above
    )


def _cycle_and_containing(organisation: Organisation, cycle: Event) -> list[str]:
    found = [word(cycle.data, "cycle_id")]
    parent_id = cast("str | None", cycle.data.get("parent_id"))
    for planned in organisation.of("CyclePlanned"):
        if planned.data["cycle_id"] == parent_id:
            found += _cycle_and_containing(organisation, planned)
    return found


def _credit(key_result: NodeKey, edges: Sequence[Edge], top_level: frozenset[str]) -> Credit:
    attributed = Fraction(0)
    lost: dict[tuple[NodeKey, Loss], Fraction] = {}
    arriving: list[tuple[NodeKey, Fraction]] = [(key_result, Fraction(1))]
    while arriving:
        at, credit = arriving.pop()
        if at[0] == "objective" and at[1] in top_level:
            attributed += credit
            continue
        # What only supports has no claim to a share: it takes nothing away from what is left.
        upward = [edge for edge in edges if edge.child == at]
        claims = [edge for edge in upward if edge.lost != "supports_only"]
        for edge in claims:
            if edge.lost is None:
                arriving.append((edge.parent, credit * edge.share))
            else:
                lost[at, edge.lost] = lost.get((at, edge.lost), Fraction(0)) + credit * edge.share
        left = credit * (1 - sum((edge.share for edge in claims), Fraction(0)))
        if left > 0:
            why: Loss = "supports_only" if upward and not claims else "not_claimed"
            lost[at, why] = lost.get((at, why), Fraction(0)) + left
    return Credit(attributed, tuple(sorted((at, why, amount) for (at, why), amount in lost.items())))
