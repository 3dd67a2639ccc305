"""Decimals from JSON in to JSON out: no float in between, whatever the digits."""

import json
from collections.abc import AsyncGenerator
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio
from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from okr_contracts.commands import RecordCheckIn
from okr_contracts.fields import plain
from services.query.routes import QUERIES
from tests.given import History, given
from tests.integration.query.reader import Reader, reader
from tests.integration.query.test_visibility import ASKED
from tests.ledger_writer import write_and_project
from tests.unit.domain.acme import MEASURED, link, objective, parent

# 30 digits before the point and 20 after it, as many as a command may have.
NUMBERS = st.decimals(min_value=Decimal(-(10**30) + 1), max_value=Decimal(10**30 - 1), places=20, allow_nan=False)
HARD = ("0.1", "-0.5", "9007199254740993", "0.30000000000000004", f"{'9' * 30}.{'9' * 20}")


def reported() -> tuple[History, list[str]]:
    """A history of many check-ins, each as it was sent, and its numbers."""
    drawn: list[str] = list(HARD)

    @settings(max_examples=60)
    @each(NUMBERS)
    def draw(number: Decimal) -> None:
        drawn.append(format(number, "f"))

    draw()
    history = given(MEASURED, objective("above", "y26"), link("o1", parent("above"), "0.333333")).history()
    for place, number in enumerate(drawn):
        sent = json.dumps({"check_in_id": f"c{place}", "key_result_id": "k1", "value": number, "forecast": number})
        history.accept(RecordCheckIn.model_validate_json(sent))
    return history, drawn


HISTORY, SENT = reported()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Reader]:
    await write_and_project(module_database, HISTORY.recorded)
    folder: Path = tmp_path_factory.mktemp("key")
    async with reader(module_database, folder) as made:
        yield made.bearing(roles=["auditor"])


async def test_what_was_reported_is_what_is_shown_digit_by_digit(asked: Reader) -> None:
    expected = [plain(Decimal(number)) for number in SENT]
    check_ins = await asked.pages("key-results/k1/check-ins", limit=500)
    shown = {each["id"]: each["versions"][-1] for each in check_ins}  # pyright: ignore[reportIndexIssue, reportUnknownVariableType]
    assert [shown[f"c{place}"]["value"] for place in range(len(SENT))] == expected
    assert [shown[f"c{place}"]["forecast"] for place in range(len(SENT))] == expected
    events = [each for each in await asked.pages("events") if each["type"] == "CheckInRecorded"]
    assert [each["data"]["value"] for each in events] == expected  # pyright: ignore[reportIndexIssue]


def no_float(text: str) -> NoReturn:
    raise AssertionError(f"{text} is a float")


@pytest.mark.parametrize("path", sorted({query.path for query in QUERIES} - {"/positions", "/access-records"}))
async def test_no_answer_has_a_float_in_it(asked: Reader, path: str) -> None:
    for question in ASKED[path]:
        here = question.replace("k-hidden", "k1").replace("k-other", "k1").replace("hidden", "o1")
        answer = await asked.ask(here)
        assert answer.status_code in (200, 404), answer.text
        json.loads(answer.text, parse_float=no_float)
