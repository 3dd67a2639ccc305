"""
How much of each key result reaches a top-level objective, and where the rest is lost (rule credit/1).

Credit starts as 1 at every key result and flows upwards along the edges that count, split by their shares. It stays
with the first top-level objective that it reaches: if it went on from there it would be counted twice.
docs/rules/credit.md has the rules with examples.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import Literal, NamedTuple, TypeAlias

from okr_rules.exact import quotient
from okr_rules.roll_up import NodeKind, RollUp, WhyNot, takes

WhyLost: TypeAlias = WhyNot | Literal["overridden", "not_its_source", "share_left", "no_parent"]
"""
Why credit ends before a top-level objective, a stable code: those of ``WhyNot``, and four more.

``overridden``: the parent's number is an override. ``not_its_source``: the parent is a key result that takes values by
check-in. ``share_left``: the shares of the node's links add up to less than 1. ``no_parent``: it is aligned with
nothing.
"""


class Node(NamedTuple):
    """A key result or an objective."""

    kind: NodeKind
    id: str


@dataclass(frozen=True, slots=True)
class Place:
    """What a node lets through."""

    takes: RollUp | None
    """The roll-up of an objective; ``children`` for a key result fed by objectives, None for one with check-ins."""
    top_level: bool = False
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """From a key result to its objective (its weight, share 1), or from an objective to what it is aligned with."""

    child: Node
    parent: Node
    weight: Decimal
    share: Decimal
    why_not: WhyNot | None = None
    """Why it does not count, as far as the caller knows: ``supports``, ``abandoned``, ``declined``, …"""


@dataclass(frozen=True, slots=True)
class Lost:
    """Credit that ended at *at*, on the edge to *parent* if it was an edge; *amount* of 6 places."""

    at: Node
    parent: Node | None
    reason: WhyLost
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Credit:
    """Where the credit of one key result went; amounts of 6 places, each rounded once from the exact one."""

    attributed: Decimal
    """What reached top-level objectives, in [0, 1]."""
    reached: tuple[tuple[str, Decimal], ...]
    """The top-level objectives that it reached, by id, and how much of it each."""
    lost: tuple[Lost, ...]
    """What is not attributed, and why; without what is less than half a millionth."""


class AlignmentHasACircle(ValueError):
    """The edges lead back to where they started, so that credit would never arrive."""


class SharesExceedOne(ValueError):
    """The shares of the links of one node that count add up to more than 1: its result would be counted twice."""


class _Loss(NamedTuple):
    at: Node
    parent: Node | None
    reason: WhyLost


@dataclass(frozen=True, slots=True)
class _Outflow:
    """How the credit of one node is divided; the parts of ``passes`` and ``loses`` add up to 1."""

    passes: tuple[tuple[Node, Fraction], ...]
    loses: tuple[tuple[_Loss, Fraction], ...]


def credit(places: Mapping[Node, Place], edges: Iterable[Edge]) -> dict[str, Credit]:
    """
    The credit of every key result among *places*, by its id.

    *places* has every node that *edges* name. Raises AlignmentHasACircle, SharesExceedOne, and KeyError for a node
    without a place.
    """
    outgoing: defaultdict[Node, list[Edge]] = defaultdict(list)
    for edge in edges:
        outgoing[edge.child].append(edge)
    outflows = {node: _outflow(node, outgoing[node], places) for node in places if not places[node].top_level}
    height = _heights(outflows)
    return {node.id: _follow(node, outflows, height) for node in places if node.kind == "key_result"}


def why_no_credit(edge: Edge, parent: Place) -> WhyLost | None:
    """Why no credit flows along *edge* into *parent*; None when it does."""
    if edge.why_not is not None:
        return edge.why_not
    if parent.takes is None:
        return "not_its_source"
    if not takes(parent.takes, edge.child.kind):
        return "not_in_roll_up"
    if not edge.weight:
        return "weight_zero"
    return "overridden" if parent.overridden else None


def _outflow(node: Node, edges: list[Edge], places: Mapping[Node, Place]) -> _Outflow:
    left = Fraction(1)
    passes: list[tuple[Node, Fraction]] = []
    loses: list[tuple[_Loss, Fraction]] = []
    judged: list[tuple[Edge, WhyLost | None]] = [(edge, why_no_credit(edge, places[edge.parent])) for edge in edges]
    for edge, reason in judged:
        if reason is None:
            passes.append((edge.parent, Fraction(edge.share)))
            left -= Fraction(edge.share)
    if left < 0:
        raise SharesExceedOne(f"the shares of {node.kind} {node.id} add up to {1 - left}, which is more than 1")
    # Links that do not count claim what those that count have left: their shares may well add up to more than 1.
    for edge, reason in judged:
        claimed = min(Fraction(edge.share), left)
        if reason is not None and reason != "supports" and claimed:
            loses.append((_Loss(node, edge.parent, reason), claimed))
            left -= claimed
    if left:
        loses.append((_Loss(node, None, _why_left(passes, judged)), left))
    return _Outflow(tuple(passes), tuple(loses))


def _why_left(passes: list[tuple[Node, Fraction]], judged: list[tuple[Edge, WhyLost | None]]) -> WhyLost:
    if passes or any(reason != "supports" for _, reason in judged):
        return "share_left"
    return "supports" if judged else "no_parent"


def _heights(outflows: Mapping[Node, _Outflow]) -> dict[Node, int]:
    """A number for each node that is greater than those of all nodes below it."""
    below: defaultdict[Node, set[Node]] = defaultdict(set)
    for child, outflow in outflows.items():
        for parent, _ in outflow.passes:
            below[parent].add(child)
    try:
        return {node: height for height, node in enumerate(TopologicalSorter(below).static_order())}
    except CycleError as circle:
        raise AlignmentHasACircle(f"the links run in a circle: {circle.args[1]}") from circle


def _follow(start: Node, outflows: Mapping[Node, _Outflow], height: Mapping[Node, int]) -> Credit:
    amounts: defaultdict[Node, Fraction] = defaultdict(Fraction, {start: Fraction(1)})
    reached: dict[str, Fraction] = {}
    lost: list[Lost] = []
    # Lowest first: when a node's turn comes, all that will ever arrive there has arrived.
    waiting = [(height.get(start, 0), start)]
    while waiting:
        _, node = heappop(waiting)
        amount = amounts.pop(node)
        outflow = outflows.get(node)
        if outflow is None:
            reached[node.id] = amount
            continue
        for parent, share in outflow.passes:
            if parent not in amounts:
                heappush(waiting, (height[parent], parent))
            amounts[parent] += amount * share
        for loss, part in outflow.loses:
            # Three links of 0.33… leave a last digit behind, which is no news to anybody.
            if shown := _rounded(amount * part):
                lost.append(Lost(loss.at, loss.parent, loss.reason, shown))
    attributed = _rounded(sum(reached.values(), Fraction(0)))
    return Credit(attributed, tuple((each, _rounded(reached[each])) for each in sorted(reached)), tuple(lost))


def _rounded(amount: Fraction) -> Decimal:
    return quotient(Decimal(amount.numerator), Decimal(amount.denominator))
