"""What `okr doctor` finds in a database and a broker that somebody broke."""

from collections.abc import AsyncGenerator
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.chassis.kafka import Topic, events_topic
from services.chassis.topics import make_and_count
from services.cli.findings.broker import of_broker
from services.cli.findings.database import of_database
from services.cli.findings.finding import Finding
from tests.ledger_writer import write
from tests.pipeline import history
from tests.servers import fresh_database


@pytest_asyncio.fixture(loop_scope="session")
async def owner(database: str) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def found(database: str) -> dict[str, Finding]:
    return {finding.what: finding async for finding in of_database(database)}


async def found_on(bootstrap: str, topic: str) -> dict[str, Finding]:
    return {finding.what: finding async for finding in of_broker(bootstrap, topic)}


async def test_a_fresh_database_lacks_nothing_but_what_tests_leave_out(database: str):
    findings = await found(database)
    wrong = {what: finding.found for what, finding in findings.items() if finding.verdict == "wrong"}
    assert wrong == {"durability": "fsync, full_page_writes off: a crash may lose commands that were acknowledged"}
    assert findings["publishing"].verdict == "note"


async def test_a_database_without_our_tables_is_to_be_migrated(postgres_url: str):
    async with fresh_database(postgres_url, "template0") as empty:
        assert (await found(empty))["schema"] == Finding(
            "schema", "wrong", "it has no tables of ours", "Run `okr migrate`."
        )


@pytest.mark.parametrize("address", ["postgresql://nobody@127.0.0.1:1/no", "postgresql://[", "nonsense"])
async def test_a_database_that_cannot_be_used_is_one_finding_with_a_fix(address: str):
    (finding,) = (await found(address)).values()
    assert finding.verdict == "wrong"
    assert finding.fix


@pytest.mark.parametrize(
    ("broken", "verdict", "told"),
    [
        ("DELETE FROM okr_migrations.applied WHERE name LIKE '%find_replies'", "wrong", "find_replies to be applied"),
        (
            "INSERT INTO okr_migrations.applied VALUES ('ledger/9999_later', '-')",
            "note",
            "newer release: ledger/9999_later",
        ),
        ("UPDATE okr_migrations.applied SET checksum = '-' WHERE name = 'audit/tables'", "wrong", "another content"),
    ],
)
async def test_a_schema_of_another_release_is_told(
    database: str, owner: asyncpg.Connection, broken: str, verdict: str, told: str
):
    await owner.execute(broken)
    finding = (await found(database))["schema"]
    assert finding.verdict == verdict
    assert told in finding.found


async def test_a_right_that_was_revoked_comes_with_the_statement_that_gives_it_back(
    database: str, owner: asyncpg.Connection
):
    await owner.execute("REVOKE SELECT ON ledger.events FROM okr_projector")
    await owner.execute("REVOKE EXECUTE ON FUNCTION ledger.append_groups FROM okr_ledger")
    findings = await found(database)
    for role in ("okr_projector", "okr_ledger"):
        finding = findings[f"role {role}"]
        assert finding.verdict == "wrong"
        await owner.execute(finding.fix)
    assert {finding.verdict for what, finding in (await found(database)).items() if what.startswith("role")} == {"ok"}


async def test_a_login_that_may_not_act_as_a_role_is_told(database: str, owner: asyncpg.Connection):
    login = f"login_{uuid4().hex[:8]}"
    await owner.execute(f"CREATE ROLE {login} LOGIN; GRANT okr_publisher TO {login}")
    await owner.execute(f"GRANT USAGE ON SCHEMA okr_migrations TO {login}")
    await owner.execute(f"GRANT SELECT ON okr_migrations.applied TO {login}")
    try:
        findings = await found(database.replace("//postgres@", f"//{login}@"))
    finally:
        await owner.execute(f"DROP OWNED BY {login}; DROP ROLE {login}")
    assert findings["role okr_publisher"].verdict == "ok"
    assert findings["role okr_ledger"].found == "the login role may not act as it"
    assert "read model audit" not in findings


async def test_nobody_publishes_and_nobody_projects(database: str, owner: asyncpg.Connection):
    await write(database, history("acme", 3))
    findings = await found(database)
    assert findings["publishing"].found.startswith("no publisher runs, 3 events wait")
    assert findings["read model audit"].found.startswith("1 of 1 organisations are 3 events behind, since ")
    await owner.execute(
        "INSERT INTO projections.parked (projection, organisation, epoch, sequence, event_type, error)"
        " VALUES ('audit', 'acme', 1, 2, 'UnitAdded', 'LookupError')"
    )
    parked = (await found(database))["read model audit"]
    assert parked.found == "1 organisations are parked: acme at 2 (LookupError)"
    assert "okr projection resume audit" in parked.fix


async def test_a_topic_as_we_make_it_has_nothing_wrong(kafka_bootstrap: str):
    made = events_topic()
    topic = Topic(f"doctor.{uuid4().hex[:8]}", made.partitions, configs=made.configs)
    assert (await found_on(kafka_bootstrap, topic.name))[f"topic {topic.name}"].verdict == "note"
    await make_and_count(kafka_bootstrap, topic)
    assert {finding.verdict for finding in (await found_on(kafka_bootstrap, topic.name)).values()} == {"ok"}


async def test_a_topic_that_loses_events_or_takes_none_is_told(kafka_bootstrap: str):
    configs = {
        "cleanup.policy": "compact",
        "max.message.bytes": "1000",
        "retention.ms": "3600000",
        "min.insync.replicas": "2",
    }
    topic = Topic(f"doctor.{uuid4().hex[:8]}", 7, configs=configs)
    await make_and_count(kafka_bootstrap, topic)
    findings = await found_on(kafka_bootstrap, topic.name)
    verdicts = {what: finding.verdict for what, finding in findings.items() if finding.verdict != "ok"}
    assert verdicts == {
        "partitions of the topic": "note",
        "copies of the topic": "wrong",
        "largest message": "wrong",
        "cleanup of the topic": "wrong",
        "retention of the topic": "note",
    }
    assert all(finding.fix for finding in findings.values() if finding.verdict != "ok")


async def test_a_broker_that_does_not_answer_is_told():
    (finding,) = (await found_on("127.0.0.1:1", "any")).values()
    assert (finding.verdict, finding.found) == ("wrong", "does not answer")
