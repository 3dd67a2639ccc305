"""
The numbers of nodes as of a day and as known at an event, made of what they rest on then.

Asked for what is known now, on the latest day of the organisation or a later one, the live numbers are the answer and
only the pace is reckoned; asked for an earlier day or event, everything is, from inputs that one statement fetches.
Neither replays events.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import asyncpg

from okr_rules import (
    Ambition,
    CheckInVersion,
    CitedInput,
    DefinitionVersion,
    Node,
    Override,
    Pace,
    PhasedTarget,
    RollUp,
    Status,
    Thresholds,
    ValueInForce,
    definition_in_force,
    expected_of_key_result,
    expected_of_objective,
    period,
    status,
    value_in_force,
)
from projections.progress.graph import RunsInACircle
from projections.progress.inputs import (
    Acceptance,
    Numbers,
    child_input,
    definition_version,
    key_result_input,
    of_inputs,
    of_value,
    read,
)
from projections.progress.statements import statement
from projections.read_model import Connection

_LinkRow: TypeAlias = tuple[str, str, Decimal, Decimal, Acceptance | None, int]
_DecisionRow: TypeAlias = tuple[str, str | None, int]
_CheckInRow: TypeAlias = tuple[int, int, date, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """The day that is asked about, and the newest event that the answer may know."""

    effective_on: date
    known_at: int
    schema: str = "progress"
    """The generation of the read model that is read."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle as known at the moment, with the days and thresholds that were in force on its day."""

    cycle_id: str
    name: str | None
    starts_on: date
    ends_on: date
    parent_id: str | None
    rule_version: int
    thresholds: Mapping[str, object]
    opened_on: date | None
    opened_sequence: int | None
    state: str

    def is_open(self, moment: Moment) -> bool:
        """Whether it was opened by then."""
        if self.opened_on is None or self.opened_sequence is None:
            return False
        return self.opened_on <= moment.effective_on and self.opened_sequence <= moment.known_at

    def status_thresholds(self) -> Thresholds:
        """What its status words rest on."""
        given = self.thresholds
        return Thresholds(
            Decimal(str(given["aspirational_on_track"])),
            Decimal(str(given["aspirational_at_risk"])),
            Decimal(str(given["committed_on_track"])),
            Decimal(str(given["committed_at_risk"])),
            cast("int", given["stale_after_days"]),
        )


class Decision(NamedTuple):
    """What was decided by name, and the event that decided it; the value is None where it was erased."""

    value: str | None
    sequence: int


NodeState: TypeAlias = Literal["live", "abandoned", "carried_over", "dropped"]


@dataclass(slots=True)
class Standing:
    """One node at the moment, with all that its numbers rest on one level below."""

    node: Node
    objective_id: str
    """The objective itself, or the one that the key result belongs to."""
    cycle_id: str
    ambition: Ambition
    pace: Pace
    rule: RollUp | None
    """None for a key result with check-ins."""
    rule_sequence: int | None
    weight: Decimal | None
    cadence_days: int | None
    override: Override | None
    definitions: list[DefinitionVersion]
    definition: DefinitionVersion | None
    check_ins: list[CheckInVersion]
    links: list[_LinkRow]
    settled: Numbers | None
    state: NodeState
    decided: Mapping[str, Decision]
    """What was decided about it after it was made, by name."""
    value: ValueInForce | None = None
    numbers: Numbers = field(init=False)
    expected: Decimal = field(init=False)
    status: Status = field(init=False)
    inputs: dict[Node, CitedInput] = field(default_factory=dict[Node, CitedInput])


@dataclass(frozen=True, slots=True)
class Standings:
    """Nodes and everything below them at one moment, inputs before what they enter."""

    moment: Moment
    cycles: Mapping[str, Cycle]
    nodes: Mapping[Node, Standing]


