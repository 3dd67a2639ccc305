"""Appending to one ledger from several processes: once, dense, in order, with time never running backwards."""

import asyncio
import hashlib
import json
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import asyncpg
import pytest

from okr_contracts.actor import Actor
from okr_contracts.commands import AddPerson, AddUnit, ChangeManager, Command, RecordCheckIn, RegisterOrganisation
from okr_contracts.envelope import UnknownEvent, commitment, decode
from services.chassis import postgres
from services.ledger.domain.refusal import IdTaken, Refusal, VersionIsAnother
from services.ledger.lane import Lane, LaneIsFull
from services.ledger.ledger import Ledger
from services.ledger.request import CommandIdReused, NotApplied, Reply, Request, Unit

ADA = Actor("person", "ada")
REGISTER = RegisterOrganisation(organisation="acme", name="Acme")


def request(command: Command, command_id: str, *, expected_version: int | None = None, actor: Actor = ADA) -> Request:
    return Request("acme", command, command_id, actor, expected_version=expected_version)


@asynccontextmanager
async def running(url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC), lanes: int = 1):
    """A ledger on *url*, as one process would run it."""
    parts = [
        Lane(
            lambda: postgres.connect(url, "okr_ledger"),
            group_limit=64,
            queue_limit=256,
            cached_subjects=1000,
            now=now,
            on_append=lambda: None,
        )
        for _ in range(lanes)
    ]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part.run()) for part in parts]
        yield Ledger(parts)
        for task in tasks:
            task.cancel()


@pytest.fixture
async def ledger(database: str) -> AsyncGenerator[Ledger]:
    async with running(database) as ledger:
        await ledger.answer(request(REGISTER, "register"))
        yield ledger


async def refusal_of(answer: "asyncio.Future[Reply] | object") -> Refusal:
    with pytest.raises(Refusal) as caught:
        await answer  # pyright: ignore[reportGeneralTypeIssues]
    return caught.value


def _unit_id(adding: Request) -> str:
    assert isinstance(adding.completed, AddUnit)
    return adding.completed.unit_id or ""


async def count(database: str, table: str) -> int:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")
    finally:
        await connection.close()


