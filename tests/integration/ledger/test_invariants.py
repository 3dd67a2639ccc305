"""Every rule that the ledger holds, broken alone and in a batch: the same code, and nothing is written."""

import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from services.chassis import auth, problems, tokens
from services.chassis.limits import Limited
from services.chassis.settings import TokenSettings
from services.ledger.api import body_limit
from services.ledger.main import api
from services.ledger.settings import LedgerSettings

ACME = "/v1/organisations/acme"
TODAY = datetime.now(UTC).date()
REASON = {"reason": "It is better so."}


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def key_result(key_result_id: str, objective_id: str = "o1", **more: object) -> dict[str, object]:
    return {
        "key_result_id": key_result_id,
        "objective_id": objective_id,
        "title": "Customers",
        "kind": "increase",
        "baseline": "0",
        "target": "100",
        "responsible_id": "p1",
        **more,
    }


def objective(objective_id: str, cycle_id: str = "q", **more: object) -> dict[str, object]:
    return {
        "objective_id": objective_id,
        "cycle_id": cycle_id,
        "owner": {"kind": "person", "id": "p1"},
        "title": "Win",
        **more,
    }


def link(child: str, above: str, kind: str = "objective", **more: object) -> dict[str, object]:
    return {"child_id": child, "parent": {"kind": kind, "id": above}, **more}


def cycle(cycle_id: str, first: int, last: int, **more: object) -> dict[str, object]:
    return {"cycle_id": cycle_id, "name": cycle_id, "starts_on": day(first), "ends_on": day(last), **more}


STANDING: list[tuple[str, dict[str, object]]] = [
    *(("AddPerson", {"person_id": f"p{number}"}) for number in range(1, 5)),
    ("DeactivatePerson", {"person_id": "p3"}),
    ("ErasePerson", {"person_id": "p4", **REASON}),
    ("AddUnit", {"unit_id": "u1", "name": "One"}),
    ("AddUnit", {"unit_id": "u2", "name": "Two", "parent_id": "u1"}),
    ("PlanCycle", cycle("year", -200, 200)),
    ("PlanCycle", cycle("q", -30, 30, parent_id="year")),
    ("PlanCycle", cycle("next", 31, 60, parent_id="year")),
    ("PlanCycle", cycle("closed", -100, -60, parent_id="year")),
    *(("OpenCycle", {"cycle_id": each}) for each in ("year", "q", "closed")),
    ("CreateObjective", objective("o-closed", "closed")),
    ("AbandonObjective", {"objective_id": "o-closed", **REASON}),
    ("LockCycle", {"cycle_id": "closed"}),
    ("CloseCycle", {"cycle_id": "closed"}),
    *(("CreateObjective", objective(each)) for each in ("o1", "o2", "o3", "o-gone")),
    ("CreateObjective", objective("o-year", "year")),
    ("AddKeyResult", key_result("k1", partner_ids=["p2"])),
    ("AddKeyResult", key_result("k-fed", "o2", source="children")),
    ("AddKeyResult", key_result("k-yes", kind="achieve", baseline=None, target=None)),
    ("AddKeyResult", key_result("k-dropped")),
    ("DropKeyResult", {"key_result_id": "k-dropped", **REASON}),
    ("AbandonObjective", {"objective_id": "o-gone", **REASON}),
    ("LinkAlignment", link("o1", "o2", share="0.7")),
    ("RecordCheckIn", {"check_in_id": "c1", "key_result_id": "k1", "value": "10"}),
    ("RecordCheckIn", {"check_in_id": "c-gone", "key_result_id": "k1", "value": "10"}),
    ("WithdrawCheckIn", {"check_in_id": "c-gone", **REASON}),
]

