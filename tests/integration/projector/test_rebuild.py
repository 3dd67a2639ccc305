"""A read model built anew beside the live one: compared, switched, kept, left and dropped."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from okr_contracts.envelope import Recorded
from okr_contracts.events import ObjectiveRevised
from projections.generations import Generation, begin_generation, drop_generation, is_read, list_generations
from projections.positions import Move, Position, PositionMoved, advance, list_positions
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from projections.verify import verify
from services.chassis import migrations
from services.cli.migrate import steps
from services.projector.main import connect_as_projector
from services.projector.projection import Projection
from services.projector.rebuild import Rebuild, RebuildRefused, Stage
from tests.benchmarks.histories import history as quarter
from tests.ledger_writer import of_organisation, project, write
from tests.pipeline import assert_counting_is_the_fold, counting, history, make_counting_tables
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
async def counting_tables(database: str) -> None:
    await make_counting_tables(database)


@pytest.fixture
async def connection(database: str) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


def projector(database: str, model: ReadModel | None = None) -> Projection:
    """A projector without Kafka: it has the ledger to read from."""
    return Projection(model or counting(), partial(connect_as_projector, database), "none")


async def project_all(database: str, model: ReadModel | None = None) -> None:
    """What the projector's look for lost tails does, once."""
    projection = projector(database, model)
    await projection.catch_up(lambda organisation: True)
    await projection.stop()


async def written(database: str, *histories: list[Recorded]) -> None:
    for events in histories:
        await write(database, events)
    await project_all(database)


async def generations(connection: asyncpg.Connection, projection: str = "counting") -> dict[str, Generation]:
    return {each.generation: each for each in await list_generations(connection, [projection])}


async def states(connection: asyncpg.Connection) -> dict[str, str]:
    return {name: each.state for name, each in (await generations(connection)).items()}


async def reached(connection: asyncpg.Connection) -> dict[str, int]:
    return {each.organisation: each.sequence for each in await list_positions(connection, ["counting"])}


async def test_a_rebuild_is_compared_and_switched_and_the_old_one_kept(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 2500), history("other", 7))
    told: list[tuple[Stage, int, int]] = []

    def tell(stage: Stage, done: int, total: int) -> None:
        told.append((stage, done, total))

    outcome = await Rebuild(counting(), database, tell=tell).run()

    assert (outcome.generation, outcome.switched, outcome.kept) == ("counting_2", True, "counting")
    assert outcome.events == 2507
    assert outcome.compared is not None
    assert (outcome.compared.agrees, outcome.compared.rows, outcome.compared.events) == (True, 2509, 2507)
    assert await states(connection) == {"counting": "kept", "counting_2": "live"}
    assert await reached(connection) == {"acme": 2500, "other": 7}
    await assert_counting_is_the_fold(database)
    assert told == [
        ("reading", 0, 2507),
        ("reading", 2507, 2507),
        ("comparing", 2507, 2507),
        ("reading", 2507, 2507),
        ("switching", 2507, 2507),
    ]


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda model: model.name)
async def test_each_read_model_is_rebuilt_to_the_same_rows(
    database: str, connection: asyncpg.Connection, model: ReadModel
):
    events = quarter("acme", 400)
    for one in (events, of_organisation("other", events)):
        await write(database, one)
        await project(database, one, [model])

    outcome = await Rebuild(model, database).run()

    assert outcome.switched, outcome
    assert outcome.compared is not None
    assert outcome.compared.rows > 0
    assert (await verify(connection, model)).agrees
    # The tables of the new one are guarded and granted like those of the old one.
    rights = """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text, pg_get_userbyid(c.relowner) AS owner,
               array(SELECT row(p.polname, p.polcmd, p.polroles, pg_get_expr(p.polqual, p.polrelid))::text
                       FROM pg_policy AS p WHERE p.polrelid = c.oid ORDER BY p.polname) AS policies
          FROM pg_class AS c WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' ORDER BY c.relname
    """
    assert await connection.fetch(rights, outcome.generation) == await connection.fetch(rights, model.name)
    assert await connection.fetchval("SELECT has_schema_privilege('okr_query', $1, 'USAGE')", outcome.generation)


