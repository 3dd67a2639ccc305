"""What a decision about a node changes in the numbers above it and around it, one decision at a time."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest_asyncio

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AbandonObjective,
    AcceptAlignment,
    ChangeSettings,
    Command,
    CreateObjective,
    MoveAlignment,
    RedefineKeyResult,
    ReweighKeyResult,
    SetPhasedTargets,
)
from okr_contracts.fields import Owner, PhasedTarget
from tests.given import By, given
from tests.integration.query.reader import Json, Reader, reader
from tests.ledger_writer import project, write
from tests.unit.domain.acme import OPENED, check_in, key_result, link, objective, parent

BEN = Owner(kind="person", id="p-ben")
ABOVE = CreateObjective(objective_id="above", cycle_id="y26", owner=BEN, title="Win the year", roll_up="children")
# 60 of 100 in k1, nothing yet in k2.
BELOW: Sequence[Command] = (objective("o1"), key_result("k1"), key_result("k2"), check_in("c1", 60))
Told = Callable[..., Awaitable[Reader]]


@pytest_asyncio.fixture
async def told(database: str, tmp_path: Path) -> AsyncGenerator[Told]:
    """Tells the ledger and the read models the commands; called again, what comes after them."""
    written = 0
    commands: list[Command | By] = []
    async with reader(database, tmp_path) as asked:

        async def tell(*more: Command | By | Sequence[Command]) -> Reader:
            nonlocal written
            for each in more:
                commands.extend([each] if isinstance(each, Command | By) else each)
            events = given(commands).history().recorded
            await write(database, events[written:])
            await project(database, events[written:])
            written = len(events)
            return asked

        yield tell


async def progress(asked: Reader, node: str, **moment: str) -> tuple[object, object]:
    answer = await asked.get(f"{node}/progress", **moment)
    return answer["progress"], answer["measured"]


async def why_not(asked: Reader, node: str) -> dict[object, object]:
    """Each input that does not count, and why."""
    explained = cast("Json", (await asked.get(f"{node}/progress", explain="true"))["explanation"])
    return {each["id"]: each.get("why_not") for each in cast("list[Json]", explained["inputs"])}


async def weights(asked: Reader, node: str, **moment: str) -> dict[object, object]:
    """What each input counts."""
    explained = cast("Json", (await asked.get(f"{node}/progress", explain="true", **moment))["explanation"])
    return {each["id"]: each["weight"] for each in cast("list[Json]", explained["inputs"])}


async def test_an_objective_that_was_abandoned_counts_nowhere_above(told: Told) -> None:
    asked = await told(OPENED, ABOVE, BELOW, link("o1", parent("above")))
    assert await progress(asked, "objectives/above") == ("0.300000", "0.500000")
    asked = await told(AbandonObjective(objective_id="o1", reason="the market is gone"))
    assert await progress(asked, "objectives/above") == ("0.000000", "0.000000")
    assert await why_not(asked, "objectives/above") == {"o1": "abandoned"}
    # It is shown as it was.
    assert await progress(asked, "objectives/o1") == ("0.300000", "0.500000")


async def test_a_link_counts_from_when_it_was_accepted(told: Told) -> None:
    asks = ChangeSettings(organisation="acme", alignment_acceptance="other_owner")
    asked = await told(OPENED, asks, ABOVE, BELOW, link("o1", parent("above")))
    assert await progress(asked, "objectives/above") == ("0.000000", "0.000000")
    assert await why_not(asked, "objectives/above") == {"o1": "not_accepted"}
    accept = AcceptAlignment(child_id="o1", parent=parent("above"))
    asked = await told(By(Actor("person", "p-ben"), accept))
    assert await progress(asked, "objectives/above") == ("0.300000", "0.500000")


async def test_phased_targets_lapse_when_the_key_result_is_redefined(told: Told) -> None:
    # By today 80 of 100 should be reached, on the straight line some 55.
    steps = SetPhasedTargets(
        key_result_id="k1",
        phased_targets=(PhasedTarget(on=date(2026, 5, 20), value=Decimal(80)),),
        reason="spring sells best",
    )
    asked = await told(OPENED, BELOW, steps)
    assert (await asked.get("key-results/k1"))["expected"] == "0.800000"
    asked = await told(RedefineKeyResult(key_result_id="k1", target=Decimal(120), reason="another market"))
    redefined = await asked.get("key-results/k1")
    plain = await asked.get("key-results/k2")
    assert (redefined["progress"], redefined["expected"]) == ("0.500000", plain["expected"])
    assert plain["expected"] != "0.800000"


async def test_another_weight_is_seen_above_at_once(told: Told) -> None:
    asked = await told(OPENED, ABOVE, BELOW, link("o1", parent("above")))
    asked = await told(ReweighKeyResult(key_result_id="k1", weight=Decimal(3), reason="it matters more"))
    assert await progress(asked, "objectives/o1") == ("0.450000", "0.750000")
    assert await progress(asked, "objectives/above") == ("0.450000", "0.750000")
    before = len(given(OPENED, ABOVE, BELOW, link("o1", parent("above"))).history().recorded)
    assert await progress(asked, "objectives/above", known_at=str(before)) == ("0.300000", "0.500000")
    assert await weights(asked, "objectives/o1") == {"k1": "3", "k2": "1"}
    assert await weights(asked, "objectives/o1", known_at=str(before)) == {"k1": "1", "k2": "1"}
    earlier = {each["id"]: each for each in await asked.pages("tree", known_at=str(before))}
    assert cast("list[Json]", earlier["k1"]["parents"])[0]["weight"] == "1"


async def test_a_move_ends_one_alignment_and_begins_the_other(told: Told) -> None:
    other = CreateObjective(objective_id="other", cycle_id="y26", owner=BEN, title="Be kind", roll_up="children")
    asked = await told(OPENED, ABOVE, other, BELOW, link("o1", parent("above")))
    moved = MoveAlignment(child_id="o1", parent=parent("above"), to_parent=parent("other"), reason="it fits better")
    asked = await told(moved)
    assert [each["id"] for each in await asked.pages("alignment/objectives/o1/ancestors")] == ["other"]
    below = {each["id"] for each in await asked.pages("alignment/objectives/other/descendants")}
    assert below == {"o1", "k1", "k2"}
    assert await asked.pages("alignment/objectives/above/descendants") == []
    assert await progress(asked, "objectives/above") == ("0.000000", "0.000000")
    assert await progress(asked, "objectives/other") == ("0.300000", "0.500000")
