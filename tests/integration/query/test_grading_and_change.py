"""Grades and proposals, how a cycle closes, what changed between two moments, and how a node went on day by day."""

from collections.abc import AsyncGenerator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest_asyncio

from okr_contracts.commands import (
    AbandonObjective,
    AssignResponsible,
    CorrectCheckIn,
    CorrectGrade,
    DropKeyResult,
    GradeKeyResult,
    GradeObjective,
    LockCycle,
    ReassignObjective,
    RedefineKeyResult,
    ReweighKeyResult,
    SetAmbition,
)
from okr_contracts.fields import Owner
from tests.given import given
from tests.integration.query.reader import Reader, reader
from tests.ledger_writer import write_and_project
from tests.unit.domain.acme import O1, O2, OPENED, check_in, key_result

APRIL = date(2026, 4, 20)
STORY = given(
    OPENED,
    O1,
    O2,
    key_result("k1"),
    key_result("k2"),
    key_result("k3", "o2"),
    check_in("c1", 40, APRIL),
    ReweighKeyResult(key_result_id="k2", weight=Decimal(3), reason="it matters more"),
    SetAmbition(objective_id="o1", ambition="committed", reason="the board counts on it"),
    GradeKeyResult(key_result_id="k1", grade=Decimal("0.4"), reflection="Fairs work."),
    GradeObjective(objective_id="o1", grade=Decimal("0.2"), proposed=Decimal("0.1"), reason="the trend"),
    CorrectCheckIn(check_in_id="c1", value=Decimal(80), reason="counted twice"),
    CorrectGrade(objective_id="o1", key_result_id="k1", grade=Decimal("0.8"), reason="corrected since"),
    AbandonObjective(objective_id="o2", reason="the market is gone"),
    DropKeyResult(key_result_id="k2", reason="no figures"),
    ReassignObjective(objective_id="o1", owner=Owner(kind="person", id="p-ben")),
    AssignResponsible(key_result_id="k1", person_id="p-ben"),
    RedefineKeyResult(key_result_id="k1", target=Decimal(200), reason="more"),
    LockCycle(cycle_id="q2"),
).history()


def after(event: str, occurrence: int = 0) -> int:
    return [each.sequence for each in STORY.recorded if each.type == event][occurrence]


@pytest_asyncio.fixture
async def asked(database: str, tmp_path: Path) -> AsyncGenerator[Reader]:
    await write_and_project(database, STORY.recorded)
    async with reader(database, tmp_path) as made:
        yield made


async def get(asked: Reader, path: str, **parameters: str | int) -> Any:
    return await asked.get(path, **parameters)


async def test_a_grade_keeps_what_was_proposed_and_says_when_its_basis_changed(asked: Reader) -> None:
    graded = await get(asked, "key-results/k1/grade")
    assert [(each["grade"], each["proposed"], each["corrected"]) for each in graded["history"]] == [
        ("0.4", "0.400000", False),
        ("0.8", None, True),
    ]
    # 80 of 200 since the last redefinition.
    assert graded["proposed_now"]["grade"] == "0.400000"
    assert (graded["band"], graded["basis_changed"]) == ("miss", False)
    corrected = await get(asked, "key-results/k1/grade", known_at=after("CheckInCorrected"))
    assert (corrected["proposed_now"]["grade"], corrected["basis_changed"]) == ("0.800000", True)


async def test_an_objectives_proposal_is_the_mean_of_grades_and_says_where_there_is_none(asked: Reader) -> None:
    graded = await get(asked, "objectives/o1/grade", known_at=after("ObjectiveGraded"))
    assert graded["proposed_now"] == {
        "grade": "0.100000",
        "on": "2026-06-30",
        "inputs": [
            {"kind": "key_result", "id": "k1", "number": "0.4", "graded": True, "weight": "1", "share": "1.000000"},
            {
                "kind": "key_result",
                "id": "k2",
                "number": "0.000000",
                "graded": False,
                "weight": "3",
                "share": "1.000000",
            },
        ],
    }
    assert (graded["grade"]["proposed"], graded["grade"]["reason"]) == ("0.1", "the trend")
    ungraded = await get(asked, "objectives/o2/grade")
    assert (ungraded["grade"], ungraded["band"], ungraded["history"]) == (None, None, [])


async def test_a_closing_cycle_lists_what_is_missing_and_what_asks_for_a_reflection(asked: Reader) -> None:
    closing = await get(asked, "cycles/q2/closing")
    assert closing["cycle"]["state"] == "locked"
    # o2 was abandoned with its key result, k2 was dropped.
    assert closing["missing"] == []
    assert [each["id"] for each in closing["without_reflection"]] == ["o1"]
    (first, second) = closing["objectives"]
    assert (first["id"], first["band"], first["owner"]) == ("o1", "miss", {"kind": "person", "id": "p-ben"})
    assert [(each["id"], each["state"]) for each in first["key_results"]] == [("k1", "live"), ("k2", "dropped")]
    assert (second["id"], second["state"]) == ("o2", "abandoned")
    before = await get(asked, "cycles/q2/closing", known_at=after("KeyResultGraded"))
    assert [each["id"] for each in before["missing"]] == ["k2", "k3", "o1", "o2"]
    assert (await asked.ask("cycles/q9/closing")).status_code == 404


async def test_what_changed_between_two_moments_is_told_field_by_field(asked: Reader) -> None:
    changed = {
        (item["id"]): {change["field"]: (change["before"], change["after"]) for change in item["changes"]}
        for item in (await get(asked, "difference", since_known_at=after("ObjectiveGraded")))["items"]
    }
    assert changed["o1"]["owner"] == ("unit/u-sales", "person/p-ben")
    assert changed["k1"]["target"] == ("100", "200")
    assert changed["k1"]["owner"] == ("person/p-ada", "person/p-ben")
    assert changed["k2"]["state"] == ("live", "dropped")
    assert changed["o2"]["state"] == ("live", "abandoned")
    assert "k3" not in changed


async def test_what_was_added_since_a_day_and_pages_of_it(asked: Reader) -> None:
    every = await asked.pages("difference", since_known_at=1, limit=2)
    assert [(item["what"], item["id"]) for item in every] == [
        ("added", each) for each in ("k1", "k2", "k3", "o1", "o2")
    ]
    same = await get(asked, "difference", since_effective_on="2026-05-20")
    assert same["items"] == []
    for wrong in ({}, {"since_known_at": 10**6}, {"since_effective_on": "yesterday"}):
        assert (await asked.ask("difference", **wrong)).status_code == 422


async def test_a_series_is_the_answer_of_each_day(asked: Reader) -> None:
    known = after("CheckInRecorded")
    series = await get(asked, "key-results/k1/series", **{"from": "2026-04-18", "known_at": known})
    # It was added on 20 May: before that there is nothing.
    assert [point["on"] for point in series["points"]] == ["2026-05-20"]
    (point,) = series["points"]
    day = await get(asked, "key-results/k1/progress", effective_on="2026-05-20", known_at=known)
    assert {name: day[name] for name in ("progress", "measured", "expected", "status")} == {
        name: point[name] for name in ("progress", "measured", "expected", "status")
    }
    assert (await asked.ask("objectives/o1/series", **{"from": "2020-01-01"})).status_code == 422
    assert (await asked.ask("objectives/o9/series")).status_code == 404
