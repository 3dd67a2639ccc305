"""The command route over HTTP, against the same route with no ledger behind it."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Final

from services.chassis import tokens
from services.chassis.embedded import ports
from services.chassis.settings import TokenSettings
from tests.benchmarks import check_ins
from tests.benchmarks.append import running
from tests.benchmarks.http_load import CLIENTS
from tests.benchmarks.row import Row, in_turn
from tests.benchmarks.servers import ledger_database, postgres_server
from tests.waiting import wait_until

COMMANDS_A_ROUND: Final = 6_400
P99_AIM_MS: Final = 20.0
_ORGANISATION: Final = "hot"


async def measure() -> list[Row]:
    """The rows of commands over HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        tokens.key_at(key)
        token = tokens.issue_token(TokenSettings(token_key_file=key), "p-7f3a", [_ORGANISATION], ["member"])
        async with postgres_server() as server, ledger_database(server) as url:
            async with running(url) as ledger:
                await check_ins.found(ledger, [_ORGANISATION])
            async with serving("ledger", url, key) as port, serving("nothing", url, key) as floor_port:
                return await _rows(Load(port, token), Load(floor_port, token))


async def _rows(load: "Load", floor: "Load") -> list[Row]:
    compared = await in_turn(load.round, floor.round)
    settings = {**check_ins.SETTINGS, "connections": CLIENTS, "organisations": 1}
    # The first round was the warm-up.
    slowest = load.p99_ms[1:]
    return [
        compared.row("HTTP, one hot organisation", "commands/s", 0.45, "the same route, no ledger behind it", settings),
        Row(
            row="HTTP, one hot organisation, p99",
            value=median(slowest),
            unit="ms",
            floor=None,
            ratio=None,
            aim=f"<= {P99_AIM_MS:g} ms",
            met=median(slowest) <= P99_AIM_MS,
            raw={"values": slowest, "of the floor": floor.p99_ms[1:]},
            settings=settings,
        ),
    ]


class Load:
    """Clients of the service at *port*, in a process of their own for each round."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self.p99_ms: list[float] = []
        """Of each round."""

    async def round(self) -> float:
        """Commands a second."""
        arguments = (self._port, _ORGANISATION, self._token, len(self.p99_ms), COMMANDS_A_ROUND)
        load = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.benchmarks.http_load", *map(str, arguments)), stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await load.communicate()
        rate, p99_ms = json.loads(printed)
        self.p99_ms.append(p99_ms)
        return rate


@asynccontextmanager
async def serving(behind: str, url: str, key: Path) -> AsyncGenerator[int]:
    """The port of a service in a process of its own, stopped at the end."""
    port = ports.choose(0, "the ledger service")
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.http_server", behind, str(port), url, str(key))
    )

    async def answers() -> bool:
        with suppress(ConnectionError):
            _, writer = await asyncio.open_connection(ports.HOST, port)
            writer.close()
            return True
        return False

    try:
        await wait_until(answers, f"the service with {behind} behind it listens")
        yield port
    finally:
        service.terminate()
        await service.wait()
