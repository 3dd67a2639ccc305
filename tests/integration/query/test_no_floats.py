"""No number of any answer is a float: whoever reads it with the usual parser loses nothing."""

import json
import re
from typing import cast

import pytest

from services.query.routes import QUERIES
from tests.integration.query.conftest import Told

IDS = {"objective_id": "o1", "key_result_id": "k1", "cycle_id": "q2", "unit_id": "u-sales", "person_id": "p-ada"}


@pytest.mark.parametrize("path", [query.path for query in QUERIES])
async def test_no_number_of_an_answer_is_a_float(told: Told, path: str) -> None:
    ids = {**IDS, "kind": "objective", "node_id": "o0", "sequence_text": str(told.head), "figure": "load"}
    asked = {"since_known_at": 3} if path == "/difference" else {"explain": "all"} if path.endswith("progress") else {}
    auditor = told.reader.bearing(roles=["auditor"])
    answer = await auditor.ask(re.sub(r"\{(\w+)\}", lambda name: ids[name[1]], path).lstrip("/"), **asked)
    assert answer.status_code == 200, answer.text
    floats: list[str] = []
    json.loads(answer.content, parse_float=floats.append, parse_constant=floats.append)
    # How late a read model is is measured time, and the one number that is not exact.
    measured = cast("list[dict[str, float]]", answer.json()["items"]) if path == "/positions" else []
    assert floats == [str(float(each["lag_seconds"])) for each in measured]
