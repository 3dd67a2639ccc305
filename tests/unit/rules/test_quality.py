"""What the words of a title give away, and what they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_rules import quality


@pytest.mark.parametrize(
    ("title", "numbers"),
    [
        ("Reach 99.9 % uptime", ["99.9 %"]),
        ("Sell $1,200 a head to 40 shops", ["$1,200", "40"]),
        ("Half the time, twice the joy", ["Half", "twice"]),
        ("Win the north in Q3 2026", []),
        ("Plan FY21-Q2, H1 and 2027", []),
        ("Ship tools&412, see #29 and https://example.org/issues/17", []),
        ("Answer within 24h", ["24"]),
        ("Be kind", []),
    ],
)
def test_the_numbers_that_a_title_states(title: str, numbers: list[str]) -> None:
    assert quality.numbers_in(title) == numbers


@pytest.mark.parametrize(
    ("title", "kind", "codes"),
    [
        ("Launch the shop", "increase", ["reads_like_a_task"]),
        ("Launch the shop", "achieve", ["reads_like_a_task", "has_no_number"]),
        ("Launch 3 shops", "increase", []),
        ("3 shops are launched", "achieve", ["yes_no_measure"]),
        ("Customers who come back", "increase", []),
        ("Launches of rockets a year", "increase", []),
        ("The launch is loved", "achieve", ["has_no_number"]),
        ("", "achieve", ["has_no_number"]),
    ],
)
def test_the_signals_of_a_key_result(title: str, kind: quality.Kind, codes: list[str]) -> None:
    assert [signal.code for signal in quality.of_key_result(title, kind)] == codes


def test_an_objective_inspires_and_does_not_count() -> None:
    assert [signal.words for signal in quality.of_objective("Double sales to 40 shops")] == ["Double, 40"]
    assert quality.of_objective("Customers love us in Q4") == []


@given(st.text(max_size=60))
def test_equal_words_stay_equal_whatever_stands_around_them(title: str) -> None:
    words = quality.same_words(title)
    assert quality.same_words(f"  {title}!") == words
    assert quality.same_words(words) == words


@given(st.text(max_size=60))
def test_the_words_of_a_signal_stand_in_the_title(title: str) -> None:
    for signal in (*quality.of_objective(title), *quality.of_key_result(title, "achieve")):
        assert all(part.strip() in title for part in signal.words.split(", "))
