"""Names and addresses live in the vault alone: they change everywhere at once, and erased they are nowhere."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from tests.integration.query.reader import Json
from tests.integration.query.whole import Whole, whole

NAME, ADDRESS = "Evelyn Waterstone", "evelyn@acme.example"
OTHER, ELSEWHERE = "Evelyn Brook", "brook@acme.example"


@pytest.fixture
async def acme(database: str, tmp_path: Path) -> AsyncGenerator[Whole]:
    """An organisation in which p-eve manages, owns, reports, reads and acts."""
    today = datetime.now(UTC).date()
    days = {"starts_on": str(today - timedelta(days=30)), "ends_on": str(today + timedelta(days=30))}
    async with whole(database, tmp_path) as opened:
        await opened.tell("AddUnit", unit_id="u-sales", name="Sales")
        await opened.tell("AddPerson", person_id="p-ada")
        await opened.tell("AddPerson", person_id="p-eve", name=NAME, email=ADDRESS, unit_ids=["u-sales"])
        await opened.tell("AddPerson", person_id="p-bob", manager_id="p-eve", name="Bob")
        await opened.tell("NameUnitLead", unit_id="u-sales", person_id="p-eve")
        await opened.tell("PlanCycle", cycle_id="now", name="Now", **days)
        await opened.tell("OpenCycle", cycle_id="now")
        owner = {"kind": "person", "id": "p-eve"}
        await opened.tell("CreateObjective", objective_id="o", cycle_id="now", owner=owner, title="Win")
        measured = {"kind": "increase", "baseline": "0", "target": "100"}
        key_result = {"key_result_id": "k", "objective_id": "o", "title": "Customers", **measured}
        await opened.tell("AddKeyResult", **key_result, responsible_id="p-eve")
        await opened.tell("RecordCheckIn", check_in_id="c", key_result_id="k", value="40")
        await opened.tell("AcknowledgeCheckIn", check_in_id="c", person_id="p-eve")
        await opened.fold()
        yield opened


async def tables_with(acme: Whole, *words: str) -> set[str]:
    """Every table of the database in which one of the words stands, in whatever column, as text or as bytes."""
    tables = await acme.database.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    found: set[str] = set()
    for table in (row["name"] for row in tables):
        for word in words:
            stands = f"SELECT EXISTS (SELECT 1 FROM {table} AS t WHERE position($1 IN t::text) > 0)"
            for written in (word, word.encode().hex()):
                if await acme.database.fetchval(stands, written):
                    found.add(table)
    return found


async def answers(acme: Whole) -> dict[str, str]:
    """What is answered wherever a person is named."""
    paths = ("people", "people/p-eve", "people/p-bob", "units", "units/u-sales", "objectives/o", "key-results/k")
    more = ("tree", "audit", "events", "objectives/o/progress", "key-results/k/check-ins", "alignment/report")
    return {path: (await acme.reader.ask(path)).text for path in (*paths, *more)}


def naming(answered: dict[str, str], *words: str) -> set[str]:
    return {path for path, text in answered.items() if any(word in text for word in words)}


async def test_a_name_and_an_address_stand_in_the_vault_alone(acme: Whole) -> None:
    assert await tables_with(acme, NAME, ADDRESS) == {"directory.people"}
    answered = await answers(acme)
    assert naming(answered, NAME) == {"people", "people/p-eve", "people/p-bob"}
    assert naming(answered, ADDRESS) == {"people", "people/p-eve"}


async def test_another_name_is_read_everywhere_at_once_and_the_old_one_nowhere(acme: Whole) -> None:
    known_before = await acme.tell("RevisePerson", person_id="p-eve", name=OTHER, email=ELSEWHERE) - 1
    # The vault is not folded: it is true as soon as the command is answered.
    assert await tables_with(acme, NAME, ADDRESS) == set()
    assert await tables_with(acme, OTHER, ELSEWHERE) == {"directory.people"}
    await acme.fold()
    answered = await answers(acme)
    assert naming(answered, NAME, ADDRESS) == set()
    assert naming(answered, OTHER) == {"people", "people/p-eve", "people/p-bob"}
    # Also of a moment before: names are those of now.
    before = await acme.get("people/p-eve", known_at=known_before)
    assert (before["name"], before["email"]) == (OTHER, ELSEWHERE)


async def test_what_a_revision_leaves_out_stays_and_null_takes_away(acme: Whole) -> None:
    await acme.tell("RevisePerson", person_id="p-eve", email=None)
    await acme.fold()
    person = await acme.get("people/p-eve")
    assert (person["name"], person["email"]) == (NAME, None)
    assert await tables_with(acme, ADDRESS) == set()
    await acme.tell("RevisePerson", person_id="p-eve", name=None)
    assert await tables_with(acme, NAME) == set()
    assert await acme.database.fetchval("SELECT count(*) FROM directory.people WHERE person_id = 'p-eve'") == 0


async def test_whoever_is_erased_is_a_pseudonym_in_a_history_that_stays_readable(acme: Whole) -> None:
    before = await answers(acme)
    known_before = await acme.tell("AssignResponsible", key_result_id="k", person_id="p-bob", reason="she left")
    await acme.tell("ErasePerson", person_id="p-eve", reason="she asked")
    assert await tables_with(acme, NAME, ADDRESS) == set()
    await acme.fold()
    after = await answers(acme)
    assert naming(after, NAME, ADDRESS) == set()
    # The pseudonym stands wherever it stood, but where somebody else answers for it now.
    assert naming(before, "p-eve") - naming(after, "p-eve") == {"key-results/k"}
    for moment in ({}, {"known_at": known_before}):
        person = await acme.get("people/p-eve", **moment)
        assert (person["id"], person["name"], person["email"]) == ("p-eve", None, None)
    events = {str(each["type"]): each for each in await acme.reader.pages("events")}
    assert cast("Json", events["PersonAdded"]["data"]).keys() >= {"person_id"}
    assert events["PersonErased"]["text"] == {"reason": "she asked"}
    objective = await acme.get("objectives/o")
    assert objective["owner"] == {"kind": "person", "id": "p-eve"}
    audited = await acme.reader.pages("audit", subject="people/p-eve")
    assert (audited[0]["type"], audited[-1]["type"]) == ("PersonAdded", "PersonErased")
    assert (await acme.get("key-results/k", known_at=known_before - 1))["responsible_id"] == "p-eve"


async def test_nobody_comes_back_under_the_id_of_somebody_who_was_erased(acme: Whole) -> None:
    await acme.tell("AssignResponsible", key_result_id="k", person_id="p-bob", reason="she left")
    await acme.tell("ErasePerson", person_id="p-eve", reason="she asked")
    again = {"person_id": "p-eve", "name": OTHER, "unit_ids": ["u-sales"]}
    for command, fields in (("AddPerson", again), ("RevisePerson", {"person_id": "p-eve", "name": OTHER})):
        await acme.client.post(f"/v1/organisations/acme/commands/{command}", json=fields, headers=acme.headers)
        assert await tables_with(acme, OTHER) == set()
