"""The progress read model over HTTP: that its queries are there, take their parameters, and go with the frame."""

from typing import cast

import pytest

from tests.integration.query.conftest import Told
from tests.integration.query.reader import Json

NODE = {
    "id",
    "kind",
    "title",
    "owner",
    "parents",
    "progress",
    "raw",
    "measured",
    "expected",
    "status",
    "stale",
    "confidence",
}


async def test_the_tree_has_every_node_once_and_parents_first(told: Told) -> None:
    nodes = await told.reader.pages("tree", limit=3)
    assert len(nodes) == 10
    places = {(node["kind"], node["id"]): place for place, node in enumerate(nodes)}
    assert len(places) == len(nodes)
    for node in nodes:
        assert node.keys() >= NODE
        for parent in cast("list[Json]", node["parents"]):
            assert places[parent["kind"], parent["id"]] < places[node["kind"], node["id"]]
    assert nodes == await told.reader.pages("tree", limit=500)
    below = await told.reader.pages("tree", root="o1", depth=1)
    assert {node["id"] for node in below} == {"o1", "o0", "k1"}


async def test_a_corrected_value_is_known_before_and_after(told: Told) -> None:
    before = await told.reader.get("key-results/k1/progress", known_at=told.head - 1)
    after = await told.reader.get("key-results/k1/progress")
    assert (before["progress"], after["progress"]) == ("0.420000", "0.400000")
    (check_in,) = await told.reader.pages("key-results/k1/check-ins")
    assert (check_in["id"], check_in["value"], check_in["corrected"]) == ("c", "40.0", True)


async def test_an_explanation_of_all_levels_is_one_document(told: Told) -> None:
    answer = await told.reader.ask("objectives/o1/progress", explain="all")
    assert answer.status_code == 200
    assert answer.headers["okr-sequence"] == str(told.head)
    document = cast("Json", answer.json())
    plain = await told.reader.get("objectives/o1/progress")
    explanations = cast("list[Json]", document.pop("explanations"))
    assert document == plain
    assert len(explanations) > 1
    one = await told.reader.get("objectives/o1/progress", explain="true")
    assert one["explanation"] == explanations[0]


@pytest.mark.parametrize(
    "path", ["objectives", "cycles", "tree", "units", "people", "audit", "key-results/k1/check-ins"]
)
async def test_every_list_is_the_same_in_pages_of_one(told: Told, path: str) -> None:
    whole = await told.reader.pages(path, limit=500)
    assert whole
    assert await told.reader.pages(path, limit=1) == whole


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("objectives/nobody", 404),
        ("objectives/%00", 404),
        ("key-results/k1/progress?explain=maybe", 422),
        ("tree?depth=-1", 422),
        ("tree?status=good", 422),
        ("objectives?owner=ada", 422),
        ("tree?root=nobody", 404),
        ("key-results/o1", 404),
    ],
)
async def test_what_is_wrong_is_refused(told: Told, path: str, status: int) -> None:
    answer = await told.reader.ask(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_many_explanations_leave_no_connection_behind(told: Told) -> None:
    # The pool has four connections: a leak would stop the fifth answer.
    for _ in range(6):
        assert (await told.reader.ask("objectives/o3/progress", explain="all")).status_code == 200
