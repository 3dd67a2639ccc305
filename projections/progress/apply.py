"""Writes the rows that a batch of events makes: one statement to load what is not in memory, one per table to write."""

import asyncio
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final, Self, cast

from pydantic_core import to_json

from okr_contracts.envelope import Recorded
from projections.progress.fold import fold
from projections.progress.graph import Graph
from projections.progress.load import load
from projections.progress.rows import Row, Rows
from projections.progress.statements import statement
from projections.read_model import Connection

# New rows first, then what changes rows. What check-ins write most is one text a column, joined by commas, or JSON for
# the columns of words that are given here by number: the driver looks at the items of an array one by one.
_STATEMENTS: Final = (
    ("organisations", "add_organisations", None),
    ("cycles", "add_cycles", None),
    ("objectives", "add_objectives", None),
    ("key_results", "add_key_results", None),
    ("definitions", "add_definitions", None),
    ("check_ins", "add_check_ins", (11, 13, 15)),
    ("links", "add_links", None),
    ("roll_ups", "add_roll_ups", None),
    ("overrides", "add_overrides", None),
    ("words", "add_words", None),
    ("responsible", "add_responsible", None),
    ("partners", "add_partners", None),
    ("decisions", "add_decisions", None),
    ("grades", "add_grades", None),
    ("organisations_changed", "change_organisations", ()),
    ("cycles_changed", "change_cycles", None),
    ("objectives_changed", "change_objectives", ()),
    ("key_results_changed", "change_key_results", ()),
    ("objectives_ended_changed", "end_objectives", None),
    ("key_results_weighed_changed", "weigh_key_results", None),
    ("check_ins_changed", "change_check_ins", None),
    ("links_changed", "change_links", None),
)
# Some 16 MB.
_MOST_NODES: Final = 10_000
# Events, more or less: enough that statements cost little, and few enough that a batch has several.
_PORTION: Final = 500


class Remembering:
    """
    Applies batches, and keeps the graphs that they touched in memory, so that the next batch need not read them.

    A graph is used only for the event after the one that it was left at, and only if what left it there was committed.
    Those used longest ago are dropped beyond *most_nodes*.
    """

    def __init__(self, most_nodes: int = _MOST_NODES) -> None:
        self._most_nodes = most_nodes
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
        async with _Writing(connection, schema) as writing:
            for organisation in sorted(batches):
                batch = batches[organisation]
                for _ in fold(organisation, graphs[organisation], batch, writing.rows):
                    # Whatever else runs in this process gets its turn, and so does the portion that is being written:
                    # it waits for us after each statement.
                    await asyncio.sleep(0)
                await writing.folded(len(batch))
        self._uncommitted = graphs

    def committed(self) -> None:
        """What the last batch left in memory is what is in the rows."""
        self._graphs |= self._uncommitted
        self._nodes += sum(graph.size for graph in self._uncommitted.values())
        self._uncommitted = {}
        while self._nodes > self._most_nodes:
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
            self._nodes -= graph.size
        return graph


class _Writing:
    """Writes rows in portions, each while the next one is folded: the database works while we do."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self.rows = Rows()
        """Of the portion that is being folded."""
        self._connection = connection
        self._schema = schema
        self._events = 0
        self._portion: asyncio.Task[None] | None = None

    async def folded(self, events: int) -> None:
        """The rows of another organisation, of so many *events*, are there."""
        self._events += events
        if self._events >= _PORTION:
            await self._write()
        await asyncio.sleep(0)

    async def _write(self) -> None:
        await self._written()
        self._portion = asyncio.create_task(_write(self._connection, self._schema, self.rows))
        self.rows, self._events = Rows(), 0

    async def _written(self) -> None:
        if self._portion is not None:
            await self._portion

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self._write()
            await self._written()
        elif self._portion is not None:
            # The caller rolls back, for which it needs its connection to itself.
            self._portion.cancel()
            await asyncio.gather(self._portion, return_exceptions=True)


async def _write(connection: Connection, schema: str, rows: Rows) -> None:
    for name, file, words in _STATEMENTS:
        made: list[Row] = getattr(rows, name)
        if made:
            if name.endswith("_changed"):
                # In the order of their keys, so that two who write the same rows wait for each other rather than
                # deadlock; no two rows of a table have the same key, so that nothing beyond the keys is compared.
                made.sort()
            await connection.execute(statement(file, schema), *_columns(zip(*made, strict=True), words))


def _columns(columns: Iterable[Sequence[object]], words: Container[int] | None) -> Iterator[str | list[object]]:
    """Each column as the statement takes it: an array, or one text, in which null is empty."""
    for number, column in enumerate(columns, start=1):
        if words is None:
            yield list(column)
        elif number in words:
            yield to_json(column).decode()
        else:
            yield _joined(column)


def _joined(column: Sequence[object]) -> str:
    try:
        return ",".join(cast("Sequence[str]", column))
    except TypeError:
        return ",".join(["" if each is None else str(each) for each in column])
