"""The organisation chart as the events tell it: units, and people by their opaque ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import asyncpg

from projections.alignment.moment import Moment
from projections.read_model import Connection, in_schema

_SQL: Final = Path(__file__).parent / "sql"
_MOST_UNITS_MERGED: Final = 100


@dataclass(frozen=True, slots=True)
class Unit:
    """
    A unit; ``layer`` is its depth below the root, which has 0, and ``people`` counts who is in it.

    ``lead_id`` is the person who leads it, if any; a ``closed`` one takes nobody new.
    """

    id: str
    name: str | None
    parent_id: str | None
    layer: int
    people: int
    lead_id: str | None
    closed: bool


@dataclass(frozen=True, slots=True)
class Person:
    """
    A person or a placeholder; ``title`` is that of the post. Names are not here.

    ``units`` are ids with names, the primary one first and the others in the order of joining; ``reports`` counts whom
    the person is the manager of; ``state`` is active, inactive or erased.
    """

    id: str
    title: str | None
    placeholder: bool
    manager_id: str | None
    units: tuple[tuple[str, str | None], ...]
    reports: int
    state: str


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people are wanted: those in a unit, also below it if *units_below*; those of a manager; both, or all."""

    unit_id: str | None = None
    units_below: bool = False
    manager_id: str | None = None


EVERYBODY: Final = PeopleFilter()


async def units(connection: Connection, moment: Moment, after: str, limit: int) -> list[Unit]:
    """At most *limit* units with an id beyond *after*, in the order of their ids."""
    rows = await connection.fetch(_statement("unit_ids", moment.schema), *_clocks(moment), after, limit)
    return await _units(connection, moment, [row["unit_id"] for row in rows])


async def unit(connection: Connection, moment: Moment, unit_id: str) -> Unit | None:
    """A unit; None where there is none."""
    return next(iter(await _units(connection, moment, [unit_id])), None)


async def people(
    connection: Connection, moment: Moment, after: str, limit: int, wanted: PeopleFilter = EVERYBODY
) -> list[Person]:
    """At most *limit* of the people *wanted* with an id beyond *after*, in the order of their ids."""
    page = (*_clocks(moment), after, limit)
    if wanted.manager_id is not None:
        own = (wanted.manager_id, wanted.unit_id, wanted.units_below)
        rows = await connection.fetch(_statement("people_ids_of_manager", moment.schema), *page, *own)
    elif wanted.unit_id is not None:
        rows = await _ids_of_unit(connection, moment, page, wanted.unit_id, wanted.units_below)
    else:
        rows = await connection.fetch(_statement("people_ids", moment.schema), *page)
    return await _people(connection, moment, [row["person_id"] for row in rows])


async def person(connection: Connection, moment: Moment, person_id: str) -> Person | None:
    """A person or a placeholder; None where there is none."""
    return next(iter(await _people(connection, moment, [person_id])), None)


async def units_of(connection: Connection, moment: Moment, person_id: str) -> frozenset[str]:
    """The units that a person is in or leads, and all above them."""
    rows = await connection.fetch(_statement("units_of_person", moment.schema), *_clocks(moment), person_id)
    return frozenset(row["unit_id"] for row in rows)


async def _ids_of_unit(
    connection: Connection, moment: Moment, page: tuple[str, date, int, str, int], unit_id: str, below: bool
) -> list[asyncpg.Record]:
    unit_ids = [unit_id]
    if below:
        found = await connection.fetch(
            _statement("units_below", moment.schema), *page[:3], unit_id, _MOST_UNITS_MERGED + 1
        )
        unit_ids = [row["unit_id"] for row in found]
    # A page of each of a few units is little to merge. Of many units, most people are in one of them.
    if len(unit_ids) <= _MOST_UNITS_MERGED:
        return await connection.fetch(_statement("people_ids_of_units", moment.schema), *page, unit_ids)
    return await connection.fetch(_statement("people_ids_below_unit", moment.schema), *page, unit_id)


async def _units(connection: Connection, moment: Moment, ids: Sequence[str]) -> list[Unit]:
    rows = await connection.fetch(_statement("units", moment.schema), *_clocks(moment), ids)
    return [
        Unit(
            row["unit_id"],
            row["name"],
            row["parent_id"],
            row["layer"],
            row["people"],
            row["lead_id"],
            row["closed"],
        )
        for row in rows
    ]


async def _people(connection: Connection, moment: Moment, ids: Sequence[str]) -> list[Person]:
    rows = await connection.fetch(_statement("people", moment.schema), *_clocks(moment), ids)
    return [
        Person(
            id=row["person_id"],
            title=row["title"],
            placeholder=row["placeholder"],
            manager_id=row["manager_id"],
            units=tuple(zip(row["unit_ids"], row["unit_names"], strict=True)),
            reports=row["reports"],
            state=row["state"],
        )
        for row in rows
    ]


def _clocks(moment: Moment) -> tuple[str, date, int]:
    return moment.organisation, moment.effective_on, moment.known_at


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "alignment", schema)
