"""Commands over HTTP: what is taken, and every way to be wrong, with nothing written."""

import json
import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import jwt
import pytest
from starlette.applications import Starlette

from okr_contracts.commands import COMMANDS
from okr_contracts.commands.answers import ANSWERS
from okr_contracts.commands.examples import EXAMPLES
from okr_contracts.envelope import Recorded, decode
from services.chassis import auth, problems, tokens
from services.chassis.limits import Limited
from services.chassis.settings import TokenSettings
from services.ledger.api import body_limit
from services.ledger.main import api
from services.ledger.meanings import MEANINGS
from services.ledger.settings import LedgerSettings
from tests.faults.proxy import Proxy
from tests.ledger_writer import project

EVERY_ROLE = ["member", "programme_lead", "administrator", "import"]
ACME = "/v1/organisations/acme"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    tokens.key_at(tmp_path / "key.pem")
    return tmp_path / "key.pem"


@pytest.fixture
async def client(database: str, key_file: Path) -> AsyncGenerator[httpx.AsyncClient]:
    settings = LedgerSettings(database_url=database, token_key_file=key_file)
    verifier = auth.verifier(TokenSettings(token_key_file=key_file))
    async with api(settings, verifier, ["progress"]) as commands:
        app = Starlette(
            routes=[*commands.routes(), problems.page(MEANINGS)], exception_handlers=problems.exception_handlers()
        )
        transport = httpx.ASGITransport(Limited(app, body_limit))
        headers = bearer(key_file, organisations="*", roles=EVERY_ROLE)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            registered = await client.post("/v1/organisations", json=EXAMPLES["RegisterOrganisation"])
            assert registered.status_code == 201, registered.text
            yield client


def bearer(key_file: Path, *, organisations: object = ("acme",), roles: object = ("member",), **claims: object):
    """An Authorization header, signed with the key that the service trusts."""
    now = datetime.now(UTC)
    token = jwt.encode(
        {
            "iss": tokens.ISSUER,
            "sub": "p-7f3a",
            "exp": now + timedelta(hours=1),
            "okr_organisations": organisations,
            "okr_roles": roles,
            **claims,
        },
        tokens.read_key(key_file),
        algorithm="EdDSA",
    )
    return {"Authorization": f"Bearer {token}"}


async def send(client: httpx.AsyncClient, command: str, headers: dict[str, str] | None = None, /, **fields: object):
    """The answer to a command."""
    return await client.post(f"{ACME}/commands/{command}", json=fields, headers=headers)


async def events(database: str) -> int:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetchval("SELECT count(*) FROM ledger.events")
    finally:
        await connection.close()


