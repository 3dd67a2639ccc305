"""
From the acknowledgement of a command to its number being visible, at 200 commands a second.

The services are processes of their own, as in production: the publisher finds events by polling. Commands come over
HTTP at random times (Poisson, by a seed), whether or not the ones before were answered. A command is acknowledged when
its sender has the answer, and visible when the transaction committed in which the progress read model wrote its row and
moved its position: the server tells when that was, so that nobody polls. Both clocks are those of this machine.

The floor is the sum of what each stage takes alone, one event at a time, with nothing else to do, in the same round.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Final

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer

from okr_contracts.envelope import Recorded, encode
from projections.positions import Move, Position, advance
from projections.progress import READ_MODEL
from services.chassis.kafka import Topic, events_topic
from services.chassis.partitions import partition_of
from services.chassis.process import settle
from services.chassis.topics import make_and_count
from services.ledger.store import Addition, NewEvent, append
from services.projector.main import connect_as_projector
from services.publisher.main import connect_as_publisher, producer
from services.publisher.publish import EVENTS_AN_ORGANISATION, READ
from services.publisher.records import record_of
from tests.benchmarks.histories import KEY_RESULTS_AN_OBJECTIVE, TEAM_OBJECTIVES, histories, history, write_in_turn
from tests.benchmarks.row import ROUNDS, Row
from tests.benchmarks.servers import kafka_server, ledger_database, postgres_server
from tests.benchmarks.services import Running, services
from tests.ledger_writer import project, write
from tests.pipeline import wait_until_applied

A_SECOND: Final = 200
SECONDS: Final = 10
ORGANISATIONS: Final = 20
STANDING: Final = 200
ALONE: Final = 60
SEED: Final = 20261125
_PARTITIONS: Final = 4
# Whenever this runs: the histories are of that quarter.
_IN_THE_QUARTER: Final = "2026-06-01"

Stages = dict[str, list[float]]


async def measure() -> list[Row]:
    """The median and the 99th percentile, each against the sum of the stages."""
    random = Random(SEED)
    rounds: list[tuple[float, float, float]] = []
    stages: list[dict[str, float]] = []
    async with (
        postgres_server({"track_commit_timestamp": "on"}) as server,
        ledger_database(server) as url,
        ledger_database(server) as alone_url,
        kafka_server() as bootstrap,
    ):
        await write_in_turn(url, histories(ORGANISATIONS, STANDING))
        with tempfile.TemporaryDirectory() as folder:
            async with (
                _alone(alone_url, bootstrap) as stages_alone,
                services(Path(folder), url, bootstrap, ("ledger", "publisher", "projector")) as running,
            ):
                await wait_until_applied(url, projection="progress")
                settle()
                for place in range(ROUNDS + 1):
                    before = await stages_alone()
                    late = await _latencies(running, url, random, place)
                    after = await stages_alone()
                    if place:
                        each = {name: median([*before[name], *after[name]]) for name in before}
                        stages.append(each)
                        rounds.append((median(late), quantiles(late, n=100)[98], sum(each.values())))
    settings: dict[str, object] = {
        "commands_a_second": A_SECOND,
        "seconds": SECONDS,
        "organisations": ORGANISATIONS,
        "seed": SEED,
        "stages_ms": {name: median(each[name] for each in stages) for name in stages[0]},
    }
    return [
        _row("acknowledged to visible, p50", [one[0] for one in rounds], [one[2] for one in rounds], 4, settings),
        _row("acknowledged to visible, p99", [one[1] for one in rounds], [one[2] for one in rounds], 20, settings),
    ]


def _row(name: str, values: list[float], floors: list[float], at_most: float, settings: dict[str, object]) -> Row:
    ratio = median(value / floor for value, floor in zip(values, floors, strict=True))
    return Row(
        row=name,
        value=median(values),
        unit="ms",
        floor=median(floors),
        ratio=ratio,
        aim=f"<= {at_most:g} times the stages, each alone",
        met=ratio <= at_most,
        raw={"values": values, "floors": floors},
        settings=settings,
    )


async def _latencies(running: Running, url: str, random: Random, place: int) -> list[float]:
    """Of each command of one round, in ms."""
    acknowledged: dict[tuple[str, int], float] = {}
    async with running.client("ledger") as client, asyncio.TaskGroup() as sending:
        at = time.perf_counter()
        for number in range(A_SECOND * SECONDS):
            at += random.expovariate(A_SECOND)
            await asyncio.sleep(max(at - time.perf_counter(), 0))
            organisation = f"org-{random.randrange(ORGANISATIONS):04d}"
            key_result = f"k{random.randrange(TEAM_OBJECTIVES * KEY_RESULTS_AN_OBJECTIVE)}"
            value = str(random.randrange(2_000) / 10)
            body = {
                "check_in_id": f"v{place}-{number}",
                "key_result_id": key_result,
                "value": value,
                "effective_on": _IN_THE_QUARTER,
            }
            sending.create_task(_send(client, organisation, body, acknowledged))
    await wait_until_applied(url, projection="progress")
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT organisation, sequence, extract(EPOCH FROM pg_xact_commit_timestamp(xmin))::double precision AS seen"
        " FROM progress.check_ins"
    )
    await connection.close()
    seen = {(str(row["organisation"]), int(row["sequence"])): float(row["seen"]) for row in rows}
    return [(seen[where] - told) * 1000 for where, told in acknowledged.items()]


async def _send(
    client: httpx.AsyncClient, organisation: str, body: dict[str, str], acknowledged: dict[tuple[str, int], float]
) -> None:
    answer = await client.post(
        f"/v1/organisations/{organisation}/commands/RecordCheckIn",
        json=body,
        headers={"idempotency-key": body["check_in_id"]},
    )
    told = time.time()
    answer.raise_for_status()
    acknowledged[organisation, int(answer.json()["sequence"])] = told


@asynccontextmanager
async def _alone(url: str, bootstrap: str) -> AsyncGenerator[Callable[[], Awaitable[Stages]]]:
    """What measures each stage by itself, on a database and a topic that nobody else uses."""
    events = history("org-0000", STANDING + 8 * ALONE * (ROUNDS + 1))
    standing, later = events[:STANDING], events[STANDING:]
    await write(url, standing)
    await project(url, standing, [READ_MODEL])
    topic = f"bench.alone.{time.monotonic_ns()}"
    await make_and_count(bootstrap, Topic(topic, _PARTITIONS, 1, events_topic().configs))
    appending, reading, projecting = (
        await asyncpg.connect(url, server_settings={"role": "okr_ledger"}),
        await connect_as_publisher(url),
        await connect_as_projector(url),
    )
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        async with producer(bootstrap) as sending:

            async def stages() -> Stages:
                took: Stages = {
                    "append of one": [],
                    "publisher's read": [],
                    "produce acknowledged": [],
                    "fetch to handler": [],
                    "projection call": [],
                }
                clocks = list(took.values())
                for _ in range(ALONE):
                    recorded = later.pop(0)
                    before = time.perf_counter()
                    await _append(appending, recorded)
                    at = [before, time.perf_counter()]
                    (row,) = await reading.fetch(
                        READ, [recorded.organisation], [recorded.sequence - 1], EVENTS_AN_ORGANISATION, 1 << 20
                    )
                    at.append(time.perf_counter())
                    key, value, headers = record_of(row["entry"], row["data"], row["text"])
                    batch = sending.create_batch()
                    batch.append(timestamp=int(time.time() * 1000), key=key, value=value, headers=headers)
                    batch.close()
                    fetching = asyncio.create_task(_fetched(consumer))
                    partition = partition_of(recorded.organisation, _PARTITIONS)
                    sent_at = time.perf_counter()
                    await (await sending.send_batch(batch, topic, partition=partition))
                    acknowledged_at = time.perf_counter()
                    at.append(at[-1] + acknowledged_at - sent_at)
                    at.append(at[-1] + max(await fetching - acknowledged_at, 0))
                    began = time.perf_counter()
                    await _project(projecting, recorded)
                    at.append(at[-1] + time.perf_counter() - began)
                    for clock, begun, ended in zip(clocks, at, at[1:], strict=False):
                        clock.append((ended - begun) * 1000)
                return took

            yield stages
    finally:
        await consumer.stop()
        for connection in (appending, reading, projecting):
            connection.terminate()


async def _append(connection: asyncpg.Connection, recorded: Recorded) -> None:
    addition = Addition(recorded.organisation, recorded.sequence - 1, recorded.epoch, recorded.recorded_at)
    addition.events.append(NewEvent(recorded, encode(recorded)))
    assert set((await append(connection, [addition])).values()) == {"appended"}


async def _fetched(consumer: AIOKafkaConsumer) -> float:
    while not await consumer.getmany(timeout_ms=500):
        pass
    return time.perf_counter()


async def _project(connection: asyncpg.Connection, recorded: Recorded) -> None:
    end = Position(recorded.epoch, recorded.sequence)
    async with connection.transaction():
        move = Move(recorded.organisation, replace(end, sequence=end.sequence - 1), end, recorded.recorded_at)
        await advance(connection, READ_MODEL.name, [move])
        await READ_MODEL.apply(connection, READ_MODEL.name, [recorded])
