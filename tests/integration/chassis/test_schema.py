"""What a service does with a database that is older than itself, or newer."""

import asyncpg
import pytest
from structlog.testing import capture_logs

from services.chassis.schema import DatabaseTooOld, refuse_old_server, require
from services.cli.migrate import steps

NEEDED = [step.name for step in steps()]


async def test_a_database_of_this_release_is_taken_by_every_role(database: str) -> None:
    with capture_logs() as lines:
        for role in ("okr_ledger", "okr_publisher", "okr_projector", "okr_query"):
            await require(database, role, NEEDED)
    assert lines == []


async def test_a_database_that_lacks_a_migration_is_refused_with_the_fix(database: str) -> None:
    with pytest.raises(DatabaseTooOld, match=r"lacks 1 of the migrations .* ledger/0900_new\. Run `okr migrate`"):
        await require(database, "okr_query", [*NEEDED, "ledger/0900_new"])


async def test_a_database_of_a_release_that_let_nobody_look_is_refused(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("REVOKE ALL ON okr_migrations.applied FROM okr_query")
    await connection.close()
    with pytest.raises(DatabaseTooOld, match=r"made by a release before this one\. Run `okr migrate`"):
        await require(database, "okr_query", NEEDED)


async def test_a_database_of_a_newer_release_is_taken_and_said_to_be_newer(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("INSERT INTO okr_migrations.applied VALUES ('ledger/0900_before_something', 'checksum')")
    await connection.close()
    with capture_logs() as lines:
        await require(database, "okr_ledger", NEEDED)
    assert [(line["event"], line["newest"]) for line in lines] == [
        ("newer_database_accepted", "ledger/0900_before_something")
    ]


@pytest.mark.parametrize(("version", "name"), [(90624, "9"), (150012, "15")])
def test_a_server_that_is_too_old_is_refused_with_the_fix(version: int, name: str) -> None:
    with pytest.raises(DatabaseTooOld, match=rf"PostgreSQL {name} is older .* Upgrade the server to 16 or later"):
        refuse_old_server(version)


@pytest.mark.parametrize("version", [160000, 180006, 190000])
def test_a_server_that_is_new_enough_is_taken(version: int) -> None:
    refuse_old_server(version)
