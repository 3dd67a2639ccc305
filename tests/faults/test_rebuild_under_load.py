"""
Rebuilds with the program `okr` while commands keep coming and readers keep reading.

No reader is ever told an older sequence, and each answer is that of the fold at its sequence. The positions before,
during and after are printed (`pytest -s`).
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import asyncpg

from okr_contracts.actor import Actor
from okr_contracts.commands import RecordCheckIn, RegisterOrganisation
from projections.generations import list_generations
from projections.read_models import READ_MODELS
from projections.verify import verify
from services.chassis import postgres
from services.ledger.lane import Lane
from services.ledger.ledger import Ledger
from services.ledger.request import Request
from tests.benchmarks.histories import histories, write_in_turn
from tests.end_to_end.okr_program import okr
from tests.integration.query.reader import Json, Reader, reader
from tests.pipeline import a_topic, projector, publisher, running, wait_until_applied
from tests.plain_recomputation import recompute, shown

ORGANISATIONS: Final = 4
EVENTS: Final = 200
# A plain recomputation takes a second.
RECOMPUTED: Final = 10
CALLS: Final = (
    ("rebuild", "progress"),
    ("rebuild", "alignment"),
    ("rebuild", "audit"),
    ("rebuild", "programme_health"),
    ("drop", "progress"),
    ("rebuild", "progress"),
    ("switch", "alignment"),
)
NOW: Final = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
READ: Final = "org-0000"
# One question of each read model whose answer the load changes.
QUESTIONS: Final = {
    "progress": "objectives/top/progress",
    "alignment": "alignment/objective/top/descendants",
    "audit": "audit?subject=key-results/k0&limit=500",
    "programme_health": "programme-health/due/list",
}
Seen = dict[int, Json]


@dataclass
class Watching:
    """What the readers of one organisation were told, by question and sequence."""

    asking: Reader
    answers: dict[str, Seen] = field(default_factory=dict[str, Seen])
    asked: int = 0

    async def read(self, projection: str) -> None:
        """Ask again and again: the sequence never goes back, and one sequence has one answer."""
        seen = self.answers.setdefault(projection, {})
        newest = 0
        while True:
            answer = await self.asking.ask(QUESTIONS[projection])
            assert answer.status_code == 200, answer.text
            sequence = int(answer.headers["Okr-Sequence"])
            assert sequence >= newest, f"{projection} went back from {newest} to {sequence}"
            newest = sequence
            assert seen.setdefault(sequence, answer.json()) == answer.json()
            self.asked += 1


async def commands(ledger: Ledger) -> None:
    """Check-ins to every organisation in turn, and a new organisation now and then."""
    actor = Actor("person", "p1")
    number = 0
    while True:
        number += 1
        organisation = f"org-{number % ORGANISATIONS:04d}"
        key_result_id = f"k{(number // ORGANISATIONS) % 48}"
        command = RecordCheckIn(
            check_in_id=f"load-{number}", key_result_id=key_result_id, value=Decimal(number % 150), confidence=5
        )
        await ledger.answer(Request(organisation, command, f"load-{number}", actor))
        if number % 100 == 0:
            new = f"new-{number}"
            await ledger.answer(Request(new, RegisterOrganisation(organisation=new, name="New"), new, actor))


@asynccontextmanager
async def load(url: str) -> AsyncGenerator[None]:
    lane = Lane(
        lambda: postgres.connect(url, "okr_ledger"),
        group_limit=64,
        queue_limit=256,
        cached_subjects=1000,
        now=lambda: NOW,
        on_append=lambda: None,
    )
    async with running(lane.run()), running(commands(Ledger([lane]))):
        yield


async def watched(url: str, *arguments: str) -> tuple[Json, list[Json]]:
    """The answer of `okr projection …`, and the positions that were seen before, during and after."""
    seen: list[Json] = []
    connection = await asyncpg.connect(url)

    async def note(moment: str) -> None:
        head = await connection.fetchval("SELECT sum(sequence)::bigint FROM ledger.heads")
        listed = await list_generations(connection, [model.name for model in READ_MODELS])
        there = {each.generation: f"{each.state} {each.events}" for each in listed if each.projection in arguments[1]}
        seen.append({"moment": moment, "ledger": head, **there})

    await note("before")
    calling = asyncio.create_task(okr("projection", *arguments, "--json", env={"OKR_DATABASE_URL": url}))
    while not calling.done():
        await asyncio.wait([calling], timeout=0.25)
        await note("during")
    await note("after")
    await connection.close()
    ran = await calling
    assert ran.code == 0, ran.out + ran.err
    return json.loads(ran.out), seen


async def test_rebuilds_under_load_show_nobody_an_older_answer(database: str, kafka_bootstrap: str, tmp_path: Path):
    topic = a_topic()
    await write_in_turn(database, histories(ORGANISATIONS, EVENTS))
    async with (
        running(publisher(database, kafka_bootstrap, topic)),
        running(projector(database, kafka_bootstrap, topic, READ_MODELS)),
        reader(database, tmp_path, NOW) as anybody,
    ):
        for model in READ_MODELS:
            await wait_until_applied(database, projection=model.name)
        watching = Watching(anybody.bearing(organisations=[READ]).of(READ))
        async with (
            load(database),
            running(watching.read("progress")),
            running(watching.read("alignment")),
            running(watching.read("audit")),
            running(watching.read("programme_health")),
        ):
            for arguments in CALLS:
                said, seen = await watched(database, *arguments)
                assert said.get("switched", True), said
                show(arguments, seen)
        for model in READ_MODELS:
            await wait_until_applied(database, projection=model.name)
        await assert_every_answer_was_right(watching)
    connection = await asyncpg.connect(database)
    listed = await list_generations(connection, [model.name for model in READ_MODELS])
    assert [(each.generation, each.state) for each in listed] == [
        ("progress_2", "kept"),
        ("progress_3", "live"),
        ("alignment", "live"),
        ("alignment_2", "kept"),
        ("audit", "kept"),
        ("audit_2", "live"),
        ("programme_health", "kept"),
        ("programme_health_2", "live"),
    ]
    for model in READ_MODELS:
        assert (await verify(connection, model)).agrees
    await connection.close()


async def assert_every_answer_was_right(watching: Watching) -> None:
    """Each answer is what is known at its sequence now; the progress, some of it, that of the plain recomputation."""
    for projection, seen in watching.answers.items():
        assert len(seen) > 1, "the load was seen"
        for sequence, answer in seen.items():
            assert await as_known_at(watching.asking, projection, sequence) == answer, (projection, sequence)
    events = await watching.asking.pages("events", limit=500)
    told = watching.answers["progress"]
    for sequence in sorted(told)[:: max(1, len(told) // RECOMPUTED)]:
        answer = told[sequence]
        node = recompute(events[:sequence], NOW.date(), sequence)["objective", "top"]
        figures = (shown(node.progress), shown(node.measured), shown(node.expected), node.status)
        assert figures == tuple(answer[name] for name in ("progress", "measured", "expected", "status")), sequence

    print(f"{watching.asked} answers, {sum(map(len, watching.answers.values()))} sequences: none older, none wrong")


async def as_known_at(asking: Reader, projection: str, sequence: int) -> Json:
    """What the read model answers now to the same question, as known at *sequence*."""
    path = QUESTIONS[projection]
    return await asking.get(f"{path}{'&' if '?' in path else '?'}known_at={sequence}")


def show(arguments: Sequence[str], seen: Sequence[Json]) -> None:
    """The positions, a line each time that more changed than how far the live one is."""
    print(f"\nokr projection {' '.join(arguments)}")
    before: Json = {}
    for each in seen:
        told = {name: "live" if "live" in str(word) else word for name, word in each.items() if name != "ledger"}
        if told != before:
            print("  " + ", ".join(f"{name}: {word}" for name, word in each.items()))
        before = told
