"""
The part of one organisation that events can change, in memory: what counts, and what counts above it.

A node is computed again only when something that it rests on changed, once per event, inputs before what they enter,
at the same cost however many inputs it has: it keeps the exact sums of what counts in it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

import typing_extensions

from okr_rules import CheckInVersion, DefinitionVersion, Input, Node, RollUp, Sums, Term, ValueInForce, term
from projections.progress.inputs import Acceptance, Ended, Numbers, child_input, key_result_input, of_value, rolled_up


class RunsInACircle(ValueError):
    """The links lead back to where they started, so that no number could ever settle."""


@dataclass(slots=True, eq=False)
class Place:
    """Where a node stands in the graph."""

    node: Node
    numbers: Numbers | None = field(default=None, init=False)
    """None for a node that was just made."""
    rank: int = field(default=0, init=False)
    """Greater than the rank of everything below: computing in this order computes each node once."""
    waiting: bool = field(default=False, init=False)
    """It has to be computed again."""
    above: list["Edge"] = field(default_factory=list["Edge"], init=False)
    inputs: dict[Node, "Edge"] = field(default_factory=dict[Node, "Edge"], init=False)
    sums: Sums = field(default_factory=Sums, init=False)

    def computed(self) -> Numbers:
        """Its numbers, of what there is now."""
        raise NotImplementedError


@dataclass(slots=True)
class Edge:
    """From a node to one above that it contributes to; ``term`` is what it counts there now, None for nothing."""

    child: Place
    parent: Place
    term: Term | None = None


@dataclass(slots=True, eq=False)
class Objective(Place):
    """What counts of an objective; a newer decision counts unless it is dated before the one in force."""

    cycle_id: str
    roll_up: RollUp
    roll_up_on: date
    override: Decimal | None = None
    override_on: date | None = None
    ended: Ended | None = None
    ended_on: date | None = None

    @typing_extensions.override
    def computed(self) -> Numbers:
        """As the mean of what counts in it, or as the override says. Raises OverrideOutOfRange."""
        return rolled_up(self.sums.result(self.override))


@dataclass(slots=True, eq=False)
class KeyResult(Place):
    """What counts of a key result."""

    objective_id: str
    fed: bool
    """It takes the mean of the objectives aligned with it, and no values by check-in."""
    weight: Decimal
    weight_on: date
    dropped: bool = False
    dropped_on: date | None = None
    definitions: list[DefinitionVersion] = field(default_factory=list[DefinitionVersion])
    """All that there were; empty where no event needed them yet."""
    definition: DefinitionVersion | None = None
    """The one in force."""
    value: ValueInForce | None = None

    @typing_extensions.override
    def computed(self) -> Numbers:
        """As the value in force says, or as the mean of the objectives that feed it. Raises ValueDoesNotFit."""
        if self.fed:
            return rolled_up(self.sums.result())
        assert self.definition is not None
        return of_value(self.definition.definition, self.value.value if self.value else None)


@dataclass(slots=True)
class Link:
    """The latest word on an objective and one parent; ``effect`` is None since they are unlinked."""

    effective_on: date
    sequence: int
    effect: str | None
    origin: str | None
    weight: Decimal | None
    share: Decimal | None
    acceptance: Acceptance | None = None
    """None where nobody has to accept it."""


class Reported(NamedTuple):
    """A version of a check-in, and which check-in it is of."""

    check_in_id: str
    version: CheckInVersion


Changed = Callable[[Place], None]
Pair: TypeAlias = tuple[str, Node]
"""An objective, and what it is aligned with."""


class Graph:
    """Nodes with their numbers, and the edges that count upwards from those that events may name."""

    def __init__(self) -> None:
        self.opened: dict[str, bool] = {}
        """The cycles, and whether they were opened."""
        self.objectives: dict[str, Objective] = {}
        self.key_results: dict[str, KeyResult] = {}
        self.links: dict[Pair, Link] = {}
        self.check_ins: dict[str, list[Reported]] = {}
        """All of those key results that a correction, a withdrawal or a redefinition of this batch is about."""
        self.complete: set[Node] = set()
        """The nodes that events may name: those of which all inputs are here, and everything above."""
        self.loaded = False
        """The cycles are here; other nodes come as events name them."""
        self.left_at: tuple[int, int] = (0, 0)
        """Epoch and sequence of the last event that was folded into it."""
        self._waiting: list[tuple[int, int, Place]] = []
        self._marked = 0

    @property
    def size(self) -> int:
        """How many nodes it has, and two for itself: an organisation without any takes memory too."""
        return len(self.objectives) + len(self.key_results) + 2

    def connect(self, key_results: Iterable[KeyResult], links: Iterable[Pair]) -> None:
        """Draws the edges of what was just loaded."""
        for key_result in key_results:
            if objective := self.objectives.get(key_result.objective_id):
                self._enter(key_result, objective)
        for child_id, parent in links:
            self._link(child_id, self.place(parent))

    def place(self, node: Node) -> Objective | KeyResult:
        """Where *node* stands. Raises KeyError."""
        return self.objectives[node.id] if node.kind == "objective" else self.key_results[node.id]

    def add_objective(self, objective: Objective) -> None:
        """A new objective, which nothing counts in yet."""
        self.objectives[objective.node.id] = objective
        self.compute(objective)

    def add_key_result(self, key_result: KeyResult) -> None:
        """A new key result, which counts in its objective from now on."""
        self.key_results[key_result.node.id] = key_result
        self.compute(key_result)

    def link_changed(self, child_id: str, parent: Node) -> None:
        """The latest word on *child_id* and *parent* is another one."""
        above = self.place(parent)
        if self._link(child_id, above):
            self.compute(above)

    def counts_otherwise(self, place: Place) -> None:
        """A node counts more, less or not at all in what is above it, whatever its own numbers are."""
        for edge in place.above:
            self._judge(edge)
            self.compute(edge.parent)

    def roll_up_changed(self, objective: Objective) -> None:
        """Other inputs count in *objective* from now on; each is judged again."""
        for edge in objective.inputs.values():
            self._judge(edge)
        self.compute(objective)

    def cycle_opened(self, cycle_id: str) -> None:
        """What lives in this cycle counts in other cycles too from now on."""
        self.opened[cycle_id] = True
        for child_id, parent in self.links:
            if self.objectives[child_id].cycle_id == cycle_id:
                self.link_changed(child_id, parent)

    def compute(self, place: Place) -> None:
        """Marks a node as one that `settle` has to compute again."""
        if not place.waiting:
            place.waiting = True
            # The count decides between equal ranks, which may be computed in any order.
            self._marked += 1
            heappush(self._waiting, (place.rank, self._marked, place))

    def settle(self, changed: Changed) -> None:
        """
        Computes what was marked and everything above it that this changes, inputs first; tells *changed* of each.

        Raises RunsInACircle, ValueDoesNotFit, OverrideOutOfRange.
        """
        waiting = self._waiting
        while waiting:
            rank, _, place = heappop(waiting)
            place.waiting = False
            if rank < place.rank:
                # It was lifted after it was marked: something below it may still wait.
                self.compute(place)
                continue
            above = self._settled(place, changed)
            # Mostly there is one chain upwards, and nothing to put in order.
            while len(above) == 1 and not waiting:
                above = self._settled(above[0].parent, changed)
            for edge in above:
                self.compute(edge.parent)

    def _settled(self, place: Place, changed: Changed) -> Sequence[Edge]:
        """Computes one node; the edges to those that have to be computed again for what it reports now."""
        before = place.numbers
        after = place.numbers = place.computed()
        if after == before:
            return ()
        changed(place)
        _, progress, measured, _, no_inputs = after
        if before is None:
            if isinstance(place, KeyResult):
                self._enter(place, self.objectives[place.objective_id])
        elif progress == before.progress and measured == before.measured and no_inputs == before.no_inputs:
            return ()
        for edge in place.above:
            if edge.term is None or no_inputs:
                # Nothing that it reports makes it count but that it has inputs again; nothing else stops it.
                self._judge(edge)
            else:
                edge.parent.sums.change(edge.term, progress, measured)
        return place.above

    def _link(self, child_id: str, parent: Objective | KeyResult) -> bool:
        """Makes an objective an input of *parent*, or takes it out; whether *parent* takes objectives at all."""
        if isinstance(parent, KeyResult) and not parent.fed:
            return False
        if self.links[child_id, parent.node].effect == "contributes":
            self._enter(self.objectives[child_id], parent)
        elif edge := parent.inputs.pop(Node("objective", child_id), None):
            edge.child.above.remove(edge)
            if edge.term is not None:
                parent.sums.remove(edge.term)
        return True

    def _enter(self, child: Objective | KeyResult, parent: Objective | KeyResult) -> None:
        edge = parent.inputs.get(child.node)
        if edge is None:
            edge = parent.inputs[child.node] = Edge(child, parent)
            child.above.append(edge)
            self._lift(parent, child.rank + 1)
        self._judge(edge)

    def _judge(self, edge: Edge) -> None:
        """What the child counts in the parent now, in the place of what it counted before."""
        sums, before = edge.parent.sums, edge.term
        after = edge.term = term(_rule(edge.parent), self._input(edge.child, edge.parent))
        if before is not None:
            sums.remove(before)
        if after is not None:
            sums.add(after)

    def _lift(self, place: Place, rank: int) -> None:
        lifting = [(place, rank)]
        while lifting:
            lifted, at_least = lifting.pop()
            if lifted.rank >= at_least:
                continue
            if at_least > self.size:
                kind, node_id = place.node
                raise RunsInACircle(f"the links that count run in a circle through {kind} {node_id}")
            lifted.rank = at_least
            lifting.extend((edge.parent, at_least + 1) for edge in lifted.above)

    def _input(self, child: Place, parent: Place) -> Input:
        numbers = child.numbers
        assert numbers is not None
        if isinstance(child, KeyResult):
            return key_result_input(child.node.id, numbers, child.weight, dropped=child.dropped)
        assert isinstance(child, Objective)
        link = self.links[child.node.id, parent.node]
        assert link.weight is not None
        assert link.share is not None
        counts_yet = child.cycle_id == self._cycle_of(parent) or self.opened.get(child.cycle_id, False)
        return child_input(
            child.node.id,
            numbers,
            link.weight,
            link.share,
            contributes=True,
            ended=child.ended,
            acceptance=link.acceptance,
            counts_yet=counts_yet,
        )

    def _cycle_of(self, place: Place) -> str:
        if isinstance(place, KeyResult):
            return self.objectives[place.objective_id].cycle_id
        assert isinstance(place, Objective)
        return place.cycle_id


def _rule(place: Place) -> RollUp:
    return place.roll_up if isinstance(place, Objective) else "children"
