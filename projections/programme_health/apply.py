"""Writes the rows of a batch of events: one statement for all tables, and one or two more for what is seldom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, cast

from pydantic_core import from_json

from okr_contracts.envelope import Recorded
from okr_contracts.events import KeyResultRedefined, ViewsRecorded
from okr_rules.progress import Definition, Kind, Value, key_result_progress, readable
from projections.programme_health.fold import HANDLES, fold
from projections.programme_health.folded_facts import fact, json
from projections.programme_health.folded_nodes import definition_of
from projections.programme_health.rows import CheckIn, Fact
from projections.read_model import Connection, in_schema

_SQL: Final = Path(__file__).parent / "sql"


async def apply(connection: Connection, schema: str, events: Sequence[Recorded]) -> None:
    """Write what *events* say into *schema*, in the caller's transaction; an event must not be given twice."""
    facts: list[Fact] = []
    check_ins: list[CheckIn] = []
    newest: dict[str, datetime] = {}
    for recorded in events:
        if recorded.type not in HANDLES:
            continue
        newest[recorded.organisation] = recorded.recorded_at
        for row in fold(recorded):
            if isinstance(row, CheckIn):
                check_ins.append(row)
            else:
                facts.append(row)
    if not newest:
        return
    await _insert(connection, schema, facts, check_ins)
    for recorded in events:
        if isinstance(recorded.event, ViewsRecorded):
            await _add_views(connection, schema, recorded, recorded.event)
    redefined = [each for each in events if isinstance(each.event, KeyResultRedefined)]
    if redefined:
        rises = await _rises(connection, schema, redefined)
        if rises:
            await _insert(connection, schema, rises, [])
    await connection.execute(_statement("expire_views", schema), [*newest], [*newest.values()])


async def _insert(
    connection: Connection,
    schema: str,
    facts: Sequence[Fact],
    check_ins: Sequence[CheckIn],
) -> None:
    columns = [*_columns(Fact, sorted(facts, key=_place)), *_columns(CheckIn, sorted(check_ins, key=_place))]
    await connection.execute(_statement("insert_rows", schema), *columns)


def _place(row: Fact | CheckIn) -> tuple[object, ...]:
    return row[:4]


def _columns(kind: type[Fact | CheckIn], rows: Sequence[Fact | CheckIn]) -> Sequence[Sequence[object]]:
    return [*zip(*rows, strict=True)] if rows else [()] * len(kind._fields)


async def _add_views(connection: Connection, schema: str, recorded: Recorded, event: ViewsRecorded) -> None:
    views = event.views or ()
    announcement = (recorded.organisation, event.announcement_id, recorded.sequence)
    first = await connection.fetch(
        _statement("add_views", schema),
        *announcement,
        [view.person_id for view in views],
        [view.seen_at for view in views],
        recorded.recorded_at,
    )
    await connection.execute(
        _statement("add_view_counts", schema), *announcement, recorded.effective_on, event.count, len(first)
    )


async def _rises(connection: Connection, schema: str, redefined: Sequence[Recorded]) -> list[Fact]:
    """The redefinitions by which progress rose although what was reported stayed the same, as known at each of them."""
    events = {(each.organisation, each.sequence): each for each in redefined}
    found = await connection.fetch(
        _statement("redefined", schema),
        [each.organisation for each in redefined],
        [_event(each).key_result_id for each in redefined],
        [each.sequence for each in redefined],
        [each.effective_on for each in redefined],
    )
    rises: list[Fact] = []
    for row in found:
        recorded = events[row["organisation"], row["sequence"]]
        event = _event(recorded)
        old = cast("Mapping[str, object]", from_json(row["before"]))
        new = cast("Mapping[str, object]", from_json(definition_of(event)))
        if (old["kind"], old["unit"]) != (new["kind"], new["unit"]):
            # What was reported before is not read under another kind or unit.
            continue
        before, after = _progress(_definition(old), row["reported"]), _progress(_definition(new), row["reported"])
        if before is not None and after is not None and after > before:
            said = {"key_result_id": event.key_result_id, "before": str(before), "after": str(after)}
            rises.append(fact(recorded, "integrity", recorded.subject, "progress_rose", json(said)))
    return rises


def _event(recorded: Recorded) -> KeyResultRedefined:
    assert isinstance(recorded.event, KeyResultRedefined)
    return recorded.event


def _definition(said: Mapping[str, object]) -> Definition:
    numbers = ("baseline", "target", "floor", "ceiling", "low", "high")
    given = {name: Decimal(str(said[name])) for name in numbers if said.get(name) is not None}
    return Definition(cast("Kind", said["kind"]), **given)


def _progress(definition: Definition, reported: Decimal) -> Decimal | None:
    """The progress at what was reported; None where the definition cannot read it."""
    value: Value = reported == 1 if definition.kind == "achieve" else reported
    return key_result_progress(definition, value).progress if readable(definition.kind, value) else None


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "programme_health", schema)