async def standings(
    connection: Connection,
    organisation: str,
    moment: Moment,
    asked: Sequence[Node] | None,
    *,
    from_values: bool = False,
) -> Standings:
    """
    The nodes *asked* for (None: all) that were there at the moment, and everything below them.

    *from_values* makes their numbers of the values in force, also where the live ones are the answer. Raises
    RunsInACircle where imported events, dated back, draw a circle that never was in the order of recording.
    """
    stands = await connection.fetchrow(statement("organisation", moment.schema), organisation)
    live = (
        not from_values
        and stands is not None
        and moment.effective_on >= stands["latest_on"]
        and moment.known_at >= stands["sequence"]
    )
    known_cycles = await cycles(connection, organisation, moment)
    rows = await connection.fetch(
        statement("as_of", moment.schema),
        organisation,
        None if asked is None else [node.kind for node in asked],
        None if asked is None else [node.id for node in asked],
        moment.effective_on,
        moment.known_at,
        live,
        not live,
    )
    nodes: dict[Node, Standing] = {}
    for row in rows:
        standing = _standing(row, moment, known_cycles)
        nodes[standing.node] = standing
    found = Standings(moment, known_cycles, _inputs_first(nodes))
    own: dict[str, list[Node]] = {}
    for node in sorted(nodes):
        if node.kind == "key_result":
            own.setdefault(nodes[node].objective_id, []).append(node)
    for standing in found.nodes.values():
        _reckon(standing, _inputs(standing, own, found, that_can_count=True), moment)
    # What does not count is shown too, and may lie in a circle with what does: only now has everything its numbers.
    for standing in found.nodes.values():
        standing.inputs = _inputs(standing, own, found, that_can_count=False)
    return found


async def cycles(connection: Connection, organisation: str, moment: Moment) -> dict[str, Cycle]:
    """The cycles known at the moment, by id, in the order of their ids."""
    rows = await connection.fetch(
        statement("cycles", moment.schema), organisation, moment.known_at, moment.effective_on
    )
    return {row["cycle_id"]: _cycle(row) for row in rows}


def _cycle(row: asyncpg.Record) -> Cycle:
    name, starts_on, ends_on, thresholds = row["name"], row["starts_on"], row["ends_on"], json.loads(row["thresholds"])
    if row["revision"] is not None:
        revised = cast("dict[str, Any]", json.loads(row["revision"]))
        name, thresholds = revised["name"], revised["thresholds"]
        starts_on, ends_on = date.fromisoformat(revised["starts_on"]), date.fromisoformat(revised["ends_on"])
    return Cycle(
        row["cycle_id"],
        name,
        starts_on,
        ends_on,
        row["parent_id"],
        row["rule_version"],
        thresholds,
        row["opened_on"],
        row["opened_sequence"],
        row["state"] or "planned",
    )


def _standing(row: asyncpg.Record, moment: Moment, known_cycles: Mapping[str, Cycle]) -> Standing:
    cycle = known_cycles[row["cycle_id"]]
    days = period(moment.effective_on, cycle.starts_on, cycle.ends_on, row["created_on"])
    definitions = [definition_version(given) for given in cast("list[tuple[object, ...]]", row["definitions"] or ())]
    decided = {
        what: Decision(value, sequence) for what, value, sequence in cast("list[_DecisionRow]", row["decisions"] or ())
    }
    ambition = cast("Ambition", row["ambition_set"] or row["ambition"])
    weight, cadence, state = decided.get("weight"), decided.get("cadence_days"), decided.get("state")
    fed = "children" if row["source"] == "children" else None
    override = None if row["override"] is None else Override(row["override"], row["override_sequence"])
    settled = None
    if row["progress"] is not None:
        settled = Numbers(row["raw"], row["progress"], row["measured"], row["computed"], row["no_inputs"])
    return Standing(
        node=Node(row["kind"], row["id"]),
        objective_id=row["objective_id"],
        cycle_id=row["cycle_id"],
        ambition=ambition,
        pace=Pace(days, ambition, cycle.status_thresholds(), _phased(decided)),
        rule=row["roll_up"] if row["kind"] == "objective" else fed,
        rule_sequence=row["roll_up_sequence"],
        weight=row["weight"] if weight is None else Decimal(str(weight.value)),
        cadence_days=row["cadence_days"] if cadence is None else int(str(cadence.value)),
        override=override,
        definitions=definitions,
        definition=definition_in_force(definitions, moment.effective_on, moment.known_at),
        check_ins=[
            CheckInVersion(first, sequence, day, read(value))
            for first, sequence, day, value in cast("list[_CheckInRow]", row["check_ins"] or ())
        ],
        links=sorted(cast("list[_LinkRow]", row["links"] or ())),
        settled=settled,
        state="live" if state is None else cast("NodeState", state.value),
        decided=decided,
    )


def _phased(decided: Mapping[str, Decision]) -> tuple[PhasedTarget, ...]:
    given = decided.get("phased_targets")
    if given is None or given.value is None:
        return ()
    steps = cast("list[dict[str, str]]", json.loads(given.value))
    return tuple(PhasedTarget(date.fromisoformat(step["on"]), Decimal(step["value"])) for step in steps)


