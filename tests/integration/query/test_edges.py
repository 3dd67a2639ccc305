"""Where days, numbers and organisations are at their edge: asked over HTTP, with the answers worked out by hand."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from okr_contracts.commands import (
    AddKeyResult,
    Command,
    CreateObjective,
    GrantException,
    LockCycle,
    OpenCycle,
    PlanCycle,
    RecordCheckIn,
    RegisterOrganisation,
    SetRollUp,
)
from okr_contracts.fields import Owner
from services.ledger.domain.exception import ExceptionOfOneself
from services.query.routes import QUERIES
from tests.given import History, given
from tests.integration.query.reader import Reader, reader
from tests.ledger_writer import write_and_project
from tests.unit.domain.acme import ADA, OPENED, REGISTERED, key_result, link, objective, parent

Answer = dict[str, Any]


@dataclass(frozen=True)
class Asking:
    """Questions about a history that is in the ledger and in every read model."""

    reader: Reader

    async def get(self, path: str, **parameters: str | int) -> Answer:
        return cast("Answer", await self.reader.get(path, **parameters))


@asynccontextmanager
async def asking(url: str, folder: Path, history: History) -> AsyncGenerator[Asking]:
    """Asks at the moment at which the history ends."""
    await write_and_project(url, history.recorded)
    async with reader(url, folder, history.now) as opened:
        yield Asking(opened)


def reported(key_result_id: str, value: int, on: date | None = None) -> RecordCheckIn:
    check_in_id = f"c-{key_result_id}-{value}"
    return RecordCheckIn(check_in_id=check_in_id, key_result_id=key_result_id, value=Decimal(value), effective_on=on)


@pytest.mark.parametrize(
    ("time_zone", "now", "today", "yesterday"),
    [
        ("Pacific/Kiritimati", datetime(2026, 5, 20, 10, 0, tzinfo=UTC), "2026-05-21", "2026-05-20"),
        ("Pacific/Kiritimati", datetime(2026, 5, 20, 9, 59, 59, tzinfo=UTC), "2026-05-20", "2026-05-19"),
        ("America/Los_Angeles", datetime(2026, 5, 21, 6, 59, 59, tzinfo=UTC), "2026-05-20", "2026-05-19"),
        ("America/Los_Angeles", datetime(2026, 5, 21, 7, 0, tzinfo=UTC), "2026-05-21", "2026-05-20"),
        # Midnight as the clocks go forward, and as they go back.
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "2026-03-29", "2026-03-28"),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC), "2026-10-25", "2026-10-24"),
    ],
)
async def test_today_is_the_day_in_the_time_zone_of_the_organisation(
    database: str, tmp_path: Path, time_zone: str, now: datetime, today: str, yesterday: str
) -> None:
    registered = RegisterOrganisation(organisation="acme", name="Acme", time_zone=time_zone)
    year = PlanCycle(cycle_id="y26", name="2026", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    history = History(now=now)
    owned = CreateObjective(objective_id="o1", cycle_id="y26", owner=Owner(kind="person", id="p-ada"), title="Win")
    for command in (registered, ADA, year, OpenCycle(cycle_id="y26"), owned, key_result("k1"), reported("k1", 40)):
        history.accept(command)
    async with asking(database, tmp_path, history) as acme:
        (check_in,) = (await acme.get("key-results/k1/check-ins"))["items"]
        assert check_in["effective_on"] == today
        assert (await acme.get("key-results/k1/progress"))["progress"] == "0.400000"
        assert (await acme.reader.ask("key-results/k1/progress", effective_on=yesterday)).status_code == 404


LEAP = PlanCycle(cycle_id="leap", name="Leap", starts_on=date(2028, 2, 1), ends_on=date(2028, 2, 29))


def _in_february(*commands: Command) -> History:
    """A cycle that ends on a leap day; everything in it is there from its first day on."""
    history = History(now=datetime(2028, 2, 1, 12, tzinfo=UTC))
    yes_or_no = AddKeyResult(
        key_result_id="k2", objective_id="o1", title="Launched", kind="achieve", responsible_id="p-ada"
    )
    owned = CreateObjective(objective_id="o1", cycle_id="leap", owner=Owner(kind="person", id="p-ada"), title="Win")
    for command in (REGISTERED, ADA, LEAP, OpenCycle(cycle_id="leap"), owned, key_result("k1"), yes_or_no):
        history.accept(command)
    history.now = datetime(2028, 3, 3, 12, tzinfo=UTC)
    for command in commands:
        history.accept(command)
    return history


async def test_a_leap_day_counts_and_so_does_the_last_day_of_a_cycle(database: str, tmp_path: Path) -> None:
    history = _in_february(reported("k1", 58, date(2028, 2, 28)), reported("k1", 87, date(2028, 2, 29)))
    async with asking(database, tmp_path, history) as acme:
        for day, progress, expected, of_yes_or_no in (
            ("2028-02-01", "0.000000", "0.034483", "0.000000"),
            ("2028-02-15", "0.000000", "0.517241", "0.000000"),
            ("2028-02-28", "0.580000", "0.965517", "0.000000"),
            ("2028-02-29", "0.870000", "1.000000", "1.000000"),
            ("2028-03-03", "0.870000", "1.000000", "1.000000"),
        ):
            node = await acme.get("key-results/k1/progress", effective_on=day)
            assert (day, node["progress"], node["expected"]) == (day, progress, expected)
            assert (await acme.get("key-results/k2/progress", effective_on=day))["expected"] == of_yes_or_no


async def test_a_report_after_the_end_counts_for_the_last_day_and_shows_its_delay(
    database: str, tmp_path: Path
) -> None:
    history = _in_february(reported("k1", 60, date(2028, 2, 29)), reported("k1", 90))
    async with asking(database, tmp_path, history) as acme:
        late = next(each for each in (await acme.get("key-results/k1/check-ins"))["items"] if each["value"] == "90")
        assert late["effective_on"] == "2028-02-29"
        assert late["recorded_at"].startswith("2028-03-03")
        assert (await acme.get("key-results/k1/progress", effective_on="2028-02-29"))["progress"] == "0.900000"
        assert (await acme.get("key-results/k1/progress", effective_on="2028-02-28"))["progress"] == "0.000000"


async def test_what_weighs_nothing_is_shown_and_counts_nowhere(database: str, tmp_path: Path) -> None:
    nothing = [key_result(each, "o1").model_copy(update={"weight": Decimal(0)}) for each in ("k1", "k2")]
    history = given(
        *(OPENED, objective("top"), SetRollUp(objective_id="top", roll_up="both", reason="both")),
        *(objective("o1"), nothing, objective("o2"), key_result("k3", "o2")),
        *(nothing[0].model_copy(update={"key_result_id": "k4", "objective_id": "o2"}),),
        *(link("o1", parent("top")), link("o2", parent("top"))),
        *(reported("k1", 90), reported("k3", 40), reported("k4", 100)),
    ).history()
    async with asking(database, tmp_path, history) as acme:
        of_nothing = await acme.get("objectives/o1")
        assert (of_nothing["progress"], of_nothing["measured"]) == ("0.000000", "0.000000")
        assert (of_nothing["no_inputs"], of_nothing["status"]) == (True, "not_measured")
        assert (await acme.get("objectives/o2"))["progress"] == "0.400000"
        # What has no inputs leaves the mean: 0.4 alone, and not half of it.
        assert (await acme.get("objectives/top"))["progress"] == "0.400000"
        explained = (await acme.get("objectives/o2/progress", explain="true"))["explanation"]
        assert {each["id"] for each in explained["inputs"]} == {"k3", "k4"}


async def test_one_result_for_ten_parents_is_counted_once(database: str, tmp_path: Path) -> None:
    parents = [f"p{number}" for number in range(10)]
    above = [objective(each).model_copy(update={"roll_up": "children", "top_level": True}) for each in parents]
    shared = given(
        *(OPENED, above, objective("child"), key_result("k1", "child"), reported("k1", 70)),
        [link("child", parent(each), "0.1") for each in parents],
    )
    eleventh = given(shared.commands, objective("p10")).when(link("child", parent("p10"), "0.00000000000000000001"))
    assert "0.0 is left" in str(eleventh.refusal)
    async with asking(database, tmp_path, shared.history()) as acme:
        for each in parents:
            assert (await acme.get(f"objectives/{each}"))["progress"] == "0.700000"
        report = await acme.get("alignment/report")
        (credit,) = report["credit"]["items"]["items"]
        assert (credit["attributed"], credit["not_attributed"]) == ("1.000000", [])
        assert [each["amount"] for each in credit["reached"]] == ["0.100000"] * 10


async def test_an_objective_of_a_thousand_key_results_is_their_exact_mean(database: str, tmp_path: Path) -> None:
    numbers = range(1000)
    measured = [key_result(f"k{number}").model_copy(update={"target": Decimal(1000)}) for number in numbers]
    values = [reported(f"k{number}", number) for number in numbers]
    history = given(OPENED, objective("o1"), measured, values).history()
    async with asking(database, tmp_path, history) as acme:
        # The sum of 0 … 999 is 499,500: a thousandth of a thousandth of it.
        assert (await acme.get("objectives/o1"))["progress"] == "0.499500"
        explained = (await acme.get("objectives/o1/progress", explain="true"))["explanation"]
        assert len(explained["inputs"]) == 1000
        tree = await acme.reader.pages("tree", root="o1", limit=500)
        assert len(tree) == 1001


@pytest.mark.parametrize("people", [[], [ADA]], ids=["nobody", "one person"])
async def test_an_organisation_of_hardly_anybody_is_answered_about(
    database: str, tmp_path: Path, people: list[Command]
) -> None:
    async with asking(database, tmp_path, given(REGISTERED, people).history()) as acme:
        for path in (query.path.lstrip("/") for query in QUERIES if "{" not in query.path):
            asked = {"since_known_at": 1} if path == "difference" else {}
            answer = await acme.reader.bearing(roles=["auditor"]).ask(path, **asked)
            assert answer.status_code == 200, f"{path}: {answer.text}"
        assert len((await acme.get("people"))["items"]) == len(people)
        (root,) = (await acme.get("units"))["items"]
        assert (root["id"], root["people"]) == ("root", 0)


async def test_one_person_alone_can_do_everything_but_grant_themselves_an_exception(
    database: str, tmp_path: Path
) -> None:
    owned = CreateObjective(objective_id="o1", cycle_id="y26", owner=Owner(kind="person", id="p-ada"), title="Win")
    year = PlanCycle(cycle_id="y26", name="2026", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    grant = GrantException(cycle_id="y26", command="RecordCheckIn", on="key-results/k1", reason="late")
    alone = given(
        *(REGISTERED, ADA, year, OpenCycle(cycle_id="y26"), owned, key_result("k1"), reported("k1", 40)),
        *(LockCycle(cycle_id="y26"), grant),
    )
    granted = len(alone.history().recorded)
    late = reported("k1", 60).model_copy(update={"exception": granted})
    alone.when(late).then_refused(ExceptionOfOneself, "Let somebody else send the command")
    async with asking(database, tmp_path, alone.history()) as acme:
        assert (await acme.get("objectives/o1"))["progress"] == "0.400000"
        assert [each["id"] for each in (await acme.get("people"))["items"]] == ["p-ada"]
