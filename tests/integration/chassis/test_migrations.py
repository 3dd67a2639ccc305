import asyncio

import pytest

from services.chassis import migrations, postgres
from services.chassis.migrations import MigrationChanged, Step, UpgradeUnfinished

TABLE = Step("test/0001_a_table", "CREATE TABLE numbers (n integer); INSERT INTO numbers VALUES (1)")
MORE = Step("test/0002_more", "INSERT INTO numbers VALUES (2)")
AFTER = Step("test/0003_after_more_is_written", "INSERT INTO numbers VALUES (3)")
NEXT = Step("test/0004_before_even_more", "INSERT INTO numbers VALUES (4)")


def function(answer: int) -> Step:
    return Step(
        "test/answer",
        f"CREATE OR REPLACE FUNCTION answer() RETURNS integer LANGUAGE sql RETURN {answer}",
        repeatable=True,
    )


async def migrate(url: str, *steps: Step, after: bool = False) -> list[str]:
    connection = await postgres.connect(url)
    try:
        return await migrations.migrate(connection, steps, after=after)
    finally:
        await connection.close()


async def value(url: str, query: str) -> object:
    connection = await postgres.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_each_step_is_applied_once_in_order(empty_database: str) -> None:
    assert await migrate(empty_database, TABLE) == [TABLE.name]
    assert await migrate(empty_database, TABLE, MORE) == [MORE.name]
    assert await migrate(empty_database, TABLE, MORE) == []
    assert await value(empty_database, "SELECT array_agg(n ORDER BY n) FROM numbers") == [1, 2]


async def test_many_at_once_apply_each_step_once(empty_database: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_database, TABLE, MORE, function(42)) for _ in range(8)))
    assert max(applied, key=len) == [TABLE.name, MORE.name, "test/answer"]
    assert sum(map(len, applied)) == 3


async def test_an_applied_step_may_not_change(empty_database: str) -> None:
    await migrate(empty_database, TABLE)
    with pytest.raises(MigrationChanged, match="0001_a_table"):
        await migrate(empty_database, MORE, Step(TABLE.name, "CREATE TABLE letters (l text)"))
    assert await value(empty_database, "SELECT count(*) FROM numbers") == 1, "nothing is applied beside it"


async def test_a_repeatable_step_is_applied_again_when_it_changed(empty_database: str) -> None:
    await migrate(empty_database, function(41))
    assert await migrate(empty_database, function(42)) == ["test/answer"]
    assert await migrate(empty_database, function(42)) == []
    assert await value(empty_database, "SELECT answer()") == 42


async def test_a_step_that_fails_leaves_nothing_and_can_be_mended(empty_database: str) -> None:
    with pytest.raises(Exception, match="nowhere"):
        await migrate(empty_database, TABLE, Step(MORE.name, "INSERT INTO numbers VALUES (2); SELECT * FROM nowhere"))
    assert await value(empty_database, "SELECT count(*) FROM numbers") == 1
    assert await migrate(empty_database, TABLE, MORE) == [MORE.name]


async def test_limits_that_a_step_sets_do_not_reach_the_next(empty_database: str) -> None:
    limited = Step("test/0001_limited", "SET lock_timeout = '2s'")
    note = Step("test/0002_note", "CREATE TABLE noted AS SELECT current_setting('lock_timeout') AS lock_timeout")
    await migrate(empty_database, limited, note)
    assert await value(empty_database, "SELECT lock_timeout FROM noted") == "0"


async def test_a_new_database_gets_everything_at_once(empty_database: str) -> None:
    assert await migrate(empty_database, TABLE, MORE, AFTER) == [TABLE.name, MORE.name, AFTER.name]


async def test_what_comes_after_the_deployment_waits_until_it_is_told(empty_database: str) -> None:
    await migrate(empty_database, TABLE)
    assert await migrate(empty_database, TABLE, MORE, AFTER, function(42)) == [MORE.name, "test/answer"]
    assert await migrate(empty_database, TABLE, MORE, AFTER, function(42)) == []
    assert await migrate(empty_database, TABLE, MORE, AFTER, function(42), after=True) == [AFTER.name]


async def test_the_next_upgrade_does_not_begin_before_the_last_one_ended(empty_database: str) -> None:
    await migrate(empty_database, TABLE)
    await migrate(empty_database, TABLE, MORE, AFTER)
    with pytest.raises(UpgradeUnfinished, match=r"0004_before_even_more needs test/0003_after.*okr migrate --after"):
        await migrate(empty_database, TABLE, MORE, AFTER, NEXT)
    assert await value(empty_database, "SELECT max(n) FROM numbers") == 2
    await migrate(empty_database, TABLE, MORE, AFTER, after=True)
    assert await migrate(empty_database, TABLE, MORE, AFTER, NEXT) == [NEXT.name]
