"""
Whether a read model is the fold of the ledger: folds it again, and compares every row of every table both ways.

Everything happens in one transaction, on one snapshot, in a schema beside the live one; then it is rolled back, so that
a verification leaves nothing behind however it ends. The live read model may go on meanwhile: it is compared as it was
at the positions of the snapshot.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from okr_contracts.envelope import decode
from projections.read_model import Connection, ReadModel

_SQL: Final = Path(__file__).parent / "sql"
_COMPARE: Final = (_SQL / "compare_table.sql").read_text()
_TABLES: Final = (_SQL / "tables_of_schema.sql").read_text()
_READ: Final = (_SQL / "read_applied.sql").read_text()
_PAGE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Difference:
    """
    Rows of one table that differ from the fold of the ledger.

    ``unexpected`` rows are only in the live table, ``missing`` ones only in the fold; a row with another content counts
    in both. ``organisations`` names those concerned.
    """

    table: str
    unexpected: int
    missing: int
    organisations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared, and what differs."""

    projection: str
    events: int
    tables: int
    rows: int
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether every row is that of the fold."""
        return not self.differences


async def verify(connection: Connection, read_model: ReadModel) -> Verification:
    """
    Compare *read_model* with the fold of the ledger up to its own positions.

    *connection* is that of a role which may make schemas and read every organisation, as the one that migrates. Raises
    CannotApply where an event that was applied can no longer be.
    """
    schema = f"{read_model.name}_verified"
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        await connection.execute(read_model.ddl(schema))
        events = await _fold(connection, read_model, schema)
        tables = [str(row["relname"]) for row in await connection.fetch(_TABLES, read_model.name)]
        rows, differences = 0, list[Difference]()
        for table in tables:
            compared, difference = await _compare(connection, read_model.name, schema, table)
            rows += compared
            if difference is not None:
                differences.append(difference)
    finally:
        await transaction.rollback()
    return Verification(read_model.name, events, len(tables), rows, tuple(differences))


async def _fold(connection: Connection, read_model: ReadModel, schema: str) -> int:
    organisation, sequence, count = "", 0, 0
    while rows := await connection.fetch(_READ, read_model.name, organisation, sequence, _PAGE):
        events = [decode(row["entry"], row["data"], row["text"]) for row in rows]
        await read_model.apply(connection, schema, events)
        organisation, sequence = rows[-1]["organisation"], rows[-1]["sequence"]
        count += len(rows)
    return count


async def _compare(connection: Connection, live: str, folded: str, table: str) -> tuple[int, Difference | None]:
    statement = _COMPARE.replace("live_table", f'{live}."{table}"').replace("folded_table", f'{folded}."{table}"')
    row = await connection.fetchrow(statement)
    assert row is not None
    if not row["unexpected"] and not row["missing"]:
        return row["compared"], None
    return row["compared"], Difference(table, row["unexpected"], row["missing"], tuple(row["organisations"]))
