"""The graph on a real database, against the plain recomputation and by hand."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okr_contracts.commands import Command, CreateObjective, LinkAlignment, ReviseObjective, UnlinkAlignment
from okr_contracts.envelope import Recorded
from okr_contracts.fields import Owner, Parent
from projections.alignment import READ_MODEL, queries
from projections.alignment.queries import Moment, NodeKey, Report
from projections.read_model import Connection
from projections.verify import verify
from services.chassis import postgres
from services.query.freshness import snapshot
from tests.given import NOON, History
from tests.histories import HISTORIES, accepted
from tests.integration.plain_recomputation.imported import DAYS, IMPORTED_HISTORIES
from tests.ledger_writer import as_json, of_organisation, project, write
from tests.plain_recomputation import Circle, recompute, recompute_alignment
from tests.unit.domain.acme import objective

TODAY = NOON.date()
NEWEST = 10**6


async def written(url: str, history: History, organisation: str = "acme") -> list[Recorded]:
    recorded = of_organisation(organisation, history.recorded)
    await write(url, recorded)
    await project(url, recorded, [READ_MODEL], batch=7)
    return recorded


def cascade(child: str, above: str, origin: str = "cascaded") -> LinkAlignment:
    return LinkAlignment.model_validate(
        {"child_id": child, "parent": {"kind": "objective", "id": above}, "origin": origin}
    )


async def reported(url: str, moment: Moment, cycle_id: str | None = None) -> Report:
    async with postgres.pool(url, "okr_query", size=1) as pool, snapshot(pool, moment.organisation) as connection:
        found = await queries.report(connection, moment, cycle_id)
        assert found is not None
        return found


async def keys(connection: Connection, moment: Moment, node: NodeKey, direction: queries.Direction) -> set[NodeKey]:
    found = await queries.neighbours(connection, moment, node, direction)
    assert found is not None
    assert len(found) == len({each.key for each in found})
    return {each.key for each in found}


async def compare(connection: Connection, recorded: Sequence[Recorded], moment: Moment) -> bool:
    """Holds the graph against the plain one; whether the credit could be compared too, in cycles that are all open."""
    plain = recompute_alignment([as_json(event) for event in recorded], moment.effective_on, moment.known_at)
    for node, above in plain.ancestors.items():
        # A back-dated link may lead back to where one started: a node is no neighbour of itself all the same.
        assert await keys(connection, moment, node, "ancestors") == above - {node}
        assert await keys(connection, moment, node, "descendants") == plain.descendants[node] - {node}
    report = await queries.report(connection, moment)
    assert report is not None
    assert {each.id for each in report.objectives if each.top_level} == plain.top_level
    assert {each.id for each in report.orphans} == plain.orphans
    opened = {
        each.subject
        for each in recorded
        if each.type == "CycleOpened" and each.effective_on <= moment.effective_on and each.sequence <= moment.known_at
    }
    if len(opened) < 2 or report.no_credit_because is not None:
        return False
    attributed = {key_result.id: credit.attributed for key_result, credit in report.credit}
    assert attributed.keys() == plain.credit.keys()
    for key_result, credit in plain.credit.items():
        assert abs(Fraction(attributed[key_result]) - credit.attributed) <= Fraction(1, 10**6)
    return True


async def test_the_graph_equals_the_plain_recomputation_at_any_moment(database: str) -> None:
    histories: list[History] = []

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(HISTORIES)
    def each(history: History) -> None:
        histories.append(history)

    each()
    async with postgres.pool(database, "okr_query", size=1) as pool:
        for number, history in enumerate(histories):
            recorded = await written(database, history, f"org-{number}")
            async with snapshot(pool, f"org-{number}") as connection:
                for known_at in (len(recorded), len(recorded) * 2 // 3):
                    moment = Moment(f"org-{number}", TODAY, known_at)
                    assert await compare(connection, recorded, moment) or known_at < len(recorded)


async def test_the_graph_of_an_import_equals_the_plain_recomputation_on_any_day(database: str) -> None:
    asked: list[tuple[History, date, int]] = []

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(IMPORTED_HISTORIES, DAYS, st.floats(0.3, 1))
    def each(history: History, on: date, known: float) -> None:
        asked.append((history, on, int(len(history.recorded) * known)))

    each()
    credited: list[bool] = []
    async with postgres.pool(database, "okr_query", size=1) as pool:
        for number, (history, on, known_at) in enumerate(asked):
            recorded = await written(database, history, f"org-{number}")
            try:
                recompute([as_json(event) for event in recorded], on, known_at)
            except Circle:
                continue
            async with snapshot(pool, f"org-{number}") as connection:
                credited.append(await compare(connection, recorded, Moment(f"org-{number}", on, known_at)))
    assert any(credited)


async def test_a_node_with_two_ways_up_is_shown_once_at_the_shorter_one(database: str) -> None:
    await written(database, accepted([cascade("o0", "o1"), cascade("o1", "o2"), half("o0", "o2")]))
    async with postgres.pool(database, "okr_query", size=1) as pool, snapshot(pool, "acme") as connection:
        found = await queries.neighbours(connection, Moment("acme", TODAY, NEWEST), ("objective", "o0"), "ancestors")
    assert found is not None
    assert [(each.id, each.depth) for each in found] == [("o1", 1), ("o2", 1)]
    assert [(edge.child[1], edge.effect) for edge in found[1].links] == [("o0", "supports"), ("o1", "contributes")]


def half(child: str, above: str) -> LinkAlignment:
    return LinkAlignment(child_id=child, parent=Parent(kind="objective", id=above), effect="supports")


async def test_an_ended_link_is_still_there_as_it_was_known(database: str) -> None:
    linked: list[Command] = [cascade("o0", "o1")]
    history = accepted(linked)
    known_before = len(history.recorded)
    history.accept(UnlinkAlignment(child_id="o0", parent=Parent(kind="objective", id="o1")))
    history.accept(ReviseObjective(objective_id="o1", title="Renamed"))
    await written(database, history)
    async with postgres.pool(database, "okr_query", size=1) as pool, snapshot(pool, "acme") as connection:
        before = Moment("acme", TODAY, known_before)
        found = await queries.neighbours(connection, before, ("objective", "o0"), "ancestors")
        assert found is not None
        assert [(each.id, each.title) for each in found] == [("o1", "Win")]
        assert await keys(connection, Moment("acme", TODAY, NEWEST), ("objective", "o0"), "ancestors") == set()


async def test_nothing_is_there_on_a_day_before_it_was_created(database: str) -> None:
    await written(database, accepted([]))
    day_before = Moment("acme", date(2026, 5, 19), NEWEST)
    async with postgres.pool(database, "okr_query", size=1) as pool, snapshot(pool, "acme") as connection:
        assert await queries.neighbours(connection, day_before, ("objective", "o0"), "ancestors") is None
        assert await queries.units(connection, day_before, "", 10) == []


async def test_a_unit_that_only_takes_orders_is_over_cascaded(database: str) -> None:
    links = [cascade("o0", "o3"), cascade("o1", "o3"), cascade("o2", "o3")]
    await written(database, accepted(list[Command](links)))
    report = await reported(database, Moment("acme", TODAY, NEWEST))
    (sales,) = report.units
    assert (sales.unit_id, sales.origins["cascaded"], sales.over_cascaded, sales.drifting) == ("u-sales", 3, True, True)
    assert report.longest_cascade == ["o0", "o3"]
    # Ada drew all links, and owns neither end: there is nothing that contradicts.
    assert report.contradictions == []


async def test_a_link_handed_down_by_the_one_below_contradicts_itself(database: str) -> None:
    own = CreateObjective(
        objective_id="mine", cycle_id="q2", owner=Owner(kind="person", id="p-ada"), title="Mine", top_level=False
    )
    await written(database, accepted([own, cascade("mine", "o1")]))
    report = await reported(database, Moment("acme", TODAY, NEWEST))
    (contradiction,) = report.contradictions
    assert (contradiction.link.child_id, contradiction.drawn_by) == ("mine", "child_owner")


async def test_what_leads_to_a_top_level_objective_of_the_containing_cycle_is_no_orphan(database: str) -> None:
    top = objective("top", "y26").model_copy(update={"top_level": True})
    await written(database, accepted([top, cascade("o0", "top"), cascade("o1", "o0")]))
    report = await reported(database, Moment("acme", TODAY, NEWEST), "q2")
    assert [each.id for each in report.orphans] == ["o2"]
    credit = {key_result.id: credit for key_result, credit in report.credit}
    # o1 passes nothing on: its parent takes the mean of key results alone.
    assert credit["k1"].attributed == Decimal(0)
    assert [loss.reason for loss in credit["k1"].lost] == ["not_in_roll_up"]


async def test_another_organisation_sees_nothing_even_without_a_where_clause(database: str) -> None:
    await written(database, accepted([cascade("o0", "o1")]))
    async with postgres.pool(database, "okr_query", size=1) as pool:
        async with snapshot(pool, "rival") as connection:
            for table in ("objectives", "links", "people", "units", "titles"):
                assert await connection.fetchval(f"SELECT count(*) FROM alignment.{table}") == 0
            for table in ("audit.events", "audit.subjects", "ledger.events", "ledger.heads", "directory.people"):
                assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
        async with snapshot(pool, "acme") as connection:
            assert await connection.fetchval("SELECT count(*) FROM alignment.links") == 1


async def test_the_graph_is_the_fold_of_the_ledger_and_a_lost_row_is_found(database: str) -> None:
    await written(database, accepted([cascade("o0", "o1")]))
    connection = await postgres.connect(database)
    try:
        assert (await verify(connection, READ_MODEL)).agrees
        await connection.execute("DELETE FROM alignment.links")
        (difference,) = (await verify(connection, READ_MODEL)).differences
        assert (difference.table, difference.missing) == ("links", 1)
    finally:
        await connection.close()
