"""Services and servers that are started again whenever they end, as a container engine does: restart unless stopped."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.chassis.embedded import EmbeddedKafka, EmbeddedPostgres, EmbeddedServerError, child
from tests.end_to_end.okr_program import OKR, descendants

_ROOT = Path(__file__).parents[2]
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended without being told to."""

    name: str
    code: int


class Service:
    """One service as a process of its own; *told* is its environment. Its output is in *folder*/NAME.log."""

    def __init__(self, name: str, target: str, told: Mapping[str, str], folder: Path, ended: list[Ended]) -> None:
        self.name = name
        self.target = target
        self.told = told
        self.starts = 0
        self.log = folder / f"{name}.log"
        self._ended = ended
        self._folder = folder
        self._mortal: Sequence[str] = ()
        self._child: child.Child | None = None
        self._expected = False

    @property
    def pid(self) -> int | None:
        """The running process, if it runs at this moment."""
        return None if self._child is None or self._child.ended() else self._child.pid

    async def keep(self) -> None:
        """Start it, and start it again, until cancelled."""
        with self.log.open("ab") as lock:
            while True:
                self._child = self._start(lock.fileno())
                self.starts += 1
                try:
                    await self._child.wait_until_ended()
                except asyncio.CancelledError:
                    await self._child.stop(0)
                    raise
                code = self._child.process.returncode
                if not self._expected and code is not None:
                    self._ended.append(Ended(self.name, code))
                self._expected = False
                await asyncio.sleep(_PAUSE_SECONDS)

    def send(self, number: signal.Signals) -> bool:
        """Send the running process a signal; whether there was one."""
        pid = self.pid
        if pid is None:
            return False
        self._expected = self._expected or number in (signal.SIGKILL, signal.SIGTERM)
        os.kill(pid, number)
        return True

    async def die_at(self, step: str, times: int, seconds: float) -> bool:
        """Start it anew so that it dies at *step*; whether it came there within *seconds*. It is killed otherwise."""
        self._mortal = (self.target, step, str(times))
        self.send(signal.SIGKILL)
        await self.started_after(self.starts)
        mortal = self._child
        assert mortal is not None
        self._expected = True
        reached = await mortal.wait_until_ended(seconds)
        if not reached:
            self.send(signal.SIGKILL)
        return reached

    async def started_after(self, starts: int) -> None:
        """Wait until it was started once more than *starts* times."""
        while self.starts <= starts or self.pid is None:
            await asyncio.sleep(0.02)

    def _start(self, lock: int) -> child.Child:
        if self._mortal:
            command = [sys.executable, "-m", "tests.faults.mortal", *self._mortal]
        else:
            command = [str(OKR), "run", self.target]
        self._mortal = ()
        # A service must not outlive us, even where it is frozen when we are killed.
        return child.start(
            command, folder=_ROOT, log=self.log, environment=self.told, stop_signal=signal.SIGKILL, lock=lock
        )


class Server:
    """PostgreSQL or Apache Kafka, in a folder of its own."""

    def __init__(self, name: str, server: EmbeddedPostgres | EmbeddedKafka) -> None:
        self.name = name
        self.server = server
        self.up = asyncio.Event()
        self.starts = 0
        self.last_failure = ""
        self.before_start: Callable[[], None] | None = None
        """Called once, before the next start."""

    async def keep(self) -> None:
        """Start it, and start it again, until cancelled."""
        try:
            while True:
                if self.before_start is not None:
                    self.before_start, act = None, self.before_start
                    act()
                try:
                    await self.server.start()
                    self.starts += 1
                    self.up.set()
                    await self.server.wait_until_dead()
                except EmbeddedServerError as ended:
                    # Ended, or could not start, as on a full disk: it is tried again, as an engine would.
                    self.last_failure = str(ended)
                self.up.clear()
                await self.server.stop()
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            await self.server.stop()

    def processes(self) -> list[int]:
        """The server and all of its children, the server first; none while it is down."""
        if not self.up.is_set():
            return []
        pid = self.server.pid
        try:
            return [pid, *sorted(descendants(pid))]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def send(self, number: signal.Signals, pids: Sequence[int]) -> bool:
        """Send those of *pids* that are there a signal; whether there was any."""
        sent = False
        for pid in pids:
            try:
                os.kill(pid, number)
                sent = True
            except ProcessLookupError:
                continue
        return sent

    async def kill(self) -> None:
        """Kill it as soon as it is up, and wait until it is up again."""
        await self.up.wait()
        starts = self.starts
        self.send(signal.SIGKILL, [self.server.pid])
        await self.started_after(starts)

    async def started_after(self, starts: int, seconds: float = 85) -> None:
        """
        Wait until it was started once more than *starts* times, and answers.

        Raises TimeoutError, with what it said when it ended last.
        """
        deadline = time.monotonic() + seconds
        while self.starts <= starts or not self.up.is_set():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} is not there after {seconds:.0f} s: {self.last_failure}")
            await asyncio.sleep(0.02)
