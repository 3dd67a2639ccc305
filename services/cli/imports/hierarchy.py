"""Which rows stand under which, and which stand nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.cli.imports.remarks import Remark, parent_refused, refused
from services.cli.imports.rows import Row


@dataclass(frozen=True)
class Hierarchy:
    """Rows whose parents all exist, in the order of the file."""

    rows: tuple[Row, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Row]:
        """Record id → row."""
        return {row.id: row for row in self.rows}

    @cached_property
    def _children(self) -> Mapping[tuple[str, str], Sequence[Row]]:
        children: dict[tuple[str, str], list[Row]] = {}
        for row in self.rows:
            children.setdefault((row.parent, row.kind), []).append(row)
        return children

    def objectives_under(self, row: Row) -> Sequence[Row]:
        """The child objectives of an objective or a key result."""
        return self._children.get((row.id, "objective"), ())

    def key_results_of(self, objective: Row) -> Sequence[Row]:
        """The key results of an objective."""
        return self._children.get((objective.id, "key_result"), ())


def arrange(rows: Sequence[Row]) -> tuple[Hierarchy, tuple[Remark, ...]]:
    """The rows that have their place, and a refusal of each that has none: no parent, a circle, below such a row."""
    by_id = {row.id: row for row in rows}
    verdicts: dict[str, Remark | None] = {}
    for row in rows:
        _judge(row, by_id, verdicts)
    return (
        Hierarchy(tuple(row for row in rows if verdicts[row.id] is None)),
        tuple(remark for row in rows if (remark := verdicts[row.id])),
    )


def _judge(row: Row, by_id: Mapping[str, Row], verdicts: dict[str, Remark | None]) -> None:
    """Enters the verdict on *row* and on everything above it that has none yet."""
    path: dict[str, Row] = {}
    above: Row | None = row
    while above and above.id not in verdicts and above.id not in path:
        path[above.id] = above
        above = by_id.get(above.parent)
    if above and above.id in path:
        circle = list(path)[list(path).index(above.id) :]
        for record in circle:
            verdicts[record] = refused(
                path.pop(record).line,
                record,
                "circle_in_parent",
                f"The row is its own ancestor: {' → '.join([*circle, circle[0]])}.",
                "Change the parent of one of them, or leave it empty for a top-level objective.",
            )
    for record in reversed(path):
        verdicts[record] = _verdict(path[record], by_id, verdicts)


def _verdict(row: Row, by_id: Mapping[str, Row], verdicts: Mapping[str, Remark | None]) -> Remark | None:
    if not row.parent:
        if row.kind == "objective":
            return None
        return refused(
            row.line, row.id, "no_parent", "A key result needs an objective.", "Write its objective's id as the parent."
        )
    parent = by_id.get(row.parent)
    if parent is None:
        return refused(
            row.line,
            row.id,
            "missing_parent",
            f"No row that could be read has the id “{row.parent[:100]}”.",
            "Add that row, mend it, or name another parent.",
        )
    if row.kind == "key_result" and parent.kind == "key_result":
        return refused(
            row.line,
            row.id,
            "parent_is_key_result",
            f"Its parent {parent.id} is a key result too.",
            "A key result belongs to an objective: name that one.",
        )
    if verdicts[parent.id] is not None:
        return parent_refused(row.line, row.id, parent.id, parent.line)
    return None