async def test_several_processes_append_each_acknowledged_command_once(database: str):
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.integration.ledger.contender", database, name, "8", "30"),
            stdout=asyncio.subprocess.PIPE,
        )
        for name in ("one", "two", "three")
    ]
    outputs = [(await process.communicate())[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    answers = [json.loads(line) for output in outputs for line in output.splitlines()]
    assert len(answers) == 3 * 8 * 30

    connection = await asyncpg.connect(database)
    rows = await connection.fetch("SELECT * FROM ledger.events ORDER BY organisation, sequence")
    heads = {row["organisation"]: row for row in await connection.fetch("SELECT * FROM ledger.heads")}
    await connection.close()
    events = [decode(row["entry"], row["data"], row["text"]) for row in rows]
    for organisation, head in heads.items():
        own = [event for event in events if event.organisation == organisation]
        assert [event.sequence for event in own] == list(range(1, head["sequence"] + 1))
        assert all(before.recorded_at <= after.recorded_at for before, after in pairwise(own))
        versions: Counter[str] = Counter()
        for event in own:
            versions[event.subject] += 1
            assert event.version == versions[event.subject]
    by_command = Counter((event.organisation, event.command_id) for event in events)
    taken = {tuple(answer[:2]): answer for answer in answers if len(answer) == 4}
    refused = {tuple(answer[:2]) for answer in answers if len(answer) == 3}
    for key, answer in taken.items():
        assert by_command[key] == (1 if answer[2] else 0)
    assert not any(by_command[key] for key in refused)
    registered = {event.command_id for event in events if event.type == "OrganisationRegistered"}
    assert len(registered) == 3
    contested = Counter((event.organisation, event.subject) for event in events if "contested" in event.subject)
    assert set(contested.values()) == {1}


async def test_the_same_command_again_gets_the_same_reply(ledger: Ledger, database: str):
    first = await ledger.answer(request(AddUnit(name="Sales"), "c1"))
    again = await ledger.answer(request(AddUnit(name="Sales"), "c1"))
    assert again.body == first.body
    assert await count(database, "ledger.events") == 3


async def test_the_same_command_twice_at_once_is_applied_once(ledger: Ledger, database: str):
    replies = await asyncio.gather(*(ledger.answer(request(AddUnit(name="Sales"), "c1")) for _ in range(20)))
    assert len({reply.body for reply in replies}) == 1
    assert await count(database, "ledger.events") == 3


async def test_a_repetition_keeps_its_reply_even_where_it_would_be_refused_now(ledger: Ledger):
    await ledger.answer(request(AddPerson(person_id="p1"), "c1"))
    change = ChangeManager(person_id="p1", manager_id=None)
    add = AddPerson(person_id="p2", manager_id="p1")
    await ledger.answer(request(add, "c2"))
    moved = ChangeManager(person_id="p2", manager_id=None)
    first = await ledger.answer(request(moved, "c3", expected_version=1))
    assert (await ledger.answer(request(moved, "c3", expected_version=1))).body == first.body
    refusal = await refusal_of(ledger.answer(request(moved, "c4", expected_version=1)))
    assert isinstance(refusal, VersionIsAnother)
    assert (await ledger.answer(request(change, "c5"))).events == ()


async def test_a_command_id_with_other_content_or_another_actor_is_refused(ledger: Ledger, database: str):
    await ledger.answer(request(AddUnit(name="Sales"), "c1"))
    other = await refusal_of(ledger.answer(request(AddUnit(name="Marketing"), "c1")))
    assert isinstance(other, CommandIdReused)
    stranger = await refusal_of(ledger.answer(request(AddUnit(name="Sales"), "c1", actor=Actor("person", "eve"))))
    assert isinstance(stranger, CommandIdReused)
    assert await count(database, "ledger.events") == 3


async def test_a_refused_command_writes_nothing_and_may_come_again(ledger: Ledger, database: str):
    below = AddUnit(unit_id="team", name="Team", parent_id="sales")
    assert (await refusal_of(ledger.answer(request(below, "c1")))).code == "reference_unknown"
    assert await count(database, "ledger.replies") == 1
    await ledger.answer(request(AddUnit(unit_id="sales", name="Sales"), "c2"))
    assert len((await ledger.answer(request(below, "c1"))).events) == 1


async def test_an_atomic_batch_is_applied_whole_or_not_at_all(ledger: Ledger, database: str):
    good = request(AddUnit(unit_id="a", name="A"), "c1")
    below = request(AddUnit(unit_id="b", name="B", parent_id="a"), "c2")
    bad = request(AddUnit(unit_id="c", name="C", parent_id="nowhere"), "c3")
    refused = await ledger.answer_all([good, below, bad], atomic=True)
    assert [type(answer) for answer in refused[:2]] == [NotApplied, NotApplied]
    assert await count(database, "ledger.events") == 2
    taken = await ledger.answer_all([good, below], atomic=True)
    assert [answer.sequence for answer in taken if isinstance(answer, Reply)] == [3, 4]
    assert [answer.body for answer in taken if isinstance(answer, Reply)] == [
        answer.body for answer in await ledger.answer_all([good, below], atomic=True) if isinstance(answer, Reply)
    ]


async def test_an_atomic_batch_that_names_an_id_twice_is_refused_and_harms_nobody(ledger: Ledger, database: str):
    twice = [request(AddUnit(unit_id="a", name="A"), "c1")] * 2
    neighbour = ledger.answer(request(AddUnit(name="Neighbour"), "c2"))
    refused, taken = await asyncio.gather(ledger.answer_all(twice, atomic=True), neighbour)
    assert [type(answer) for answer in refused] == [NotApplied, CommandIdReused]
    assert len(taken.events) == 1
    assert await count(database, "ledger.events") == 3


async def test_an_atomic_batch_of_which_a_part_is_known_applies_the_rest(ledger: Ledger, database: str):
    known = request(AddUnit(name="Known"), "c1")
    reply = await ledger.answer(known)
    news = [request(AddUnit(name=f"New {n}"), f"n{n}") for n in range(2)]
    answers = await ledger.answer_all([news[0], known, news[1]], atomic=True)
    assert [answer.sequence for answer in answers if isinstance(answer, Reply)] == [4, reply.sequence, 5]
    assert await ledger.answer_all([known, news[0]], atomic=True) == [
        Reply.stored(reply.body),
        Reply.stored(answers[0].body) if isinstance(answers[0], Reply) else None,
    ]
    other = request(AddUnit(name="Other"), "c1")
    refused = await ledger.answer_all([request(AddUnit(name="Last"), "n9"), other], atomic=True)
    assert [type(answer) for answer in refused] == [NotApplied, CommandIdReused]
    assert await count(database, "ledger.events") == 5


async def test_what_the_database_refuses_fails_its_sender_alone(ledger: Ledger, database: str):
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE ledger.event_subjects ADD CHECK (subject <> 'units/poison')")
    await connection.close()
    answers = await asyncio.gather(
        *(ledger.answer(request(AddUnit(unit_id=each, name="U"), f"c-{each}")) for each in ("a", "poison", "b")),
        return_exceptions=True,
    )
    assert isinstance(answers[1], asyncpg.CheckViolationError)
    assert [isinstance(answer, Reply) for answer in answers] == [True, False, True]
    assert await count(database, "ledger.events") == 4


async def test_an_event_of_a_newer_release_stops_its_own_organisation_alone(ledger: Ledger, database: str):
    await ledger.answer(Request("globex", RegisterOrganisation(organisation="globex", name="G"), "register", ADA))
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER USER")
    await connection.execute(
        "UPDATE ledger.events SET entry ="
        " convert_to(replace(convert_from(entry, 'UTF8'), 'UnitAdded', 'UnitSplit'), 'UTF8')"
        " WHERE organisation = 'globex'"
    )
    await connection.close()
    async with running(database) as restarted:
        split = Request("globex", AddUnit(name="Sales"), "c1", ADA)
        neighbour = restarted.answer(request(AddUnit(name="Sales"), "c1"))
        answers = await asyncio.gather(restarted.answer(split), neighbour, return_exceptions=True)
    assert isinstance(answers[0], UnknownEvent)
    assert isinstance(answers[1], Reply)


async def test_a_restore_that_began_another_epoch_is_noticed(database: str):
    async with running(database) as ledger:
        await ledger.answer(request(REGISTER, "register"))
        await ledger.answer(request(AddUnit(unit_id="lost", name="Lost"), "c1"))
        connection = await asyncpg.connect(database)
        await connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER USER")
        await connection.execute("DELETE FROM ledger.events WHERE sequence = 3")
        await connection.execute("DELETE FROM ledger.event_subjects WHERE sequence = 3")
        await connection.execute("UPDATE ledger.heads SET sequence = 2, epoch = 2")
        refused = await refusal_of(ledger.answer(request(AddUnit(name="Child", parent_id="lost"), "c2")))
        assert refused.code == "reference_unknown"
        await ledger.answer(request(AddUnit(name="New"), "c3"))
        epochs = await connection.fetch("SELECT epoch FROM ledger.events ORDER BY sequence")
        await connection.close()
    assert [row["epoch"] for row in epochs] == [1, 1, 2]


async def test_a_restore_whose_next_epoch_has_gone_further_is_noticed(database: str):
    async with running(database) as ledger:
        await ledger.answer(request(REGISTER, "register"))
        await ledger.answer(request(AddUnit(unit_id="lost", name="Lost"), "c1"))
        connection = await asyncpg.connect(database)
        await connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER USER")
        await connection.execute("DELETE FROM ledger.events WHERE sequence = 3")
        await connection.execute("DELETE FROM ledger.event_subjects WHERE sequence = 3")
        await connection.execute("UPDATE ledger.heads SET sequence = 2, epoch = 2")
        await connection.close()
        # Another process goes on first, so that the head is beyond what is folded here.
        async with running(database) as other:
            await other.answer(request(AddUnit(name="New"), "c2"))
            await other.answer(request(AddUnit(name="Newer"), "c3"))
        refused = await refusal_of(ledger.answer(request(AddUnit(name="Child", parent_id="lost"), "c4")))
    assert refused.code == "reference_unknown"


async def test_another_process_is_seen_whatever_was_cached(database: str):
    async with running(database) as here, running(database) as there:
        await here.answer(request(REGISTER, "register"))
        refused = await refusal_of(here.answer(request(AddUnit(unit_id="b", name="B", parent_id="a"), "c1")))
        assert refused.code == "reference_unknown"
        await there.answer(request(AddUnit(unit_id="a", name="A"), "c2"))
        assert len((await here.answer(request(AddUnit(unit_id="b", name="B", parent_id="a"), "c1"))).events) == 1
        assert (await there.answer(request(AddUnit(unit_id="b", name="B", parent_id="a"), "c3"))).events == ()


async def test_time_never_runs_backwards(database: str):
    clock = [datetime(2026, 5, 20, 12, 0, tzinfo=UTC)]
    async with running(database, now=lambda: clock[0]) as ledger:
        await ledger.answer(request(REGISTER, "register"))
        clock[0] -= timedelta(hours=1)
        await ledger.answer(request(AddUnit(name="Sales"), "c1"))
    connection = await asyncpg.connect(database)
    rows = await connection.fetch("SELECT entry, data, text FROM ledger.events ORDER BY sequence")
    await connection.close()
    times = [decode(row["entry"], row["data"], row["text"]).recorded_at for row in rows]
    assert times == [datetime(2026, 5, 20, 12, 0, tzinfo=UTC)] * 3


async def test_a_process_whose_clock_was_set_back_by_an_hour_goes_on_at_the_time_of_the_head(database: str):
    # Over midnight, too: what was effective on the new day must not come before it.
    before = datetime(2026, 5, 20, 0, 30, tzinfo=UTC)
    async with running(database, now=lambda: before) as ledger:
        await ledger.answer(request(REGISTER, "register"))
    async with running(database, now=lambda: before - timedelta(hours=1)) as ledger:
        await ledger.answer(request(AddUnit(name="Sales"), "c1"))
        refused = await refusal_of(ledger.answer(request(AddUnit(name="Soon", effective_on=date(2026, 5, 21)), "c2")))
        assert refused.code == "in_the_future"
    async with running(database, now=lambda: before + timedelta(hours=1)) as ledger:
        await ledger.answer(request(AddUnit(name="Later"), "c3"))
    connection = await asyncpg.connect(database)
    rows = await connection.fetch("SELECT entry, data, text FROM ledger.events ORDER BY sequence")
    await connection.close()
    events = [decode(row["entry"], row["data"], row["text"]) for row in rows]
    assert [event.recorded_at for event in events] == [before] * 3 + [before + timedelta(hours=1)]
    assert {event.effective_on for event in events} == {date(2026, 5, 20)}


async def test_a_group_that_is_decided_ahead_sees_the_one_that_is_being_written(ledger: Ledger, database: str):
    chain = [AddUnit(unit_id="u0", name="Unit")]
    chain += [AddUnit(unit_id=f"u{n}", name="Unit", parent_id=f"u{n - 1}") for n in range(1, 200)]
    replies = await asyncio.gather(*(ledger.answer(request(each, each.unit_id or "")) for each in chain))
    assert [reply.sequence for reply in replies] == list(range(3, 203))
    assert await count(database, "ledger.events") == 202


async def test_a_group_that_is_decided_ahead_is_decided_again_where_somebody_else_wrote(ledger: Ledger, database: str):
    async with running(database) as other:
        await other.answer(request(AddUnit(unit_id="theirs", name="Unit"), "theirs"))
        names = ["theirs", *(f"u{n}" for n in range(100))]
        answers = await asyncio.gather(
            *(ledger.answer(request(AddUnit(unit_id=name, name="Ours"), f"ours-{name}")) for name in names),
            return_exceptions=True,
        )
    assert isinstance(answers[0], IdTaken)
    assert [answer.sequence for answer in answers[1:] if isinstance(answer, Reply)] == list(range(4, 104))
    assert await count(database, "ledger.events") == 103


async def test_a_command_that_is_sent_again_while_it_is_written_is_applied_once(ledger: Ledger, database: str):
    requests = [request(AddUnit(name=f"Unit {n}"), f"unit-{n}") for n in range(100)]
    first = asyncio.gather(*(ledger.answer(each) for each in requests))
    second = asyncio.gather(*(ledger.answer(each) for each in requests))
    assert [reply.body for reply in await first] == [reply.body for reply in await second]
    assert await count(database, "ledger.events") == 102


async def test_an_id_that_the_ledger_makes_is_taken_for_new_only_where_it_is(ledger: Ledger, database: str):
    made = request(AddUnit(name="Ours"), "ours")
    async with running(database) as other:
        # Somebody foresaw the id; this process has not read the subject.
        await other.answer(request(AddUnit(unit_id=_unit_id(made), name="Theirs"), "theirs"))
        await ledger.answer(request(AddUnit(unit_id="u", name="Unit"), "u"))
        answers = await asyncio.gather(
            ledger.answer(made),
            *(ledger.answer(request(AddUnit(name="Unit"), f"u{n}")) for n in range(60)),
            return_exceptions=True,
        )
    assert isinstance(answers[0], IdTaken)
    assert [answer.sequence for answer in answers[1:] if isinstance(answer, Reply)] == list(range(5, 65))


async def test_what_was_taken_for_new_is_forgotten_where_the_command_is_refused(ledger: Ledger, database: str):
    refused = request(AddUnit(name="Unit", parent_id="nowhere"), "refused")
    theirs = AddUnit(unit_id=_unit_id(refused), name="Theirs")
    async with running(database) as other:
        await other.answer(request(theirs, "theirs"))
    await ledger.answer(request(AddUnit(unit_id="u", name="Unit"), "u"))
    taken, answer = await asyncio.gather(
        ledger.answer(request(AddUnit(unit_id="v", name="Unit"), "v")), ledger.answer(refused), return_exceptions=True
    )
    assert isinstance(taken, Reply)
    assert isinstance(answer, Refusal)
    assert (await ledger.answer(request(theirs, "again"))).events == ()


async def test_a_killed_connection_loses_and_doubles_nothing(ledger: Ledger, database: str):
    connection = await asyncpg.connect(database)
    replies: list[Reply] = []
    for n in range(40):
        answer = asyncio.create_task(ledger.answer(request(AddUnit(name=f"Unit {n}"), f"c{n}")))
        # Cut at an arbitrary moment of the command: before, while or after it is committed.
        await asyncio.wait([answer], timeout=n / 20_000)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        replies.append(await answer)
    assert [reply.sequence for reply in replies] == list(range(3, 43))
    assert await connection.fetchval("SELECT count(*) FROM ledger.events") == 42
    await connection.close()


async def test_what_is_stored_is_what_it_commits_to(ledger: Ledger, database: str):
    await ledger.answer(request(AddPerson(person_id="p1", name="Ada Lovelace", email="ada@acme.example"), "c1"))
    connection = await asyncpg.connect(database)
    rows = await connection.fetch("SELECT * FROM ledger.events ORDER BY sequence")
    vault = await connection.fetchrow("SELECT name, email FROM directory.people WHERE person_id = 'p1'")
    await connection.close()
    assert vault is not None
    assert tuple(vault) == ("Ada Lovelace", "ada@acme.example")
    for row in rows:
        entry = json.loads(row["entry"])
        assert entry["commitments"]["data"] == commitment(row["data_secret"], "data", row["data"])
        if row["text"] is None:
            assert entry["commitments"]["text"] is None
        else:
            assert entry["commitments"]["text"] == commitment(row["text_secret"], "text", row["text"])
        assert row["leaf_hash"] == hashlib.sha256(b"\x00" + row["entry"]).digest()
        assert b"Lovelace" not in b"".join((row["entry"], row["data"], row["text"] or b""))


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger.events SET data = data", "DELETE FROM ledger.events", "TRUNCATE ledger.events"]
)
async def test_nobody_changes_an_event(ledger: Ledger, database: str, statement: str):
    connection = await asyncpg.connect(database)
    with pytest.raises(asyncpg.PostgresError, match="never changed or removed"):
        await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM ledger.events",
        "SELECT * FROM directory.people",
        "INSERT INTO ledger.heads VALUES ('x', 1, 1, now())",
    ],
)
async def test_the_lanes_have_no_rights_on_tables(ledger: Ledger, database: str, statement: str):
    connection = await postgres.connect(database, "okr_ledger")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


async def test_a_full_lane_says_so_at_once(database: str):
    lane = Lane(
        lambda: postgres.connect(database, "okr_ledger"),
        group_limit=1,
        queue_limit=2,
        cached_subjects=10,
        now=lambda: datetime.now(UTC),
        on_append=lambda: None,
    )
    check_in = RecordCheckIn(key_result_id="k", value=Decimal(1))
    lane.submit(Unit((request(check_in, "c1"),)))
    lane.submit(Unit((request(check_in, "c2"),)))
    with pytest.raises(LaneIsFull):
        lane.submit(Unit((request(check_in, "c3"),)))
