"""Units and people over HTTP: filters, pages, both clocks, and what a page reads of a large organisation."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date

import pytest
import pytest_asyncio

from okr_contracts.commands import AddPerson, AddUnit, ChangeManager, Command, JoinUnit
from services.ledger.store import VaultEntry
from tests.given import given
from tests.integration.query.reader import Reader, reader
from tests.ledger_writer import write_and_project
from tests.unit.domain.acme import REGISTERED

EARLIER = date(2026, 5, 1)
MANY = 130  # More units than are merged page by page.


@dataclass(frozen=True)
class Chart:
    """A reader, and the sequence before the last change."""

    reader: Reader
    before: int


def chart() -> list[Command]:
    """
    Boats with two yards below, one of them with a shed; a hall with very many rooms.

    Ada leads Ben and Cem, Cem leads Dua. Everybody is in a room too; Eve is a placeholder in the shed alone.
    """
    rooms = [AddUnit(unit_id=f"room-{number:03}", name=f"Room {number}", parent_id="hall") for number in range(MANY)]
    return [
        REGISTERED,
        AddUnit(unit_id="boats", name="Boats", effective_on=EARLIER),
        AddUnit(unit_id="east", name="East yard", parent_id="boats", effective_on=EARLIER),
        AddUnit(unit_id="shed", name="Shed", parent_id="east", effective_on=EARLIER),
        AddUnit(unit_id="west", name="West yard", parent_id="boats"),
        AddUnit(unit_id="hall", name="Hall"),
        *rooms,
        AddPerson(person_id="p-ada", title="Head", unit_ids=("boats", "room-000"), effective_on=EARLIER),
        AddPerson(person_id="p-ben", title="Rower", unit_ids=("east", "room-001"), manager_id="p-ada"),
        AddPerson(person_id="p-cem", title="Builder", unit_ids=("west", "room-002"), manager_id="p-ada"),
        AddPerson(person_id="p-dua", unit_ids=("shed", "room-129", "west"), manager_id="p-ben"),
        AddPerson(person_id="p-eve", title="Caulker", unit_ids=("shed",), placeholder=True),
        AddPerson(person_id="p-fay", title="Guest"),
    ]


LAST: list[Command] = [
    ChangeManager(person_id="p-dua", manager_id="p-cem"),
    JoinUnit(person_id="p-dua", unit_id="west", primary=True),
    JoinUnit(person_id="p-fay", unit_id="west"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Chart]:
    history = given(chart()).history()
    before = len(history.recorded)
    for command in LAST:
        history.accept(command)
    vault = [VaultEntry("p-ada", "Ada", "ada@example.org"), VaultEntry("p-cem", "Cem", None)]
    await write_and_project(module_database, history.recorded, vault)
    async with reader(module_database, tmp_path_factory.mktemp("key")) as asking:
        yield Chart(asking, before)


async def ids(asked: Chart, **parameters: str | int) -> list[object]:
    return [item["id"] for item in await asked.reader.pages("people", **parameters)]


@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "abcdef"),
        ({"unit": "boats"}, "a"),
        ({"unit": "boats", "below": "false"}, "a"),
        ({"unit": "boats", "below": "true"}, "abcdef"),
        ({"unit": "east", "below": "true"}, "bde"),
        ({"unit": "shed", "below": "true"}, "de"),
        ({"unit": "west"}, "cdf"),
        ({"unit": "hall"}, ""),
        ({"unit": "hall", "below": "true"}, "abcd"),
        ({"unit": "root", "below": "true"}, "abcdef"),
        ({"unit": "nowhere"}, ""),
        ({"unit": "nowhere", "below": "true"}, ""),
        ({"manager": "p-ada"}, "bc"),
        ({"manager": "p-ben"}, ""),
        ({"manager": "p-cem"}, "d"),
        ({"manager": "nobody"}, ""),
        ({"manager": "p-ada", "unit": "boats"}, ""),
        ({"manager": "p-ada", "unit": "east"}, "b"),
        ({"manager": "p-ada", "unit": "boats", "below": "true"}, "bc"),
        ({"manager": "p-cem", "unit": "hall", "below": "true"}, "d"),
    ],
)
async def test_people_are_filtered_by_unit_and_manager_on_pages_of_any_size(
    asked: Chart, parameters: dict[str, str], expected: str, limit: int
) -> None:
    found = await ids(asked, **parameters, limit=limit)
    assert [str(each)[2] for each in found] == list(expected)


async def test_a_person_has_units_with_the_primary_one_first_and_reports(asked: Chart) -> None:
    dua = await asked.reader.get("people/p-dua")
    assert dua == {
        "id": "p-dua",
        "title": None,
        "placeholder": False,
        "state": "active",
        "manager_id": "p-cem",
        "reports": 0,
        "unit_ids": ["west", "shed", "room-129"],
        "primary_unit_id": "west",
        "units": [
            {"id": "west", "name": "West yard"},
            {"id": "shed", "name": "Shed"},
            {"id": "room-129", "name": "Room 129"},
        ],
        "name": None,
        "manager_name": "Cem",
    }
    listed = {str(item["id"])[2]: item["reports"] for item in await asked.reader.pages("people")}
    assert listed == {"a": 2, "b": 0, "c": 1, "d": 0, "e": 0, "f": 0}
    assert (await asked.reader.get("people/p-eve"))["placeholder"] is True


async def test_what_was_known_before_is_still_an_answer(asked: Chart) -> None:
    dua = await asked.reader.get("people/p-dua", known_at=asked.before)
    assert (dua["manager_id"], dua["unit_ids"]) == ("p-ben", ["shed", "room-129", "west"])
    assert await ids(asked, manager="p-ben", known_at=asked.before) == ["p-dua"]
    assert await ids(asked, manager="p-cem", known_at=asked.before) == []
    for unit, below in (("west", "false"), ("boats", "true"), ("root", "true")):
        assert "p-fay" in await ids(asked, unit=unit, below=below)
        assert "p-fay" not in await ids(asked, unit=unit, below=below, known_at=asked.before)


async def test_on_an_earlier_day_only_who_was_there_is_shown(asked: Chart) -> None:
    on = EARLIER.isoformat()
    assert await ids(asked, effective_on=on) == ["p-ada"]
    assert await ids(asked, unit="root", below="true", effective_on=on) == ["p-ada"]
    assert await ids(asked, manager="p-ada", effective_on=on) == []
    assert (await asked.reader.get("people/p-ada", effective_on=on))["reports"] == 0
    assert (await asked.reader.ask("people/p-ben", effective_on=on)).status_code == 404
    units = await asked.reader.pages("units", effective_on=on)
    assert [(unit["id"], unit["people"]) for unit in units] == [("boats", 1), ("east", 0), ("shed", 0)]
    assert (await asked.reader.ask("units/west", effective_on=on)).status_code == 404


async def test_units_have_parent_layer_and_people(asked: Chart) -> None:
    listed = {item["id"]: item for item in await asked.reader.pages("units", limit=50)}
    assert len(listed) == MANY + 6
    assert [
        (unit["parent_id"], unit["layer"], unit["people"]) for unit in map(listed.__getitem__, ("shed", "west"))
    ] == [
        ("east", 3, 2),
        ("boats", 2, 3),
    ]
    assert await asked.reader.get("units/shed") == listed["shed"]


@pytest.mark.parametrize("path", ["people/nobody", "units/nowhere", "people/p%00"])
async def test_who_is_not_there_is_not_found(asked: Chart, path: str) -> None:
    assert (await asked.reader.ask(path)).status_code == 404


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"below": "true"}, "/below"),
        ({"below": "perhaps", "unit": "boats"}, "/below"),
        ({"sort": "progress"}, "/sort"),
        ({"status": "off_track"}, "/status"),
        ({"manager": "a\x00b"}, "/manager"),
    ],
)
async def test_a_filter_that_cannot_be_taken_is_pointed_at(
    asked: Chart, parameters: dict[str, str], pointer: str
) -> None:
    refused = await asked.reader.ask("people", **parameters)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_one_person_shows_an_address_as_the_list_does(asked: Chart) -> None:
    assert (await asked.reader.bearing("p-ada").get("people/p-ada"))["email"] == "ada@example.org"
    assert "email" not in await asked.reader.bearing("p-ben").get("people/p-ada")
    led = await asked.reader.bearing("p-eve", roles=["programme_lead"]).get("people/p-ada")
    assert led["email"] == "ada@example.org"
