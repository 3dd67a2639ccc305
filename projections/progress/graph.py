"""
The part of one organisation that a batch of events can change, in memory: what counts, and what counts above it.

A node is computed again only when something that it rests on changed, once per event, inputs before what they enter.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from typing import NamedTuple

from okr_rules import CheckInVersion, DefinitionVersion, Input, Node, RollUp, ValueInForce
from projections.progress.inputs import Numbers, child_input, key_result_input, of_inputs, of_value


class RunsInACircle(ValueError):
    """The links lead back to where they started, so that no number could ever settle."""


@dataclass(slots=True)
class Objective:
    """What counts of an objective; a newer decision counts unless it is dated before the one in force."""

    cycle_id: str
    roll_up: RollUp
    roll_up_on: date
    override: Decimal | None = None
    override_on: date | None = None


@dataclass(slots=True)
class KeyResult:
    """What counts of a key result."""

    objective_id: str
    fed: bool
    """It takes the mean of the objectives aligned with it, and no values by check-in."""
    weight: Decimal
    definition: DefinitionVersion | None = None
    """The definition in force; None where no event of the batch needs it."""
    value: ValueInForce | None = None


@dataclass(slots=True)
class Link:
    """The latest word on an objective and one parent; ``effect`` is None since they are unlinked."""

    effective_on: date
    sequence: int
    effect: str | None
    origin: str | None
    weight: Decimal | None
    share: Decimal | None


class Reported(NamedTuple):
    """A version of a check-in, and which check-in it is of."""

    check_in_id: str
    version: CheckInVersion


@dataclass(slots=True)
class Histories:
    """All that was ever said of a key result whose value in force has to be looked for again."""

    definitions: list[DefinitionVersion] = field(default_factory=list[DefinitionVersion])
    check_ins: list[Reported] = field(default_factory=list[Reported])


Changed = Callable[[Node, Numbers], None]


class Graph:
    """Nodes with their numbers, and the edges that count upwards from those that a batch can touch."""

    def __init__(self) -> None:
        self.opened: dict[str, bool] = {}
        """The cycles, and whether they were opened."""
        self.objectives: dict[str, Objective] = {}
        self.key_results: dict[str, KeyResult] = {}
        self.links: dict[tuple[str, Node], Link] = {}
        """By child and parent."""
        self.histories: dict[str, Histories] = {}
        """Of the key results that a correction, a withdrawal or a redefinition of this batch is about."""
        self.numbers: dict[Node, Numbers] = {}
        self._inputs: dict[Node, dict[Node, Input]] = {}
        self._parents: dict[Node, list[Node]] = {}
        # Greater than the rank of everything below: computing in this order computes each node once.
        self._rank: dict[Node, int] = {}
        self._waiting: list[tuple[int, Node]] = []

    def connect(self) -> None:
        """Draws the edges between all nodes that are there; for a graph that was just loaded."""
        for key_result_id, key_result in self.key_results.items():
            if key_result.objective_id in self.objectives:
                self._enter(Node("key_result", key_result_id), Node("objective", key_result.objective_id))
        for child_id, parent in self.links:
            if self._takes_children(parent):
                self._enter(Node("objective", child_id), parent)

    def add_objective(self, objective_id: str, objective: Objective) -> None:
        """A new objective, which nothing counts in yet."""
        self.objectives[objective_id] = objective
        self.compute(Node("objective", objective_id))

    def add_key_result(self, key_result_id: str, key_result: KeyResult) -> None:
        """A new key result, which counts in its objective from now on."""
        self.key_results[key_result_id] = key_result
        self.compute(Node("key_result", key_result_id))

    def link_changed(self, child_id: str, parent: Node) -> None:
        """The latest word on *child_id* and *parent* is another one."""
        if not self._takes_children(parent):
            return
        self._enter(Node("objective", child_id), parent)
        self.compute(parent)

    def cycle_opened(self, cycle_id: str) -> None:
        """What lives in this cycle counts in other cycles too from now on."""
        self.opened[cycle_id] = True
        for child_id, parent in self.links:
            if self.objectives[child_id].cycle_id == cycle_id:
                self.link_changed(child_id, parent)

    def compute(self, node: Node) -> None:
        """Marks a node as one that `settle` has to compute again."""
        heappush(self._waiting, (self._rank.setdefault(node, 0), node))

    def settle(self, changed: Changed) -> None:
        """
        Computes what was marked and everything above it that this changes, inputs first; tells *changed* each change.

        Raises RunsInACircle, ValueDoesNotFit, OverrideOutOfRange.
        """
        while self._waiting:
            rank, node = heappop(self._waiting)
            while self._waiting and self._waiting[0][1] == node:
                heappop(self._waiting)
            if rank < self._rank[node]:
                # It was lifted after it was marked: something below it may still wait.
                self.compute(node)
                continue
            before = self.numbers.get(node)
            after = self._computed(node)
            if after == before:
                continue
            self.numbers[node] = after
            changed(node, after)
            if before is None and node.kind == "key_result":
                self._enter(node, Node("objective", self.key_results[node.id].objective_id))
            if before is not None and before[1:3] == after[1:3] and before.no_inputs == after.no_inputs:
                continue
            for parent in self._parents.get(node, ()):
                self._inputs[parent][node] = self._input(node, parent)
                self.compute(parent)

    def _computed(self, node: Node) -> Numbers:
        if node.kind == "objective":
            objective = self.objectives[node.id]
            return of_inputs(objective.roll_up, self._inputs.get(node, {}), objective.override)
        key_result = self.key_results[node.id]
        if key_result.fed:
            return of_inputs("children", self._inputs.get(node, {}), None)
        assert key_result.definition is not None
        return of_value(key_result.definition.definition, key_result.value.value if key_result.value else None)

    def _enter(self, child: Node, parent: Node) -> None:
        """Makes *child* an input of *parent*, or takes it out where their link does not contribute."""
        inputs = self._inputs.setdefault(parent, {})
        parents = self._parents.setdefault(child, [])
        if not self._contributes(child, parent):
            if inputs.pop(child, None) is not None:
                parents.remove(parent)
            return
        if child not in inputs:
            parents.append(parent)
            self._lift(parent, self._rank.setdefault(child, 0) + 1)
        inputs[child] = self._input(child, parent)

    def _lift(self, node: Node, rank: int) -> None:
        lifting = [(node, rank)]
        while lifting:
            lifted, at_least = lifting.pop()
            if self._rank.get(lifted, 0) >= at_least:
                continue
            if at_least > len(self.objectives) + len(self.key_results):
                raise RunsInACircle(f"the links that count run in a circle through {node.kind} {node.id}")
            self._rank[lifted] = at_least
            lifting.extend((parent, at_least + 1) for parent in self._parents.get(lifted, ()))

    def _contributes(self, child: Node, parent: Node) -> bool:
        return child.kind == "key_result" or self.links[child.id, parent].effect == "contributes"

    def _input(self, child: Node, parent: Node) -> Input:
        numbers = self.numbers[child]
        if child.kind == "key_result":
            return key_result_input(child.id, numbers, self.key_results[child.id].weight)
        link = self.links[child.id, parent]
        assert link.weight is not None
        assert link.share is not None
        cycle_id = self.objectives[child.id].cycle_id
        counts_yet = cycle_id == self._cycle_of(parent) or self.opened.get(cycle_id, False)
        return child_input(child.id, numbers, link.weight, link.share, contributes=True, counts_yet=counts_yet)

    def _cycle_of(self, node: Node) -> str:
        objective_id = node.id if node.kind == "objective" else self.key_results[node.id].objective_id
        return self.objectives[objective_id].cycle_id

    def _takes_children(self, node: Node) -> bool:
        return node.kind == "objective" or self.key_results[node.id].fed
