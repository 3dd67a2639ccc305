"""How a ledger that was restored stands beside what Kafka was given of it."""

from services.cli.epoch import Standing, compared
from services.ledger.cache import Head


def stands(head: Head, highest: dict[tuple[str, int], int]) -> Standing:
    (standing,) = compared({"acme": head}, highest)
    return standing


def test_a_ledger_that_has_all_that_was_given_out_lost_nothing():
    standing = stands(Head(40, 1), {("acme", 1): 40, ("other", 7): 99})
    assert (standing.lost_up_to, standing.later_epoch, standing.next_epoch) == (None, None, 2)


def test_what_was_given_out_beyond_the_head_is_lost():
    standing = stands(Head(30, 2), {("acme", 1): 99, ("acme", 2): 40})
    assert (standing.lost_up_to, standing.later_epoch, standing.next_epoch) == (40, None, 3)


def test_a_backup_from_before_an_epoch_was_begun_does_not_begin_it_again():
    # The events of epoch 2 are on Kafka under the very source that a second epoch 2 would have.
    standing = stands(Head(90, 1), {("acme", 1): 90, ("acme", 2): 150})
    assert (standing.later_epoch, standing.next_epoch) == (2, 3)
