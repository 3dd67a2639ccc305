"""Which objectives lead to a top-level one, and which hang loose (docs/glossary.md: coverage)."""

from collections import defaultdict

from projections.alignment.graph import Graph


def orphans(graph: Graph) -> set[str]:
    """
    The live objectives that are neither top-level nor have a path, over any links, to a live top-level one that counts.

    It counts when it lies in their own cycle or in one that contains it. Each objective is visited once for every set
    of cycles that asks for it, so that the cost is (objectives + links) × cycles at the worst.
    """
    lower: defaultdict[str, set[str]] = defaultdict(set)
    for link in graph.links:
        lower[graph.objective_at(link.parent)].add(link.child_id)
    tops: defaultdict[str, list[str]] = defaultdict(list)
    for objective in graph.objectives.values():
        if objective.top_level and objective.ended is None:
            tops[objective.cycle_id].append(objective.id)
    covered: dict[str, set[str]] = {}
    loose: set[str] = set()
    for objective in graph.objectives.values():
        if objective.ended is not None:
            continue
        cycle = objective.cycle_id
        if cycle not in covered:
            covered[cycle] = _reached([top for each in graph.containing(cycle) for top in tops[each]], lower)
        if objective.id not in covered[cycle]:
            # A top-level objective starts the walk of its own cycle, so that it is never among these.
            loose.add(objective.id)
    return loose


def _reached(starts: list[str], lower: dict[str, set[str]]) -> set[str]:
    found = set(starts)
    waiting = list(starts)
    while waiting:
        for child in lower.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found
