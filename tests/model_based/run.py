"""
Random commands from several clients, and everything that the system then says against the plain recomputation.

The ledger and the query service are asked over HTTP, over one real PostgreSQL; publisher and projector bring the events
through a real Kafka. An outsider could do all of it: nothing is looked up in the database.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final, cast

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from okr_contracts.commands import COMMANDS
from projections.read_models import READ_MODELS
from services.chassis import auth, postgres, problems, tokens
from services.chassis.limits import Limited
from services.chassis.settings import TokenSettings
from services.ledger.api import body_limit
from services.ledger.main import api
from services.ledger.meanings import MEANINGS
from services.ledger.settings import LedgerSettings
from services.query.api import query_api
from tests.faults.compare import differences
from tests.faults.journal import Answer
from tests.faults.readers import items_as_written
from tests.model_based.commands import LEADS, Json, Made, World, ending, opening, random_command
from tests.model_based.explained import EXPLAINED, Explained, computed_again
from tests.pipeline import a_topic, projector, publisher, running

CLIENTS: Final = 3
COMMANDS_A_WORLD: Final = 250
"""The plain recomputation takes time that grows with the square of it."""
_LOOK_EVERY: Final = 40
_ENDING: Final = 40
"""So many commands, about, end an organisation."""
_OPENED_AT: Final = 20
"""By this event an organisation has its cycles."""
_HEALTH: Final = ("adoption", "punctuality", "alignment_coverage", "transparency", "accountability", "partnership")
_LIVE: Final = ("tree", "alignment/report", "audit", *(f"programme-health/{figure}/list" for figure in _HEALTH))
_PLURALS: Final = {"objective": "objectives", "key_result": "key-results"}
_ROLES: Final = ["member", "programme_lead", "administrator", "auditor"]


@dataclass
class Result:
    """What a run did and found."""

    seed: int
    accepted: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    codes: Counter[str] = field(default_factory=Counter[str])
    events: int = 0
    compared: int = 0
    """Answers that were held against the plain recomputation."""
    as_they_were: int = 0
    """Live answers that were asked for again, as known then."""
    explained: int = 0
    """Answers whose every number was computed again from their JSON alone."""
    explanations: Counter[str] = field(default_factory=Counter[str])
    """The explanations in them, all and by what they are of."""
    differences: list[str] = field(default_factory=list[str])

    @property
    def commands(self) -> int:
        """How many were sent."""
        return self.accepted.total() + self.refused.total()

    @property
    def never_accepted(self) -> list[str]:
        """The commands of the contracts that were never accepted."""
        return sorted(set(COMMANDS) - set(self.accepted))

    @property
    def never_explained(self) -> list[str]:
        """What no explanation was of."""
        return sorted(set(EXPLAINED) - set(self.explanations))

    @property
    def measured(self) -> int:
        """The explanations that have a value behind them; without one, nearly every number is 0."""
        return self.explanations["explanations"] - self.explanations["not measured"]

    @property
    def too_few_explained(self) -> str | None:
        """Says so if fewer of them were computed again than one for each ten commands: 1,000 for 10,000."""
        least = self.commands // 10
        if self.measured >= least:
            return None
        return (
            f"only {self.measured} measured explanations were computed again, at least {least} have to be for"
            f" {self.commands} commands"
        )


@dataclass(frozen=True)
class System:
    """The running system, and who asks it."""

    http: httpx.AsyncClient
    tokens: dict[str, str]

    async def send(self, by: str, world: World, command: str, body: Json) -> httpx.Response:
        """The answer to a command."""
        path = "/v1/organisations"
        if command != "RegisterOrganisation":
            path = f"{path}/{world.name}/commands/{command}"
        return await self.http.post(path, json=body, headers={"Authorization": f"Bearer {self.tokens[by]}"})

    async def ask(self, world: World, path: str, at_least: int = 0, /, **parameters: str) -> httpx.Response:
        """The answer to a question, of an auditor: a restriction of today hides nothing."""
        freshness = {"Okr-Min-Sequence": str(at_least), "Prefer": "wait=30"} if at_least else {}
        return await self.http.get(
            path if path.startswith("/") else f"/v1/organisations/{world.name}/{path}",
            params=parameters or None,
            headers={"Authorization": f"Bearer {self.tokens[LEADS[0]]}", **freshness},
        )


@asynccontextmanager
async def system(database: str, bootstrap: str, folder: Path) -> AsyncGenerator[System]:
    """The whole system over a migrated database and a broker."""
    key = folder / "key.pem"
    tokens.key_at(key)
    told = TokenSettings(token_key_file=key)
    issued = {each: tokens.issue_token(told, each, "*", _ROLES) for each in LEADS}
    topic = a_topic()
    verifier = auth.verifier(told)
    settings = LedgerSettings(database_url=database, token_key_file=key)
    async with (
        api(settings, verifier, [model.name for model in READ_MODELS]) as commands,
        postgres.pool(database, "okr_query", size=4) as pool,
        running(publisher(database, bootstrap, topic)),
        running(projector(database, bootstrap, topic, READ_MODELS)),
    ):
        queries = query_api(pool, verifier, now=lambda: datetime.now(UTC), stopping=asyncio.Event())
        ledger = Starlette(
            routes=[*commands.routes(), problems.page(MEANINGS), Mount("/", queries)],
            exception_handlers=problems.exception_handlers(),
        )
        transport = httpx.ASGITransport(Limited(ledger, body_limit))
        async with httpx.AsyncClient(transport=transport, base_url="http://okr", timeout=60) as http:
            yield System(http, issued)


async def run(
    told: System, seed: int, commands: int, moments: int, say: Callable[[str], None] = lambda line: None
) -> Result:
    """*commands* over as many organisations as that takes, each asked about at *moments* moments at random."""
    result = Result(seed)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        number = 0
        while result.commands < commands:
            number += 1
            size = min(COMMANDS_A_WORLD, max(commands - result.commands, 60))
            world = World(f"world-{number}", datetime.now(UTC).date(), Random(f"{seed} {number}"))
            await _judge(await _live(told, world, size, result), moments, pool)
            say(f"{result.commands} commands, {result.events} events, {len(result.differences)} differences")
    return result


@dataclass
class _Life:
    """One organisation: what its clients and readers were told."""

    told: System
    world: World
    result: Result
    acknowledged: int = 0
    """Events, by the replies."""
    answers: list[Answer] = field(default_factory=list[Answer])
    """Live answers."""
    explained: list[Explained] = field(default_factory=list[Explained])
    """Live answers that explain a number."""


async def _live(told: System, world: World, size: int, result: Result) -> _Life:
    """The life of one organisation: commands from several clients, and its answers at rest in between."""
    life = _Life(told, world, result)
    await _send(life, LEADS[0], "RegisterOrganisation", {"organisation": world.name, "name": "W", "time_zone": "UTC"})
    world.ids |= {"unit": ["root"]}
    for command, body in opening(world):
        await _send(life, LEADS[0], command, body)
    begun = result.commands
    while (done := result.commands - begun) < size - _ENDING:
        several = [random_command(world, done / size) for _ in range(_LOOK_EVERY)]
        parts = [several[client::CLIENTS] for client in range(CLIENTS)]
        await asyncio.gather(*(_one_after_the_other(life, part) for part in parts))
        await _look(life)
    await _one_after_the_other(life, ending(world))
    await _look(life)
    return life


async def _one_after_the_other(life: _Life, several: Iterable[Made]) -> None:
    for command, body in several:
        by = life.world.random.choice(LEADS)
        answer = await _send(life, by, command, body)
        other = next(each for each in LEADS if each != by)
        if answer.get("code") == "exception_missing":
            await _by_exception(life, by, other, command, body)
        elif answer.get("code") == "not_the_parents_owner":
            await _send(life, other, command, body)


async def _by_exception(life: _Life, by: str, other: str, command: str, body: Json) -> None:
    """Somebody else grants an exception, and the command is sent again with it."""
    cycle_id = str(body.get("cycle_id", "q"))
    grant = {"cycle_id": cycle_id, "command": command, "on": _subject(body), "reason": "It came late."}
    granted = await _send(life, other, "GrantException", grant)
    if "sequence" in granted:
        await _send(life, by, command, {**body, "exception": granted["sequence"]})


def _subject(body: Json) -> str:
    """What an exception for a command is granted on."""
    for name, plural in (
        ("check_in_id", "check-ins"),
        ("key_result_id", "key-results"),
        ("objective_id", "objectives"),
        ("child_id", "objectives"),
        ("cycle_id", "cycles"),
    ):
        if name in body:
            return f"{plural}/{body[name]}"
    return "cycles/q"


async def _send(life: _Life, by: str, command: str, body: Json) -> Json:
    """The document of the answer; whatever is neither an acceptance nor a refusal is a difference."""
    result = life.result
    answer = await life.told.send(by, life.world, command, body)
    document = cast("dict[str, object]", answer.json())
    if answer.status_code in (200, 201):
        result.accepted[command] += 1
        life.acknowledged += len(cast("list[object]", document["events"]))
        life.world.learn(command, body, cast("int", document["sequence"]))
    else:
        result.refused[command] += 1
        result.codes[str(document.get("code"))] += 1
        if not 400 <= answer.status_code < 500 or not document.get("code") or not document.get("detail"):
            result.differences.append(f"{command} {body} was answered {answer.status_code} {answer.text}")
    return document


async def _look(life: _Life) -> None:
    """What everything says at the head, when every read model has reached it and nobody writes."""
    positions = await life.told.ask(life.world, "positions")
    head = cast("int", positions.json()["head"])
    today = life.world.today.isoformat()
    for path in _LIVE:
        answer = await life.told.ask(life.world, path, head, limit="500", **_on(path, today))
        if answer.status_code != 200:
            life.result.differences.append(f"{path} at {head} was answered {answer.status_code} {answer.text}")
        else:
            life.answers.append(Answer(path, today, head, answer.content))
            if path == "tree":
                life.explained += await _explained(life, answer, today, head)


def _on(path: str, day: str) -> dict[str, str]:
    """The day that is asked about; the audit has none."""
    return {} if path == "audit" else {"effective_on": day}


async def _judge(life: _Life, moments: int, pool: ProcessPoolExecutor) -> None:
    """Everything that was said of one organisation, and more, against the recomputation of its events."""
    result = life.result
    written = await _events(life)
    result.events += len(written)
    if life.acknowledged != len(written):
        result.differences.append(f"{life.acknowledged} events were acknowledged, {len(written)} are there")
    for answer in life.answers:
        await _as_it_was(life, answer)
    for live in life.explained:
        await _explained_as_it_was(life, live)
    answers = [*life.answers, Answer("events", "", len(written), _page(written))]
    explained = list(life.explained)
    for _ in range(moments):
        said, why = await _at_random(life, len(written))
        answers += said
        explained += why
    # The numbers beside an explanation are held against the events, too.
    answers += (Answer(f"{each.node}/progress", each.effective_on, each.sequence, each.body) for each in explained)
    loop = asyncio.get_running_loop()
    comparing = loop.run_in_executor(pool, differences, written, answers)
    again = loop.run_in_executor(pool, computed_again, explained)
    compared, found = await comparing
    seen, unexplained = await again
    result.compared += compared
    result.explained += len(explained)
    result.explanations += seen
    result.differences += (f"{life.world.name}: {each}" for each in (*found, *unexplained))


def _page(written: Sequence[bytes]) -> bytes:
    return b'{"items":[' + b",".join(written) + b'],"next":null}'


async def _events(life: _Life) -> list[bytes]:
    """Every event, each as the bytes that the service shows."""
    found: list[bytes] = []
    page: str | None = "events?limit=500"
    while page is not None:
        answer = await life.told.ask(life.world, page)
        found += items_as_written(answer.content)
        page = cast("str | None", answer.json()["next"])
    return found


async def _as_it_was(life: _Life, live: Answer) -> None:
    """Asked again as known when it was the newest, an answer is what it was."""
    moment = {"known_at": str(live.sequence), **_on(live.path, live.effective_on)}
    again = await life.told.ask(life.world, live.path, limit="500", **moment)
    life.result.as_they_were += 1
    if again.content != live.body:
        life.result.differences.append(
            f"{life.world.name}: {live.path} at {live.sequence} was {live.body!r} when that was the head,"
            f" and is {again.content!r}"
        )


async def _explained_as_it_was(life: _Life, live: Explained) -> None:
    """Asked again as known when it was the newest, a number is explained as it was."""
    moment = {"known_at": str(live.sequence), "effective_on": live.effective_on}
    again = await life.told.ask(life.world, f"{live.node}/progress", explain=live.explain, **moment)
    life.result.as_they_were += 1
    if again.content != live.body:
        life.result.differences.append(
            f"{life.world.name}: {live.node} at {live.sequence} was explained ({live.explain}) as {live.body!r}"
            f" when that was the head, and is as {again.content!r}"
        )


async def _at_random(life: _Life, head: int) -> tuple[list[Answer], list[Explained]]:
    """What some questions get on some day, as known at some event."""
    random, world = life.world.random, life.world
    known_at = random.randint(_OPENED_AT, head)
    day = world.day(random.choice([0, -1, -3, -20, -41, 30, 60]))
    answers: list[Answer] = []
    explained: list[Explained] = []
    for path in ("tree", "alignment/report", f"programme-health/{random.choice(_HEALTH)}/list"):
        answer = await life.told.ask(world, path, limit="500", known_at=str(known_at), effective_on=day)
        if answer.status_code == 200:
            answers.append(Answer(path, day, known_at, answer.content))
            if path == "tree":
                explained += await _explained(life, answer, day, known_at, known_at=str(known_at))
        else:
            told = f"{path} on {day} at {known_at} was answered {answer.status_code} {answer.text}"
            life.result.differences.append(f"{world.name}: {told}")
    return answers, explained


async def _explained(life: _Life, tree: httpx.Response, day: str, sequence: int, /, **moment: str) -> list[Explained]:
    """Why an objective and a key result of the *tree* of some moment are where they are, by one level and by all."""
    told: list[Explained] = []
    items = cast("list[Json]", tree.json()["items"])
    for kind, plural in _PLURALS.items():
        there = [item for item in items if item["kind"] == kind]
        if not there:
            continue
        measured = [item for item in there if item["status"] != "not_measured"]
        worth_it = measured and life.world.random.random() < 0.8
        node = f"{plural}/{life.world.random.choice(measured if worth_it else there)['id']}"
        for explain in ("true", "all"):
            question = {"explain": explain, "effective_on": day, **moment}
            answer = await life.told.ask(life.world, f"{node}/progress", sequence, **question)
            if answer.status_code == 200:
                told.append(Explained(node, explain, day, sequence, answer.content))
            else:
                said = f"{node} {question} at {sequence} was answered {answer.status_code} {answer.text}"
                life.result.differences.append(f"{life.world.name}: {said}")
    return told
