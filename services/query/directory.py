"""
Units and people.

Events know people by their opaque ids; names and addresses come from the directory vault, as they are now. Everybody of
the organisation sees names: every result has one. Addresses are shown to the person themselves, and to administrators
and programme leads; to others the member is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from projections.alignment import queries
from projections.alignment.queries import Moment, PeopleFilter, Person, Unit
from services.query import parameters
from services.query.answers import Asked, BadParameter, Connection, JsonObject, NotFound, Page
from services.query.statements import statement

MAY_READ_ADDRESSES: Final = frozenset({"administrator", "programme_lead"})


async def units(connection: Connection, asked: Asked) -> Page:
    """The units of the organisation chart, by id."""
    found = await queries.units(connection, _moment(asked), _after(asked), asked.limit + 1)
    shown = found[: asked.limit]
    return Page([_unit(unit) for unit in shown], (shown[-1].id,) if len(found) > asked.limit else None)


async def unit(connection: Connection, asked: Asked, unit_id: str) -> JsonObject:
    """One unit."""
    found = await queries.unit(connection, _moment(asked), unit_id)
    if found is None:
        raise NotFound(f"units/{unit_id}")
    return _unit(found)


async def people(connection: Connection, asked: Asked) -> Page:
    """People and placeholders, by id."""
    found = await queries.people(connection, _moment(asked), _after(asked), asked.limit + 1, _wanted(asked.parameters))
    shown = found[: asked.limit]
    return Page(await _named(connection, asked, shown), (shown[-1].id,) if len(found) > asked.limit else None)


async def person(connection: Connection, asked: Asked, person_id: str) -> JsonObject:
    """One person or placeholder."""
    found = await queries.person(connection, _moment(asked), person_id)
    if found is None:
        raise NotFound(f"people/{person_id}")
    (named,) = await _named(connection, asked, [found])
    return named


def _wanted(given: Mapping[str, str]) -> PeopleFilter:
    below = parameters.one_of(given, "below", ("true", "false"))
    if below is not None and "unit" not in given:
        raise BadParameter("below", "below says what of a unit is meant. Give unit too, or leave it out.", "below")
    return PeopleFilter(unit_id=given.get("unit"), units_below=below == "true", manager_id=given.get("manager"))


async def _named(connection: Connection, asked: Asked, people: Sequence[Person]) -> list[JsonObject]:
    """The people with what the vault has of them."""
    ids = {person.id for person in people} | {person.manager_id for person in people if person.manager_id}
    rows = await connection.fetch(statement("names"), asked.organisation, list(ids))
    vault = {row["person_id"]: (row["name"], row["email"]) for row in rows}
    everybody = bool(asked.roles & MAY_READ_ADDRESSES)
    items: list[JsonObject] = []
    for person in people:
        name, email = vault.get(person.id, (None, None))
        manager_name, _ = vault.get(person.manager_id, (None, None))
        address = {"email": email} if everybody or person.id == asked.asker else {}
        items.append({**_person(person), "name": name, "manager_name": manager_name, **address})
    return items


def _unit(unit: Unit) -> JsonObject:
    return {
        "id": unit.id,
        "name": unit.name,
        "parent_id": unit.parent_id,
        "layer": unit.layer,
        "people": unit.people,
        "lead_id": unit.lead_id,
        "state": "closed" if unit.closed else "open",
    }


def _person(person: Person) -> JsonObject:
    return {
        "id": person.id,
        "title": person.title,
        "placeholder": person.placeholder,
        "state": person.state,
        "manager_id": person.manager_id,
        "reports": person.reports,
        "unit_ids": [unit_id for unit_id, _ in person.units],
        "primary_unit_id": person.units[0][0] if person.units else None,
        "units": [{"id": unit_id, "name": name} for unit_id, name in person.units],
    }


def _after(asked: Asked) -> str:
    return "" if asked.after is None else str(asked.after[0])


def _moment(asked: Asked) -> Moment:
    return Moment(asked.organisation, asked.effective_on, asked.known_at, asked.generation)
