"""The watch-dog bites where a restart is all that is left to try, and nowhere else."""

import asyncpg
import pytest

from services.chassis.watchdog import Stuck
from services.projector.projection import Projection
from services.projector.subscription import Subscription
from services.projector.watch import Watch
from tests.pipeline import counting


async def no_connection() -> asyncpg.Connection:
    raise AssertionError("no database is needed")


class Observed:
    """A projection and its subscription, with a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.projection = Projection(counting(), no_connection, "topic")
        self.subscription = Subscription(self.projection, "", group="g", instance=None)
        self.subscription.assigned = frozenset({0})
        self.subscription.last_poll = self.now
        self.watch = Watch(self.projection, self.subscription, lambda: self.now)

    def after(self, seconds: float, lag: int, applied: int = 0, polled: bool = True) -> None:
        self.now += seconds
        self.projection.applied += applied
        if polled:
            self.subscription.last_poll = self.now
        self.watch.check(lag)


def test_a_position_that_stands_still_while_the_lag_grows():
    observed = Observed()
    observed.after(5, lag=10)
    with pytest.raises(Stuck, match="applied nothing"):
        observed.after(31, lag=11)


def test_a_position_that_moves_may_lag():
    observed = Observed()
    for lag in range(10, 100, 10):
        observed.after(20, lag=lag, applied=1)


def test_nothing_to_do_is_not_a_standstill():
    observed = Observed()
    for _ in range(10):
        observed.after(20, lag=0)


def test_kafka_that_is_not_asked_any_more():
    observed = Observed()
    with pytest.raises(Stuck, match="did not ask Kafka"):
        observed.after(61, lag=0, polled=False)


def test_a_long_batch_is_not_silence():
    observed = Observed()
    observed.subscription.busy = True
    observed.after(61, lag=0, polled=False)


def test_a_process_without_partitions_is_not_silent():
    observed = Observed()
    observed.subscription.assigned = frozenset()
    observed.after(61, lag=0, polled=False)


def test_commits_that_are_refused_often_are_reported(capsys: pytest.CaptureFixture[str]):
    observed = Observed()
    observed.after(5, lag=0)
    observed.projection.refused += 3
    observed.after(5, lag=0)
    assert "commits_refused_often" not in capsys.readouterr().out
    observed.projection.refused += 1
    observed.after(5, lag=0)
    assert "commits_refused_often" in capsys.readouterr().out
