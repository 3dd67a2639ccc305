"""What a page of people or units reads does not grow with the organisation: counted in buffers, not in seconds."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final, cast

import asyncpg

import projections.alignment
from okr_contracts.commands import AddPerson, AddUnit, Command
from projections.alignment import READ_MODEL
from services.chassis import postgres
from services.query.freshness import snapshot
from tests.given import NOON, given
from tests.ledger_writer import of_organisation, project, write
from tests.unit.domain.acme import REGISTERED

SQL: Final = Path(projections.alignment.__file__).parent / "sql"
SMALL: Final = 300
LARGE: Final = 3_000
# One page more per descent of an index that is one level higher, for each of the rows.
ONE_LEVEL_MORE: Final = 1.5


def chart(people: int) -> list[Command]:
    """Two people in each unit, ten units under each of those below the root, and ten people under each manager."""
    units = [
        AddUnit(
            unit_id=f"u{number:05}", name="Unit", parent_id=f"u{number - number % 10:05}" if number % 10 else "root"
        )
        for number in range(people // 2)
    ]
    added = [
        AddPerson(
            person_id=f"p{number:05}",
            unit_ids=(f"u{number * 7 % len(units):05}",),
            manager_id=f"p{number - number % 10:05}" if number % 10 else None,
        )
        for number in range(people)
    ]
    return [REGISTERED, *units, *added]


async def buffers(url: str, organisation: str) -> Mapping[str, int]:
    """The buffers that each statement of the directory touches for a page of 50."""
    moment = (organisation, NOON.date(), 10**6)
    page = (*moment, "", 50)
    people, units = [f"p{number:05}" for number in range(50)], [f"u{number:05}" for number in range(30)]
    asked: dict[str, tuple[str | date | int | list[str] | bool, ...]] = {
        "people_ids": page,
        "people": (*moment, people),
        "people_ids_of_units": (*page, units[:10]),
        "people_ids_below_unit": (*page, "root"),
        "people_ids_of_manager": (*page, "p00010", "root", True),
        "unit_ids": page,
        "units": (*moment, units),
        "units_below": (*moment, "u00010", 100),
    }
    async with postgres.pool(url, "okr_query", size=1) as pool, snapshot(pool, organisation) as connection:
        return {
            name: await _touched(cast("asyncpg.Connection", connection), name, values) for name, values in asked.items()
        }


async def _touched(connection: asyncpg.Connection, name: str, values: tuple[object, ...]) -> int:
    answer = await connection.fetchval(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {(SQL / name).with_suffix('.sql').read_text()}", *values
    )
    explained = json.loads(answer)[0]["Plan"]
    assert explained["Actual Rows"] > 0, f"{name} found nothing"
    return explained["Shared Hit Blocks"] + explained["Shared Read Blocks"]


async def test_a_page_reads_no_more_in_an_organisation_ten_times_as_large(database: str) -> None:
    for organisation, people in (("small", SMALL), ("large", LARGE)):
        recorded = of_organisation(organisation, given(chart(people)).history().recorded)
        await write(database, recorded)
        await project(database, recorded, [READ_MODEL])
    owner = await postgres.connect(database)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()
    small, large = await buffers(database, "small"), await buffers(database, "large")
    grown = {name: (small[name], large[name]) for name in small if large[name] > ONE_LEVEL_MORE * small[name]}
    assert grown == {}
