"""What the queries answer, over HTTP."""

from typing import cast

import jiter

from okr_contracts.envelope import encode_parts
from tests.integration.query.conftest import Told
from tests.integration.query.reader import Json


async def test_the_events_are_the_ledger_as_its_own_bytes(told: Told) -> None:
    answer = await told.reader.ask("events", limit=500)
    for recorded in told.recorded:
        data, text = encode_parts(recorded.event)
        assert b'"data":' + data + b',"text":' + (text or b"null") + b"}" in answer.content
    items = answer.json()["items"]
    assert [item["sequence"] for item in items] == list(range(1, told.head + 1))
    assert answer.json()["next"] is None


async def test_an_event_has_the_shape_that_is_promised(told: Told) -> None:
    event = await told.reader.get(f"events/{told.head}")
    assert event == {
        "organisation": "acme",
        "epoch": 1,
        "sequence": told.head,
        "type": "CheckInCorrected",
        "schema_version": 1,
        "subject": "check-ins/c",
        "version": 2,
        "recorded_at": "2026-05-20T13:00:00.000000Z",
        "effective_on": "2026-05-20",
        "actor": {"kind": "person", "id": "p-ada", "on_behalf_of": None},
        "command_id": f"c-{told.head}",
        "correlation_id": None,
        "causation_id": None,
        "exception": None,
        "source": None,
        "data": {"check_in_id": "c", "confidence": None, "forecast": None, "key_result_id": "k1", "value": "40.0"},
        "text": {"narrative": "So far", "reason": "counted twice"},
    }


async def test_the_ledger_is_paged_by_the_last_sequence_seen(told: Told) -> None:
    page = await told.reader.get("events", after=3, limit=2)
    assert [item["sequence"] for item in cast("list[Json]", page["items"])] == [4, 5]
    assert page["next"] == "/v1/organisations/acme/events?after=5&limit=2"
    items = await told.reader.pages("events", limit=7)
    assert [item["sequence"] for item in items] == list(range(1, told.head + 1))


async def test_the_audit_of_a_key_result_shows_the_correction_before_and_after(told: Told) -> None:
    items = await told.reader.pages("audit", subject="key-results/k1")
    assert [item["type"] for item in items] == ["KeyResultAdded", "CheckInRecorded", "CheckInCorrected"]
    correction = items[-1]
    assert correction["reason"] == "counted twice"
    assert correction["changes"] == [{"field": "value", "before": "42", "after": "40.0"}]
    assert {"data", "text", "actor", "recorded_at", "effective_on", "command_id"} <= correction.keys()


async def test_the_audit_is_filtered_by_time_actor_type_and_words(told: Told) -> None:
    async def found(**parameters: str) -> list[object]:
        return [item["sequence"] for item in await told.reader.pages("audit", limit=3, **parameters)]

    everything = list(range(1, told.head + 1))
    assert await found() == everything
    assert await found(actor="person/p-ada") == everything
    assert await found(actor="p-ben") == []
    assert await found(type="CheckInRecorded") == [told.head - 1]
    assert await found(q="counted TWICE") == [told.head]
    assert await found(**{"from": "2026-05-20T13:00:00Z"}) == [told.head]
    assert await found(**{"from": "2026-05-20", "to": "2026-05-20"}) == everything
    assert await found(**{"from": "2026-05-21"}) == []
    assert await found(to="2026-05-19") == []
    assert await found(to="2026-05-20T12:00:00Z") == everything[:-1]


async def test_ancestors_and_descendants_have_depth_and_links(told: Told) -> None:
    above = await told.reader.pages("alignment/key_result/k0/ancestors", limit=1)
    assert [(item["id"], item["depth"]) for item in above] == [("o0", 1), ("o1", 2), ("o3", 3)]
    assert above[1]["parents"] == [
        {
            "id": "o3",
            "kind": "objective",
            "effect": "contributes",
            "origin": "unstated",
            "weight": "1",
            "share": "1",
        }
    ]
    (link,) = cast("list[Json]", above[0]["links"])
    assert (link["child"], link["parent"]) == (
        {"kind": "key_result", "id": "k0"},
        {"kind": "objective", "id": "o0"},
    )
    below = await told.reader.pages("alignment/objective/o3/descendants", limit=2)
    assert [item["id"] for item in below if item["kind"] == "objective"] == ["o1", "o2", "o0"]
    assert len(below) == len({(item["kind"], item["id"]) for item in below})


async def test_the_report_has_the_lists_behind_its_figures(told: Told) -> None:
    report = await told.reader.get("alignment/report", cycle="q2", limit=2)
    coverage = cast("Json", report["coverage"])
    assert (coverage["objectives"], coverage["covered"], coverage["coverage"]) == (3, 0, "0.000000")
    orphans = cast("Json", coverage["orphans"])
    assert orphans["count"] == 3
    assert [item["id"] for item in cast("list[Json]", orphans["items"])] == ["o0", "o1"]
    rest = await told.reader.pages(cast("str", orphans["next"]))
    assert [item["id"] for item in rest] == ["o2"]
    alone = await told.reader.pages("alignment/report", list="credit", limit=1)
    assert [item["id"] for item in alone] == ["k0", "k1", "k2", "k3", "k4", "k5"]
    assert alone[0]["attributed"] == "0.000000"


async def test_names_are_open_and_addresses_for_oneself_and_those_who_run_the_programme(told: Told) -> None:
    items = await told.reader.pages("people", limit=1)
    assert items[0] | {"name": "Ada", "email": "ada@example.org"} == items[0]
    assert items[1]["name"] == "Ben"
    assert "email" not in items[1]
    for role in ("administrator", "programme_lead"):
        items = await told.reader.bearing("p-eve", roles=[role]).pages("people")
        assert [item["email"] for item in items] == ["ada@example.org", "ben@example.org"]
    assert [item["id"] for item in await told.reader.pages("people", unit="u-sales")] == []


async def test_units_have_their_layer(told: Told) -> None:
    open_without_lead = {"lead_id": None, "state": "open"}
    assert await told.reader.pages("units") == [
        {"id": "root", "name": "Acme", "parent_id": None, "layer": 0, "people": 0, **open_without_lead},
        {"id": "u-sales", "name": "Sales", "parent_id": "root", "layer": 1, "people": 0, **open_without_lead},
    ]


async def test_positions_say_how_far_each_read_model_is(told: Told) -> None:
    positions = await told.reader.get("positions")
    assert positions["head"] == told.head
    items = cast("list[Json]", positions["items"])
    assert {"alignment", "audit"} <= {item["projection"] for item in items}
    assert {(item["sequence"], item["lag_events"], item["parked"]) for item in items} == {(told.head, 0, None)}


async def test_decimals_are_never_numbers(told: Told) -> None:
    answer = await told.reader.ask("audit", limit=500)
    parsed = jiter.from_json(answer.content, float_mode="decimal")
    assert not [value for value in leaves(parsed) if type(value).__name__ in ("Decimal", "float")]


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for each in cast("dict[str, object]", value).values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in cast("list[object]", value) for leaf in leaves(each)]
    return [value]
