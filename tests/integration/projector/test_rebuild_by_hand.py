"""`okr projection rebuild`, `list`, `switch` and `drop`, as an operator calls them."""

from collections.abc import Mapping
from typing import cast

import asyncpg

from tests.benchmarks.histories import history
from tests.end_to_end.okr_program import Ran, okr
from tests.ledger_writer import write_and_project

Json = Mapping[str, object]


async def test_a_difference_is_shown_and_mended_and_the_old_one_dropped(database: str):
    env = {"OKR_DATABASE_URL": database, "NO_COLOR": "1"}
    await write_and_project(database, history("acme", 200))
    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE progress.objectives SET progress = 1 WHERE objective_id = 'top'")
    await connection.close()

    async def call(*arguments: str) -> Ran:
        return await okr("projection", *arguments, env=env)

    differs = await call("rebuild", "progress")
    assert differs.code == 1
    assert "objectives: 1 rows missing, 1 unexpected, in acme" in differs.out
    assert "progress is still the live generation: progress_2 differs from it." in differs.err
    assert "okr projection rebuild progress --accept-differences" in differs.err
    listed = await call("list", "--json")
    states = {each["generation"]: (each["state"], each["events"]) for each in listed.items("generations")}
    assert states["progress_2"] == ("building", 200)
    assert "progress_2" in (await call("list")).out

    mended = await call("rebuild", "progress", "--accept-differences", "--json")
    assert mended.code == 0, mended.err
    said = mended.document
    assert (said["generation"], said["switched"], said["kept"], said["events"]) == ("progress_2", True, "progress", 0)
    assert cast("list[Json]", cast("Json", said["compared"])["differences"])[0]["table"] == "objectives"
    assert (await call("verify", "progress")).code == 0

    back = await call("switch", "progress")
    assert "progress is the live generation of progress now; progress_2 is kept." in back.out
    refused = await call("drop", "progress")
    assert (refused.code, refused.out) == (1, "")
    assert "progress is the live generation of progress: it answers." in refused.err
    assert (await call("switch", "progress_2", "--json")).document["compared"] is None
    assert (await call("drop", "progress")).out == "progress is gone.\n"
    unknown = await call("drop", "progress", "--json")
    assert (unknown.code, unknown.document["title"]) == (2, "There is no generation progress.")
    assert (await call("rebuild", "nonsense")).code == 2


async def test_what_is_no_database_is_said(database: str):
    ran = await okr("projection", "rebuild", "audit", env={"OKR_DATABASE_URL": "postgresql://127.0.0.1:1/none"})
    assert ran.code == 3
    assert "The database cannot be used" in ran.err


async def test_a_database_that_was_not_migrated_yet_is_left_as_it_is(database: str):
    connection = await asyncpg.connect(database)
    await connection.execute("DELETE FROM okr_migrations.applied WHERE name = 'alignment/directory_indexes'")
    ran = await okr("projection", "rebuild", "alignment", env={"OKR_DATABASE_URL": database})
    assert ran.code == 1
    assert "lacks the migration alignment/directory_indexes" in ran.err
    assert "okr migrate" in ran.err
    assert await connection.fetchval("SELECT count(*) FROM projections.generations WHERE number > 1") == 0
    await connection.close()
