"""Key results, recomputed by hand and by the plain recomputation."""

from fractions import Fraction

import pytest

from tests.plain_recomputation import Node, NotRecomputed, recompute, shown
from tests.unit.plain_recomputation.story import Story, jan


def told() -> Story:
    story = Story()
    story.cycle()
    story.objective("o")
    return story


def key_result(story: Story, on: int, known_at: int | None = None, name: str = "k") -> Node:
    return recompute(story.events, jan(on), known_at)["key_result", name]


@pytest.mark.parametrize(
    ("definition", "value", "raw", "progress"),
    [
        # (45 - 30) / (60 - 30) = 15/30
        ({"kind": "increase", "baseline": "30", "target": "60"}, "45", "0.500000", "0.500000"),
        # (20 - 30) / 30 = -1/3, and nothing counts below 0
        ({"kind": "increase", "baseline": "30", "target": "60"}, "20", "-0.333333", "0.000000"),
        # (80 - 20) / 50 = 6/5, and nothing counts above 1
        ({"kind": "increase", "baseline": "20", "target": "70"}, "80", "1.200000", "1.000000"),
        # (10 - 6) / (10 - 4) = 4/6
        ({"kind": "reduce", "baseline": "10", "target": "4"}, "6", "0.666667", "0.666667"),
        # (99 - 95) / (99.9 - 95) = 4/4.9
        ({"kind": "stay_above", "target": "99.9", "floor": "95"}, "99", "0.816327", "0.816327"),
        ({"kind": "stay_above", "target": "99.9", "floor": "95"}, "90", "0.000000", "0.000000"),
        ({"kind": "stay_above", "target": "99.9"}, "99.8", "0.000000", "0.000000"),
        ({"kind": "stay_above", "target": "99.9"}, "99.9", "1.000000", "1.000000"),
        # (20 - 12) / (20 - 10) = 8/10
        ({"kind": "stay_below", "target": "10", "ceiling": "20"}, "12", "0.800000", "0.800000"),
        ({"kind": "stay_below", "target": "10", "ceiling": "20"}, "30", "0.000000", "0.000000"),
        ({"kind": "stay_below", "target": "10"}, "10.1", "0.000000", "0.000000"),
        ({"kind": "stay_within", "low": "5", "high": "7", "floor": "1"}, "6", "1.000000", "1.000000"),
        # below: (4 - 1) / (5 - 1) = 3/4
        ({"kind": "stay_within", "low": "5", "high": "7", "floor": "1"}, "4", "0.750000", "0.750000"),
        # above, without a ceiling: nothing is left at once
        ({"kind": "stay_within", "low": "5", "high": "7", "floor": "1"}, "7.1", "0.000000", "0.000000"),
        # above: (9 - 8) / (9 - 7) = 1/2
        ({"kind": "stay_within", "low": "5", "high": "7", "ceiling": "9"}, "8", "0.500000", "0.500000"),
        ({"kind": "achieve"}, True, "1.000000", "1.000000"),
        ({"kind": "achieve"}, False, "0.000000", "0.000000"),
    ],
)
def test_a_value_is_as_far_as_its_kind_says(
    definition: dict[str, object], value: object, raw: str, progress: str
) -> None:
    story = told()
    story.key_result("k", "o", 1, **{"baseline": None, "target": None, **definition})
    story.check_in("c", "k", value, on=2)
    node = key_result(story, 2)
    assert (shown(node.raw), shown(node.progress), shown(node.measured)) == (raw, progress, "1.000000")


def test_half_a_millionth_is_rounded_to_the_even_one() -> None:
    story = told()
    story.key_result("k", "o", baseline="0", target="10000000")
    story.check_in("c1", "k", "5", on=2)  # 5 / 10^7 = 0.0000005: half way between 0 and 1 millionth
    story.check_in("c2", "k", "15", on=3)  # 0.0000015: half way between 1 and 2
    assert shown(key_result(story, 2).progress) == "0.000000"
    assert shown(key_result(story, 3).progress) == "0.000002"


def test_a_key_result_without_a_value_is_at_nothing_and_not_measured() -> None:
    story = told()
    story.key_result("k", "o")
    story.check_in("c", "k", None, on=2)
    node = key_result(story, 5)
    assert (node.progress, node.raw, node.measured, node.value, node.status) == (0, None, 0, None, "not_measured")
    assert not node.no_inputs


