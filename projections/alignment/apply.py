"""Writes the rows of a batch of events: one insert per table that the batch reaches."""

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

_SQL: Final = Path(__file__).parent / "sql"
_TABLES: Final[dict[type[Row], str]] = {
    rows.Unit: "units",
    rows.Person: "people",
    rows.Manager: "managers",
    rows.Membership: "memberships",
    rows.Cycle: "cycles",
    rows.Opening: "openings",
    rows.Objective: "objectives",
    rows.KeyResult: "key_results",
    rows.Responsible: "responsibles",
    rows.Title: "titles",
    rows.RollUpRule: "roll_ups",
    rows.Override: "overrides",
    rows.Link: "links",
}


async def apply(connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
    """Write what *events* say into *schema*, in the caller's transaction; an event must not be given twice."""
    made: defaultdict[type[Row], list[Row]] = defaultdict(list)
    for recorded in events:
        if recorded.type in HANDLES:
            for row in fold(recorded):
                made[type(row)].append(row)
    # Tables in one order for every writer, and rows in the order of their keys, so that two never wait in a circle.
    for kind, table in _TABLES.items():
        if kind in made:
            columns = zip(*sorted(made[kind], key=lambda row: row[:5]), strict=True)
            await connection.execute(_insert(table, schema), *map(list[object], columns))


@cache
def _insert(table: str, schema: str) -> str:
    return in_schema((_SQL / f"insert_{table}.sql").read_text(), "alignment", schema)
