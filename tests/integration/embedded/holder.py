"""Starts the servers named as arguments below a folder, prints where they are, and holds them until it is killed."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from services.chassis import logging
from services.chassis.embedded import EmbeddedKafka, EmbeddedPostgres


async def hold(folder: Path, names: list[str]) -> None:
    async with AsyncExitStack() as running:
        found: dict[str, object] = {"url": "", "postgres": 0, "bootstrap": "", "kafka": 0}
        if "postgres" in names:
            postgres = await running.enter_async_context(EmbeddedPostgres(folder / "postgres"))
            found |= {"url": postgres.url(), "postgres": postgres.pid}
        if "kafka" in names:
            kafka = await running.enter_async_context(EmbeddedKafka(folder / "kafka"))
            found |= {"bootstrap": kafka.bootstrap, "kafka": kafka.pid}
        print(json.dumps(found), flush=True)
        await asyncio.Event().wait()


# To stderr: what is printed is read by whoever started this.
logging.configure()
asyncio.run(hold(Path(sys.argv[1]), sys.argv[2:]))