# What breaks which rule: the command, its fields, and the code with which it is refused.
BROKEN: list[tuple[str, dict[str, object], str]] = [
    # 1. An objective needs a planned or open cycle, and an owner who is there and active.
    ("CreateObjective", objective("n", "closed"), "cycle_is_closed"),
    ("CreateObjective", objective("n", "nowhere"), "reference_unknown"),
    ("CreateObjective", objective("n", owner={"kind": "person", "id": "p3"}), "person_is_inactive"),
    ("CreateObjective", objective("n", owner={"kind": "unit", "id": "nowhere"}), "reference_unknown"),
    # 2. A key result belongs to one live objective, and its numbers make sense together.
    ("AddKeyResult", key_result("n", "o-gone"), "objective_has_ended"),
    ("AddKeyResult", key_result("n", target="0"), "definition_makes_no_sense"),
    ("AddKeyResult", key_result("n", kind="reduce"), "definition_makes_no_sense"),
    ("AddKeyResult", key_result("n", kind="stay_within", low="9", high="1"), "definition_makes_no_sense"),
    ("AddKeyResult", key_result("n", unit={"kind": "money", "code": "euro"}), "definition_makes_no_sense"),
    ("AddKeyResult", key_result("n", target="1e400"), "fields_invalid"),
    ("AddKeyResult", key_result("n", weight="-1"), "fields_invalid"),
    # 3. One responsible person, who is there and not erased, and is no partner.
    ("AddKeyResult", key_result("n", responsible_id="p4"), "person_is_erased"),
    ("AddKeyResult", key_result("n", responsible_id="nobody"), "reference_unknown"),
    ("AddKeyResult", key_result("n", partner_ids=["p1"]), "already_responsible"),
    ("NameKeyPartner", {"key_result_id": "k1", "person_id": "p1"}, "already_responsible"),
    ("AssignResponsible", {"key_result_id": "k1", "person_id": "p2"}, "already_responsible"),
    ("ErasePerson", {"person_id": "p1", **REASON}, "still_responsible"),
    # 4. No circles, parents in the same or a containing cycle, no links to what has ended.
    ("LinkAlignment", link("o2", "o1"), "alignment_would_circle"),
    ("LinkAlignment", link("o2", "k1", "key_result"), "alignment_would_circle"),
    ("LinkAlignment", link("o-year", "o1"), "parent_in_another_cycle"),
    ("LinkAlignment", link("o3", "o-gone"), "objective_has_ended"),
    ("LinkAlignment", link("o3", "k-dropped", "key_result"), "key_result_has_ended"),
    ("LinkAlignment", link("o3", "o3"), "alignment_would_circle"),
    # 5. Shares add up to one at most.
    ("LinkAlignment", link("o1", "o3", share="0.4"), "share_too_large"),
    ("LinkAlignment", link("o3", "o2", share="1.1"), "fields_invalid"),
    ("LinkAlignment", link("o3", "o2", share="0"), "fields_invalid"),
    # 6. In an open cycle a redefinition has a reason; in a closed one nothing changes.
    ("RedefineKeyResult", {"key_result_id": "k1", "target": "50"}, "reason_missing"),
    ("CreateObjective", objective("n", "closed"), "cycle_is_closed"),
    ("OpenCycle", {"cycle_id": "closed"}, "cycle_is_elsewhere"),
    # 7. Exceptions are granted for something, and used by somebody else.
    ("RecordCheckIn", {"key_result_id": "k1", "value": "1", "exception": 1}, "exception_not_needed"),
    # 8. Only some things are dated back, nothing forward, and a check-in lies within its cycle.
    ("CreateObjective", objective("n", effective_on=day(-1)), "not_back_datable"),
    ("RecordCheckIn", {"key_result_id": "k1", "value": "1", "effective_on": day(1)}, "in_the_future"),
    ("RecordCheckIn", {"key_result_id": "k1", "value": "1", "effective_on": day(-31)}, "outside_cycle"),
    ("RecordCheckIn", {"key_result_id": "k1", "value": "1", "effective_on": "2026-02-30"}, "fields_invalid"),
    # 9. What is fed by children takes no values; a value is of its kind.
    ("RecordCheckIn", {"key_result_id": "k-fed", "value": "1"}, "fed_by_children"),
    ("RecordCheckIn", {"key_result_id": "k-yes", "value": "1"}, "value_does_not_fit"),
    ("RecordCheckIn", {"key_result_id": "k1", "value": True}, "value_does_not_fit"),
    # 10. A grade lies between 0 and 1; a cycle closes from locked, with everything graded.
    ("GradeKeyResult", {"key_result_id": "k1", "grade": "1.01"}, "fields_invalid"),
    ("CloseCycle", {"cycle_id": "q"}, "cycle_is_elsewhere"),
    # 11. A correction names a check-in that is there and was not taken back.
    ("CorrectCheckIn", {"check_in_id": "nothing", "value": "1", **REASON}, "subject_unknown"),
    ("CorrectCheckIn", {"check_in_id": "c-gone", "value": "1", **REASON}, "check_in_was_withdrawn"),
    # 12. A restriction has a reason and readers.
    ("RestrictObjective", {"objective_id": "o1", "readers": [], **REASON}, "fields_invalid"),
    ("RestrictObjective", {"objective_id": "o1", "readers": [{"kind": "person", "id": "p2"}]}, "reason_missing"),
    # The chart and the people in it.
    ("MoveUnit", {"unit_id": "u1", "parent_id": "u2"}, "unit_would_circle"),
    ("ChangeManager", {"person_id": "p1", "manager_id": "p1"}, "own_manager"),
    ("CloseUnit", {"unit_id": "u1"}, "units_below_are_open"),
    ("PlanCycle", cycle("n", 10, 5), "days_out_of_order"),
    ("PlanCycle", cycle("n", -300, 10, parent_id="year"), "outside_parent_cycle"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[httpx.AsyncClient, str]]:
    key: Path = tmp_path_factory.mktemp("key") / "key.pem"
    tokens.key_at(key)
    told = TokenSettings(token_key_file=key)
    token = tokens.issue_token(told, "p-lead", "*", ["member", "programme_lead", "administrator"])
    settings = LedgerSettings(database_url=module_database, token_key_file=key)
    async with api(settings, auth.verifier(told), ["progress"]) as commands:
        app = Starlette(routes=commands.routes(), exception_handlers=problems.exception_handlers())
        transport = httpx.ASGITransport(Limited(app, body_limit))
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
            registered = await http.post("/v1/organisations", json={"organisation": "acme", "name": "Acme"})
            assert registered.status_code == 201
            for command, fields in STANDING:
                answer = await http.post(f"{ACME}/commands/{command}", json=fields)
                assert answer.status_code in (200, 201), f"{command} {fields}: {answer.text}"
            yield http, module_database


async def head(database: str) -> int:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetchval("SELECT sequence FROM ledger.heads")
    finally:
        await connection.close()


@pytest.mark.parametrize(("command", "fields", "code"), BROKEN)
async def test_what_breaks_a_rule_is_refused_alone_and_in_a_batch_and_changes_nothing(
    client: tuple[httpx.AsyncClient, str], command: str, fields: dict[str, object], code: str
) -> None:
    http, database = client
    before = await head(database)
    alone = await http.post(f"{ACME}/commands/{command}", json=fields)
    document = alone.json()
    assert (document.get("code"), alone.status_code // 100) == (code, 4), alone.text
    assert document["detail"]
    line = json.dumps({"type": command, "data": fields})
    batch = await http.post(f"{ACME}/commands", content=line, headers={"Content-Type": "application/x-ndjson"})
    answer = json.loads(batch.content)
    assert (answer["body"]["code"], answer["status"]) == (code, alone.status_code)
    assert await head(database) == before
