"""Writes the rows that a batch of events makes: one statement to load what is not in memory, one per table to write."""

from collections.abc import Sequence
from typing import Final

from okr_contracts.envelope import Recorded
from projections.progress.fold import fold
from projections.progress.graph import Graph
from projections.progress.load import load
from projections.progress.rows import Row, Rows
from projections.progress.statements import statement
from projections.read_model import Connection

# New rows first, then what changes rows.
_STATEMENTS: Final = (
    ("organisations", "add_organisations"),
    ("cycles", "add_cycles"),
    ("objectives", "add_objectives"),
    ("key_results", "add_key_results"),
    ("history", "add_history"),
    ("definitions", "add_definitions"),
    ("check_ins", "add_check_ins"),
    ("links", "add_links"),
    ("roll_ups", "add_roll_ups"),
    ("overrides", "add_overrides"),
    ("words", "add_words"),
    ("responsible", "add_responsible"),
    ("partners", "add_partners"),
    ("organisations_changed", "change_organisations"),
    ("cycles_changed", "change_cycles"),
    ("objectives_changed", "change_objectives"),
    ("key_results_changed", "change_key_results"),
    ("check_ins_changed", "change_check_ins"),
    ("links_changed", "change_links"),
)
_MOST_NODES: Final = 20_000


class Remembering:
    """
    Applies batches, and keeps the graphs that they touched in memory, so that the next batch need not read them.

    A graph is used only for the event after the one that it was left at, and only if what left it there was committed.
    Those used longest ago are dropped beyond 20,000 nodes.
    """

    def __init__(self) -> None:
        self._schema = ""
        self._graphs: dict[str, Graph] = {}
        """By organisation; those used last come last."""
        self._nodes = 0
        self._uncommitted: dict[str, Graph] = {}

    async def apply(self, connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
        """
        Folds *events* into the rows of *schema*, in the caller's transaction. Raises CannotApply.

        Statements and rows do not grow with the size of an organisation, only with what the events touch.
        """
        if schema != self._schema:
            self.forget()
            self._schema = schema
        self._uncommitted = {}
        batches: dict[str, list[Recorded]] = {}
        for recorded in events:
            batches.setdefault(recorded.organisation, []).append(recorded)
        # Taken out: if anything fails from here on, they are gone.
        graphs = {organisation: self._take(organisation, batch[0]) for organisation, batch in batches.items()}
        await load(connection, schema, graphs, batches)
        rows = Rows()
        for organisation, batch in batches.items():
            fold(organisation, graphs[organisation], batch, rows)
        await _write(connection, schema, rows)
        self._uncommitted = graphs

    def committed(self) -> None:
        """What the last batch left in memory is what is in the rows."""
        self._graphs |= self._uncommitted
        self._nodes += sum(map(len, self._uncommitted.values()))
        self._uncommitted = {}
        while self._nodes > _MOST_NODES:
            self._drop(next(iter(self._graphs)))

    def forget(self) -> None:
        """The next batch reads the rows."""
        self._graphs, self._nodes, self._uncommitted = {}, 0, {}

    def _take(self, organisation: str, first: Recorded) -> Graph:
        graph = self._drop(organisation)
        return graph if graph is not None and graph.left_at == (first.epoch, first.sequence - 1) else Graph()

    def _drop(self, organisation: str) -> Graph | None:
        graph = self._graphs.pop(organisation, None)
        if graph is not None:
            self._nodes -= len(graph)
        return graph


async def _write(connection: Connection, schema: str, rows: Rows) -> None:
    for name, file in _STATEMENTS:
        made: list[Row] = getattr(rows, name)
        if made:
            # In the order of their keys, so that two who write the same rows wait for each other rather than deadlock;
            # no two rows of a table have the same key, so that nothing beyond the keys is compared.
            made.sort()
            await connection.execute(statement(file, schema), *map(list[object], zip(*made, strict=True)))