def refused(answer: httpx.Response, status: int, code: str, pointer: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"/problems/{code}"
    assert len(document["detail"]) > 20
    if pointer is not None:
        assert pointer in [error["pointer"] for error in document["errors"]]
    return document


async def test_every_example_is_taken_and_every_read_model_can_apply_what_it_makes(
    client: httpx.AsyncClient, key_file: Path, database: str
):
    year = datetime.now(UTC).year
    lead = bearer(key_file, sub="p-2b90", roles=["programme_lead"])
    owner = bearer(key_file, sub="p-7f3a")
    # What the examples need beside each other.
    before: dict[str, list[tuple[str, dict[str, object]]]] = {
        "MoveUnit": [("AddUnit", {"unit_id": "field", "name": "Field"})],
        "PlaceHold": [("AddPerson", {"person_id": "p-2b90"})],
        "LinkAlignment": [("CreateObjective", {**EXAMPLES["CreateObjective"], "objective_id": "o-field"})],
        "CarryOverObjective": [
            ("PlanCycle", {"cycle_id": "y2027", "name": "Next", "starts_on": "2027-01-01", "ends_on": "2027-12-31"})
        ],
        "ReopenCycle": [
            ("GrantException", {**EXAMPLES["GrantException"], "command": "ReopenCycle", "on": "cycles/y2026"})
        ],
    }
    sent_by = {
        "LinkAlignment": lead,
        "AcceptAlignment": owner,
        "ChangeAlignment": lead,
        "DeclineAlignment": owner,
        "GrantException": lead,
    }
    this_year: dict[str, dict[str, object]] = {
        "PlanCycle": {"starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31"},
        "SetPhasedTargets": {"phased_targets": [{"on": f"{year}-06-30", "value": "45"}]},
    }
    granted = 0
    for name, fields in EXAMPLES.items():
        for command, others in before.get(name, []):
            answer = await send(client, command, sent_by.get(command), **others)
            assert answer.status_code in (200, 201), f"{command}: {answer.text}"
            granted = answer.json()["sequence"]
        own: dict[str, object] = {**fields, **this_year.get(name, {})}
        if name == "RevokeException":
            own["granted"] = granted
        elif name == "ReopenCycle":
            own["exception"] = granted
        answer = await send(client, name, sent_by.get(name), **own)
        assert answer.status_code in (200, 201), f"{name}: {answer.text}"
        assert answer.json()["sequence"] == int(answer.headers["okr-sequence"])
        assert {event["type"] for event in answer.json()["events"]} <= {*ANSWERS[name]}
        granted = answer.json()["sequence"]
        if answer.status_code == 201:
            assert answer.headers["location"].startswith(f"{ACME}/")
    assert set(EXAMPLES) == set(COMMANDS)
    written = await recorded(database)
    # Their examples say what the examples before have made so already.
    already_so = {"ManagerChanged", "ResponsibleAssigned", "CadenceSet"}
    assert {event for events in ANSWERS.values() for event in events} - already_so == {each.type for each in written}
    await project(database, written)


async def recorded(database: str) -> list[Recorded]:
    """The events of acme, as they are stored."""
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch("SELECT entry, data, text FROM ledger.events ORDER BY sequence")
    finally:
        await connection.close()
    return [decode(row["entry"], row["data"], row["text"]) for row in rows]


async def test_a_created_objective_has_an_address(client: httpx.AsyncClient):
    for name in ("AddUnit", "PlanCycle"):
        await send(client, name, **EXAMPLES[name])
    answer = await send(client, "CreateObjective", **EXAMPLES["CreateObjective"])
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{ACME}/objectives/o-grow"
    again = await send(client, "CreateObjective", **EXAMPLES["CreateObjective"])
    assert again.status_code == 200
    assert again.json()["events"] == []
    assert again.json()["sequence"] == answer.json()["sequence"]


async def test_the_same_idempotency_key_gets_the_same_reply(client: httpx.AsyncClient, database: str):
    headers = {"Idempotency-Key": '"once"'}
    first = await send(client, "AddUnit", headers, name="Sales")
    again = await send(client, "AddUnit", headers, name="Sales")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert first.json()["command_id"] == "once"
    refused(await send(client, "AddUnit", headers, name="Marketing"), 409, "command_id_reused")
    refused(await send(client, "AddUnit", {"Idempotency-Key": "no spaces"}, name="x"), 400, "command_id_invalid")
    assert await events(database) == 3


async def test_a_stale_version_is_refused_with_the_current_one(client: httpx.AsyncClient, database: str):
    await send(client, "AddPerson", person_id="p1")
    before = await events(database)
    document = refused(
        await send(client, "ChangeManager", {"If-Match": '"7"'}, person_id="p1", manager_id=None),
        412,
        "version_is_another",
    )
    assert document["current_version"] == 1
    refused(await send(client, "AddUnit", {"If-Match": "7"}, name="x"), 400, "version_invalid")
    assert await events(database) == before


BODIES = [
    (b"", 400, "not_json"),
    (b"{", 400, "not_json"),
    (b'{"name": "a", "name": "b"}', 400, "not_json"),
    (b'{"name": NaN}', 400, "not_json"),
    (b'{"name": "\xff"}', 400, "not_json"),
    (b'{"name": "\\ud800"}', 400, "not_json"),
    (b'{"name": "a"} trailing', 400, "not_json"),
    (b"[" * 40 + b"]" * 40, 422, "too_deep"),
    (b"[" * 4000 + b"]" * 4000, 400, "not_json"),
    (b"[]", 422, "fields_invalid"),
    (b'"text"', 422, "fields_invalid"),
    (b"null", 422, "fields_invalid"),
    (b'{"name": "' + b"x" * 1_000_001 + b'"}', 413, "body_too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES, ids=range(len(BODIES)))
async def test_a_body_that_is_no_document_is_refused(
    client: httpx.AsyncClient, database: str, body: bytes, status: int, code: str
):
    answer = await client.post(
        f"{ACME}/commands/AddUnit", content=body, headers={"content-type": "application/json; charset=utf-8"}
    )
    refused(answer, status, code)
    assert await events(database) == 2


def number(text: str) -> bytes:
    """A key result whose target is written as *text*."""
    fields = json.dumps({**EXAMPLES["AddKeyResult"], "target": 0})
    return fields.replace('"target": 0', f'"target": {text}').encode()


@pytest.mark.parametrize(
    "text", ["1e400", "-1e400", "9" * 40, "0." + "1" * 21, '"NaN"', '"1_000"', '" 1"', "true", '"1e5"', "[]"]
)
async def test_a_number_that_cannot_be_kept_exactly_is_refused(client: httpx.AsyncClient, database: str, text: str):
    answer = await client.post(
        f"{ACME}/commands/AddKeyResult", content=number(text), headers={"content-type": "application/json"}
    )
    refused(answer, 422, "fields_invalid", "/target")
    assert await events(database) == 2


FIELDS: list[tuple[str, dict[str, object], str]] = [
    ("AddUnit", {}, "/name"),
    ("AddUnit", {"name": 7}, "/name"),
    ("AddUnit", {"name": ""}, "/name"),
    ("AddUnit", {"name": "  "}, "/name"),
    ("AddUnit", {"name": "x" * 10_001}, "/name"),
    ("AddUnit", {"name": "a\u0000b"}, "/name"),
    ("AddUnit", {"name": "a", "parent": "root"}, "/parent"),
    ("AddUnit", {"name": "a", "unit_id": "no spaces"}, "/unit_id"),
    ("AddUnit", {"name": "a", "unit_id": "x" * 65}, "/unit_id"),
    ("AddUnit", {"name": "a", "unit_id": None, "parent_id": None}, "/parent_id"),
    ("AddUnit", {"name": "a", "effective_on": "2026-02-30"}, "/effective_on"),
    ("AddUnit", {"name": "a", "effective_on": 1_700_000_000}, "/effective_on"),
    ("AddUnit", {"name": "a", "exception": "4"}, "/exception"),
    ("AddUnit", {"name": "a", "exception": 0}, "/exception"),
    ("AddUnit", {"name": "a", "reason": "x" * 10_001}, "/reason"),
    ("AddUnit", {"name": "a", "import_source": {"system": "s"}}, "/import_source/record"),
    (
        "AddUnit",
        {"name": "a", "import_source": {"system": "s", "record": "r", "recorded_at": "0001-01-01T00:00:00+14:00"}},
        "/import_source/recorded_at",
    ),
    ("AddPerson", {"email": "nobody"}, "/email"),
    ("AddPerson", {"unit_ids": "sales"}, "/unit_ids"),
    ("AddPerson", {"placeholder": "yes"}, "/placeholder"),
    ("ChangeManager", {"person_id": "p1"}, "/manager_id"),
    ("PlanCycle", {"name": "x", "starts_on": "2026-01-01T00:00:00Z", "ends_on": "2026-02-01"}, "/starts_on"),
    ("CreateObjective", {**EXAMPLES["CreateObjective"], "owner": {"kind": "team", "id": "x"}}, "/owner/kind"),
    ("CreateObjective", {**EXAMPLES["CreateObjective"], "owner": {"kind": "unit", "id": "x", "y": 1}}, "/owner/y"),
    ("CreateObjective", {**EXAMPLES["CreateObjective"], "labels": ["x" * 101]}, "/labels/0"),
    ("OverrideProgress", {"objective_id": "o", "progress": "1.01"}, "/progress"),
    ("AddKeyResult", {**EXAMPLES["AddKeyResult"], "weight": -1}, "/weight"),
    ("AddKeyResult", {**EXAMPLES["AddKeyResult"], "cadence_days": 0}, "/cadence_days"),
    ("AddKeyResult", {**EXAMPLES["AddKeyResult"], "kind": "grow"}, "/kind"),
    ("LinkAlignment", {**EXAMPLES["LinkAlignment"], "share": 0}, "/share"),
    ("RecordCheckIn", {"key_result_id": "k", "confidence": 11}, "/confidence"),
    ("RecordCheckIn", {"key_result_id": "k", "confidence": "7"}, "/confidence"),
    ("RecordCheckIn", {"key_result_id": "k", "confidence": 7.0}, "/confidence"),
    ("RecordCheckIn", {"key_result_id": "k", "value": "many"}, "/value"),
    ("RecordCheckIn", {"key_result_id": "k", "value": {"n": 1}}, "/value"),
]


@pytest.mark.parametrize(("name", "fields", "pointer"), FIELDS, ids=range(len(FIELDS)))
async def test_a_field_that_is_wrong_is_pointed_at(
    client: httpx.AsyncClient, database: str, name: str, fields: dict[str, object], pointer: str
):
    document = refused(await send(client, name, **fields), 422, "fields_invalid", pointer)
    assert all(error["message"] and error["rule"] for error in document["errors"])
    assert await events(database) == 2


async def test_the_words_of_a_refused_body_are_in_no_log(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    with caplog.at_level(logging.DEBUG):
        refused(await send(client, "AddUnit", name="Verschlusssache", secret="Verschlusssache"), 422, "fields_invalid")
        refused(await send(client, "AddUnit", name="Verschlusssache", parent_id="nowhere"), 422, "reference_unknown")
    captured = capsys.readouterr()
    assert "Verschlusssache" not in caplog.text + captured.out + captured.err


async def test_an_unknown_command_names_the_nearest(client: httpx.AsyncClient):
    assert "AddUnit" in refused(await send(client, "AddUnits"), 404, "command_unknown")["detail"]
    assert "LinkAlignment" in refused(await send(client, "Frobnicate"), 404, "command_unknown")["detail"]
    assert "title" in (await send(client, "ReviseObjective", objective_id="o", titel="x")).text


async def test_another_media_type_is_refused(client: httpx.AsyncClient):
    answer = await client.post(f"{ACME}/commands/AddUnit", content=b"name=x", headers={"content-type": "text/plain"})
    refused(answer, 415, "media_type")
    refused(await client.post(f"{ACME}/commands", json={}), 415, "media_type")


async def test_the_token_decides_who_may_do_what(client: httpx.AsyncClient, key_file: Path, database: str):
    stranger = bearer(key_file, organisations=["globex"])
    refused(await send(client, "AddUnit", stranger, name="x"), 403, "organisation_not_yours")
    nobody = await client.post(
        "/v1/organisations/nowhere/commands/AddUnit", json={"name": "x"}, headers=bearer(key_file)
    )
    refused(nobody, 403, "organisation_not_yours")
    member = bearer(key_file)
    refused(await send(client, "AddUnit", member, name="x"), 403, "role_missing")
    refused(
        await client.post("/v1/organisations", json={"organisation": "b", "name": "B"}, headers=member),
        403,
        "operator_only",
    )
    imported = {"name": "x", "import_source": {"system": "sheet", "record": "K1"}}
    lead = bearer(key_file, roles=["programme_lead"])
    refused(await send(client, "AddUnit", lead, **imported), 403, "import_role_missing", "/import_source")
    expired = bearer(key_file, exp=datetime.now(UTC) - timedelta(minutes=5))
    refused(await send(client, "AddUnit", expired, name="x"), 401, "token_expired")
    unsigned = jwt.encode({"sub": "p", "okr_organisations": "*", "okr_roles": EVERY_ROLE}, "", algorithm="none")
    assert (await send(client, "AddUnit", {"Authorization": f"Bearer {unsigned}"}, name="x")).status_code == 401
    assert (await send(client, "AddUnit", {"Authorization": "Bearer nonsense"}, name="x")).status_code == 401
    assert (await send(client, "AddUnit", {"Authorization": ""}, name="x")).status_code == 401
    assert await events(database) == 2


async def test_an_unknown_organisation_is_not_found_by_an_operator(client: httpx.AsyncClient):
    answer = await client.post("/v1/organisations/nowhere/commands/AddUnit", json={"name": "x"})
    refused(answer, 404, "organisation_unknown")
    for impossible in ("No%00where", "%F0%9F%8E%AF", "UPPER", "x" * 64, "-"):
        answer = await client.post(f"/v1/organisations/{impossible}/commands/AddUnit", json={"name": "x"})
        refused(answer, 404, "organisation_unknown")


def ndjson(*lines: object) -> bytes:
    return b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)


async def batch(client: httpx.AsyncClient, body: bytes, query: str = "") -> list[dict[str, Any]]:
    answer = await client.post(
        f"{ACME}/commands{query}", content=body, headers={"content-type": "application/x-ndjson"}
    )
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.content.splitlines()]


async def test_a_batch_is_answered_line_by_line_and_a_wrong_line_harms_no_other(
    client: httpx.AsyncClient, database: str
):
    answers = await batch(
        client,
        ndjson(
            {"type": "AddUnit", "command_id": "b1", "data": {"unit_id": "a", "name": "A"}},
            b"{not json",
            {"type": "AddUnit", "command_id": "b2", "data": {"unit_id": "b", "name": "B", "parent_id": "a"}},
            {"type": "AddUnit", "command_id": "b3", "data": {"name": 7}},
            {"type": "Nothing", "command_id": "b4", "data": {}},
            {"type": "AddUnit", "command_id": "b5", "data": {"name": "C", "parent_id": "nowhere"}},
            {"type": "AddUnit", "command_id": "b6", "expected_version": 9, "data": {"name": "D"}},
            {"type": "AddUnit", "command_id": "b7", "datas": {}},
            {"type": "AddUnit", "command_id": "b1", "data": {"unit_id": "a", "name": "A"}},
        ),
    )
    assert [answer["status"] for answer in answers] == [201, 400, 201, 422, 404, 422, 412, 422, 201]
    assert [answer["command_id"] for answer in answers] == ["b1", None, "b2", "b3", "b4", "b5", "b6", "b7", "b1"]
    assert answers[3]["body"]["errors"][0]["pointer"] == "/data/name"
    assert answers[5]["body"]["errors"][0]["pointer"] == "/data/parent_id"
    assert answers[0]["body"] == answers[8]["body"]
    assert await events(database) == 4


async def test_an_atomic_batch_is_all_or_nothing(client: httpx.AsyncClient, database: str):
    good = {"type": "AddUnit", "command_id": "b1", "data": {"unit_id": "a", "name": "A"}}
    for fields in ('{"name": "C", "parent_id": "nowhere"}', "{}"):
        bad = f'{{"type": "AddUnit", "command_id": "b2", "data": {fields}}}'.encode()
        answers = await batch(client, ndjson(good, bad), "?atomic=true")
        assert [answer["status"] for answer in answers] == [409, 422]
        assert answers[0]["body"]["code"] == "not_applied"
        assert await events(database) == 2
    assert [answer["status"] for answer in await batch(client, ndjson(good), "?atomic=true")] == [201]


async def test_a_batch_has_its_limits(client: httpx.AsyncClient):
    headers = {"content-type": "application/x-ndjson"}
    refused(await client.post(f"{ACME}/commands", content=b"\n\n", headers=headers), 422, "batch_size")
    refused(await client.post(f"{ACME}/commands", content=b"{}\n" * 10_001, headers=headers), 422, "batch_size")
    refused(
        await client.post(f"{ACME}/commands?atomic=true", content=b"{}\n" * 1_001, headers=headers), 422, "batch_size"
    )
    refused(await client.post(f"{ACME}/commands?atomics=1", content=b"{}", headers=headers), 400, "parameter_invalid")
    refused(await client.post(f"{ACME}/commands", content=b"x" * 16_000_001, headers=headers), 413, "body_too_large")


async def test_a_batch_of_thousands_is_taken_in_order(client: httpx.AsyncClient, database: str):
    lines = [
        {"type": "AddUnit", "data": {"unit_id": f"u{n}", "name": "U", "parent_id": f"u{n - 1}" if n else "root"}}
        for n in range(3000)
    ]
    answers = await batch(client, ndjson(*lines))
    assert {answer["status"] for answer in answers} == {201}
    assert [answer["body"]["sequence"] for answer in answers] == list(range(3, 3003))
    assert await events(database) == 3002


async def test_the_trace_of_a_request_stands_with_its_events(client: httpx.AsyncClient, database: str):
    one, other = (f"00-{32 * digit}-00f067aa0ba902b7-01" for digit in "12")
    await send(client, "AddUnit", {"traceparent": one}, unit_id="one", name="One")
    await client.post(
        f"{ACME}/commands",
        content=ndjson({"type": "AddUnit", "data": {"unit_id": "two", "name": "Two"}}),
        headers={"Content-Type": "application/x-ndjson", "traceparent": other},
    )
    await send(client, "AddUnit", {"traceparent": "none of ours"}, unit_id="three", name="Three")
    connection = await asyncpg.connect(database)
    rows = await connection.fetch(
        "SELECT s.subject, e.traceparent"
        " FROM ledger.events AS e JOIN ledger.event_subjects AS s USING (organisation, sequence)"
        " WHERE s.subject NOT LIKE 'unit-contents/%'"
    )
    await connection.close()
    assert {row["subject"]: row["traceparent"] for row in rows} == {
        "organisations/acme": None, "units/root": None, "units/one": one, "units/two": other, "units/three": None
    }  # fmt: skip


async def test_known_command_ids_are_looked_up_with_their_digest(client: httpx.AsyncClient):
    source = {"system": "sheet", "record": "K1", "digest": "abc"}
    await send(client, "AddUnit", {"Idempotency-Key": "c1"}, name="x", import_source=source)
    await send(client, "AddUnit", {"Idempotency-Key": "c2"}, unit_id="u", name="x")
    answer = await client.post(f"{ACME}/replies/lookup", json={"command_ids": ["c1", "c2", "c3"]})
    assert sorted(answer.json()["items"], key=lambda item: item["command_id"]) == [
        {"command_id": "c1", "sequence": 3, "source_digest": "abc"},
        {"command_id": "c2", "sequence": 4, "source_digest": None},
    ]
    for wrong in (None, [], "c1", [1], ["c"] * 1001):
        answer = await client.post(f"{ACME}/replies/lookup", json={"command_ids": wrong})
        refused(answer, 422, "fields_invalid", "/command_ids")


async def test_a_look_up_without_a_database_is_asked_again(database: str, key_file: Path):
    at = urlsplit(database)
    assert at.port is not None
    proxy = Proxy(at.port)
    await proxy.start()
    url = database.replace(f":{at.port}/", f":{proxy.port}/")
    settings = LedgerSettings(database_url=url, token_key_file=key_file)
    async with api(settings, auth.verifier(settings), []) as commands:
        app = Starlette(routes=commands.routes(), exception_handlers=problems.exception_handlers())
        headers = bearer(key_file, organisations="*", roles=EVERY_ROLE)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            assert (await client.post(f"{ACME}/replies/lookup", json={"command_ids": ["c1"]})).status_code == 200
            await proxy.stop()
            answer = await client.post(f"{ACME}/replies/lookup", json={"command_ids": ["c1"]})
    refused(answer, 503, "database_not_reached")
    assert answer.headers["retry-after"] == "1"


async def test_waiting_for_the_read_models_ends_with_202_where_nobody_reads(client: httpx.AsyncClient):
    answer = await send(client, "AddUnit", {"Prefer": "wait=0"}, name="x")
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=0"
    assert len(answer.json()["events"]) == 1
    answer = await client.post(
        f"{ACME}/commands",
        content=ndjson({"type": "AddUnit", "data": {"name": "y"}}),
        headers={"content-type": "application/x-ndjson", "Prefer": "wait=0"},
    )
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=0")


async def test_every_problem_has_a_page(client: httpx.AsyncClient):
    for code in MEANINGS:
        page = await client.get(f"/problems/{code}")
        assert page.status_code == 200
        assert code in page.text


async def test_what_somebody_may_not_do_is_refused_and_noted(client: httpx.AsyncClient, key_file: Path, database: str):
    member = bearer(key_file, sub="p-member", roles=["member"])
    for _ in range(2):
        refused = await send(client, "AddUnit", member, unit_id="u", name="Mine")
        assert refused.status_code == 403
    line = json.dumps({"type": "PlanCycle", "data": {"cycle_id": "c", **EXAMPLES["PlanCycle"]}})
    lines = "\n".join([line] * 3)
    batch = {**member, "Content-Type": "application/x-ndjson"}
    assert (await client.post(f"{ACME}/commands", content=lines, headers=batch)).status_code == 200
    connection = await asyncpg.connect(database)
    noted = await connection.fetch("SELECT actor, what, subject, times FROM ledger.access_records ORDER BY subject")
    await connection.close()
    assert [tuple(row) for row in noted] == [
        ("person/p-member", "role_missing", "AddUnit", 2),
        ("person/p-member", "role_missing", "PlanCycle", 1),
    ]
