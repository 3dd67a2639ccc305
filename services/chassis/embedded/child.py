"""A server as our child: it ends when we end it, and also when we are killed and cannot."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a child runs as, where that is not ourselves."""

    user: int
    group: int


@dataclass(frozen=True, slots=True)
class Child:
    """A running server; *stop_signal* asks it for a clean end."""

    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals

    @property
    def pid(self) -> int:
        """The server's process; elsewhere than on Linux that of its supervisor."""
        return self.process.pid

    def ended(self) -> bool:
        """Whether it is gone, for whatever reason."""
        return self.process.poll() is not None

    async def wait_until_ended(self, seconds: float | None = None) -> bool:
        """Whether it ended within *seconds*; without a limit, returns only when it has."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.ended():
            if deadline is not None and time.monotonic() > deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

    async def stop(self, seconds: float) -> None:
        """Ends it: cleanly if it does so within *seconds*, else by force."""
        if not self.ended():
            self.process.send_signal(self.stop_signal)
            if not await self.wait_until_ended(seconds):
                os.killpg(self.process.pid, signal.SIGKILL)
                await self.wait_until_ended()
        if self.process.stdin is not None:
            self.process.stdin.close()


def start(
    arguments: Sequence[str | Path],
    *,
    folder: Path,
    log: Path,
    environment: Mapping[str, str],
    stop_signal: signal.Signals,
    lock: int,
    account: Account | None = None,
    supervised: bool = sys.platform != "linux",
) -> Child:
    """
    Starts *arguments* in *folder*, its output appended to *log*.

    The child inherits the open file *lock*, so that the folder is in use until the last of its processes is gone.
    Only Linux can tell a child that its parent died; elsewhere it is *supervised* by a process at the end of a pipe.
    Raises RuntimeError outside the main thread: the kernel's parent-death signal follows the thread that forked, and a
    worker thread that ends would take the server with it.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start embedded servers from the main thread")
    command = [str(argument) for argument in arguments]
    if supervised:
        supervisor = Path(__file__).with_name("supervisor.py")
        command = [sys.executable, "-I", str(supervisor), str(int(stop_signal)), *command]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE if supervised else subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(lock,),
            # A group of its own: Ctrl-C at the terminal is for us, who then stop the servers in order.
            process_group=0,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
            preexec_fn=None if supervised else _end_with_parent(stop_signal),
        )
    return Child(process, stop_signal)


def _end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What the child does last before it becomes the server: a change of user would undo it."""
    library = ctypes.CDLL(None)
    parent = os.getpid()

    def arrange() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before the signal was asked for
            os._exit(1)

    return arrange
