import threading

import pytest

from services.chassis import watchdog
from services.chassis.watchdog import LastPoll, Stuck


async def test_it_bites_when_nothing_returned_for_too_long() -> None:
    times = iter([0.0, 5.0, 9.0, 10.0, 10.1])
    with pytest.raises(Stuck, match="projector: nothing for 10 s"):
        await watchdog.watch(LastPoll(lambda: next(times)), "projector", 10.0)


def test_a_poll_that_returned_counts_even_if_it_was_empty() -> None:
    now = 0.0
    last = LastPoll(lambda: now)
    now = 7.0
    assert last.seconds() == 7.0
    last.returned()
    assert last.seconds() == 0.0


def test_a_stop_that_hangs_is_ended() -> None:
    left, codes = threading.Event(), list[int]()

    def leave(code: int) -> None:
        codes.append(code)
        left.set()

    watchdog.exit_after(0.01, leave)
    assert left.wait(5)
    assert codes == [70]


def test_a_stop_that_ends_calls_it_off() -> None:
    left = threading.Event()
    watchdog.exit_after(30.0, lambda _: left.set())()
    assert not left.is_set()
