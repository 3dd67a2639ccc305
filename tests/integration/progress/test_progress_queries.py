"""What the query service answers from the progress read model, read as the role that row level security binds."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import asyncpg
import pytest
import pytest_asyncio

from okr_contracts.commands import (
    AddKeyResult,
    Command,
    CorrectCheckIn,
    NameKeyPartner,
    OverrideProgress,
    RecordCheckIn,
    RedefineKeyResult,
    SetRollUp,
    WithdrawCheckIn,
)
from okr_contracts.fields import MeasureUnit, Parent
from okr_rules import differences
from services.query import progress
from services.query.answers import Asked, BadParameter, Connection, JsonObject, NotFound, Page, Streamed
from tests.given import NOON, ORGANISATION, History
from tests.integration.progress.read_model import feed
from tests.unit.domain.acme import BEN, OPENED, key_result, link, objective

Answer = dict[str, Any]


def _check_in(check_in_id: str, of: str, value: int, on: date, **more: object) -> RecordCheckIn:
    content = {"check_in_id": check_in_id, "key_result_id": of, "value": Decimal(value), "effective_on": on}
    return RecordCheckIn.model_validate({**content, **more})


_COMMANDS: list[Command] = [
    *OPENED,
    objective("top", "y26", "Win the year"),
    objective("sales", title="Sell more"),
    objective("care", title="Care more"),
    key_result("k-top", "top"),
    key_result("k-sales", "sales"),
    AddKeyResult.model_validate({**key_result("k-heavy", "sales").model_dump(), "weight": "3"}),
    key_result("k-care", "care"),
    SetRollUp(objective_id="top", roll_up="both", reason="children count too"),
    link("sales", Parent(kind="objective", id="top"), "0.5"),
    link("sales", Parent(kind="objective", id="care"), "0.5", "supports"),
    NameKeyPartner(key_result_id="k-sales", person_id=BEN.person_id or ""),
    _check_in("c1", "k-sales", 40, date(2026, 5, 2), confidence=7, narrative="on our way"),
    _check_in("c2", "k-sales", 60, date(2026, 5, 9)),
    CorrectCheckIn(check_in_id="c2", value=Decimal(50), reason="counted twice"),
    _check_in("c3", "k-heavy", 20, date(2026, 5, 10)),
    OverrideProgress(objective_id="care", progress=Decimal("0.25"), reason="seen"),
    RedefineKeyResult(
        key_result_id="k-care",
        unit=MeasureUnit(kind="percent"),
        restated_value=Decimal(30),
        reason="in percent",
    ),
    WithdrawCheckIn(check_in_id="c3", reason="another team's"),
]


def _history() -> History:
    history = History()
    for command in _COMMANDS:
        history.accept(command)
    return history


HISTORY = _history()
HEAD = len(HISTORY.recorded)
TODAY = NOON.date()


def _sequence(event_type: str, place: int = -1) -> int:
    return [recorded.sequence for recorded in HISTORY.recorded if recorded.type == event_type][place]


def _asked(
    parameters: Mapping[str, str] | None = None,
    *,
    on: date = TODAY,
    known_at: int = HEAD,
    limit: int = 100,
    after: tuple[str | int, ...] | None = None,
    organisation: str = ORGANISATION,
) -> Asked:
    berlin = ZoneInfo("Europe/Berlin")
    given = parameters or {}
    return Asked(organisation, on, known_at, HEAD, TODAY, berlin, limit, after, given, generation="progress")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database_with_history(module_database: str) -> str:
    connection = await asyncpg.connect(module_database)
    await feed(connection, HISTORY.recorded)
    await connection.close()
    return module_database


@asynccontextmanager
async def _as_reader(url: str, organisation: str = ORGANISATION) -> AsyncGenerator[Connection]:
    connection = await asyncpg.connect(url, server_settings={"role": "okr_query", "jit": "off"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SELECT set_config('okr.organisation', $1, true)", organisation)
            yield connection
    finally:
        await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def reader(database_with_history: str) -> AsyncGenerator[Connection]:
    async with _as_reader(database_with_history) as connection:
        yield connection


def _object(answer: object) -> Answer:
    assert isinstance(answer, dict)
    return cast("Answer", answer)


def _ids(page: Page) -> list[str]:
    return [str(_object(item)["id"]) for item in page.items]


async def test_a_node_has_its_numbers_its_owner_and_its_parents(reader: Connection) -> None:
    node = _object(await progress.objective_progress(reader, _asked(), "sales"))
    assert node == {
        "id": "sales",
        "kind": "objective",
        "title": "Sell more",
        "owner": {"kind": "unit", "id": "u-sales"},
        "parents": [
            {
                "id": "care",
                "kind": "objective",
                "effect": "supports",
                "origin": "unstated",
                "weight": "1",
                "share": "0.5",
            },
            {
                "id": "top",
                "kind": "objective",
                "effect": "contributes",
                "origin": "unstated",
                "weight": "1",
                "share": "0.5",
            },
        ],
        "cycle_id": "q2",
        "state": "live",
        # 50 of 100 with weight 1, nothing in force with weight 3: 0.5 ÷ 4.
        "progress": "0.125000",
        "raw": None,
        "measured": "0.250000",
        # Created on 20 May: the first of 42 days.
        "expected": "0.023810",
        "status": "on_track",
        "stale": False,
        "confidence": None,
        "no_inputs": False,
    }


async def test_the_responsible_person_owns_a_key_result_and_its_objective_is_its_parent(reader: Connection) -> None:
    node = _object(await progress.key_result(reader, _asked(), "k-heavy"))
    assert node["owner"] == {"kind": "person", "id": "p-ada"}
    assert node["parents"] == [
        {"id": "sales", "kind": "objective", "effect": "contributes", "origin": None, "weight": "3", "share": "1"}
    ]
    assert (node["raw"], node["progress"], node["value"]) == (None, "0.000000", None)


async def test_a_key_result_says_what_it_measures_and_what_is_in_force(reader: Connection) -> None:
    node = _object(await progress.key_result(reader, _asked(), "k-sales"))
    assert node["partner_ids"] == ["p-ben"]
    assert node["confidence"] == 7
    assert node["value"] == {
        "value": "50",
        "effective_on": "2026-05-09",
        "first_sequence": _sequence("CheckInRecorded", 1),
        "sequence": _sequence("CheckInCorrected"),
    }


async def test_a_restated_value_counts_under_the_new_unit(reader: Connection) -> None:
    node = _object(await progress.key_result(reader, _asked(), "k-care"))
    assert node["definition"]["unit"] == {"kind": "percent", "code": None}
    assert (node["progress"], node["value"]["sequence"]) == ("0.300000", _sequence("KeyResultRedefined"))


async def test_what_was_believed_and_what_was_true_are_two_answers(reader: Connection) -> None:
    before = _sequence("CheckInCorrected") - 1
    on_the_ninth = _asked(on=date(2026, 5, 9))
    assert _object(await progress.key_result_progress(reader, _asked(known_at=before), "k-sales"))["raw"] == "0.600000"
    with pytest.raises(NotFound):
        # It was added on 20 May.
        await progress.key_result_progress(reader, on_the_ninth, "k-sales")


async def test_an_override_is_shown_beside_the_computed_number(reader: Connection) -> None:
    node = _object(await progress.objective(reader, _asked(), "care"))
    assert (node["progress"], node["computed"], node["measured"]) == ("0.250000", "0.300000", "1.000000")
    assert node["override"] == {"progress": "0.25", "sequence": _sequence("ProgressOverridden")}
    assert (node["roll_up"], node["ambition"], node["top_level"]) == ("key_results", "aspirational", False)


@pytest.mark.parametrize(
    ("ask", "node_id"),
    [
        (progress.objective_progress, "top"),
        (progress.objective_progress, "care"),
        (progress.key_result_progress, "k-sales"),
        (progress.key_result_progress, "k-top"),
    ],
)
async def test_an_explanation_recomputes_to_what_it_shows(
    reader: Connection, ask: Callable[..., Awaitable[JsonObject | Streamed]], node_id: str
) -> None:
    node = _object(await ask(reader, _asked({"explain": "true"}), node_id))
    explanation = node["explanation"]
    assert differences(explanation) == ()
    assert explanation["progress"] == node["progress"]


async def test_an_explanation_of_all_levels_is_streamed_parents_first(reader: Connection) -> None:
    answer = await progress.objective_progress(reader, _asked({"explain": "all"}), "top")
    assert isinstance(answer, Streamed)
    levels = [_object(level) async for level in answer.items]
    assert [level["id"] for level in levels] == ["top", "k-top", "sales", "k-heavy", "k-sales"]
    assert all(differences(level) == () for level in levels)
    cited = {given["id"]: given["sequences"] for given in levels[2]["inputs"]}
    assert cited["k-sales"] == [
        _sequence("KeyResultAdded", 1),
        _sequence("CheckInRecorded", 1),
        _sequence("CheckInCorrected"),
    ]


async def test_the_tree_has_every_node_once_parents_first_page_by_page(reader: Connection) -> None:
    whole = await progress.tree(reader, _asked())
    assert sorted(_ids(whole)) == ["care", "k-care", "k-heavy", "k-sales", "k-top", "sales", "top"]
    assert whole.last is None
    seen: set[str] = set()
    for item in whole.items:
        node = _object(item)
        assert {parent["id"] for parent in node["parents"]} <= seen
        seen.add(node["id"])
    paged: list[str] = []
    after: tuple[str | int, ...] | None = None
    while True:
        page = await progress.tree(reader, _asked(limit=2, after=after))
        paged += _ids(page)
        if page.last is None:
            break
        after = page.last
    assert paged == _ids(whole)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"root": "top"}, ["top", "k-top", "sales", "k-heavy", "k-sales"]),
        ({"root": "top", "depth": "1"}, ["top", "k-top", "sales"]),
        ({"root": "key-results/k-top"}, ["k-top"]),
        ({"root": "k-top"}, ["k-top"]),
        ({"depth": "0"}, ["care", "top"]),
        ({"cycle": "y26"}, ["top", "k-top"]),
        ({"owner": "person/p-ada", "root": "sales"}, ["k-heavy", "k-sales"]),
        ({"unit": "u-sales"}, ["care", "top", "sales"]),
        ({"status": "not_measured"}, ["k-top", "k-heavy"]),
    ],
)
async def test_the_tree_is_narrowed_by_its_parameters(
    reader: Connection, parameters: dict[str, str], expected: list[str]
) -> None:
    assert _ids(await progress.tree(reader, _asked(parameters))) == expected


async def test_objectives_are_listed_by_id_and_filtered(reader: Connection) -> None:
    assert _ids(await progress.objectives(reader, _asked())) == ["care", "sales", "top"]
    assert _ids(await progress.objectives(reader, _asked({"cycle": "q2", "unit": "u-sales"}))) == ["care", "sales"]
    first = await progress.objectives(reader, _asked({"status": "on_track"}, limit=1))
    assert (_ids(first), first.last) == (["care"], ("care",))
    rest = await progress.objectives(reader, _asked({"status": "on_track"}, limit=5, after=first.last))
    assert (_ids(rest), rest.last) == (["sales", "top"], None)


async def test_check_ins_show_corrections_and_withdrawals(reader: Connection) -> None:
    page = await progress.check_ins(reader, _asked(), "k-sales")
    first, second = map(_object, page.items)
    assert (first["id"], first["narrative"], first["corrected"]) == ("c1", "on our way", False)
    assert (second["value"], second["corrected"]) == ("50", True)
    assert [version["value"] for version in second["versions"]] == ["60", "50"]
    assert second["versions"][1]["reason"] == "counted twice"
    (withdrawn,) = map(_object, (await progress.check_ins(reader, _asked(), "k-heavy")).items)
    assert (withdrawn["withdrawn"], withdrawn["value"]) == (True, "20")
    assert [version["type"] for version in withdrawn["versions"]] == ["CheckInRecorded", "CheckInWithdrawn"]
    one = await progress.check_ins(reader, _asked(limit=1), "k-sales")
    assert _ids(await progress.check_ins(reader, _asked(after=one.last), "k-sales")) == ["c2"]


async def test_check_ins_known_before_the_correction(reader: Connection) -> None:
    page = await progress.check_ins(reader, _asked(known_at=_sequence("CheckInCorrected") - 1), "k-sales")
    assert [_object(item)["value"] for item in page.items] == ["40", "60"]


async def test_cycles_have_their_days_their_state_and_their_rules(reader: Connection) -> None:
    page = await progress.cycles(reader, _asked())
    assert _ids(page) == ["q2", "y26"]
    quarter = _object(page.items[0])
    assert (quarter["state"], quarter["parent_id"], quarter["rule_version"]) == ("open", "y26", 1)
    assert quarter["thresholds"]["aspirational_on_track"] == "0.7"
    planned = await progress.cycles(reader, _asked(known_at=_sequence("CycleOpened", 0) - 1))
    assert [_object(item)["state"] for item in planned.items] == ["planned", "planned"]


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"status": "behind"}, "/status"),
        ({"owner": "p-ada"}, "/owner"),
        ({"owner": "person/p-ada", "unit": "u-sales"}, "/unit"),
        ({"depth": "-1"}, "/depth"),
    ],
)
async def test_a_wrong_parameter_is_refused_by_name(
    reader: Connection, parameters: dict[str, str], pointer: str
) -> None:
    with pytest.raises(BadParameter) as refused:
        await progress.tree(reader, _asked(parameters))
    assert refused.value.pointer == pointer


async def test_what_is_not_there_is_not_found(reader: Connection) -> None:
    with pytest.raises(NotFound):
        await progress.objective(reader, _asked(), "nobody")
    with pytest.raises(NotFound):
        await progress.objective(reader, _asked(known_at=3), "top")
    with pytest.raises(NotFound):
        await progress.tree(reader, _asked({"root": "nobody"}))
    with pytest.raises(NotFound):
        await progress.check_ins(reader, _asked(), "nobody")


async def test_another_organisation_sees_nothing(database_with_history: str) -> None:
    async with _as_reader(database_with_history, "other") as other:
        assert (await progress.tree(other, _asked())).items == []
        assert (await progress.cycles(other, _asked())).items == []
        with pytest.raises(NotFound):
            await progress.objective(other, _asked(), "top")
