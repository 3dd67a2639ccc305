"""Everything that a run consists of: two servers, seven services, and what stands between them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from okr_contracts.cloud_events import TOPIC
from services.chassis import tokens
from services.chassis.embedded import EmbeddedKafka, EmbeddedPostgres
from services.chassis.embedded.ports import choose
from services.chassis.settings import TokenSettings
from services.cli.migrate import migrate_database
from tests.faults.disk import Disk
from tests.faults.listener import Listener
from tests.faults.plan import INSTANCES
from tests.faults.proxy import Proxy
from tests.faults.supervised import Ended, Server, Service
from tests.servers import FAST

# As the publisher makes it where nothing else is said.
PARTITIONS = 4
_POSTGRES_MB = 900
_KAFKA_MB = 500
# Small, so that the little disk is not full of the log itself.
_LOG = {"max_wal_size": "64MB", "min_wal_size": "32MB", "shared_buffers": "64MB"}


@dataclass(frozen=True)
class Parts:
    """The parts of a run, all of them running."""

    postgres: Server
    kafka: Server
    proxies: dict[str, Proxy]
    disks: dict[str, Disk]
    services: dict[str, Service]
    listener: Listener
    ledgers: Sequence[str]
    queries: Sequence[str]
    token: str
    ended: list[Ended] = field(default_factory=list[Ended])

    @property
    def servers(self) -> dict[str, Server]:
        """By name."""
        return {"postgres": self.postgres, "kafka": self.kafka}

    @property
    def database_url(self) -> str:
        """For the harness itself, past the proxy."""
        return self.postgres.server.url() if isinstance(self.postgres.server, EmbeddedPostgres) else ""

    async def most_leases(self) -> Service:
        """The publisher that has the most to do."""
        held = {name: await _leases(self.services[name]) for name in self.services if name.startswith("publisher")}
        return self.services[max(held, key=lambda name: held[name])]


@asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[Parts]:
    """All parts in *folder*, ready; stopped at the end."""
    disks = {"postgres": Disk(folder / "pg", _POSTGRES_MB), "kafka": Disk(folder / "kafka", _KAFKA_MB)}
    try:
        async with _on_disks(folder, disks) as parts:
            yield parts
    finally:
        for disk in disks.values():
            disk.remove()


@asynccontextmanager
async def _on_disks(folder: Path, disks: dict[str, Disk]) -> AsyncGenerator[Parts]:
    postgres = Server("postgres", EmbeddedPostgres(disks["postgres"].folder / "server", choose(0, ""), FAST | _LOG))
    kafka = Server("kafka", EmbeddedKafka(disks["kafka"].folder / "server", choose(0, "")))
    proxies = {"postgres": Proxy(postgres.server.port), "kafka": Proxy(kafka.server.port, kafka=True)}
    for proxy in proxies.values():
        await proxy.start()
    keeping = [asyncio.create_task(server.keep(), name=server.name) for server in (postgres, kafka)]
    try:
        await asyncio.gather(postgres.started_after(0), kafka.started_after(0))
        assert isinstance(postgres.server, EmbeddedPostgres)
        await migrate_database(postgres.server.url())
        ended: list[Ended] = []
        key = folder / "key.pem"
        tokens.key_at(key)
        token = tokens.issue_token(TokenSettings(token_key_file=key), "soak", "*", ["administrator"], kind="service")
        services = _services(folder, proxies, key, ended)
        keeping += [asyncio.create_task(service.keep(), name=name) for name, service in services.items()]
        assert isinstance(kafka.server, EmbeddedKafka)
        parts = Parts(
            postgres,
            kafka,
            proxies,
            disks,
            services,
            Listener(kafka.server.bootstrap, TOPIC, PARTITIONS),
            _addresses(services, "ledger"),
            _addresses(services, "query"),
            token,
            ended,
        )
        for service in services.values():
            await until_ready(service)
        keeping.append(asyncio.create_task(parts.listener.listen(), name="listener"))
        yield parts
    finally:
        for task in reversed(keeping):
            task.cancel()
        for task in reversed(keeping):
            with suppress(asyncio.CancelledError):
                await task
        for proxy in proxies.values():
            await proxy.stop()


def _services(folder: Path, proxies: dict[str, Proxy], key: Path, ended: list[Ended]) -> dict[str, Service]:
    told = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "OKR_LOG_FORMAT": "json",
        "OKR_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{proxies['postgres'].port}/okr",
    }
    broker = {"OKR_KAFKA_BOOTSTRAP": f"127.0.0.1:{proxies['kafka'].port}"}
    more = {
        "ledger": {"OKR_TOKEN_KEY_FILE": str(key)},
        "query": {"OKR_TOKEN_KEY_FILE": str(key)},
        "publisher": {**broker, "OKR_LEASE_SECONDS": "5"},
        "projector": {**broker, "OKR_SESSION_SECONDS": "6", "OKR_PROJECTION_CHECK_SECONDS": "1"},
    }
    services: dict[str, Service] = {}
    for target, instances in INSTANCES.items():
        for number in range(1, instances + 1):
            name, port = f"{target}-{number}", str(choose(0, ""))
            mine = (
                {"OKR_HTTP_PORT": port}
                if target in ("ledger", "query")
                else {"OKR_OPERATIONS_PORT": port, "OKR_INSTANCE_ID": name}
            )
            services[name] = Service(name, target, {**told, **more[target], **mine}, folder, ended)
    return services


def address(service: Service) -> str:
    """Where a service answers."""
    port = service.told.get("OKR_HTTP_PORT") or service.told["OKR_OPERATIONS_PORT"]
    return f"http://127.0.0.1:{port}"


def _addresses(services: dict[str, Service], target: str) -> list[str]:
    return [address(service) for service in services.values() if service.target == target]


async def until_ready(service: Service, seconds: float = 60) -> None:
    """Wait until *service* says that it is ready."""
    async with asyncio.timeout(seconds), httpx.AsyncClient(timeout=3) as http:
        while True:
            with suppress(httpx.TransportError):
                if (await http.get(f"{address(service)}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def _leases(service: Service) -> float:
    """How many leases a publisher says that it holds; none while it does not answer."""
    async with httpx.AsyncClient(timeout=1) as http:
        with suppress(httpx.TransportError):
            for line in (await http.get(f"{address(service)}/metrics")).text.splitlines():
                if line.startswith("okr_publisher_leases_held "):
                    return float(line.split()[1])
    return 0.0
