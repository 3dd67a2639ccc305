"""
Named steps at which a test can let a process die.

Production passes NO_FAULTS, which does nothing; nothing here reads the environment. A test starts a process through a
composition root of its own and hands it a KilledAt. Each effect has a step before it (the effect is lost) and a step
after it (the effect is done, its answer is lost).
"""

import os
import signal
from typing import Final, Protocol


class Faults(Protocol):
    """What happens when a step is reached."""

    def reached(self, step: str) -> None:
        """Returns, or does not."""
        ...


class NoFaults:
    """Every step is passed."""

    def reached(self, step: str) -> None:
        """Do nothing."""
        del step


class KilledAt:
    """The process kills itself with SIGKILL when it reaches *step* for the *time*-th time."""

    def __init__(self, step: str, time: int = 1) -> None:
        self._step = step
        self._left = time

    def reached(self, step: str) -> None:
        """Die, if this is the step and the time."""
        if step != self._step:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


NO_FAULTS: Final = NoFaults()
