"""
How long a start takes: the projector's after a SIGKILL until it applies an event, and that of everything.

*SIGKILL to first applied event*: the projector is killed while events keep coming, started again at once, and the clock
runs until a position of the progress read model has moved.

*First command accepted*: `okr up --sample` is started, on a new folder and on the one that it left, and a command of
its own is sent again and again until it is accepted. The files of Apache Kafka are on this machine.
"""

import asyncio
import os
import tempfile
import time
from asyncio.subprocess import DEVNULL
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import asyncpg
import httpx

from okr_contracts.envelope import Recorded
from services.chassis import settings, tokens
from services.chassis.embedded import ports
from services.cli.token import KEY_FILE
from services.ledger.policies import ROLES
from services.ledger.settings import LedgerSettings
from tests.benchmarks.histories import histories, write_in_turn
from tests.benchmarks.row import ROUNDS, Row
from tests.benchmarks.servers import kafka_server, ledger_database, new_folder, postgres_server
from tests.benchmarks.services import cpu_seconds, services
from tests.end_to_end.okr_program import OKR
from tests.pipeline import wait_until_applied

APPLIED_WITHIN: Final = 2.0
ACCEPTED_WITHIN: Final = 6.0
_POLL_SECONDS: Final = 0.01
_GIVE_UP_SECONDS: Final = 60.0
_STANDING: Final = 150
_ORGANISATIONS: Final = 20
# Of the events that keep coming.
_EVERY_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Start:
    """How long it took, and the CPU time of it: on a machine that others use, too, they are far apart."""

    seconds: float
    cpu_seconds: float


async def measure() -> list[Row]:
    """All three rows."""
    again = await _killed_projector()
    first: list[Start] = []
    restarted: list[Start] = []
    for _ in range(ROUNDS):
        with new_folder() as folder:
            first.append(await _first_command(folder))
            restarted.append(await _first_command(folder))
    return [
        _row("SIGKILL of the projector to first applied event", again, APPLIED_WITHIN),
        _row("okr up --sample on a new folder to first command accepted", first, ACCEPTED_WITHIN),
        _row("okr up --sample started again to first command accepted", restarted, ACCEPTED_WITHIN),
    ]


def _row(name: str, starts: Sequence[Start], at_most: float) -> Row:
    seconds = [start.seconds for start in starts]
    return Row(
        row=name,
        value=median(seconds),
        unit="s",
        floor=None,
        ratio=None,
        aim=f"<= {at_most:g} s",
        met=median(seconds) <= at_most,
        raw={"values": seconds, "cpu_seconds": [start.cpu_seconds for start in starts]},
    )


async def _killed_projector() -> list[Start]:
    """From the kill to a moved position, a few times."""
    took: list[Start] = []
    made = histories(_ORGANISATIONS, _STANDING + 60 * ROUNDS)
    async with postgres_server() as server, ledger_database(server) as url, kafka_server() as bootstrap:
        await write_in_turn(url, [events[:_STANDING] for events in made])
        with tempfile.TemporaryDirectory() as folder:
            async with services(Path(folder), url, bootstrap, ("publisher", "projector")) as running:
                await wait_until_applied(url, projection="progress")
                writing = asyncio.create_task(_write_on(url, made))
                connection = await asyncpg.connect(url)
                projector = running.services["projector"]
                for _ in range(ROUNDS):
                    await asyncio.sleep(1)
                    await projector.kill()
                    killed_at = time.perf_counter()
                    await projector.start()
                    before = await _applied(connection)
                    while await _applied(connection) == before:
                        assert time.perf_counter() - killed_at < _GIVE_UP_SECONDS, "nothing is applied"
                        await asyncio.sleep(_POLL_SECONDS)
                    took.append(Start(time.perf_counter() - killed_at, cpu_seconds(projector.process.pid)))
                await connection.close()
                writing.cancel()
                with suppress(asyncio.CancelledError):
                    await writing
    return took


async def _write_on(url: str, made: Sequence[Sequence[Recorded]]) -> None:
    """One more event of each organisation, again and again, until there are no more."""
    for place in range(_STANDING, len(made[0])):
        await write_in_turn(url, [events[place : place + 1] for events in made])
        await asyncio.sleep(_EVERY_SECONDS)


async def _applied(connection: asyncpg.Connection) -> int:
    query = "SELECT sum(sequence)::bigint FROM projections.live_positions WHERE projection = 'progress'"
    return int(await connection.fetchval(query))


async def _first_command(folder: Path) -> Start:
    """From the start of the process to the first answer that accepts a command."""
    key = folder / KEY_FILE
    tokens.key_at(key)
    told = settings.read(LedgerSettings, database_url="postgresql://none", token_key_file=key)
    token = tokens.issue_token(told, "bench", tokens.EVERYWHERE, ROLES, kind="service")
    port = ports.choose(0, "okr up")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OKR_")}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        OKR, "up", "--sample", "--data", str(folder), "--port", str(port), stdout=DEVNULL, stderr=DEVNULL, env=inherited
    )
    try:
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as client:
            while not await _accepted(client, port):
                assert process.returncode is None, "okr up has ended"
                assert time.perf_counter() - began < _GIVE_UP_SECONDS, "no command is accepted"
                await asyncio.sleep(_POLL_SECONDS)
            return Start(time.perf_counter() - began, cpu_seconds(process.pid))
    finally:
        process.terminate()
        await process.wait()


async def _accepted(client: httpx.AsyncClient, port: int) -> bool:
    body = {"organisation": f"bench-{port}", "name": "Bench", "time_zone": "Europe/Berlin"}
    try:
        answer = await client.post(
            f"http://127.0.0.1:{port}/v1/organisations", json=body, headers={"idempotency-key": f"bench-{port}"}
        )
    except httpx.TransportError:
        return False
    return answer.is_success
