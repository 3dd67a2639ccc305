from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_rules import Ambition, Status, Thresholds, status
from tests.unit.rules.given_numbers import shown

D = Decimal


def word(
    progress: str,
    expected: str,
    ambition: Ambition = "aspirational",
    measured: str = "1",
    raw: str | None = None,
) -> Status:
    return status(
        raw=None if raw is None else D(raw),
        progress=D(progress),
        measured=D(measured),
        expected=D(expected),
        ambition=ambition,
    )


@pytest.mark.parametrize(
    ("progress", "expected", "ambition", "named"),
    [
        ("0.35", "0.5", "aspirational", "on_track"),
        ("0.349999", "0.5", "aspirational", "at_risk"),
        ("0.2", "0.5", "aspirational", "at_risk"),
        ("0.199999", "0.5", "aspirational", "off_track"),
        ("0.45", "0.5", "committed", "on_track"),
        ("0.449999", "0.5", "committed", "at_risk"),
        ("0.35", "0.5", "committed", "at_risk"),
        ("0.349999", "0.5", "committed", "off_track"),
        ("1", "1", "committed", "on_track"),
    ],
)
def test_the_thresholds_are_met_by_the_ratio_itself(progress: str, expected: str, ambition: Ambition, named: Status):
    assert word(progress, expected, ambition) == named


def test_what_has_no_value_is_not_measured_and_not_called_late():
    assert word("0", "1", measured="0") == "not_measured"
    assert word("0", "0.05", measured="0", raw="-1") == "not_measured"


def test_early_on_only_a_step_back_is_off_track():
    assert word("0", "0.099999", raw="0") == "on_track"
    assert word("0", "0.099999") == "on_track"
    assert word("0", "0.099999", raw="-0.000001") == "off_track"
    assert word("0", "0", raw="-0.1") == "off_track"
    assert word("0", "0.1", raw="0") == "off_track"


def test_a_cycle_keeps_the_thresholds_that_it_was_planned_with():
    strict = Thresholds(aspirational_on_track=D(1), aspirational_at_risk=D("0.9"))
    assert status(raw=None, progress=D("0.45"), measured=D(1), expected=D("0.5"), thresholds=strict) == "at_risk"


WORST_FIRST = ["off_track", "at_risk", "on_track"]


@given(shown(), shown(), shown(), st.sampled_from(["aspirational", "committed"]))
def test_more_progress_never_gets_a_worse_word(one: Decimal, other: Decimal, expected: Decimal, ambition: Ambition):
    less, more = sorted((one, other))
    words = [
        status(raw=None, progress=each, measured=D(1), expected=expected, ambition=ambition) for each in (less, more)
    ]
    assert WORST_FIRST.index(words[0]) <= WORST_FIRST.index(words[1])


@given(shown(), shown())
def test_a_committed_objective_is_never_judged_more_mildly(progress: Decimal, expected: Decimal):
    mild, strict = (
        status(raw=None, progress=progress, measured=D(1), expected=expected, ambition=ambition)
        for ambition in ("aspirational", "committed")
    )
    assert WORST_FIRST.index(strict) <= WORST_FIRST.index(mild)
