"""
Units and people.

Events know people by their opaque ids; names and addresses come from the directory vault, as they are now. Everybody of
the organisation sees names: every result has one. Addresses are shown to the person themselves, and to administrators
and programme leads; to others the member is left out.
"""

from typing import Final

from projections.alignment import queries
from projections.alignment.queries import Moment, Person, Unit
from services.query.answers import Asked, Connection, JsonObject, Page
from services.query.statements import statement

MAY_READ_ADDRESSES: Final = frozenset({"administrator", "programme_lead"})


async def units(connection: Connection, asked: Asked) -> Page:
    """The units of the organisation chart, by id."""
    found = await queries.units(connection, _moment(asked), _after(asked), asked.limit + 1)
    shown = found[: asked.limit]
    return Page([_unit(unit) for unit in shown], (shown[-1].id,) if len(found) > asked.limit else None)


async def people(connection: Connection, asked: Asked) -> Page:
    """People and placeholders, by id."""
    found = await queries.people(
        connection, _moment(asked), _after(asked), asked.limit + 1, asked.parameters.get("unit")
    )
    shown = found[: asked.limit]
    rows = await connection.fetch(statement("names"), asked.organisation, [person.id for person in shown])
    vault = {row["person_id"]: (row["name"], row["email"]) for row in rows}
    everybody = bool(asked.roles & MAY_READ_ADDRESSES)
    items: list[JsonObject] = []
    for person in shown:
        name, email = vault.get(person.id, (None, None))
        address = {"email": email} if everybody or person.id == asked.asker else {}
        items.append({**_person(person), "name": name, **address})
    return Page(items, (shown[-1].id,) if len(found) > asked.limit else None)


def _unit(unit: Unit) -> JsonObject:
    return {
        "id": unit.id,
        "name": unit.name,
        "parent_id": unit.parent_id,
        "layer": unit.layer,
        "people": unit.people,
    }


def _person(person: Person) -> JsonObject:
    return {
        "id": person.id,
        "title": person.title,
        "placeholder": person.placeholder,
        "manager_id": person.manager_id,
        "unit_ids": list(person.unit_ids),
        "primary_unit_id": person.primary_unit_id,
    }


def _after(asked: Asked) -> str:
    return "" if asked.after is None else str(asked.after[0])


def _moment(asked: Asked) -> Moment:
    return Moment(asked.organisation, asked.effective_on, asked.known_at, asked.generation)
