"""Every rule broken, by one command, by a line of many and by a line of a batch that is all or nothing."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg
import httpx
import pytest
import pytest_asyncio

from services.chassis import tokens
from services.chassis.settings import TokenSettings
from services.ledger.settings import LedgerSettings
from services.ledger.statuses import STATUSES
from tests.integration.ledger import broken_lives as lives
from tests.integration.ledger import broken_okrs as okrs
from tests.integration.ledger.broken_world import GRANTS, WORLD, Broken, Fields
from tests.integration.ledger.over_http import over_http

ACME = "/v1/organisations/acme"
# By the invariant of the domain that is broken.
BROKEN: Mapping[str, Sequence[Broken]] = {
    "1 an objective and its owner": okrs.OWNERS,
    "2 what a key result measures": okrs.DEFINITIONS,
    "3 who answers for it": okrs.RESPONSIBLE,
    "4, 5 circles and shares": okrs.LINKS,
    "6 the lock": lives.LOCK,
    "7 exceptions": lives.EXCEPTIONS,
    "8 dates": lives.DATES,
    "9, 11 check-ins": lives.CHECK_INS,
    "10 grades": lives.GRADES,
    "12 readers": lives.READERS,
    "13 cycles": lives.CYCLES,
    "directory": lives.DIRECTORY,
    "programme": lives.PROGRAMME,
}
ALL = [
    pytest.param(broken, id=f"{invariant}: {broken.name}") for invariant, listed in BROKEN.items() for broken in listed
]
Document = dict[str, Any]


@dataclass(frozen=True)
class Organisation:
    """A ledger over HTTP with the organisation of the table in it."""

    client: httpx.AsyncClient
    settings: TokenSettings
    database: asyncpg.Connection
    grants: Mapping[str, int]

    def headers(self, sender: str, *roles: str, kind: Literal["person", "service"] = "person") -> dict[str, str]:
        token = tokens.issue_token(self.settings, sender, ["acme"], list(roles), kind=kind)
        return {"Authorization": f"Bearer {token}"}

    async def send(self, command: str, fields: Fields, headers: dict[str, str]) -> httpx.Response:
        return await self.client.post(f"{ACME}/commands/{command}", json=fields, headers=headers)

    async def tell(self, command: str, fields: Fields, person: str = "p-ada") -> int:
        answer = await self.send(command, fields, self.headers(person, "programme_lead", "administrator"))
        assert answer.status_code in (200, 201), f"{command} {fields}: {answer.text}"
        return answer.json()["sequence"]

    async def many(self, lines: list[Document], headers: dict[str, str], query: str = "") -> list[Document]:
        answer = await self.client.post(
            f"{ACME}/commands{query}",
            content="\n".join(map(json.dumps, lines)),
            headers={**headers, "content-type": "application/x-ndjson"},
        )
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.content.splitlines()]

    async def stored(self) -> tuple[object, ...]:
        """All that a command can leave behind."""
        counts = "SELECT count(*) FROM ledger.events), (SELECT count(*) FROM ledger.replies"
        row = await self.database.fetchrow(
            f"SELECT (SELECT sequence FROM ledger.heads), ({counts}),"
            " (SELECT array_agg(p ORDER BY p.person_id) FROM directory.people AS p)"
        )
        return tuple(row or ())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def acme(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Organisation]:
    key_file = tmp_path_factory.mktemp("key") / "key.pem"
    tokens.key_at(key_file)
    settings = LedgerSettings(database_url=module_database, token_key_file=key_file)
    database = await asyncpg.connect(module_database)
    async with over_http(settings) as client:
        empty = Organisation(client, settings, database, {})
        for command, fields in WORLD:
            await empty.tell(command, fields)
        grants = {
            name: await empty.tell("GrantException", fields, "p-ada" if "ada" in name else "p-ben")
            for name, fields in GRANTS.items()
        }
        used = {"key_result_id": "k-locked", "value": "15", "exception": grants["of ben, used"]}
        await empty.tell("RecordCheckIn", used)
        await empty.tell("RevokeException", {"cycle_id": "locked", "granted": grants["of ben, taken back"]})
        yield Organisation(client, settings, database, grants)
    await database.close()


def _check(document: Document, broken: Broken, prefix: str = "") -> None:
    """The refusal has its status and code, tells the rule and what would be accepted, and points to the field."""
    assert (document["status"], document["code"]) == (broken.status, broken.code), document
    assert document["type"] == f"/problems/{broken.code}"
    errors = document.get("errors", [])
    told = " ".join([document["detail"], *(error["message"] for error in errors)])
    assert broken.says in told
    assert len(told) > 40
    if broken.pointer is None:
        assert errors == []
    else:
        assert [error["pointer"] for error in errors] == [prefix + broken.pointer]
        assert errors[0]["rule"]


@pytest.mark.parametrize("broken", ALL)
async def test_a_broken_rule_is_refused_with_its_code_and_nothing_changes(acme: Organisation, broken: Broken):
    headers = acme.headers(broken.by, *broken.roles, kind=broken.kind)
    fields = dict(broken.fields)
    if fields.get("exception") in acme.grants:
        fields["exception"] = acme.grants[str(fields["exception"])]
    before = await acme.stored()
    alone = await acme.send(broken.command, fields, headers)
    assert alone.headers["content-type"] == "application/problem+json"
    _check({**alone.json(), "status": alone.status_code}, broken)
    line = {"type": broken.command, "data": fields}
    (answer,) = await acme.many([line], headers)
    _check({**answer["body"], "status": answer["status"]}, broken, "/data")
    good = {"type": "CreateObjective", "data": {**_GOOD, "objective_id": "o-good"}}
    applied, refused = await acme.many([good, line], headers, "?atomic=true")
    assert (applied["status"], applied["body"]["code"]) == (409, "not_applied")
    _check({**refused["body"], "status": refused["status"]}, broken, "/data")
    assert await acme.stored() == before


_GOOD = {"cycle_id": "open", "owner": {"kind": "unit", "id": "u-sales"}, "title": "Grow"}


# What a command alone cannot be refused for, what another answer stands for, and what tests of its own are about.
_ELSEWHERE = {
    *("not_applied", "command_id_reused", "version_is_another", "organisation_unknown"),
    *("aligned_later", "defined_later", "alignment_too_deep", "event_too_large"),
    *("organisation_is_closed", "not_the_parents_owner", "not_a_reader"),
}


def test_every_refusal_of_the_ledger_is_in_the_table():
    in_the_table = {broken.code for listed in BROKEN.values() for broken in listed}
    assert {refusal.code for refusal in STATUSES} - in_the_table == _ELSEWHERE
