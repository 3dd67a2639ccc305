"""One organisation while a batch of its events is folded: its graph, and the rows that have to be written."""

from datetime import date

from okr_contracts.fields import plain
from okr_rules import Node
from projections.progress.graph import Graph
from projections.progress.inputs import Numbers, written
from projections.progress.rows import CheckInRow, LinkRow, Rows


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
        self.links: dict[int, LinkRow] = {}
        """The rows of links that this batch makes, by sequence."""
        self._touched: set[Node] = set()
        self._changed_at: dict[Node, int] = {}

    def touch(self, node: Node) -> None:
        """What counts for *node* is another thing now; its numbers may be the same."""
        self._touched.add(node)

    def compute(self, node: Node) -> None:
        """The same, and its numbers have to be computed again."""
        self._touched.add(node)
        self.graph.compute(node)

    def changed(self, node: Node, numbers: Numbers) -> None:
        """Notes the numbers of *node* after the event."""
        self._touched.add(node)
        self._changed_at[node] = self.sequence
        raw, progress, measured, computed, no_inputs = numbers
        self.rows.history.append(
            (
                self.organisation,
                node.kind,
                node.id,
                self.sequence,
                None if raw is None else plain(raw),
                plain(progress),
                plain(measured),
                plain(computed),
                no_inputs,
            )
        )

    def finish(self) -> None:
        """Adds the rows of everything that may have been there already; once, after the last event."""
        self.rows.organisations_changed.append((self.organisation, self.latest_on))
        self.rows.check_ins.extend(check_in.row() for check_in in self.check_ins.values())
        self.rows.links.extend(link.row() for link in self.links.values())
        for node in self._touched:
            if node.kind == "objective":
                self._objective_changed(node)
            else:
                self._key_result_changed(node)

    def _objective_changed(self, node: Node) -> None:
        objective, numbers = self.graph.objectives[node.id], self.graph.numbers[node]
        self.rows.objectives_changed.append(
            (
                self.organisation,
                node.id,
                objective.roll_up,
                objective.roll_up_on,
                None if objective.override is None else plain(objective.override),
                objective.override_on,
                plain(numbers.progress),
                plain(numbers.measured),
                plain(numbers.computed),
                numbers.no_inputs,
                self._changed_at.get(node),
            )
        )

    def _key_result_changed(self, node: Node) -> None:
        value, numbers = self.graph.key_results[node.id].value, self.graph.numbers[node]
        self.rows.key_results_changed.append(
            (
                self.organisation,
                node.id,
                *((None, None, None, None) if value is None else (written(value.value), *value[1:])),
                None if numbers.raw is None else plain(numbers.raw),
                plain(numbers.progress),
                plain(numbers.measured),
                numbers.no_inputs,
                self._changed_at.get(node),
            )
        )