async def test_what_comes_to_the_tables_later_comes_to_every_generation(
    database: str, connection: asyncpg.Connection, tmp_path: Path
):
    model = next(each for each in READ_MODELS if each.name == "alignment")
    for _ in range(2):
        assert (await Rebuild(model, database).run()).switched
    await drop_generation(connection, "alignment")
    later = tmp_path / "later.sql"
    later.write_text("ALTER TABLE alignment.units ADD COLUMN later text;")
    grown = replace(model, added=(*model.added, later))
    models = [grown if each is model else each for each in READ_MODELS]

    assert await migrations.migrate(connection, steps(models)) == ["alignment/later"]

    having = "SELECT table_schema FROM information_schema.columns WHERE column_name = 'later' ORDER BY table_schema"
    assert [row[0] for row in await connection.fetch(having)] == ["alignment_2", "alignment_3"]
    assert (await Rebuild(grown, database).run()).switched


async def test_several_rebuilds_in_a_row(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 10))
    projecting = projector(database)
    for number in (2, 3, 4):
        outcome = await Rebuild(counting(), database).run()
        assert (outcome.generation, outcome.switched) == (f"counting_{number}", True)
        await write(database, history("acme", 10 * number, first=10 * number - 9))
        assert await projecting.catch_up(lambda organisation: True) == 0
        await assert_counting_is_the_fold(database)
    await projecting.stop()
    assert list((await states(connection)).values()) == ["kept", "kept", "kept", "live"]
    # What is kept stays as it was when it was left.
    kept = [await connection.fetchval(f"SELECT events FROM counting{n}.totals") for n in ("", "_2", "_3", "_4")]
    assert kept == [10, 20, 30, 40]


async def test_the_projector_follows_within_one_batch(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 5))
    projecting = projector(database)
    await write(database, history("acme", 6, first=6))
    await projecting.catch_up(lambda organisation: True)
    assert (await Rebuild(counting(), database).run()).switched
    await write(database, history("acme", 9, first=7))
    await projecting.catch_up(lambda organisation: True)
    await projecting.stop()
    assert await reached(connection) == {"acme": 9}
    assert projecting.refused == 0, "to follow is no sign of a twin"
    await assert_counting_is_the_fold(database)
    assert await connection.fetchval("SELECT newest FROM counting.totals") == 6


async def test_a_write_that_waited_for_the_switch_does_not_go_to_the_one_that_is_kept(
    database: str, connection: asyncpg.Connection
):
    await written(database, history("acme", 5))
    await write(database, history("acme", 6, first=6))
    assert (await Rebuild(counting(), database).run()).switched
    # As the switch does it, held open.
    switching = connection.transaction()
    await switching.start()
    await connection.execute("UPDATE projections.generations SET state = 'building' WHERE generation = 'counting_2'")
    await connection.execute("UPDATE projections.generations SET state = 'live' WHERE generation = 'counting'")
    await switching.commit()
    switching = connection.transaction()
    await switching.start()
    await connection.execute("LOCK TABLE projections.positions IN SHARE ROW EXCLUSIVE MODE")
    writing = await connect_as_projector(database)
    move = Move("acme", Position(1, 5), Position(1, 6), history("acme", 6)[-1].recorded_at)
    advancing = asyncio.create_task(advance(writing, "counting", [move]))

    async def waits() -> bool:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    await wait_until(waits, "the write waits")
    await connection.execute("UPDATE projections.generations SET state = 'kept' WHERE generation = 'counting'")
    await connection.execute("UPDATE projections.generations SET state = 'live' WHERE generation = 'counting_2'")
    await switching.commit()
    with pytest.raises(PositionMoved):
        await advancing
    await writing.close()


async def test_a_difference_is_told_and_mended_only_if_asked_for(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 5), history("other", 5), history("third", 1))
    await connection.execute(
        "UPDATE counting.events SET subject = 'wrong' WHERE organisation = 'acme' AND sequence = 3"
    )
    await connection.execute("DELETE FROM counting.events WHERE organisation = 'other' AND sequence = 5")

    outcome = await Rebuild(counting(), database).run()
    assert (outcome.switched, outcome.kept) == (False, "counting")
    assert outcome.compared is not None
    (difference,) = outcome.compared.differences
    assert (difference.table, difference.unexpected, difference.missing) == ("events", 1, 2)
    assert difference.organisations == ("acme", "other")
    assert await states(connection) == {"counting": "live", "counting_2": "building"}

    await written(database, history("acme", 8, first=6))
    mended = await Rebuild(counting(), database, accept_differences=True).run()
    assert (mended.switched, mended.generation, mended.events) == (True, "counting_2", 3)
    assert mended.compared is not None
    assert mended.compared.differences == (difference,)
    await assert_counting_is_the_fold(database)


