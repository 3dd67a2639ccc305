"""Progress of every objective and key result of one organisation, on one day, known at one sequence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal, cast

from tests.plain_recomputation.event import Event, Json, latest, number_of, part, read_all, word
from tests.plain_recomputation.formulas import raw_progress
from tests.plain_recomputation.in_force import check_ins, definitions, phased_targets, value_in_force
from tests.plain_recomputation.links import Link, live_links
from tests.plain_recomputation.node import Input, Node, NodeKey, NodeKind, Nodes, WhyNot, clamped, rounded
from tests.plain_recomputation.pace import days_of, expected_by_days, expected_of_kind, status_of


class Circle(ValueError):
    """The links in force lead from a node back to itself."""


def recompute(events: Sequence[Json], effective_on: date, known_at: int | None = None) -> Nodes:
    """Every node that exists on *effective_on*, from the events up to *known_at* (None: all of them)."""
    organisation = Organisation(read_all(events, known_at), effective_on)
    return {key: organisation.node(key) for key in organisation.existing()}


@dataclass
class Organisation:
    """The events known, and the day that is asked about; what is kept was computed from just these."""

    events: list[Event]
    on: date
    _done: Nodes = field(default_factory=dict[NodeKey, Node])
    _begun: set[NodeKey] = field(default_factory=set[NodeKey])

    def of(self, *types: str) -> list[Event]:
        """The events of these types, whatever their day."""
        return [event for event in self.events if event.type in types]

    def created(self, key: NodeKey) -> Event | None:
        """The event that made the node, if it did so by the day asked about."""
        kind, node_id = key
        made, name = (
            ("ObjectiveCreated", "objective_id") if kind == "objective" else ("KeyResultAdded", "key_result_id")
        )
        return latest([event for event in self.of(made) if event.data[name] == node_id], self.on)

    def existing(self) -> list[NodeKey]:
        """The nodes that exist on the day."""
        objectives: list[NodeKey] = [("objective", word(e.data, "objective_id")) for e in self.of("ObjectiveCreated")]
        key_results: list[NodeKey] = [("key_result", word(e.data, "key_result_id")) for e in self.of("KeyResultAdded")]
        return [key for key in (*objectives, *key_results) if self.exists(key)]

    def exists(self, key: NodeKey) -> bool:
        """Whether the node exists on the day; a key result needs its objective."""
        made = self.created(key)
        if made is None:
            return False
        return key[0] == "objective" or self.exists(("objective", word(made.data, "objective_id")))

    def objective_of(self, key: NodeKey) -> Event:
        """The creation of the objective itself, or of the key result's objective."""
        made = self.created(key)
        if made is not None and key[0] == "key_result":
            made = self.created(("objective", word(made.data, "objective_id")))
        assert made is not None
        return made

    def cycle_of(self, key: NodeKey) -> Event:
        """The plan of the cycle that the node lives in."""
        cycle_id = self.objective_of(key).data["cycle_id"]
        (planned,) = (event for event in self.of("CyclePlanned") if event.data["cycle_id"] == cycle_id)
        revised = latest([e for e in self.of("CycleRevised") if e.data["cycle_id"] == cycle_id], self.on)
        return planned if revised is None else replace(planned, data={**planned.data, **revised.data})

    def is_open(self, cycle: Event) -> bool:
        """Whether the cycle was opened by the day."""
        opened = [e for e in self.of("CycleOpened") if e.data["cycle_id"] == cycle.data["cycle_id"]]
        return latest(opened, self.on) is not None

    def roll_up(self, objective_id: str) -> str:
        """The rule of an objective on the day."""
        rules = [e for e in self.of("ObjectiveCreated", "RollUpSet") if e.data["objective_id"] == objective_id]
        rule = latest(rules, self.on)
        assert rule is not None
        return word(rule.data, "roll_up")

    def override(self, objective_id: str) -> Fraction | None:
        """The override of an objective on the day."""
        own = [e for e in self.of("ProgressOverridden", "OverrideLifted") if e.data["objective_id"] == objective_id]
        newest = latest(own, self.on)
        return number_of(newest.data, "progress") if newest and newest.type == "ProgressOverridden" else None

    def end_of(self, key: NodeKey) -> WhyNot | None:
        """Whether the node ended by the day, and how."""
        said = [e for e in self.of(*_ENDS) if e.subject == f"{_PLURALS[key[0]]}/{key[1]}"]
        newest = latest(said, self.on)
        return None if newest is None else _ENDS[newest.type]

    def own(self, key: NodeKey, name: str, *types: str) -> object:
        """A field of a node, as the latest of the events of these types has it."""
        newest = latest([e for e in self.of(*types) if e.subject == f"{_PLURALS[key[0]]}/{key[1]}"], self.on)
        assert newest is not None
        return newest.data[name]

    def weight(self, key_result: NodeKey) -> Fraction:
        """How much a key result counts among its siblings."""
        return Fraction(cast("str", self.own(key_result, "weight", "KeyResultAdded", "KeyResultReweighed")))

    @cached_property
    def links(self) -> list[Link]:
        """The links that are live on the day, both ends of which exist."""
        live = live_links(self.events, self.on)
        return [link for link in live if self.exists(link.child) and self.exists(link.parent)]

    def node(self, key: NodeKey) -> Node:
        """The node's figures."""
        if key not in self._done:
            if key in self._begun:
                raise Circle(f"{key[0]} {key[1]} is above itself on {self.on}")
            self._begun.add(key)
            self._done[key] = self._key_result(key) if key[0] == "key_result" else self._objective(key)
        return self._done[key]

    def _key_result(self, key: NodeKey) -> Node:
        added = self.created(key)
        assert added is not None
        definition = definitions(key[1], self.events, self.on)[-1]
        steps = phased_targets(key[1], self.events, self.on)
        cycle = self.cycle_of(key)
        expected = rounded(expected_of_kind(definition.data, cycle, added.effective_on, self.on, steps))
        if added.data["source"] == "children":
            inputs = self._children(key)
            return self._finished(key, inputs=inputs, expected=expected)
        value = value_in_force(key[1], self.events, self.on)
        raw = None if value is None else raw_progress(definition.data, value.value)
        progress = Fraction(0) if raw is None else rounded(clamped(raw))
        shown_raw = None if raw is None else rounded(raw)
        measured = Fraction(0 if value is None else 1)
        return Node(
            kind="key_result",
            id=key[1],
            progress=progress,
            computed=progress,
            override=None,
            raw=shown_raw,
            measured=measured,
            expected=expected,
            status=status_of(
                progress=progress,
                raw=shown_raw,
                measured=measured,
                expected=expected,
                ambition=self._ambition(key),
                cycle=self.cycle_of(key),
            ),
            stale=self._is_stale(key, added),
            no_inputs=False,
            value=value,
            inputs=(),
        )

    def _objective(self, key: NodeKey) -> Node:
        created = self.objective_of(key)
        rule = self.roll_up(key[1])
        inputs: list[Input] = []
        if rule in ("key_results", "both"):
            inputs += self._key_results(key)
        if rule in ("children", "both"):
            inputs += self._children(key)
        expected = _mean(inputs, lambda one: one.expected)
        if expected is None:
            expected = rounded(expected_by_days(self.cycle_of(key), created.effective_on, self.on))
        return self._finished(key, inputs=inputs, expected=expected, override=self.override(key[1]))

    def _finished(
        self, key: NodeKey, *, inputs: list[Input], expected: Fraction, override: Fraction | None = None
    ) -> Node:
        computed = _mean(inputs, lambda one: one.progress)
        measured = _mean(inputs, lambda one: one.measured)
        progress = rounded(override) if override is not None else computed or Fraction(0)
        measured = Fraction(1) if override is not None else measured or Fraction(0)
        return Node(
            kind=key[0],
            id=key[1],
            progress=progress,
            computed=computed or Fraction(0),
            override=override,
            raw=None,
            measured=measured,
            expected=expected,
            status=status_of(
                progress=progress,
                raw=None,
                measured=measured,
                expected=expected,
                ambition=self._ambition(key),
                cycle=self.cycle_of(key),
            ),
            stale=False,
            no_inputs=computed is None and override is None,
            value=None,
            inputs=tuple(inputs),
        )

    def _key_results(self, objective: NodeKey) -> list[Input]:
        added = [e for e in self.of("KeyResultAdded") if e.data["objective_id"] == objective[1]]
        existing = (_key_result_of(e) for e in added if e.effective_on <= self.on)
        return [self._input(objective, key, self.weight(key)) for key in existing]

    def _children(self, parent: NodeKey) -> list[Input]:
        contributing = [link for link in self.links if link.parent == parent and link.effect == "contributes"]
        return [self._input(parent, link.child, link.weight, link.share, link.unaccepted) for link in contributing]

    def _input(
        self,
        parent: NodeKey,
        key: NodeKey,
        weight: Fraction,
        share: Fraction = Fraction(1),
        unaccepted: WhyNot | None = None,
    ) -> Input:
        node = self.node(key)
        cycle = self.cycle_of(key)
        other_cycle = cycle.subject != self.cycle_of(parent).subject
        why_not: WhyNot | None = self.end_of(key) or unaccepted
        if why_not is not None:
            pass
        elif other_cycle and not self.is_open(cycle):
            why_not = "cycle_not_open"
        elif weight == 0:
            why_not = "weight_0"
        elif node.no_inputs:
            why_not = "no_inputs"
        return Input(key, node.progress, node.measured, node.expected, weight, share, why_not)

    def _ambition(self, key: NodeKey) -> Literal["aspirational", "committed"]:
        objective: NodeKey = ("objective", word(self.objective_of(key).data, "objective_id"))
        ambition = self.own(objective, "ambition", "ObjectiveCreated", "AmbitionSet")
        return cast("Literal['aspirational', 'committed']", ambition)

    def _is_stale(self, key: NodeKey, added: Event) -> bool:
        days = [check_in.effective_on for check_in in check_ins(key[1], self.events, self.on)]
        thresholds = part(self.cycle_of(key).data, "thresholds")
        cadence = cast("int", self.own(key, "cadence_days", "KeyResultAdded", "CadenceSet"))
        patience = timedelta(days=cadence + cast("int", thresholds["stale_after_days"]))
        first, end = days_of(self.cycle_of(key))
        return min(self.on, end) - max(days, default=max(first, added.effective_on)) > patience


def _key_result_of(added: Event) -> NodeKey:
    return "key_result", word(added.data, "key_result_id")


_PLURALS: Final[dict[NodeKind, str]] = {"objective": "objectives", "key_result": "key-results"}
_ENDS: Final[dict[str, WhyNot | None]] = {
    "ObjectiveAbandoned": "abandoned",
    "ObjectiveReinstated": None,
    "ObjectiveCarriedOver": "carried_over",
    "KeyResultDropped": "dropped",
    "KeyResultReinstated": None,
}


def _mean(inputs: Sequence[Input], number: Callable[[Input], Fraction]) -> Fraction | None:
    """The weighted mean of what counts, rounded once; None where nothing does."""
    counting = [one for one in inputs if one.why_not is None]
    if not counting:
        return None
    weights = [one.weight * one.share for one in counting]
    total = sum((weight * number(one) for weight, one in zip(weights, counting, strict=True)), Fraction(0))
    return rounded(total / sum(weights, Fraction(0)))
