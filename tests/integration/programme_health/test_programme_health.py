"""Programme health on a real database: against the plain recomputation, in any batches, and what it forgets."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okr_contracts.commands import AddUnit, Announce, ChangeSettings, RecordViews
from okr_contracts.envelope import Recorded
from okr_contracts.fields import View
from projections.programme_health import READ_MODEL, queries
from projections.programme_health.queries import WHOLE, Moment
from projections.read_model import Connection
from services.chassis import postgres
from services.query.freshness import snapshot
from tests.given import NOON, History
from tests.histories import HISTORIES
from tests.integration.plain_recomputation.imported import DAYS, IMPORTED_HISTORIES
from tests.integration.programme_health.story import story
from tests.ledger_writer import as_json, of_organisation, project, write
from tests.plain_recomputation import Circle, recompute, recompute_health

TABLES = ("facts", "check_ins", "views", "view_counts")
TODAY = NOON.date()


async def compare(connection: Connection, recorded: Sequence[Recorded], moment: Moment) -> None:
    """Holds every figure that the plain recomputation knows against it."""
    plain = recompute_health([as_json(event) for event in recorded], moment.effective_on, moment.known_at)
    for figure, expected in plain.items():
        members = await queries.members(connection, moment, figure, WHOLE, None, None, ("", "", 0), 10_000)
        found: dict[tuple[str, str], list[str]] = {}
        for each in members:
            found.setdefault((each.kind, each.id), []).append(each.outcome)
        assert {key: sorted(outcomes) for key, outcomes in found.items()} == expected, (figure, moment)


async def written(url: str, recorded: list[Recorded]) -> list[Recorded]:
    await write(url, recorded)
    await project(url, recorded, [READ_MODEL], batch=11)
    return recorded


async def test_figures_equal_the_plain_recomputation_at_any_moment(database: str) -> None:
    asked: list[tuple[History, date, float]] = []

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(HISTORIES, st.dates(date(2026, 5, 1), date(2026, 7, 10)), st.floats(0.3, 1))
    def each(history: History, on: date, known: float) -> None:
        asked.append((history, on, known))

    each()
    async with postgres.pool(database, "okr_query", size=1) as pool:
        for number, (history, on, known) in enumerate(asked):
            name = f"org-{number}"
            recorded = await written(database, of_organisation(name, history.recorded))
            async with snapshot(pool, name) as connection:
                await compare(connection, recorded, Moment(name, on, len(recorded)))
                await compare(connection, recorded, Moment(name, TODAY, int(len(recorded) * known)))


async def test_figures_of_an_import_equal_the_plain_recomputation_on_any_day(database: str) -> None:
    asked: list[tuple[History, date, int]] = []

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(IMPORTED_HISTORIES, DAYS, st.floats(0.3, 1))
    def each(history: History, on: date, known: float) -> None:
        asked.append((history, on, int(len(history.recorded) * known)))

    each()
    async with postgres.pool(database, "okr_query", size=1) as pool:
        for number, (history, on, known_at) in enumerate(asked):
            name = f"org-{number}"
            recorded = await written(database, of_organisation(name, history.recorded))
            try:
                recompute([as_json(event) for event in recorded], on, known_at)
            except Circle:
                continue
            async with snapshot(pool, name) as connection:
                await compare(connection, recorded, Moment(name, on, known_at))


async def rows(database: str) -> dict[str, list[tuple[object, ...]]]:
    connection = await asyncpg.connect(database)
    try:
        found: dict[str, list[tuple[object, ...]]] = {}
        for table in TABLES:
            listed = await connection.fetch(f"SELECT * FROM programme_health.{table} AS t ORDER BY t")
            found[table] = [tuple(row) for row in listed]
        return found
    finally:
        await connection.close()


async def emptied(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("TRUNCATE " + ", ".join(f"programme_health.{table}" for table in TABLES))
        await connection.execute("DELETE FROM projections.positions")
    finally:
        await connection.close()


def seen(announcement_id: str, person_id: str, at: datetime) -> RecordViews:
    return RecordViews(announcement_id=announcement_id, views=(View(person_id=person_id, seen_at=at, channel="mail"),))


def long_after() -> History:
    """The story, and a view of the same announcement by the same person more than ninety days later."""
    history = story()
    first = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)
    history.now = first + timedelta(days=100)
    history.accept(seen("a-course", "p-ben", history.now))
    history.accept(Announce(announcement_id="a-late", kind="reminder", title="Grade"))
    history.accept(seen("a-late", "p-ben", history.now))
    return history


async def test_the_rows_are_the_same_in_whatever_batches_the_events_come(database: str) -> None:
    history = long_after()
    await write(database, history.recorded)
    found: list[dict[str, list[tuple[object, ...]]]] = []
    for batch in (1, 7, 1000):
        await emptied(database)
        await project(database, history.recorded, [READ_MODEL], batch=batch)
        found.append(await rows(database))
    for table in TABLES:
        assert found[0][table] == found[1][table] == found[2][table]
    assert all(found[0].values())


async def test_who_saw_what_is_forgotten_after_a_while_and_how_many_is_not(database: str) -> None:
    history = long_after()
    await written(database, history.recorded)
    assert [(row[1], row[2]) for row in (await rows(database))["views"]] == [
        ("a-course", "p-ben"),
        ("a-late", "p-ben"),
        ("a-news", "p-cho"),
    ]
    async with postgres.pool(database, "okr_query", size=1) as pool, snapshot(pool, "acme") as connection:
        moment = Moment("acme", history.now.date(), len(history.recorded))
        reach = (await queries.figure(connection, moment, "reach")).total.tallies
        # Three saw the first two announcements, one of them again when that was forgotten; and one saw the last.
        assert reach["announcement"].outcomes["seen"] == 5
        listed = await queries.members(connection, moment, "reach", WHOLE, None, "person", ("", "", 0), 100)
        assert "a-course" not in {each.detail["announcement_id"] for each in listed}
    history.accept(ChangeSettings(organisation="acme", views_kept_days=1))
    history.now += timedelta(days=3)
    history.accept(AddUnit(unit_id="u-new", name="New"))
    await write(database, history.recorded[-2:])
    await project(database, history.recorded[-2:], [READ_MODEL], batch=1)
    assert (await rows(database))["views"] == []
