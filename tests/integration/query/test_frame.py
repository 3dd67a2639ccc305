"""What every query has in common: who may ask, freshness, moments, pages, refusals."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from okr_contracts.commands import RecordCheckIn
from okr_contracts.fields import write_instant
from services.query.openapi import openapi_paths
from services.query.routes import QUERIES
from tests.given import NOON
from tests.integration.query.conftest import Told, story
from tests.integration.query.reader import Json, reader
from tests.ledger_writer import of_organisation, project, write, write_and_project


def listed(page: Json) -> list[Json]:
    return cast("list[Json]", page["items"])


async def test_a_token_of_another_organisation_is_refused_whether_it_exists_or_not(told_alone: Told) -> None:
    await write_and_project(told_alone.url, of_organisation("rival", story().recorded))
    rivals = told_alone.reader.bearing(organisations=["rival"])
    for query in QUERIES:
        path = re.sub(r"\{\w+\}", "o1", query.path.removeprefix("/"))
        for asking in (told_alone.reader.of("rival"), told_alone.reader.of("nowhere"), rivals):
            answer = await asking.ask(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "organisation_not_yours")


async def test_without_a_token_nobody_is_told_anything(told: Told) -> None:
    answer = await told.reader.ask("units", {"Authorization": "Basic YTpi"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await told.reader.ask("units", {"Authorization": "Bearer x.y.z"})).status_code == 401


async def test_an_organisation_that_does_not_exist_is_not_found_by_an_operator(told: Told) -> None:
    operator = told.reader.bearing(organisations=["*"])
    for organisation in ("nowhere", "NO%00WHERE", "a%0ab"):
        answer = await operator.of(organisation).ask("units")
        assert (answer.status_code, answer.json()["code"]) == (404, "subject_not_found")


async def test_every_answer_states_the_sequence_that_it_is_true_for(told: Told) -> None:
    answer = await told.reader.ask("units")
    assert answer.headers["okr-sequence"] == str(told.head)
    assert answer.headers["okr-recorded-at"] == write_instant(told.recorded[-1].recorded_at)


async def test_an_answer_as_known_earlier_states_the_earlier_sequence(told: Told) -> None:
    answer = await told.reader.ask("units", known_at=2)
    assert answer.headers["okr-sequence"] == "2"
    assert answer.headers["okr-recorded-at"] == write_instant(told.recorded[1].recorded_at)
    assert [item["id"] for item in listed(answer.json())] == ["root"]
    assert (await told.reader.get("units", known_at=0))["items"] == []


async def test_an_instant_is_the_last_event_recorded_until_then(told: Told) -> None:
    before_the_correction = told.head - 1
    for instant, sequence in (
        (NOON - timedelta(microseconds=1), 0),
        (NOON, before_the_correction),
        (NOON + timedelta(minutes=59), before_the_correction),
        (NOON + timedelta(hours=1), told.head),
        (NOON + timedelta(days=900), told.head),
    ):
        answer = await told.reader.ask("audit", known_at=instant.isoformat())
        assert answer.headers["okr-sequence"] == str(sequence), instant
    unescaped = await told.reader.ask(f"audit?known_at={NOON.date()}T14:00:00+02:00")
    assert unescaped.headers["okr-sequence"] == str(before_the_correction)


async def test_what_is_not_there_yet_is_503_and_never_an_older_answer(told: Told) -> None:
    for headers, parameters in (({"Okr-Min-Sequence": str(told.head + 1)}, {}), ({}, {"known_at": told.head + 1})):
        answer = await told.reader.ask("units", headers, **parameters)
        assert (answer.status_code, answer.json()["code"]) == (503, "not_there_yet")
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["sequence"] == told.head
    assert (await told.reader.ask("units", {"Okr-Min-Sequence": str(told.head)})).status_code == 200


async def test_what_can_be_refused_is_refused_before_anybody_waits(told: Told) -> None:
    waiting = {"Okr-Min-Sequence": str(told.head + 1), "Prefer": "wait=30"}
    for parameters in ({"limit": "0"}, {"effective_on": "x"}, {"cursor": "x"}, {"known_at": "x"}):
        async with asyncio.timeout(5):
            assert (await told.reader.ask("units", waiting, **parameters)).status_code == 422


async def test_a_reader_who_waits_gets_the_answer_when_it_is_there(told_alone: Told) -> None:
    waiting = {"Okr-Min-Sequence": str(told_alone.head + 1), "Prefer": "wait=20"}
    answers = asyncio.create_task(told_alone.reader.ask("audit", waiting, limit=500))
    told_alone.history.accept(RecordCheckIn.model_validate({"check_in_id": "d", "key_result_id": "k1", "value": "43"}))
    await write(told_alone.url, told_alone.history.recorded[told_alone.head - 1 :][-1:])
    assert not answers.done()
    await project(told_alone.url, told_alone.history.recorded[-1:])
    answer = await answers
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "wait=20"
    assert answer.json()["items"][-1]["subject"] == "check-ins/d"


async def test_an_answer_that_is_still_the_same_is_not_sent_again(told: Told) -> None:
    first = await told.reader.ask("people")
    again = await told.reader.ask("people", {"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["okr-sequence"] == str(told.head)
    assert (await told.reader.ask("people", {"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    ("path", "parameters", "pointer", "words"),
    [
        ("units", {"limit": "0"}, "/limit", "from 1 to 500"),
        ("units", {"limit": "501"}, "/limit", "from 1 to 500"),
        ("units", {"limit": "1_0"}, "/limit", "from 1 to 500"),
        ("units", {"limit": "٣"}, "/limit", "from 1 to 500"),
        ("units", {"effective_on": "2026-02-30"}, "/effective_on", "calendar day"),
        ("units", {"effective_on": "today"}, "/effective_on", "calendar day"),
        ("units", {"known_at": "-1"}, "/known_at", "RFC 3339"),
        ("units", {"known_at": "99999999999999999999"}, "/known_at", "sequence"),
        ("units", {"known_at": "2026-05-20"}, "/known_at", "RFC 3339"),
        ("units", {"known_at": "2026-05-20T12:00:00"}, "/known_at", "RFC 3339"),
        ("units", {"known_at": "2026-05-20T25:00:00Z"}, "/known_at", "RFC 3339"),
        ("units", {"known_at": "0001-01-01T00:00:00+14:00"}, "/known_at", "RFC 3339"),
        ("units", {"efective_on": "2026-05-20"}, "/efective_on", "Did you mean effective_on?"),
        ("units", {"cursor": "nonsense"}, "/cursor", "Follow next"),
        ("units", {"cursor": "W10="}, "/cursor", "Follow next"),
        ("events", {"after": "x"}, "/after", "sequence"),
        ("events", {"effective_on": "2026-05-20"}, "/effective_on", "no parameter"),
        ("audit", {"type": "CheckInCorected"}, "/type", "Did you mean CheckInCorrected?"),
        ("audit", {"from": "yesterday"}, "/from", "calendar day"),
        ("audit", {"to": "9999-12-31"}, "/to", "calendar"),
        ("audit", {"actor": ""}, "/actor", "leave it out"),
        ("audit", {"q": "a\x00b"}, "/q", "NUL"),
        ("alignment/report", {"list": "orphan"}, "/list", "Did you mean orphans?"),
        ("positions", {"known_at": "1"}, "/known_at", "no parameter"),
        ("events/stream", {"after": "-1"}, "/after", "sequence"),
        ("events/stream", {"from": "1"}, "/from", "no parameter"),
    ],
)
async def test_a_parameter_that_cannot_be_taken_is_named_with_the_fix(
    told: Told, path: str, parameters: Mapping[str, str], pointer: str, words: str
) -> None:
    answer = await told.reader.ask(path, **parameters)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["type"] == "/problems/parameter_not_valid"
    (error,) = problem["errors"]
    assert error["pointer"] == pointer
    assert words in error["message"]


async def test_a_parameter_given_twice_and_a_header_that_is_no_number_are_refused(told: Told) -> None:
    assert (await told.reader.ask("units?limit=1&limit=2")).json()["errors"][0]["rule"] == "once"
    answer = await told.reader.ask("units", {"Okr-Min-Sequence": "soon"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/Okr-Min-Sequence")


@pytest.mark.parametrize(
    "path",
    [
        "events/99999",
        "events/0",
        "events/x",
        "events/1.5",
        "alignment/objective/nobody/ancestors",
        "alignment/team/o1/ancestors",
        "alignment/objective/%00/descendants",
        "alignment/report?cycle=q9",
    ],
)
async def test_what_is_not_there_is_not_found(told: Told, path: str) -> None:
    answer = await told.reader.ask(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "subject_not_found")


async def test_pages_are_one_list_whatever_is_written_meanwhile(told_alone: Told) -> None:
    whole = (await told_alone.reader.get("audit", limit=500))["items"]
    page = await told_alone.reader.get("audit", limit=4)
    told_alone.history.accept(RecordCheckIn.model_validate({"check_in_id": "d", "key_result_id": "k1", "value": "43"}))
    await write_and_project(told_alone.url, told_alone.history.recorded[-1:])
    items = [*listed(page), *await told_alone.reader.pages(str(page["next"]))]
    assert items == whole


async def test_a_cursor_belongs_to_its_question(told: Told) -> None:
    following = str((await told.reader.get("audit", limit=2))["next"])
    assert (await told.reader.ask(following + "&type=CheckInRecorded")).status_code == 422
    assert (await told.reader.ask(following.replace("/audit?", "/units?"))).status_code == 422
    larger = await told.reader.get(following.replace("limit=2", "limit=3"))
    assert [item["sequence"] for item in listed(larger)] == [3, 4, 5]


async def test_today_is_that_of_the_organisation(told: Told, tmp_path: Path) -> None:
    # In Berlin the 20th of May began two hours before it did in London: what was created on it is there.
    midnight = NOON.replace(hour=0) - timedelta(hours=2)
    async with reader(told.url, tmp_path, now=midnight) as asking:
        assert len(await asking.pages("units")) == 2
    async with reader(told.url, tmp_path, now=midnight - timedelta(microseconds=1)) as asking:
        assert await asking.pages("units") == []


async def test_every_query_is_in_the_openapi_document() -> None:
    paths = openapi_paths()
    assert len(paths) == len(QUERIES) + 1
    assert "/v1/organisations/{organisation}/events/{sequence}" in paths