async def test_an_event_that_the_new_one_cannot_apply_holds_up_the_switch(
    database: str, connection: asyncpg.Connection
):
    await written(database, history("acme", 2500), history("other", 3))
    broken = counting(refuses=lambda recorded: (recorded.organisation, recorded.sequence) == ("acme", 1200))

    for accept_differences in (False, True):
        outcome = await Rebuild(broken, database, accept_differences=accept_differences).run()
        assert not outcome.switched
        (stopped,) = outcome.stopped
        assert (stopped.organisation, stopped.sequence, stopped.event_type) == ("acme", 1200, "UnitAdded")
        assert stopped.reason == "the test refuses it"
        assert await states(connection) == {"counting": "live", "counting_2": "building"}
    # All that can be applied was, and the live one is none the wiser.
    assert (await generations(connection))["counting_2"].events == 1199 + 3
    assert await connection.fetchval("SELECT count(*) FROM projections.parked") == 0
    assert (await Rebuild(counting(), database).run()).switched
    await assert_counting_is_the_fold(database)


async def test_what_is_parked_is_rebuilt_as_far_as_it_is_and_tried_again(database: str, connection: asyncpg.Connection):
    await write(database, history("acme", 9))
    await write(database, history("other", 9))
    await project_all(database, counting(refuses=lambda one: (one.organisation, one.sequence) == ("acme", 4)))
    assert await reached(connection) == {"acme": 3, "other": 9}

    outcome = await Rebuild(counting(), database).run()
    assert outcome.switched
    # Nothing goes beyond the live one before the switch; afterwards the projector goes on, and is not held up.
    assert await reached(connection) == {"acme": 3, "other": 9}
    await project_all(database)
    assert await reached(connection) == {"acme": 9, "other": 9}
    await assert_counting_is_the_fold(database)


async def test_a_rebuild_while_no_projector_runs_and_organisations_are_registered(
    database: str, connection: asyncpg.Connection
):
    await written(database, history("acme", 5))
    await write(database, history("acme", 9, first=6))
    await write(database, history("new", 3))
    outcome = await Rebuild(counting(), database).run()
    assert (outcome.switched, outcome.events) == (True, 5)
    assert await reached(connection) == {"acme": 5, "new": 0}
    await project_all(database)
    assert await reached(connection) == {"acme": 9, "new": 3}
    await assert_counting_is_the_fold(database)


async def test_a_read_model_without_an_event_is_rebuilt_too(database: str, connection: asyncpg.Connection):
    outcome = await Rebuild(counting(), database).run()
    assert (outcome.switched, outcome.events) == (True, 0)
    await written(database, history("acme", 3))
    await assert_counting_is_the_fold(database)


async def test_two_at_once_are_refused(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 30))
    entered, go_on = asyncio.Event(), asyncio.Event()
    model = counting()

    class Waiting:
        """Applies when it is told to."""

        def __init__(self) -> None:
            self.committed = self.forget = lambda: None

        async def apply(self, connection: asyncpg.Connection, schema: str, events: list[Recorded]) -> None:
            entered.set()
            await go_on.wait()
            await model.apply(connection, schema, events)

    first = asyncio.create_task(Rebuild(replace(model, applier=Waiting), database).run())
    await entered.wait()
    with pytest.raises(RebuildRefused, match="Another process is rebuilding"):
        await Rebuild(model, database).run()
    go_on.set()
    assert (await first).switched
    await assert_counting_is_the_fold(database)


async def test_a_build_of_another_release_is_begun_anew(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 5))
    await begin_generation(connection, counting())
    await connection.execute("UPDATE projections.generations SET code = 'of another release' WHERE state = 'building'")
    outcome = await Rebuild(counting(), database).run()
    assert (outcome.switched, outcome.generation) == (True, "counting_3")
    assert await states(connection) == {"counting": "kept", "counting_3": "live"}
    assert not await connection.fetchval("SELECT to_regnamespace('counting_2') IS NOT NULL")


async def test_after_a_restore_that_lost_events_the_rebuild_has_what_is_there(
    database: str, connection: asyncpg.Connection
):
    await written(database, history("acme", 5))
    # The backup had three of the five events; another one came after it, in the next epoch.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("DELETE FROM ledger.events WHERE sequence > 3; DELETE FROM ledger.replies")
    await connection.execute("DELETE FROM ledger.event_subjects WHERE sequence > 3")
    await connection.execute("UPDATE ledger.heads SET sequence = 3, epoch = 2")
    await connection.execute("SET session_replication_role = origin")
    await write(database, [one._replace(epoch=2) for one in history("acme", 4, first=4, name="Marketing")])
    await project_all(database)
    assert await connection.fetchval("SELECT error FROM projections.parked") == (
        "a restore lost events that were applied here: rebuild this read model"
    )

    assert not (await Rebuild(counting(), database).run()).switched
    assert (await Rebuild(counting(), database, accept_differences=True).run()).switched
    await write(database, [one._replace(epoch=2) for one in history("acme", 6, first=5, name="Marketing")])
    await project_all(database)
    assert await reached(connection) == {"acme": 6}
    await assert_counting_is_the_fold(database)


