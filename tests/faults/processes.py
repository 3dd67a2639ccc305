"""
Processes that tests kill, freeze and wake: composition roots of the publisher and the projector, with faults in them.

    python -m tests.faults.processes publisher|projector URL BOOTSTRAP TOPIC INSTANCE [STEP TIME]
"""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from services.chassis.faults import NO_FAULTS, Faults, KilledAt
from services.chassis.kafka import Topic, calm_client_log
from services.chassis.process import run_until_signal
from services.chassis.topics import make_and_count
from services.projector.main import connect_as_projector, project
from services.publisher.main import connect_as_publisher, publish
from tests.pipeline import PARTITIONS, counting

_ROOT = Path(__file__).parents[2]


async def main(kind: str, url: str, bootstrap: str, topic: str, instance: str, faults: Faults) -> None:
    """One process, with short leases and sessions."""
    calm_client_log()
    ready = partial(make_and_count, bootstrap, Topic(topic, PARTITIONS, 1))
    if kind == "publisher":
        await publish(
            partial(connect_as_publisher, url),
            bootstrap,
            topic,
            ready,
            holder=instance,
            lease_seconds=2,
            faults=faults,
        )
    else:
        await project(
            [counting()],
            partial(connect_as_projector, url),
            bootstrap,
            topic,
            ready,
            instance=instance,
            check_seconds=1,
            session_seconds=6,
            faults=faults,
        )


@asynccontextmanager
async def process(
    kind: str, url: str, bootstrap: str, topic: Topic, instance: str = "one", step: str = "", time: int = 1
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The process, killed at the end if it is still there; it dies when it comes to *step* for the *time*-th time."""
    arguments = [kind, url, bootstrap, topic.name, instance, *([step, str(time)] if step else [])]
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.processes", *arguments, cwd=_ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            started.send_signal(signal.SIGKILL)
        await started.wait()


if __name__ == "__main__":
    _, of_kind, at_url, at_bootstrap, of_topic, as_instance, *fault = sys.argv
    faulty = KilledAt(fault[0], int(fault[1])) if fault else NO_FAULTS
    run_until_signal(main(of_kind, at_url, at_bootstrap, of_topic, as_instance, faulty))