def test_the_latest_day_wins_and_among_equal_days_the_higher_sequence() -> None:
    story = told()
    story.key_result("k", "o")  # 4
    story.check_in("c1", "k", "10", on=5)  # 5
    story.check_in("c2", "k", "20", on=3)  # 6, for an earlier day
    story.check_in("c3", "k", "30", on=5)  # 7, for the same day as c1
    for day, known, value, rests_on in [
        (2, None, None, None),
        (4, None, 20, (6,)),
        (5, None, 30, (7,)),
        (5, 6, 10, (5,)),
        (4, 5, None, None),
    ]:
        found = key_result(story, day, known).value
        assert (found.value if found else None, found.rests_on if found else None) == (value, rests_on)


def test_a_correction_keeps_the_place_of_its_check_in_and_may_move_its_day() -> None:
    story = told()
    story.key_result("k", "o")  # 4
    story.check_in("c1", "k", "10", on=3)  # 5
    story.check_in("c2", "k", "20", on=3)  # 6
    story.correct("c1", "15", on=3)  # 7: still before c2, whose sequence is higher than 5
    first = key_result(story, 3).value
    assert first is not None
    assert (first.value, first.rests_on) == (20, (6,))
    story.correct("c1", "16", on=4)  # 8: moved to a day of its own
    moved = key_result(story, 4).value
    assert moved is not None
    assert (moved.value, moved.rests_on) == (16, (5, 8))
    before = key_result(story, 4, known_at=7).value
    assert before is not None
    assert before.value == 20
    story.correct("c1", None, on=4)  # 9: its value is cleared
    cleared = key_result(story, 4).value
    assert cleared is not None
    assert cleared.value == 20


def test_what_was_true_and_what_was_believed_are_two_questions() -> None:
    story = told()
    story.key_result("k", "o")  # 4
    story.check_in("c", "k", "80", on=3)  # 5
    story.correct("c", "40", on=3)  # 6: known only later, true of the same day
    assert shown(key_result(story, 3, known_at=5).progress) == "0.800000"
    assert shown(key_result(story, 3, known_at=6).progress) == "0.400000"


def test_withdrawing_takes_the_check_in_with_its_corrections() -> None:
    story = told()
    story.key_result("k", "o")  # 4
    story.check_in("c1", "k", "10", on=2)  # 5
    story.check_in("c2", "k", "20", on=3)  # 6
    story.correct("c2", "25", on=3)  # 7
    story.withdraw("c2", on=9)  # 8: of that day, and yet c2 is gone on every day
    assert shown(key_result(story, 4).progress) == "0.100000"
    assert shown(key_result(story, 4, known_at=7).progress) == "0.250000"


def test_a_new_target_counts_from_its_day_and_rereads_the_same_value() -> None:
    story = told()
    story.key_result("k", "o")  # 4
    story.check_in("c", "k", "40", on=2)  # 5
    story.redefine("k", on=4, target="80")  # 6: 40 / 80
    assert shown(key_result(story, 3).progress) == "0.400000"
    assert shown(key_result(story, 4).progress) == "0.500000"
    assert shown(key_result(story, 4, known_at=5).progress) == "0.400000"


def test_after_another_unit_only_the_restated_value_and_later_check_ins_are_read() -> None:
    story = told()
    story.key_result("k", "o")  # 4
    story.check_in("c1", "k", "40", on=2)  # 5
    euro = {"unit": {"kind": "money", "code": "EUR"}, "baseline": "0", "target": "1000"}
    story.redefine("k", on=4, **euro, restated_value="300")  # 6
    story.correct("c1", "50", on=5)  # 7: corrects what was reported in percent
    restated = key_result(story, 5)
    assert restated.value is not None
    assert (shown(restated.progress), restated.value.rests_on) == ("0.300000", (6,))
    story.redefine("k", on=6, **euro | {"target": "600"})  # 8: the unit stays, and so does the restated value
    assert shown(key_result(story, 6).progress) == "0.500000"
    story.check_in("c2", "k", "450", on=7)
    assert shown(key_result(story, 7).progress) == "0.750000"
    # Before its day nothing of it holds: 50 % as corrected, from day 5 on, and c1 itself was moved there.
    assert key_result(story, 3).value is None
    assert shown(key_result(story, 3, known_at=6).progress) == "0.400000"