async def test_the_way_back(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 5), history("other", 1))
    assert (await Rebuild(counting(), database).run()).switched
    await written(database, history("acme", 2500, first=6), history("new", 4))

    back = await Rebuild(counting(), database).back_to("counting")
    assert (back.switched, back.generation, back.kept, back.compared) == (True, "counting", "counting_2", None)
    assert back.events == 2499
    assert await states(connection) == {"counting": "live", "counting_2": "kept"}
    assert await reached(connection) == {"acme": 2500, "other": 1, "new": 4}
    await written(database, history("acme", 2503, first=2501))
    await assert_counting_is_the_fold(database)


async def test_what_cannot_be_gone_back_to(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 5))
    for name in ("counting", "counting_7"):
        with pytest.raises(RebuildRefused, match="not a generation of counting that is kept"):
            await Rebuild(counting(), database).back_to(name)
    assert (await Rebuild(counting(), database).run()).switched
    await begin_generation(connection, counting())
    with pytest.raises(RebuildRefused, match="counting_3, another generation of counting, is under way"):
        await Rebuild(counting(), database).back_to("counting")
    await connection.execute("UPDATE projections.generations SET state = 'kept' WHERE generation = 'counting_3'")
    await connection.execute("UPDATE projections.generations SET state = 'returning' WHERE generation = 'counting'")
    with pytest.raises(RebuildRefused, match="counting, another generation of counting, is under way") as refused:
        await Rebuild(counting(), database).run()
    assert "okr projection switch counting" in refused.value.fix
    assert (await Rebuild(counting(), database).back_to("counting")).switched


async def test_what_is_kept_is_dropped_when_nobody_reads_it(database: str, connection: asyncpg.Connection):
    await written(database, history("acme", 5))
    reader = await asyncpg.connect(database)
    snapshot = reader.transaction(isolation="repeatable_read", readonly=True)
    await snapshot.start()
    before = "SELECT generation FROM projections.live_generations WHERE projection = 'counting'"
    assert await reader.fetchval(before) == "counting"
    assert (await Rebuild(counting(), database).run()).switched
    assert await is_read(connection, "counting")
    # Whoever began before the switch reads what was live then, all of it.
    assert await reader.fetchval(before) == "counting"
    assert await reader.fetchval("SELECT newest FROM counting.totals") == 5
    await snapshot.rollback()

    async def unread() -> bool:
        return not await is_read(connection, "counting")

    await wait_until(unread, "nobody reads it")
    await drop_generation(connection, "counting")
    assert await states(connection) == {"counting_2": "live"}
    assert await connection.fetchval("SELECT count(*) FROM projections.positions") == 1
    assert (await Rebuild(counting(), database).run()).generation == "counting_3"
    await drop_generation(connection, "counting_2")
    await written(database, history("acme", 9, first=6))
    await assert_counting_is_the_fold(database)
    await reader.close()


async def test_the_live_one_cannot_be_dropped(database: str, connection: asyncpg.Connection):
    with pytest.raises(AssertionError, match="live"):
        await drop_generation(connection, "counting")
    assert await states(connection) == {"counting": "live"}


async def test_pages_are_bounded_in_events_and_bytes(database: str, connection: asyncpg.Connection):
    """More events than a page has, and events so large that a page of them would be no page."""
    words = "x" * 10_000
    large = [
        one._replace(event=ObjectiveRevised(objective_id="o", title=words, description=words))
        for one in history("large", 2_000)
    ]
    await written(database, history("acme", 350), large, history("small", 3))
    told: list[int] = []

    def tell(stage: Stage, done: int, total: int) -> None:
        del stage, total
        told.append(done)

    outcome = await Rebuild(counting(), database, page_events=2_200, tell=tell).run()
    assert outcome.switched
    # 20 KB an event: what is read at once is cut after 16 MB, at the next thousand.
    assert told[:3] == [0, 2_000, 2_353], told
    await assert_counting_is_the_fold(database)
