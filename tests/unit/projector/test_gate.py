"""Which arrived events are next, seen, or beyond a gap."""

from projections.positions import START, Position
from services.projector.gate import gate
from tests.pipeline import history

ACME = history("acme", 6)
AT_TWO = {"acme": Position(1, 2)}


def sequences(arrived: list[int], positions: dict[str, Position] | None = None) -> list[int]:
    return [one.sequence for one in gate([ACME[n - 1] for n in arrived], positions or AT_TWO, set()).events]


def test_the_next_events_pass_in_order():
    assert sequences([3, 4, 5]) == [3, 4, 5]


def test_the_first_event_of_all_passes():
    assert sequences([1, 2], {"acme": START}) == [1, 2]


def test_what_was_applied_or_came_twice_is_seen():
    gated = gate([ACME[0], ACME[1], ACME[2], ACME[2], ACME[3]], AT_TWO, set())
    assert [one.sequence for one in gated.events] == [3, 4]
    assert gated.seen == 3


def test_a_gap_stops_its_organisation_and_no_other():
    other = history("other", 1)
    gated = gate([ACME[2], ACME[4], ACME[3], *other], {**AT_TWO, "other": START}, set())
    assert [(one.organisation, one.sequence) for one in gated.events] == [("acme", 3), ("other", 1)]
    assert gated.gaps == {"acme"}


def test_events_of_a_parked_organisation_are_left_alone():
    gated = gate([ACME[2], ACME[5]], AT_TWO, {"acme"})
    assert (gated.events, gated.gaps, gated.seen) == ([], set(), 0)


def test_an_event_of_an_earlier_epoch_is_seen():
    gated = gate([ACME[2]], {"acme": Position(2, 2)}, set())
    assert (gated.events, gated.gaps, gated.seen) == ([], set(), 1)


def test_a_new_epoch_goes_on_where_the_position_is():
    gated = gate([ACME[2]._replace(epoch=2)], AT_TWO, set())
    assert [one.epoch for one in gated.events] == [2]


def test_a_new_epoch_that_reuses_an_applied_number_is_a_question_for_the_ledger():
    gated = gate([ACME[1]._replace(epoch=2)], AT_TWO, set())
    assert (gated.events, gated.gaps, gated.seen) == ([], {"acme"}, 0)
