import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from services.chassis.embedded import child
from tests.integration.embedded.held import ROOT, runs, wait_until_gone

PARENT = """
import os, pathlib, signal, sys
from services.chassis.embedded import child
lock = os.open(sys.argv[1] + "/servers", os.O_RDWR | os.O_CREAT)
running = child.start(
    [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"],
    folder=pathlib.Path(sys.argv[1]), log=pathlib.Path(sys.argv[1], "log"), environment=os.environ,
    stop_signal=signal.SIGTERM, lock=lock, supervised=sys.argv[2] == "supervised",
)
print(running.pid, flush=True)
running.process.wait()
"""


async def wait_for_pid(log: Path) -> int:
    async with asyncio.timeout(10):
        while not (log.exists() and log.read_text().endswith("\n")):
            await asyncio.sleep(0.02)
    return int(log.read_text())


@pytest.mark.parametrize("how", ["by the kernel", "supervised"])
async def test_a_child_ends_with_its_killed_parent(tmp_path: Path, how: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), how, stdout=PIPE, env={"PYTHONPATH": str(ROOT)}
    )
    server = await wait_for_pid(tmp_path / "log")
    assert runs(server)
    parent.kill()
    await parent.wait()
    await wait_until_gone(server, seconds=5)


@pytest.mark.parametrize("supervised", [False, True], ids=["direct", "supervised"])
async def test_a_child_is_stopped_by_force_if_it_does_not_listen(tmp_path: Path, supervised: bool) -> None:
    deaf = "import os, signal, time; signal.signal(15, signal.SIG_IGN); print(os.getpid(), flush=True); time.sleep(600)"
    lock = os.open(tmp_path / "servers", os.O_RDWR | os.O_CREAT)
    running = child.start(
        [sys.executable, "-c", deaf],
        folder=tmp_path,
        log=tmp_path / "log",
        environment=os.environ,
        stop_signal=signal.SIGTERM,
        lock=lock,
        supervised=supervised,
    )
    server = await wait_for_pid(tmp_path / "log")
    await running.stop(0.2)
    os.close(lock)
    assert running.ended()
    await wait_until_gone(server, seconds=5)