def test_a_restated_value_counts_among_the_others_where_kind_and_unit_stay() -> None:
    story = told()
    story.key_result("k", "o")  # 4
    story.check_in("c1", "k", "40", on=2)  # 5
    story.redefine("k", on=4, target="200", restated_value="60")  # 6: 60 / 200
    story.check_in("c2", "k", "50", on=3)  # 7: a later sequence, and still an earlier day
    assert [shown(key_result(story, day).progress) for day in (2, 3, 4)] == ["0.400000", "0.500000", "0.300000"]
    value = key_result(story, 4).value
    assert value is not None
    assert value.rests_on == (6,)


def test_a_value_of_another_kind_is_no_value() -> None:
    story = told()
    story.key_result("k", "o")  # 4
    story.redefine("k", on=4, kind="achieve", baseline=None, target=None)  # 5
    story.check_in("c", "k", True, on=3)  # 6: yes or no, for a day on which it was still a number
    assert key_result(story, 3).value is None
    # From day 4 on it is of the right kind, and its sequence is higher than the redefinition's.
    assert shown(key_result(story, 4).progress) == "1.000000"


@pytest.mark.parametrize(
    ("created_on", "on", "expected"),
    [
        (1, 1, "0.100000"),  # 1 of 10 days
        (1, 5, "0.500000"),
        (1, 10, "1.000000"),
        (1, 20, "1.000000"),
        (8, 9, "0.666667"),  # 2 of the days 8, 9, 10
        (12, 12, "1.000000"),
    ],
)
def test_pace_counts_days_from_the_creation(created_on: int, on: int, expected: str) -> None:
    story = told()
    story.key_result("k", "o", on=created_on)
    assert shown(key_result(story, on).expected) == expected


def test_before_its_cycle_nothing_is_expected() -> None:
    story = Story()
    story.cycle(first=5)
    story.objective("o")
    story.key_result("k", "o")
    assert key_result(story, 4).expected == 0
    assert shown(key_result(story, 5).expected) == "0.166667"  # 1 of the days 5 to 10


def test_yes_or_no_is_expected_on_the_last_day_and_staying_always() -> None:
    story = told()
    story.key_result("k", "o", kind="achieve", baseline=None, target=None)
    story.key_result("s", "o", kind="stay_below", baseline=None)
    assert [shown(key_result(story, day).expected) for day in (9, 10)] == ["0.000000", "1.000000"]
    assert shown(key_result(story, 1, name="s").expected) == "1.000000"


@pytest.mark.parametrize(
    ("ambition", "value", "on", "status"),
    [
        # Day 5 of 10 expects 0.5: on track from 0.7 × 0.5 = 0.35, at risk from 0.4 × 0.5 = 0.2
        ("aspirational", "35", 5, "on_track"),
        ("aspirational", "34.9", 5, "at_risk"),
        ("aspirational", "20", 5, "at_risk"),
        ("aspirational", "19.9", 5, "off_track"),
        # committed: 0.45 and 0.35
        ("committed", "45", 5, "on_track"),
        ("committed", "44.9", 5, "at_risk"),
        ("committed", "34.9", 5, "off_track"),
    ],
)
def test_status_is_progress_against_what_is_expected(ambition: str, value: str, on: int, status: str) -> None:
    story = Story()
    story.cycle()
    story.objective("o", ambition=ambition)
    story.key_result("k", "o")
    story.check_in("c", "k", value, on=2)
    assert key_result(story, on).status == status


def test_an_early_day_is_on_track_unless_things_went_backwards() -> None:
    story = Story()
    story.cycle(last=20)
    story.objective("o")
    story.key_result("k", "o")
    story.check_in("c1", "k", "0", on=1)  # day 1 of 20 expects 0.05
    assert key_result(story, 1).status == "on_track"
    story.check_in("c2", "k", "-1", on=1)
    assert key_result(story, 1).status == "off_track"


def test_stale_is_a_check_in_older_than_the_cadence_and_three_days() -> None:
    story = told()
    story.key_result("k", "o", cadence_days=2)
    assert [key_result(story, day).stale for day in (6, 7)] == [False, True]
    story.check_in("c", "k", None, on=3)
    assert [key_result(story, day).stale for day in (8, 9)] == [False, True]


def test_values_are_exact() -> None:
    story = told()
    story.key_result("k", "o", target="3")
    story.check_in("c", "k", "0.1", on=1)
    value = key_result(story, 1).value
    assert value is not None
    assert value.value == Fraction(1, 10)


def test_an_unknown_type_is_refused_because_it_could_change_any_figure() -> None:
    story = told()
    story.tell("ObjectiveForgotten", "objectives/o", objective_id="o")
    with pytest.raises(NotRecomputed):
        recompute(story.events, jan(1))
