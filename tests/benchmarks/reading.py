"""
`python -m tests.benchmarks.reading WHAT URL BOOTSTRAP TOPIC EVENTS`: reads the topic once, prints events per second.

A process of its own for each reading, so that each has the small heap that it has in production. WHAT is the name of a
read model, which the real projector keeps; or ``consumption``, a plain consumer that looks at nothing; ``decoding``,
one that decodes every record; or ``copy``, which writes with COPY as many rows of the same size as the audit makes of
what it consumed. The clock runs from the
end of the first batch to that of the last, so that joining a group and connecting are outside.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final

import asyncpg
from aiokafka import AIOKafkaConsumer
from prometheus_client import REGISTRY

from okr_contracts.envelope import Recorded
from services.chassis.kafka import calm_client_log, events_topic
from services.chassis.process import settle
from services.chassis.topics import make_and_count
from services.projector.main import chosen, connect_as_projector, project
from services.projector.records import Record, read
from services.projector.subscription import RECORDS_A_POLL
from tests.benchmarks.copying import Copying

# Nothing is read from the ledger: what is measured is the way through Kafka.
_NO_CHECK_SECONDS: Final = 600.0
_LIMIT_SECONDS: Final = 300
_LOOK_SECONDS: Final = 0.2


@dataclass(slots=True)
class Clock:
    """Told of the end of every batch; knows the speed from the end of the first batch to that of the last."""

    events: int
    seen: int = 0
    """How many events are done."""
    first: int = 0
    began: float = 0.0
    ended: float = 0.0

    def batch(self, done: int) -> None:
        """*done* events are done by now, those of earlier batches among them."""
        if done == self.seen:
            return
        self.ended = time.perf_counter()
        if not self.seen:
            self.first, self.began = done, self.ended
        self.seen = done

    @property
    def finished(self) -> bool:
        """Whether all events are done."""
        return self.seen >= self.events

    @property
    def speed(self) -> float:
        """Events a second."""
        return (self.events - self.first) / (self.ended - self.began)


class Looking:
    """Looks at the projector's own counter after each of its commits."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock

    def reached(self, step: str) -> None:
        """Tell the clock; the batch that was committed just now is counted after this step."""
        if step == "project.after_commit":
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        applied = REGISTRY.get_sample_value("okr_projector_applied_events_total", {"projection": self._name})
        self._clock.batch(int(applied or 0))


async def read_model_speed(name: str, url: str, bootstrap: str, topic: str, events: int) -> float:
    """Events per second of the real projector, until every position is at its head."""
    clock = Clock(events)
    projecting = asyncio.create_task(
        project(
            chosen([name]),
            partial(connect_as_projector, url),
            bootstrap,
            topic,
            partial(make_and_count, bootstrap, events_topic()),
            check_seconds=_NO_CHECK_SECONDS,
            faults=Looking(name, clock),
        )
    )
    await _until_at_the_heads(url, name)
    assert clock.finished
    projecting.cancel()
    await asyncio.wait([projecting])
    return clock.speed


async def _until_at_the_heads(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            while await connection.fetchval(
                "SELECT count(*) FROM ledger.heads AS h LEFT JOIN projections.live_positions AS p"
                " ON p.organisation = h.organisation AND p.projection = $1"
                " WHERE p.sequence IS DISTINCT FROM h.sequence",
                name,
            ):
                await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await connection.close()


async def consumption_speed(
    bootstrap: str, topic: str, events: int, use: Callable[[Sequence[Record]], Awaitable[None]] | None = None
) -> float:
    """Records per second of a plain consumer that polls as the projector does, and gives each batch to *use*."""
    clock = Clock(events)
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        while not clock.finished:
            found = await consumer.getmany(timeout_ms=500, max_records=RECORDS_A_POLL)
            if records := [*chain(*found.values())]:
                if use is not None:
                    await use(records)
                clock.batch(clock.seen + len(records))
    finally:
        await consumer.stop()
    return clock.speed


async def decoding_speed(bootstrap: str, topic: str, events: int) -> float:
    """Records per second of a plain consumer that decodes all of them: no read model of every event is faster."""

    async def decode(records: Sequence[Record]) -> None:
        for record in records:
            assert isinstance(read(record, frozenset()), Recorded)

    return await consumption_speed(bootstrap, topic, events, decode)


async def copy_speed(url: str, bootstrap: str, topic: str, events: int) -> float:
    """Records per second of a plain consumer that writes rows of the audit's size with COPY."""
    copying = await Copying.start(url)

    async def copy(records: Sequence[Record]) -> None:
        await copying.write(len(records))

    try:
        return await consumption_speed(bootstrap, topic, events, copy)
    finally:
        await copying.stop()


def main(arguments: list[str]) -> None:
    """Print the speed of one reading."""
    what, url, bootstrap, topic = arguments[:4]
    events = int(arguments[4])
    calm_client_log()
    settle()
    match what:
        case "consumption":
            reading = consumption_speed(bootstrap, topic, events)
        case "decoding":
            reading = decoding_speed(bootstrap, topic, events)
        case "copy":
            reading = copy_speed(url, bootstrap, topic, events)
        case _:
            reading = read_model_speed(what, url, bootstrap, topic, events)
    print(asyncio.run(reading))


if __name__ == "__main__":
    main(sys.argv[1:])
