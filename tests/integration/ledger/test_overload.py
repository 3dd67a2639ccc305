"""More commands than the database takes: a bounded number waits, the others are told to come back, nothing is lost."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Self

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from services.chassis import auth, problems, tokens
from services.chassis.limits import Limited
from services.chassis.settings import TokenSettings
from services.ledger.api import body_limit
from services.ledger.main import api
from services.ledger.settings import LedgerSettings
from tests.waiting import wait_until

WAITING = 20
ACME = "/v1/organisations/acme/commands"


@pytest.fixture
async def client(database: str, tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    key = tmp_path / "key.pem"
    tokens.key_at(key)
    told = TokenSettings(token_key_file=key)
    settings = LedgerSettings(database_url=database, token_key_file=key, lanes=1, group_limit=4, queue_limit=WAITING)
    roles = ["member", "programme_lead", "administrator"]
    token = tokens.issue_token(told, "operator", tokens.EVERYWHERE, roles, kind="service")
    async with api(settings, auth.verifier(told), []) as commands:
        app = Starlette(routes=commands.routes(), exception_handlers=problems.exception_handlers())
        transport = httpx.ASGITransport(Limited(app, body_limit))
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers, timeout=60) as client:
            registered = await client.post("/v1/organisations", json={"organisation": "acme", "name": "Acme"})
            assert registered.status_code == 201, registered.text
            yield client


async def add_unit(client: httpx.AsyncClient, number: int) -> httpx.Response:
    command = {"unit_id": f"u{number}", "name": f"Unit {number}"}
    return await client.post(f"{ACME}/AddUnit", json=command, headers={"Idempotency-Key": f"c{number}"})


class Held:
    """The head of the organisation's ledger, locked by somebody else: a database that does not go on."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def wait_until_felt(self) -> None:
        """Until an append waits for the lock."""
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )

        async def felt() -> bool:
            return await self._connection.fetchval(waiting) > 0

        await wait_until(felt, "an append waits for the lock")

    async def __aenter__(self) -> Self:
        self._connection: asyncpg.Connection = await asyncpg.connect(self._url)
        await self._connection.execute("BEGIN; SELECT FROM ledger.heads WHERE organisation = 'acme' FOR UPDATE")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


async def units(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT data FROM ledger.events WHERE sequence > 2 ORDER BY sequence")
        return [json.loads(row["data"])["unit_id"] for row in rows]
    finally:
        await connection.close()


async def test_beyond_the_queue_senders_are_told_to_come_back_and_nothing_is_lost(
    client: httpx.AsyncClient, database: str
):
    async with Held(database):
        sent = [asyncio.create_task(add_unit(client, number)) for number in range(3 * WAITING)]

        async def told() -> bool:
            return sum(task.done() for task in sent) >= 3 * WAITING - WAITING - 5

        await wait_until(told, "all that cannot wait were told so")
        early = [task.result() for task in sent if task.done()]
        assert {(answer.status_code, answer.headers["retry-after"]) for answer in early} == {(429, "1")}
        # Those that wait are what the queue holds and the group in flight, which starts with one.
        assert WAITING <= len(sent) - len(early) <= WAITING + 4
        assert await units(database) == []
    answers = await asyncio.gather(*sent)
    taken = [number for number, answer in enumerate(answers) if answer.status_code == 201]
    assert len(taken) == len(sent) - len(early)
    assert sorted(await units(database)) == sorted(f"u{number}" for number in taken)

    again = [await add_unit(client, number) for number in range(len(sent))]
    assert {answer.status_code for answer in again} == {201}
    assert sorted(await units(database)) == sorted(f"u{number}" for number in range(len(sent)))


async def test_a_batch_waits_for_room_and_leaves_some_to_others(client: httpx.AsyncClient, database: str):
    lines = [
        json.dumps({"type": "AddUnit", "command_id": f"c{n}", "data": {"unit_id": f"u{n}", "name": "U"}})
        for n in range(5 * WAITING)
    ]
    headers = {"Content-Type": "application/x-ndjson"}
    async with Held(database) as held:
        batch = asyncio.create_task(client.post(ACME, content="\n".join(lines), headers=headers))
        single = asyncio.create_task(add_unit(client, 1000))
        await held.wait_until_felt()
        assert not batch.done()
    answered = (await batch).text.splitlines()
    assert [json.loads(line)["status"] for line in answered] == [201] * len(lines)
    assert (await single).status_code in (201, 429)
    assert [unit for unit in await units(database) if unit != "u1000"] == [f"u{n}" for n in range(len(lines))]


async def test_who_gives_up_waiting_may_ask_again_with_the_same_id(client: httpx.AsyncClient, database: str):
    async with Held(database) as held:
        gave_up = asyncio.create_task(add_unit(client, 1))
        await held.wait_until_felt()
        gave_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gave_up
    assert (await add_unit(client, 1)).status_code == 201
    assert await units(database) == ["u1"]
