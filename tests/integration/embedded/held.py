"""Servers whose owner is another process, so that it can be killed."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).parents[3]


class Found(TypedDict):
    """What the holder says; of a server that it was not asked for, nothing that can be used."""

    url: str
    postgres: int
    bootstrap: str
    kafka: int


@dataclass
class Holder:
    process: Process
    found: Found

    async def kill(self) -> None:
        """SIGKILL: it has no chance to stop anything."""
        self.process.kill()
        await self.process.wait()


async def hold(folder: Path, *names: str) -> Holder:
    # Where the archives of Kafka are already; empty is as good as not set.
    cache = os.environ.get("XDG_CACHE_HOME", "")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("holder.py")), str(folder), *names,
        stdout=PIPE, env={"PYTHONPATH": str(ROOT), "HOME": str(Path.home()), "XDG_CACHE_HOME": cache},
    )  # fmt: skip
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert line, "the holder said nothing"
    return Holder(process, json.loads(line))


async def wait_until_gone(pid: int, seconds: float) -> None:
    """Raises TimeoutError if the process *pid* still runs after *seconds*."""
    async with asyncio.timeout(seconds):
        while runs(pid):
            await asyncio.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether there is a process *pid* that is not only waiting for its parent to ask how it ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"
