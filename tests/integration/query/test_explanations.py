"""Explanations as an outsider gets them over HTTP, computed again from nothing but what came."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from okr_contracts.commands import COMMANDS
from tests.given import History
from tests.integration.query.reader import Reader, reader
from tests.ledger_writer import write_and_project
from tests.plain_recomputation.explanations import differences, levels, read
from tests.unit.domain.acme import OPENED

GOLDEN: Final = Path(__file__).parents[2] / "unit" / "plain_recomputation" / "explained.json"
"""What is answered to ``objectives/top/progress?explain=all``; the unit tests of the recomputation harm it."""
_BECAUSE: Final = {"reason": "It is better so."}

Sent = tuple[str, dict[str, object]]


def _objective(objective_id: str, roll_up: str = "key_results", cycle_id: str = "q2", **more: object) -> Sent:
    owner = {"kind": "person", "id": "p-ada"}
    told = {"objective_id": objective_id, "cycle_id": cycle_id, "owner": owner, "title": "Win", "roll_up": roll_up}
    return "CreateObjective", {**told, **more}


def _key_result(key_result_id: str, of: str = "sales", kind: str = "increase", **more: object) -> Sent:
    told = {"key_result_id": key_result_id, "objective_id": of, "title": "So much", "kind": kind}
    return "AddKeyResult", {**told, "responsible_id": "p-ada", "cadence_days": 7, **more}


def _link(child: str, parent: str, kind: str = "objective", **more: object) -> Sent:
    return "LinkAlignment", {"child_id": child, "parent": {"kind": kind, "id": parent}, **more}


def _value(of: str, value: object, on: str = "2026-05-12") -> Sent:
    return "RecordCheckIn", {"check_in_id": f"c-{of}-{on}", "key_result_id": of, "value": value, "effective_on": on}


_ALL_THE_WAY: Final = {"baseline": "0", "target": "100"}
_APRIL: Final[list[Sent]] = [
    (
        "PlanCycle",
        {"cycle_id": "q3", "name": "3", "starts_on": "2026-07-01", "ends_on": "2026-09-30", "parent_id": "y26"},
    ),
    _objective("top", "both", "y26", ambition="committed"),
    _objective("sales", "both"),
    _objective("team"),
    _objective("crew"),
    _objective("care"),
    _objective("empty", "children"),
    _objective("gone"),
    _objective("next", cycle_id="q3"),
    _objective("friend"),
    _objective("beside"),
    _key_result("k-top", "top", **_ALL_THE_WAY, weight="0.5"),
    _key_result(
        "k-phased",
        **_ALL_THE_WAY,
        weight="3",
        phased_targets=[{"on": "2026-05-01", "value": "10"}, {"on": "2026-06-01", "value": "33.333333"}],
    ),
    _key_result("k-back", baseline="-12.5", target="33.333333"),
    _key_result("k-beyond", kind="reduce", baseline="90", target="7", weight="0.7"),
    _key_result("k-above", kind="stay_above", target="40", floor="11"),
    _key_result("k-below", kind="stay_below", target="40", ceiling="91"),
    _key_result("k-within", kind="stay_within", low="20", high="60", floor="1", ceiling="99"),
    _key_result("k-no-floor", kind="stay_above", target="40"),
    _key_result("k-achieved", kind="achieve", weight="0.3"),
    _key_result("k-silent", **_ALL_THE_WAY),
    _key_result("k-dropped", **_ALL_THE_WAY),
    _key_result("k-weightless", **_ALL_THE_WAY, weight="0"),
    _key_result("k-fed", source="children", **_ALL_THE_WAY, weight="2"),
    _key_result("k-starved", source="children", **_ALL_THE_WAY),
    _key_result("k-team", "team", baseline="0", target="7"),
    _key_result("k-crew", "crew", **_ALL_THE_WAY),
    _key_result("k-care", "care", **_ALL_THE_WAY),
    _key_result("k-gone", "gone", **_ALL_THE_WAY),
    _key_result("k-next", "next", **_ALL_THE_WAY),
    _key_result("k-friend", "friend", **_ALL_THE_WAY),
    _key_result("k-beside", "beside", **_ALL_THE_WAY),
    _link("sales", "top", weight="2", share="0.6"),
    _link("care", "top", share="0.333333"),
    _link("empty", "top"),
    _link("gone", "top"),
    _link("next", "top"),
    _link("friend", "top", effect="supports"),
    _link("team", "k-fed", "key_result", share="0.5", weight="0.9"),
    _link("crew", "k-fed", "key_result"),
    _link("team", "care", share="0.5"),
    # A key result with check-ins takes nothing from what is aligned with it.
    _link("beside", "k-silent", "key_result"),
]
_MAY: Final[list[Sent]] = [
    _value("k-top", "12.345678"),
    _value("k-phased", "17"),
    _value("k-phased", "22.5", "2026-05-19"),
    _value("k-back", "-20"),
    _value("k-beyond", "1"),
    _value("k-above", "31"),
    _value("k-below", "60"),
    _value("k-within", "12"),
    _value("k-no-floor", "39.999999"),
    _value("k-achieved", True),
    _value("k-dropped", "90"),
    _value("k-weightless", "80"),
    _value("k-team", "3"),
    _value("k-crew", "66.6"),
    _value("k-care", "50"),
    _value("k-gone", "1"),
    _value("k-friend", "99"),
    _value("k-beside", "5"),
    (
        "CorrectCheckIn",
        {"check_in_id": "c-k-phased-2026-05-19", "value": "21.25", "effective_on": "2026-05-18", **_BECAUSE},
    ),
    ("DropKeyResult", {"key_result_id": "k-dropped", **_BECAUSE}),
    ("ReweighKeyResult", {"key_result_id": "k-above", "weight": "1.1", **_BECAUSE}),
    ("AbandonObjective", {"objective_id": "gone", **_BECAUSE}),
    ("OverrideProgress", {"objective_id": "care", "progress": "0.12345678", **_BECAUSE}),
]


def story() -> History:
    """A quarter with all kinds of key results, all roll-ups, and all but three reasons why something does not count."""
    history = History(now=datetime(2026, 4, 6, 9, tzinfo=UTC))
    for command in OPENED:
        history.accept(command)
    for commands, now in ((_APRIL, history.now), (_MAY, datetime(2026, 5, 20, 9, tzinfo=UTC))):
        history.now = now
        for name, body in commands:
            history.accept(COMMANDS[name].model_validate(body))
    return history


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Reader]:
    await write_and_project(module_database, story().recorded)
    async with reader(module_database, tmp_path_factory.mktemp("key")) as asking:
        yield asking


@pytest.mark.parametrize("on", ["2026-04-06", "2026-05-01", "2026-05-20", "2026-06-01", "2026-06-30", "2027-02-01"])
@pytest.mark.parametrize("node", ["objectives/top", "objectives/care", "key-results/k-fed", "key-results/k-phased"])
async def test_every_number_follows_from_the_answer_alone(asked: Reader, node: str, on: str) -> None:
    head = len(story().recorded)
    for known_at in (head, head - 3, head - len(_MAY)):
        moment = {"effective_on": on, "known_at": known_at}
        one, every = [
            read((await asked.ask(f"{node}/progress", explain=explain, **moment)).content)
            for explain in ("true", "all")
        ]
        assert differences(one, date.fromisoformat(on), known_at) == []
        assert differences(every, date.fromisoformat(on), known_at) == []
        assert levels(one)[0] == levels(every)[0]


async def test_the_answer_is_the_one_that_the_recomputation_is_tried_on(asked: Reader) -> None:
    answer = await asked.ask("objectives/top/progress", explain="all")
    assert read(answer.content) == read(GOLDEN.read_bytes())
