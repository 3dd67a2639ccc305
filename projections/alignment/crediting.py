"""What of each key result reaches a top-level objective: the graph, handed to the rule credit/1."""

from decimal import Decimal
from typing import Final

from okr_rules.credit import Credit, Edge, Node, Place, credit
from okr_rules.roll_up import WhyNot
from projections.alignment.graph import Graph, Link

_WHOLE: Final = Decimal(1)


def credits_of(graph: Graph) -> dict[str, Credit]:
    """
    The credit of every key result, by its id.

    Raises AlignmentHasACircle or SharesExceedOne where back-dated links say what could never be decided in their order.
    """
    places = {
        Node("objective", each.id): Place(
            each.roll_up, top_level=each.top_level and each.ended is None, overridden=each.overridden
        )
        for each in graph.objectives.values()
    } | {
        Node("key_result", each.id): Place("children" if each.fed_by_children else None)
        for each in graph.key_results.values()
    }
    own = [
        Edge(
            Node("key_result", each.id),
            Node("objective", each.objective_id),
            each.weight,
            _WHOLE,
            "dropped" if each.dropped else None,
        )
        for each in graph.key_results.values()
    ]
    linked = [
        Edge(Node("objective", link.child_id), Node(*link.parent), link.weight, link.share, _why_not(graph, link))
        for link in graph.links
    ]
    return credit(places, own + linked)


def _why_not(graph: Graph, link: Link) -> WhyNot | None:
    if link.effect == "supports":
        return "supports"
    child = graph.objectives[link.child_id]
    if child.ended is not None:
        return child.ended
    if link.acceptance in ("awaited", "declined"):
        return "declined" if link.acceptance == "declined" else "not_accepted"
    cycle_id = child.cycle_id
    if cycle_id == graph.objectives[graph.objective_at(link.parent)].cycle_id:
        return None
    return None if cycle_id in graph.cycles and graph.cycles[cycle_id].opened else "cycle_not_open"
