"""The servers that everything else stands on: embedded here unless an address is given."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.chassis.embedded import EmbeddedKafka, EmbeddedPostgres, EmbeddedServerError
from services.cli.failures import Unreachable


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything runs: the folder for all that is kept, the port, and servers of somebody else's."""

    data: Path
    port: int
    database_url: str | None = None
    kafka_bootstrap: str | None = None


@dataclass(frozen=True, slots=True)
class Servers:
    """The addresses of the running servers, and those that would be missed if they ended."""

    database_url: str
    kafka_bootstrap: str
    embedded: tuple[EmbeddedPostgres | EmbeddedKafka, ...] = field(default=())


@asynccontextmanager
async def servers(place: Place) -> AsyncGenerator[Servers]:
    """Starts what is not given, in order, and stops it in reverse. Raises Unreachable, with the fix, if it cannot."""
    async with AsyncExitStack() as running:
        try:
            database_url, kafka_bootstrap = place.database_url, place.kafka_bootstrap
            embedded: list[EmbeddedPostgres | EmbeddedKafka] = []
            if not database_url:
                postgres = await running.enter_async_context(EmbeddedPostgres(place.data / "postgres"))
                database_url = postgres.url()
                embedded.append(postgres)
            if not kafka_bootstrap:
                kafka = await running.enter_async_context(EmbeddedKafka(place.data / "kafka"))
                kafka_bootstrap = kafka.bootstrap
                embedded.append(kafka)
        except EmbeddedServerError as error:
            raise Unreachable(error.what, error.fix) from error
        yield Servers(database_url, kafka_bootstrap, tuple(embedded))
