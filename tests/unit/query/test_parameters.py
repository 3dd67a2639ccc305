"""Whatever a parameter holds, it is taken exactly or refused by name."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query import paging, parameters
from services.query.answers import BadParameter

QUESTION = {"cycle": "q1", "known_at": "7", "limit": "3"}
PATH = "/v1/organisations/acme/tree"


TAKES: list[Callable[[str], object]] = [
    parameters.known_at,
    lambda text: parameters.day("day", text),
    lambda text: parameters.instant("at", text),
    lambda text: parameters.sequence("after", text),
    lambda text: parameters.limit({"limit": text}),
    lambda text: parameters.only_known([(text, "1")], ["limit"]),
    lambda text: parameters.one_of({"list": text}, "list", ("orphans",)),
    lambda text: paging.read_cursor(PATH, QUESTION, text, (int, str)),
]


@pytest.mark.parametrize("take", TAKES)
@given(st.one_of(st.text(), st.from_regex(r"[0-9TZ:. +-]{1,40}"), st.from_regex(r"[A-Za-z0-9_=-]{1,40}")))
def test_nothing_but_a_refusal_comes_of_any_text(take: Callable[[str], object], text: str) -> None:
    refusal = refusal_of(take, text)
    assert refusal is None or (refusal.pointer.startswith("/") and refusal.message.endswith("."))


def refusal_of(take: Callable[[str], object], text: str) -> BadParameter | None:
    try:
        take(text)
    except BadParameter as refused:
        return refused
    return None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), st.integers(0, 2**53))
def test_a_cursor_gives_back_its_key_for_its_own_question_only(word: str, number: int) -> None:
    address = paging.next_page(PATH, QUESTION, (word, number))
    cursor = address.partition("cursor=")[2].replace("%3D", "=")
    larger_page = {**QUESTION, "limit": "500", "cursor": cursor}
    assert paging.read_cursor(PATH, larger_page, cursor, (str, int)) == (word, number)
    for path, question, shape in (
        (PATH + "s", QUESTION, (str, int)),
        (PATH, {**QUESTION, "cycle": "q2"}, (str, int)),
        (PATH, {**QUESTION, "known_at": "8"}, (str, int)),
        (PATH, QUESTION, (int, str)),
        (PATH, QUESTION, (str,)),
    ):
        with pytest.raises(BadParameter):
            paging.read_cursor(path, question, cursor, shape)


@pytest.mark.parametrize("part", ["a\x00b", "\ud800"])
def test_a_forged_cursor_brings_nothing_that_the_database_cannot_take(part: str) -> None:
    cursor = paging.next_page(PATH, QUESTION, (part,)).partition("cursor=")[2].replace("%3D", "=")
    with pytest.raises(BadParameter):
        paging.read_cursor(PATH, QUESTION, cursor, (str,))


def test_instants_are_read_in_any_zone_and_with_a_plus_that_became_a_blank() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for text in ("2026-03-01T12:00:00Z", "2026-03-01t13:00:00+01:00", "2026-03-01T13:00:00 01:00"):
        assert parameters.instant("at", text) == noon
    assert parameters.known_at("2026-03-01T12:00:00.000000Z") == parameters.Instant(noon)
    assert parameters.known_at("0017") == 17
    assert parameters.day("day", "2024-02-29") == date(2024, 2, 29)


def test_a_wait_is_asked_for_in_whole_seconds_and_bounded() -> None:
    assert parameters.wait_seconds(None) is None
    assert parameters.wait_seconds("respond-async") is None
    assert parameters.wait_seconds("respond-async, wait=5") == 5.0
    assert parameters.wait_seconds("wait=86400") == parameters.LONGEST_WAIT_SECONDS
