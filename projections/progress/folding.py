"""One organisation while a batch of its events is folded: its graph, and the rows that have to be written."""

from datetime import date
from operator import attrgetter

from okr_contracts.envelope import Recorded
from okr_contracts.fields import plain
from okr_rules import Node
from projections.progress.graph import Graph, KeyResult, Objective, Place
from projections.progress.inputs import written
from projections.progress.rows import CheckInRow, LinkRow, Row, Rows


class Folding:
    """What the folds of single events work on."""

    def __init__(self, organisation: str, graph: Graph, rows: Rows) -> None:
        self.organisation = organisation
        self.graph = graph
        """All that the batch can touch."""
        self.rows = rows
        self.sequence = 0
        """The event that is folded now."""
        self.latest_on = date.min
        """The latest day that an event of the batch is about."""
        self.check_ins: dict[int, CheckInRow] = {}
        """The versions of check-ins that this batch makes, by sequence."""
        self.links: dict[tuple[int, Node], LinkRow] = {}
        """The rows of links that this batch makes, by sequence and parent: a move makes two."""
        self.ended: dict[str, Objective] = {}
        """The objectives of which this batch says whether they have ended."""
        self.weighed: dict[str, KeyResult] = {}
        """The key results of which this batch says how much they count, or whether they were dropped."""
        self._touched: set[Place] = set()
        """The nodes that have to be written."""

    def begin(self, sequence: int, effective_on: date) -> None:
        """The event of this *sequence* is next."""
        self.sequence = sequence
        if effective_on > self.latest_on:
            self.latest_on = effective_on

    def decided(self, recorded: Recorded, kind: str, node_id: str, what: str, value: str | None) -> None:
        """Notes a decision about a node or a cycle, by name."""
        self.rows.decisions.append(
            (self.organisation, kind, node_id, what, recorded.effective_on, recorded.sequence, value)
        )

    def touch(self, place: Place) -> None:
        """What counts for a node is another thing now; its numbers may be the same."""
        self._touched.add(place)

    def compute(self, place: Place) -> None:
        """The same, and its numbers have to be computed again."""
        self.touch(place)
        self.graph.compute(place)

    def finish(self) -> None:
        """Adds the rows of everything that may have been there already; once, after the last event."""
        rows = self.rows
        rows.organisations_changed.append((self.organisation, self.latest_on, self.sequence))
        rows.check_ins.extend(self.check_ins.values())
        rows.links.extend(self.links.values())
        for objective in self.ended.values():
            key = (self.organisation, objective.node.id)
            rows.objectives_ended_changed.append((*key, objective.ended, objective.ended_on))
        for key_result in self.weighed.values():
            counts = (plain(key_result.weight), key_result.weight_on, key_result.dropped, key_result.dropped_on)
            rows.key_results_weighed_changed.append((self.organisation, key_result.node.id, *counts))
        for place in sorted(self._touched, key=attrgetter("node")):
            if isinstance(place, Objective):
                rows.objectives_changed.append(self._objective_changed(place))
            elif isinstance(place, KeyResult):
                rows.key_results_changed.append(self._key_result_changed(place))

    def _objective_changed(self, objective: Objective) -> Row:
        numbers = objective.numbers
        assert numbers is not None
        return (
            self.organisation,
            objective.node.id,
            objective.roll_up,
            objective.roll_up_on,
            None if objective.override is None else plain(objective.override),
            objective.override_on,
            *numbers[1:],
        )

    def _key_result_changed(self, key_result: KeyResult) -> Row:
        value, numbers = key_result.value, key_result.numbers
        assert numbers is not None
        return (
            self.organisation,
            key_result.node.id,
            *((None, None, None, None) if value is None else (written(value.value), *value[1:])),
            numbers.raw,
            numbers.progress,
            numbers.measured,
            numbers.no_inputs,
        )
