"""Whether goals are handed down or offered up, and where one of them has gone too far."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Final, Literal

from projections.alignment.graph import Graph, Link

OVER_CASCADED_FROM_LINKS: Final = 3
"""Fewer stated links than these say nothing about a unit."""
OVER_CASCADED_FROM: Final = Fraction(80, 100)
DRIFTING_BELOW: Final = Fraction(50, 100)


@dataclass(slots=True)
class UnitBalance:
    """The links of the objectives that count in one unit, by origin; ``unit_id`` None for owners without a unit."""

    unit_id: str | None
    origins: Counter[str] = field(default_factory=Counter[str])
    objectives: int = 0
    covered: int = 0

    @property
    def over_cascaded(self) -> bool:
        """At least 3 links with a stated origin, of which at least 80 % came from above."""
        stated = self.origins["cascaded"] + self.origins["laddered"]
        return stated >= OVER_CASCADED_FROM_LINKS and Fraction(self.origins["cascaded"], stated) >= OVER_CASCADED_FROM

    @property
    def coverage(self) -> Decimal | None:
        """The part of its objectives that leads to a top-level one, of 6 places; None where there are none."""
        return ratio(self.covered, self.objectives)

    @property
    def drifting(self) -> bool:
        """Less than half of its objectives lead to a top-level one."""
        return self.objectives > 0 and Fraction(self.covered, self.objectives) < DRIFTING_BELOW


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A link whose origin does not fit who drew it: handed down by whom it was handed to, or offered up from above."""

    link: Link
    drawn_by: Literal["child_owner", "parent_owner"]


def ratio(part: int, whole: int) -> Decimal | None:
    """*part* ÷ *whole*, rounded half-even to 6 places; None where *whole* is 0."""
    return (Decimal(part) / whole).quantize(Decimal("0.000001"), ROUND_HALF_EVEN) if whole else None


def by_unit(graph: Graph, counted: Collection[str], loose: Collection[str]) -> list[UnitBalance]:
    """The balance of every unit that has one of the objectives *counted*, by unit id; *loose* are the orphans."""
    units: dict[str | None, UnitBalance] = {}
    for objective_id in counted:
        unit_id = graph.objectives[objective_id].unit_id
        unit = units.setdefault(unit_id, UnitBalance(unit_id))
        unit.objectives += 1
        unit.covered += objective_id not in loose
    for link in graph.links:
        if link.child_id in counted:
            units[graph.objectives[link.child_id].unit_id].origins[link.origin] += 1
    return sorted(units.values(), key=lambda unit: unit.unit_id or "")


def longest_cascade(graph: Graph, counted: Collection[str]) -> list[str] | None:
    """
    The objectives of the longest unbroken chain of cascaded links, lowest first; empty where nothing is cascaded.

    The first of equals by id. None where back-dated links run in a circle.
    """
    upper: defaultdict[str, set[str]] = defaultdict(set)
    for link in graph.links:
        if link.origin == "cascaded" and link.child_id in counted:
            upper[link.child_id].add(graph.objective_at(link.parent))
    nothing: list[str] = []
    longest: dict[str, list[str]] = {}
    try:
        # Parents come before their children.
        order = list(TopologicalSorter(upper).static_order())
    except CycleError:
        return None
    for objective_id in order:
        above = max((longest[each] for each in sorted(upper[objective_id])), key=len, default=nothing)
        longest[objective_id] = [objective_id, *above]
    return max((longest[each] for each in sorted(longest)), key=len, default=nothing)


def contradictions(graph: Graph, counted: Collection[str]) -> list[Contradiction]:
    """The links, by child and parent, that were drawn by the other side than their origin says."""
    found: list[Contradiction] = []
    for link in graph.links:
        if link.child_id not in counted or link.drawn_by is None:
            continue
        below = graph.objectives[link.child_id]
        above = graph.objectives[graph.objective_at(link.parent)]
        drew_below = below.owner_kind == "person" and below.owner_id == link.drawn_by
        drew_above = above.owner_kind == "person" and above.owner_id == link.drawn_by
        if link.origin == "cascaded" and drew_below and not drew_above:
            found.append(Contradiction(link, "child_owner"))
        if link.origin == "laddered" and drew_above and not drew_below:
            found.append(Contradiction(link, "parent_owner"))
    return found
