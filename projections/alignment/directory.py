"""The organisation chart as the events tell it: units, and people by their opaque ids."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from projections.alignment.moment import Moment
from projections.read_model import Connection, in_schema

_SQL: Final = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; ``layer`` is its depth below the root, which has 0, and ``people`` counts who is in it."""

    id: str
    name: str | None
    parent_id: str | None
    layer: int
    people: int


@dataclass(frozen=True, slots=True)
class Person:
    """A person or a placeholder; ``title`` is that of the post. Names are not here."""

    id: str
    title: str | None
    placeholder: bool
    manager_id: str | None
    unit_ids: tuple[str, ...]
    primary_unit_id: str | None


async def units(connection: Connection, moment: Moment, after: str, limit: int) -> list[Unit]:
    """At most *limit* units with an id beyond *after*, in the order of their ids."""
    rows = await connection.fetch(
        _statement("units", moment.schema), moment.organisation, moment.effective_on, moment.known_at, after, limit
    )
    return [Unit(row["unit_id"], row["name"], row["parent_id"], row["layer"], row["people"]) for row in rows]


async def people(connection: Connection, moment: Moment, after: str, limit: int, unit_id: str | None) -> list[Person]:
    """At most *limit* people with an id beyond *after*, by id; only those of *unit_id* where one is given."""
    rows = await connection.fetch(
        _statement("people", moment.schema),
        moment.organisation,
        moment.effective_on,
        moment.known_at,
        after,
        limit,
        unit_id,
    )
    return [
        Person(
            id=row["person_id"],
            title=row["title"],
            placeholder=row["placeholder"],
            manager_id=row["manager_id"],
            unit_ids=tuple(row["unit_ids"]),
            primary_unit_id=row["primary_unit_id"],
        )
        for row in rows
    ]


@cache
def _statement(name: str, schema: str) -> str:
    return in_schema((_SQL / f"{name}.sql").read_text(), "alignment", schema)
