"""Readers of the query service: they keep what they are told, and hold that it never goes back."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, cast
from urllib.parse import urlencode

import httpx

from tests.faults.journal import Answer, Json, World

READ_MODELS: Final = ("progress", "alignment", "audit", "programme_health")
_ANSWER_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.1


@dataclass
class ReadCounts:
    """What the readers met."""

    answers: int = 0
    not_yet: int = 0
    """503: not there yet, or no database."""
    lost: int = 0


class Reader:
    """One reader, who keeps the newest sequence of each organisation that it was told."""

    def __init__(self, addresses: Sequence[str], token: str, random: Random, counts: ReadCounts) -> None:
        self._addresses = addresses
        self._random = random
        self._counts = counts
        self._http = httpx.AsyncClient(timeout=_ANSWER_SECONDS, headers={"Authorization": f"Bearer {token}"})
        self._seen: dict[str, int] = {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def look(self, world: World, today: date) -> None:
        """Ask one question about *world* as it is, or as it was, and keep the answer."""
        path, moment = self._question(world, today)
        known_at = {}
        if self._random.random() < 0.2 and (seen := self._seen.get(world.name, 0)) > 1:
            known_at = {"known_at": str(self._random.randint(1, seen))}
        await self.ask(world, path, {**moment, **known_at})

    async def look_at_all(self, world: World, today: date) -> None:
        """Ask everything about *world*, at its head or beyond."""
        self._seen[world.name] = max(self._seen.get(world.name, 0), world.head)
        day = {"effective_on": today.isoformat()}
        for path, parameters in (
            ("tree", {**day, "limit": "500"}),
            ("alignment/report", {**day, "limit": "500"}),
            ("audit", {"limit": "500"}),
            ("events", {"limit": "500"}),
        ):
            await self.ask(world, path, parameters)

    async def ask(self, world: World, path: str, parameters: Mapping[str, str]) -> None:
        """Ask until there is an answer that is not older than what was seen; 404 is one."""
        at_least = self._seen.get(world.name, 0)
        answer = await self.get(f"{world.name}/{path}?{urlencode(parameters)}", at_least)
        if answer.status_code == 404:
            return
        if answer.status_code != 200:
            world.differences.append(f"{path} {parameters} was answered {answer.status_code} {answer.text}")
            return
        sequence = int(answer.headers["okr-sequence"])
        if "known_at" in parameters:
            if sequence != int(parameters["known_at"]):
                world.differences.append(f"{path} {parameters} is true for {sequence}")
        elif sequence < at_least:
            world.differences.append(f"{path}: after {at_least} was seen, an answer of {sequence}")
        else:
            self._seen[world.name] = sequence
        self._counts.answers += 1
        world.answers.append(Answer(path, parameters.get("effective_on", ""), sequence, answer.content))

    async def get(self, path: str, at_least: int = 0) -> httpx.Response:
        """The answer at *path* below all organisations, asked for until there is one that is no 503."""
        while True:
            address = self._random.choice(self._addresses)
            try:
                answer = await self._http.get(
                    f"{address}/v1/organisations/{path}",
                    headers={"Okr-Min-Sequence": str(at_least), "Prefer": "wait=2"},
                )
            except httpx.TransportError:
                self._counts.lost += 1
            else:
                if answer.status_code != 503:
                    return answer
                self._counts.not_yet += 1
            await asyncio.sleep(_PAUSE_SECONDS)

    async def events(self, world: World) -> list[bytes]:
        """Every event of *world*, each as the bytes that the service shows."""
        found: list[bytes] = []
        page = f"{world.name}/events?limit=500"
        while True:
            answer = await self.get(page, world.head)
            assert answer.status_code == 200, answer.text
            found += items_as_written(answer.content)
            following = cast("str | None", answer.json()["next"])
            if following is None:
                return found
            page = following.removeprefix("/v1/organisations/")

    async def reached(self, world: World, sequence: int) -> bool:
        """Whether every read model has *sequence*."""
        answer = await self.get(f"{world.name}/positions")
        if answer.status_code != 200:
            return False
        items = cast("list[Json]", answer.json()["items"])
        return all(cast("int", each["sequence"]) >= sequence for each in items if each["projection"] in READ_MODELS)

    def _question(self, world: World, today: date) -> tuple[str, dict[str, str]]:
        days = self._random.choice([0, 0, 0, 0, -1, -9])
        day = {"effective_on": (today + timedelta(days=days)).isoformat()}

        def one(kind: str) -> str:
            return self._random.choice(world.ids[kind])

        return self._random.choice(
            [
                ("tree", {**day, "limit": "500"}),
                ("tree", {**day, "limit": "500"}),
                (f"objectives/{one('objective')}/progress", day),
                (f"key-results/{one('key_result')}/progress", day),
                ("alignment/report", {**day, "limit": "500"}),
                (f"alignment/objective/{one('objective')}/ancestors", {**day, "limit": "500"}),
                (f"alignment/objective/{one('objective')}/descendants", {**day, "limit": "500"}),
                ("audit", {"limit": "500"}),
                ("events", {"limit": "500"}),
            ]
        )


def items_as_written(body: bytes) -> list[bytes]:
    """The items of a page, each as the bytes in which it was written."""
    text = body.decode()
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    items: list[bytes] = []
    while text[at] != "]":
        at += text[at] == ","
        _, end = decoder.raw_decode(text, at)
        items.append(text[at:end].encode())
        at = end
    return items
