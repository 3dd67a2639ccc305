"""Writes the rows of a batch of events: one statement for all tables."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from okr_contracts.envelope import Recorded
from projections.alignment import rows
from projections.alignment.fold import HANDLES, fold
from projections.alignment.rows import Row
from projections.read_model import Connection, in_schema

_INSERT: Final = Path(__file__).parent / "sql" / "insert_rows.sql"
# In the order of the statement.
_KINDS: Final[tuple[type[Row], ...]] = (
    rows.Unit,
    rows.Person,
    rows.Manager,
    rows.Membership,
    rows.Cycle,
    rows.Opening,
    rows.Objective,
    rows.KeyResult,
    rows.Responsible,
    rows.Title,
    rows.RollUpRule,
    rows.Override,
    rows.Decision,
    rows.Link,
)


async def apply(connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
    """Write what *events* say into *schema*, in the caller's transaction; an event must not be given twice."""
    made: defaultdict[type[Row], list[Row]] = defaultdict(list)
    for recorded in events:
        if recorded.type in HANDLES:
            for row in fold(recorded):
                made[type(row)].append(row)
    if made:
        columns = [column for kind in _KINDS for column in _columns(kind, made[kind])]
        await connection.execute(_insert(schema), *columns)


def _columns(kind: type[Row], of_kind: list[Row]) -> Sequence[Sequence[object]]:
    """A list for each column of *kind*, the rows in the order of their keys."""
    if not of_kind:
        return [()] * len(kind._fields)
    return [*zip(*sorted(of_kind, key=lambda row: row[:5]), strict=True)]


@cache
def _insert(schema: str) -> str:
    return in_schema(_INSERT.read_text(), "alignment", schema)
