"""The services as processes of their own, as in production, and what the system says of a process."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from services.chassis import settings, tokens
from services.chassis.embedded import ports
from services.ledger.policies import ROLES
from services.ledger.settings import LedgerSettings
from tests.end_to_end.okr_program import OKR, descendants
from tests.waiting import wait_until

START_SECONDS: Final = 60.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PORT_VARIABLES: Final = {
    "ledger": "OKR_HTTP_PORT",
    "query": "OKR_HTTP_PORT",
    "publisher": "OKR_OPERATIONS_PORT",
    "projector": "OKR_OPERATIONS_PORT",
}


@dataclass(slots=True)
class Service:
    """A running service, and how to start it again as it was."""

    name: str
    url: str
    environment: dict[str, str]
    process: Process

    async def kill(self) -> None:
        """SIGKILL, and gone."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def start(self) -> None:
        """Start it again."""
        self.process = await _start(self.name, self.environment)

    async def is_ready(self, client: httpx.AsyncClient) -> bool:
        """Whether it says so."""
        assert self.process.returncode is None, f"okr run {self.name} has ended"
        try:
            return (await client.get(f"{self.url}/readyz")).is_success
        except httpx.TransportError:
            return False


@dataclass(frozen=True, slots=True)
class Running:
    """The services that run, and a token for whatever one wants to ask of them."""

    services: dict[str, Service]
    token: str

    def client(self, name: str) -> httpx.AsyncClient:
        """A client of the service *name*."""
        return httpx.AsyncClient(
            base_url=self.services[name].url, headers={"authorization": f"Bearer {self.token}"}, timeout=30
        )

    def pids(self) -> dict[str, int]:
        """Their processes, by name."""
        return {name: service.process.pid for name, service in self.services.items()}


@asynccontextmanager
async def services(
    folder: Path, database_url: str, bootstrap: str, names: Iterable[str] = tuple(_PORT_VARIABLES)
) -> AsyncGenerator[Running]:
    """The services *names*, ready; ended at the end. *folder* gets the key of their tokens."""
    key = folder / "token-key.pem"
    tokens.key_at(key)
    told = settings.read(LedgerSettings, database_url=database_url, token_key_file=key)
    token = tokens.issue_token(told, "bench", tokens.EVERYWHERE, ROLES, kind="service")
    running = Running({}, token)
    async with AsyncExitStack() as ending, httpx.AsyncClient() as client:
        for name in names:
            port = ports.choose(0, name)
            environment = {
                "OKR_DATABASE_URL": database_url,
                "OKR_KAFKA_BOOTSTRAP": bootstrap,
                "OKR_TOKEN_KEY_FILE": str(key),
                "OKR_LOG_LEVEL": "ERROR",
                "OKR_INSTANCE_ID": "bench",
                _PORT_VARIABLES[name]: str(port),
            }
            service = Service(name, f"http://127.0.0.1:{port}", environment, await _start(name, environment))
            running.services[name] = service
            ending.push_async_callback(_end, service)
        for service in running.services.values():
            await wait_until(lambda one=service: one.is_ready(client), f"{service.name} is ready", START_SECONDS)
        yield running


def cpu_seconds(pid: int) -> float:
    """The CPU time that the process *pid* and all below it have used, those that have ended included."""
    total = 0.0
    for each in (pid, *descendants(pid)):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(") ", 1)[1].split()
            # utime, stime, and those of children that ended.
            total += sum(map(int, fields[11:15])) / _TICKS
    return total


def resident_megabytes(pid: int) -> tuple[float, float]:
    """The memory of *pid* that is resident now, and the most that ever was, in MB of 2^20 bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    now, highest = (int(status.split(name)[1].split()[0]) / 1024 for name in ("VmRSS:", "VmHWM:"))
    return now, highest


async def shares_of_a_core(pids: Mapping[str, int], seconds: float) -> dict[str, float]:
    """What each of these processes, with all below it, uses of one core in *seconds* from now, in percent."""
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    began = time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    return {name: (cpu_seconds(pid) - before[name]) / took * 100 for name, pid in pids.items()}


async def _start(name: str, environment: dict[str, str]) -> Process:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("OKR_")}
    return await asyncio.create_subprocess_exec(
        OKR, "run", name, stdout=DEVNULL, stderr=DEVNULL, env={**inherited, **environment}
    )


async def _end(service: Service) -> None:
    if service.process.returncode is None:
        service.process.terminate()
        await service.process.wait()
