"""Watch-dogs: what no retry will mend ends the process, loudly, so that it is started again."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from services.chassis.seldom import Seldom
from services.chassis.watchdog import Stuck
from services.projector.projection import Projection
from services.projector.subscription import Subscription

_NO_POLL_SECONDS: Final = 60.0
_STANDSTILL_SECONDS: Final = 30.0
_REFUSED_A_MINUTE: Final = 3

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Watch:
    """Looks at one projection every few seconds."""

    def __init__(
        self, projection: Projection, subscription: Subscription, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._projection = projection
        self._subscription = subscription
        self._monotonic = monotonic
        self._seldom = Seldom(_log)
        self._applied = projection.applied
        self._lag = 0
        self._moved_at = monotonic()
        self._refused: deque[tuple[float, int]] = deque()

    def check(self, lag: int) -> None:
        """*lag* events are not applied now. Raises Stuck."""
        now = self._monotonic()
        if lag == 0 or self._projection.applied != self._applied:
            self._moved_at, self._applied, self._lag = now, self._projection.applied, lag
        elif lag > self._lag and now - self._moved_at > _STANDSTILL_SECONDS:
            raise Stuck(f"{self._projection.name} applied nothing while its lag grew", now - self._moved_at)
        silent = now - self._subscription.last_poll
        if self._subscription.assigned and not self._subscription.busy and silent > _NO_POLL_SECONDS:
            raise Stuck(f"{self._projection.name} did not ask Kafka", silent)
        self._look_for_a_twin(now)

    def _look_for_a_twin(self, now: float) -> None:
        self._refused.append((now, self._projection.refused))
        while self._refused[0][0] < now - 60:
            self._refused.popleft()
        if self._projection.refused - self._refused[0][1] > _REFUSED_A_MINUTE:
            self._seldom.error(
                "commits_refused_often",
                projection=self._projection.name,
                fix="two processes may have the same OKR_INSTANCE_ID: give each its own",
            )
