"""Numbers come out as they went in: no digit is lost on the way."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.integration.query.reader import Json
from tests.integration.query.whole import Whole, whole

_SOME = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_DIGITS = "0123456789"


@dataclass(frozen=True)
class Written:
    """A decimal as somebody writes it in JSON, and as it has to come out."""

    json: str
    plain: str


def _written(sign: str, whole_part: str, places: str, form: str) -> Written:
    text = (whole_part.lstrip("0") or "0") + (f".{places}" if places else "")
    plain = text if Decimal(text) == 0 else sign + text
    match form:
        case "text":
            return Written(f'"{sign}{text}"', plain)
        case "number":
            return Written(f"{sign}{text}", plain)
        case _:
            # The same number with all of its digits before the point, and an exponent.
            digits = (whole_part + places).lstrip("0") or "0"
            return Written(f"{sign}{digits}E-{len(places)}", plain)


DECIMALS = st.builds(
    _written,
    st.sampled_from(["", "-"]),
    st.text(_DIGITS, min_size=1, max_size=30),
    st.text(_DIGITS, max_size=20),
    st.sampled_from(["text", "number", "exponent"]),
)
WIDEST = Written("9" * 30 + "." + "9" * 20, "9" * 30 + "." + "9" * 20)
SMALLEST = Written('"-0.' + 19 * "0" + '1"', "-0." + 19 * "0" + "1")
ZERO = Written('"-0.000"', "0.000")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def acme(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Whole]:
    today = datetime.now(UTC).date()
    days = {"starts_on": str(today - timedelta(days=30)), "ends_on": str(today + timedelta(days=30))}
    async with whole(module_database, tmp_path_factory.mktemp("key")) as opened:
        await opened.tell("AddPerson", person_id="p-ada")
        await opened.tell("PlanCycle", cycle_id="now", name="Now", **days)
        await opened.tell("OpenCycle", cycle_id="now")
        owner = {"kind": "person", "id": "p-ada"}
        await opened.tell("CreateObjective", objective_id="o", cycle_id="now", owner=owner, title="Win")
        yield opened


async def _numbers_of(acme: Whole, sequence: int) -> Json:
    return cast("Json", (await acme.get(f"events/{sequence}"))["data"])


@_SOME
@given(DECIMALS, DECIMALS, DECIMALS)
@example(WIDEST, WIDEST, WIDEST)
@example(SMALLEST, WIDEST, SMALLEST)
@example(ZERO, ZERO, ZERO)
async def test_a_decimal_comes_out_of_event_and_answers_digit_by_digit(
    acme: Whole, target: Written, value: Written, forecast: Written
) -> None:
    key_result_id = uuid4().hex
    same = {"key_result_id": key_result_id, "objective_id": "o", "title": "Enough", "responsible_id": "p-ada"}
    added = await acme.send(
        "AddKeyResult", _with(json.dumps({**same, "kind": "stay_above"}), target=target, weight=Written("0", "0"))
    )
    assert added.status_code == 201, added.text
    reported = await acme.send(
        "RecordCheckIn", _with(json.dumps({"key_result_id": key_result_id}), value=value, forecast=forecast)
    )
    assert reported.status_code == 201, reported.text
    assert (await _numbers_of(acme, added.json()["sequence"]))["target"] == target.plain
    event = await _numbers_of(acme, reported.json()["sequence"])
    assert (event["value"], event["forecast"]) == (value.plain, forecast.plain)
    await acme.fold()
    (check_in,) = await acme.reader.pages(f"key-results/{key_result_id}/check-ins")
    assert (check_in["value"], check_in["forecast"]) == (value.plain, forecast.plain)
    key_result = cast("dict[str, Any]", await acme.get(f"key-results/{key_result_id}"))
    assert (key_result["definition"]["target"], key_result["value"]["value"]) == (target.plain, value.plain)
    reached = Decimal(value.plain) >= Decimal(target.plain)
    assert key_result["progress"] == ("1.000000" if reached else "0.000000")


def _with(body: str, **numbers: Written) -> bytes:
    """The JSON object with more members, whose numbers are written as they are."""
    return (body[:-1] + "".join(f', "{name}": {number.json}' for name, number in numbers.items()) + "}").encode()
