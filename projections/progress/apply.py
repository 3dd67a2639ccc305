"""Writes the rows that a batch of events makes: one statement to load, one per table to write."""

from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Final

from okr_contracts.envelope import Recorded
from projections.progress.fold import fold
from projections.progress.load import load
from projections.progress.rows import Row, Rows
from projections.read_model import Connection, in_schema

_SQL: Final = Path(__file__).with_name("sql")
# New rows first, then what changes rows. The keys say how many of a row's first parameters are its key: in that order
# they are written, so that two who write the same rows wait for each other rather than deadlock.
_STATEMENTS: Final = tuple(
    (name, key, (_SQL / file).with_suffix(".sql").read_text())
    for name, file, key in (
        ("organisations", "add_organisations", 1),
        ("cycles", "add_cycles", 2),
        ("objectives", "add_objectives", 2),
        ("key_results", "add_key_results", 2),
        ("history", "add_history", 4),
        ("definitions", "add_definitions", 4),
        ("check_ins", "add_check_ins", 5),
        ("links", "add_links", 6),
        ("roll_ups", "add_roll_ups", 4),
        ("overrides", "add_overrides", 4),
        ("words", "add_words", 5),
        ("responsible", "add_responsible", 4),
        ("partners", "add_partners", 5),
        ("organisations_changed", "change_organisations", 1),
        ("cycles_changed", "change_cycles", 2),
        ("objectives_changed", "change_objectives", 2),
        ("key_results_changed", "change_key_results", 2),
        ("check_ins_changed", "change_check_ins", 5),
        ("links_changed", "change_links", 6),
    )
)


async def apply(connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
    """
    Folds *events* into the rows of *schema*, in the caller's transaction. Raises CannotApply.

    Statements and rows do not grow with the size of an organisation, only with what the events touch.
    """
    batches: dict[str, list[Recorded]] = {}
    for recorded in events:
        batches.setdefault(recorded.organisation, []).append(recorded)
    graphs = await load(connection, schema, batches)
    rows = Rows()
    for organisation, batch in batches.items():
        fold(organisation, graphs[organisation], batch, rows)
    for name, key, statement in _STATEMENTS:
        made: list[Row] = getattr(rows, name)
        if made:
            made.sort(key=itemgetter(*range(key)))
            await connection.execute(in_schema(statement, "progress", schema), *map(list, zip(*made, strict=True)))