def _inputs_first(nodes: Mapping[Node, Standing]) -> dict[Node, Standing]:
    """The nodes in an order in which everything that counts in a node comes before it."""
    counted: dict[Node, list[Node]] = {node: [] for node in nodes}
    for node, standing in nodes.items():
        objective = Node("objective", standing.objective_id)
        if node.kind == "key_result" and objective in nodes:
            counted[objective].append(node)
        if standing.rule in ("children", "both"):
            counted[node] += (
                child
                for child_id, effect, *_ in standing.links
                if effect == "contributes" and (child := Node("objective", child_id)) in nodes
            )
    try:
        return {node: nodes[node] for node in TopologicalSorter(counted).static_order()}
    except CycleError as circle:
        raise RunsInACircle("on that day, as imported events are dated, the links ran in a circle") from circle


def _reckon(standing: Standing, inputs: Mapping[Node, CitedInput], moment: Moment) -> None:
    """The numbers of a node from those inputs that can count, which are reckoned already."""
    node, pace, rule = standing.node, standing.pace, standing.rule
    if rule is None:
        standing.value = value_in_force(standing.check_ins, standing.definitions, moment.effective_on, moment.known_at)
    if standing.settled is not None:
        standing.numbers = standing.settled
    elif rule is not None:
        override = None if standing.override is None else standing.override.progress
        standing.numbers = of_inputs(rule, {below: cited.input for below, cited in inputs.items()}, override)
    else:
        assert standing.definition is not None
        value = None if standing.value is None else standing.value.value
        standing.numbers = of_value(standing.definition.definition, value)
    if node.kind == "objective":
        assert rule is not None
        pairs = ((cited.input, cited.expected) for cited in inputs.values())
        standing.expected = expected_of_objective(rule, pairs, pace.days)
    else:
        assert standing.definition is not None
        standing.expected = expected_of_key_result(standing.definition.definition, pace.days, pace.phased)
    standing.status = status(
        raw=standing.numbers.raw,
        progress=standing.numbers.progress,
        measured=standing.numbers.measured,
        expected=standing.expected,
        ambition=standing.ambition,
        thresholds=pace.thresholds,
    )


def _inputs(
    parent: Standing, own: Mapping[str, Sequence[Node]], found: Standings, *, that_can_count: bool
) -> dict[Node, CitedInput]:
    """What enters a node, key results first; without *that_can_count* also what its rule or the link leaves out."""
    if parent.rule is None:
        return {}
    inputs: dict[Node, CitedInput] = {}
    if parent.node.kind == "objective":
        for node in own.get(parent.node.id, ()):
            inputs[node] = _cited(found.nodes[node], parent, None, found)
    for child_id, effect, *link in parent.links:
        node = Node("objective", child_id)
        if node not in found.nodes:
            continue
        if that_can_count and (effect != "contributes" or parent.rule == "key_results"):
            continue
        inputs[node] = _cited(found.nodes[node], parent, (effect, *link), found)
    return inputs


def _cited(child: Standing, parent: Standing, link: Sequence[object] | None, found: Standings) -> CitedInput:
    """A node as an input of *parent*, with the events that its number and its link rest on, one level down."""
    if child.node.kind == "key_result":
        assert child.weight is not None
        given = key_result_input(child.node.id, child.numbers, child.weight, dropped=child.state == "dropped")
        return CitedInput(given, child.expected, own_sequences(child))
    effect, weight, share, acceptance, sequence = cast("tuple[str, Decimal, Decimal, Acceptance | None, int]", link)
    elsewhere = child.cycle_id != parent.cycle_id
    cycle = found.cycles[child.cycle_id]
    opened = cycle.is_open(found.moment)
    given = child_input(
        child.node.id,
        child.numbers,
        weight,
        share,
        contributes=effect == "contributes",
        ended=child.state if child.state in ("abandoned", "carried_over") else None,
        acceptance=acceptance,
        counts_yet=opened or not elsewhere,
    )
    opening = (cycle.opened_sequence,) if elsewhere and opened and cycle.opened_sequence is not None else ()
    return CitedInput(given, child.expected, (*own_sequences(child), sequence, *opening))


def own_sequences(standing: Standing) -> tuple[int, ...]:
    """
    The events that a number, and whether it counts above, rest on by themselves.

    Its definition and value, or its rule and override; its weight and its end where they were decided later.
    """
    rule = () if standing.rule_sequence is None else (standing.rule_sequence,)
    override = () if standing.override is None else (standing.override.sequence,)
    definition = () if standing.definition is None else (standing.definition.sequence,)
    value = () if standing.value is None else standing.value.cites
    counts = (decision.sequence for what in ("weight", "state") if (decision := standing.decided.get(what)))
    return (*rule, *override, *definition, *value, *counts)
