"""Sends commands to whichever ledger answers, until each has a final answer: the same id, however often it takes."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, cast
from urllib.parse import urlsplit

import httpx

from tests.faults.commands import learn
from tests.faults.journal import Json, Sent, World

ANSWER_SECONDS: Final = 4.0
SETTLED_SECONDS: Final = 180.0
_TRY_AGAIN: Final = (429, 503)
_BATCH = "application/x-ndjson"


@dataclass
class Counts:
    """What the clients were told."""

    acknowledged: int = 0
    refused: int = 0
    lost_answers: int = 0
    repetitions: int = 0
    cut: int = 0
    busy: int = 0
    """429 and 503."""
    refusals: dict[str, int] = field(default_factory=dict[str, int])


class Sender:
    """One client of the ledgers at *addresses*."""

    def __init__(self, addresses: Sequence[str], token: str, random: Random, counts: Counts) -> None:
        self._addresses = addresses
        self._headers = {"Authorization": f"Bearer {token}"}
        self._random = random
        self._counts = counts
        self._http = httpx.AsyncClient(timeout=ANSWER_SECONDS, headers=self._headers)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def send(self, world: World, sent: Sent, to: str | None = None) -> None:
        """Send one command until it is settled, first *to* one ledger if it is named."""
        world.begin(sent)
        try:
            await self._until_settled(world, sent, to)
        finally:
            world.end()

    async def repeat(self, world: World, sent: Sent) -> None:
        """Send an acknowledged command again: the answer is the one that it got."""
        again = Sent(sent.command_id, sent.type, sent.body, sent.expected_version)
        answer = await self._ask(world, again, None)
        self._counts.repetitions += 1
        if (answer.status_code, answer.content) != (sent.status, sent.reply):
            world.differences.append(
                f"{sent.command_id} was answered {sent.status} {sent.reply!r},"
                f" and repeated {answer.status_code} {answer.content!r}"
            )

    async def ask_again(self, world: World, sent: Sent) -> None:
        """Send a refused command again, and keep what it is answered now."""
        await self._until_settled(world, sent, None)

    async def reuse(self, world: World, sent: Sent, body: Json) -> None:
        """Send the id of an acknowledged command with another content: it is refused."""
        answer = await self._ask(world, Sent(sent.command_id, sent.type, body), None)
        if answer.status_code != 409 or b"command_id_reused" not in answer.content:
            world.differences.append(f"{sent.command_id} with other content: {answer.status_code} {answer.text}")

    async def send_batch(self, world: World, batch: Sequence[Sent], *, atomic: bool) -> None:
        """Send commands as lines of one request until all of them are settled."""
        for sent in batch:
            world.begin(sent)
        lines = [
            {
                "type": sent.type,
                "command_id": sent.command_id,
                "data": sent.body,
                **({} if sent.expected_version is None else {"expected_version": sent.expected_version}),
            }
            for sent in batch
        ]
        body = b"\n".join(json.dumps(line).encode() for line in lines)
        try:
            answer = await self._answer(
                world, list(batch), f"/commands{'?atomic=true' * atomic}", body, {"Content-Type": _BATCH}, None
            )
            if answer.status_code != 200:
                world.differences.append(f"a batch was answered {answer.status_code} {answer.text}")
                return
            told = [cast("dict[str, object]", json.loads(line)) for line in answer.content.splitlines()]
            for sent, line in zip(batch, told, strict=True):
                assert line["command_id"] == sent.command_id
                # The exact bytes of the stored reply are those of a single command; here only the content counts.
                reply = json.dumps(line["body"], separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
                self._settle(world, sent, cast("int", line["status"]), reply)
        finally:
            for _ in batch:
                world.end()

    async def known(self, world: World) -> set[str]:
        """The ids among all that were sent which the ledger says it knows."""
        body = json.dumps({"command_ids": [sent.command_id for sent in world.sent]}).encode()
        answer = await self._answer(world, [], "/replies/lookup", body, {"Content-Type": "application/json"}, None)
        assert answer.status_code == 200, answer.text
        return {str(each["command_id"]) for each in cast("list[Json]", answer.json()["items"])}

    async def cut(self, world: World, sent: Sent, *, whole: bool) -> None:
        """
        Send a request and cut the connection: in the middle of its body, or when it is complete and not answered.

        A complete one is settled by sending it again; one that was cut short is never sent again.
        """
        self._counts.cut += 1
        world.begin(sent)
        try:
            await self._cut(world, sent, whole=whole)
            if not whole:
                sent.outcome = "abandoned"
                return
            sent.lost_answers += 1
            self._counts.lost_answers += 1
            await self._until_settled(world, sent, None)
        finally:
            world.end()

    async def _cut(self, world: World, sent: Sent, *, whole: bool) -> None:
        address = urlsplit(self._random.choice(self._addresses))
        body = json.dumps(sent.body).encode()
        head = {**self._headers, **sent.headers, "Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"POST /v1/organisations/{world.name}/commands/{sent.type} HTTP/1.1", "Host: okr"]
        request = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in head.items()), "", ""]).encode()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                _, writer = await asyncio.open_connection(address.hostname, address.port)
                writer.write(request + (body if whole else body[: self._random.randrange(len(body))]))
                await writer.drain()
                if whole and self._random.random() < 0.5:
                    await asyncio.sleep(self._random.random() * 0.01)
                writer.transport.abort()
        except (OSError, TimeoutError):
            return

    async def _until_settled(self, world: World, sent: Sent, to: str | None) -> None:
        answer = await self._ask(world, sent, to)
        self._settle(world, sent, answer.status_code, answer.content)

    async def _ask(self, world: World, sent: Sent, to: str | None) -> httpx.Response:
        path = f"/commands/{sent.type}"
        body = json.dumps(sent.body).encode()
        headers = {**sent.headers, "Content-Type": "application/json"}
        if sent.type == "RegisterOrganisation":
            path = ""
        return await self._answer(world, [sent], path, body, headers, to)

    async def _answer(
        self, world: World, sent: list[Sent], path: str, body: bytes, headers: Mapping[str, str], to: str | None
    ) -> httpx.Response:
        """The first answer that says what became of it."""
        base = f"/v1/organisations/{world.name}" if path else "/v1/organisations"
        deadline = time.monotonic() + SETTLED_SECONDS
        address = to or self._random.choice(self._addresses)
        while True:
            try:
                answer = await self._http.post(f"{address}{base}{path}", content=body, headers=headers)
            except httpx.TransportError as lost:
                self._counts.lost_answers += 1
                for each in sent:
                    each.lost_answers += 1
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{world.name}{path}: {type(lost).__name__}, for 3 minutes") from lost
            else:
                if answer.status_code not in _TRY_AGAIN:
                    return answer
                self._counts.busy += 1
                for each in sent:
                    each.lost_answers += answer.status_code == 503
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{world.name}{path}: {answer.text}, for 3 minutes")
            await asyncio.sleep(0.02 + self._random.random() * 0.1)
            address = self._random.choice(self._addresses)

    def _settle(self, world: World, sent: Sent, status: int, reply: bytes) -> None:
        sent.status, sent.reply = status, reply
        try:
            document = cast("dict[str, object]", json.loads(reply))
        except ValueError as broken:
            raise AssertionError(f"{world.name} {sent.type} {sent.command_id}: answered {status} {reply!r}") from broken
        if 200 <= status < 300:
            sent.outcome = "acknowledged"
            self._counts.acknowledged += 1
            world.head = max(world.head, cast("int", document["sequence"]))
            learn(world, sent, cast("Sequence[Json]", document["events"]))
            return
        sent.outcome = "refused"
        self._counts.refused += 1
        code = str(document.get("code", document.get("type")))
        self._counts.refusals[code] = self._counts.refusals.get(code, 0) + 1
        if not 400 <= status < 500:
            world.differences.append(f"{sent.command_id} {sent.type} was answered {status} {reply!r}")
