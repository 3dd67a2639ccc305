"""Who may read what is restricted: asked at every address, as everybody there is."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, cast

import pytest
import pytest_asyncio

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AddKeyResult,
    AddPerson,
    AddUnit,
    AssignResponsible,
    AssignRole,
    CreateObjective,
    GradeKeyResult,
    LinkAlignment,
    NameKeyPartner,
    NameUnitLead,
    OpenObjective,
    ReassignObjective,
    RecordCheckIn,
    RestrictObjective,
    ReviseObjective,
)
from okr_contracts.fields import Owner
from projections.programme_health.figure import FIGURES
from services.query.routes import QUERIES
from tests.given import History, given
from tests.integration.query.conftest import Told
from tests.integration.query.reader import Json, Reader, reader
from tests.integration.query.test_stream import following, serving, take
from tests.ledger_writer import project, write, write_and_project
from tests.plain_recomputation.explanations import differences, read
from tests.unit.domain.acme import OPENED, objective, parent

DAY: Final = date(2026, 5, 18)
# Words and numbers that stand nowhere but in what is restricted.
OWNER: Final = Actor("person", "p-owner")
SECRETS: Final = ("SECRET", "41.37", "977", "6174")


def _unit(unit_id: str) -> Owner:
    return Owner(kind="unit", id=unit_id)


def _person(person_id: str) -> Owner:
    return Owner(kind="person", id=person_id)


def before_it_was_restricted() -> History:
    """The objective hidden, with two key results, below an objective that is in the open."""
    return given(
        OPENED,
        AddUnit(unit_id="u-team", name="Team", parent_id="u-sales"),
        AddPerson(person_id="p-owner"),
        AddPerson(person_id="p-responsible"),
        AddPerson(person_id="p-partner"),
        AddPerson(person_id="p-reader"),
        AddPerson(person_id="p-below", unit_ids=("u-team",)),
        AddPerson(person_id="p-stranger", unit_ids=("root",)),
        objective("above", "y26"),
        CreateObjective(
            objective_id="hidden",
            cycle_id="q2",
            owner=_person("p-owner"),
            title="SECRET merger of 6174 shops",
            description="SECRET plans",
            labels=("SECRET-label",),
        ),
        AddKeyResult(
            key_result_id="k-hidden",
            objective_id="hidden",
            title="SECRET offers",
            kind="increase",
            baseline=Decimal(0),
            target=Decimal(977),
            responsible_id="p-responsible",
        ),
        AddKeyResult(
            key_result_id="k-other",
            objective_id="hidden",
            title="SECRET signature",
            kind="achieve",
            responsible_id="p-owner",
        ),
        NameKeyPartner(key_result_id="k-hidden", person_id="p-partner"),
        LinkAlignment(child_id="hidden", parent=parent("above"), origin="laddered"),
        RecordCheckIn(
            check_in_id="c-hidden",
            key_result_id="k-hidden",
            value=Decimal("41.37"),
            narrative="SECRET dinner",
            effective_on=DAY,
        ),
        GradeKeyResult(key_result_id="k-other", grade=Decimal(0), reflection="SECRET regret"),
    ).history()


def restricted(*readers: Owner) -> History:
    history = before_it_was_restricted()
    history.accept(RestrictObjective(objective_id="hidden", readers=readers, reason="SECRET talks"))
    return history


STORY: Final = restricted(_person("p-reader"), _unit("u-sales"))
READERS: Final[Mapping[str, tuple[str, Sequence[str], bool]]] = {
    "a stranger": ("p-stranger", ["member"], False),
    "a lead of the programme": ("p-stranger", ["programme_lead"], False),
    "the lead of a unit": ("p-stranger", ["unit_lead"], False),
    "a service": ("service", ["service"], False),
    "somebody who is named": ("p-reader", ["member"], True),
    "somebody in a unit below one that is named": ("p-below", ["member"], True),
    "the owner": ("p-owner", ["member"], True),
    "the responsible person": ("p-responsible", ["member"], True),
    "a key partner": ("p-partner", ["member"], True),
    "an auditor": ("p-stranger", ["auditor"], True),
    "an administrator": ("p-stranger", ["administrator"], True),
}
SAID: Final = next(each.sequence for each in STORY.recorded if each.subject == "check-ins/c-hidden")
# Every address of the service, and what is asked there; those that show something restricted to whoever may read it.
ASKED: Final[Mapping[str, Sequence[str]]] = {
    "/objectives": ["objectives"],
    "/objectives/{objective_id}": ["objectives/hidden"],
    "/objectives/{objective_id}/progress": [
        "objectives/hidden/progress",
        "objectives/hidden/progress?explain=true",
        "objectives/above/progress?explain=true",
        "objectives/above/progress?explain=all",
    ],
    "/key-results/{key_result_id}": ["key-results/k-hidden"],
    "/key-results/{key_result_id}/progress": ["key-results/k-hidden/progress?explain=true"],
    "/key-results/{key_result_id}/check-ins": ["key-results/k-hidden/check-ins"],
    "/tree": ["tree", "tree?root=hidden", f"tree?effective_on={DAY}"],
    "/objectives/{objective_id}/series": ["objectives/hidden/series"],
    "/key-results/{key_result_id}/series": ["key-results/k-hidden/series"],
    "/difference": ["difference?since_known_at=0", f"difference?since_known_at={SAID - 1}"],
    "/cycles": ["cycles"],
    "/cycles/{cycle_id}/closing": ["cycles/q2/closing"],
    "/objectives/{objective_id}/grade": ["objectives/hidden/grade"],
    "/key-results/{key_result_id}/grade": ["key-results/k-other/grade"],
    "/alignment/report": ["alignment/report", "alignment/report?list=credit"],
    "/alignment/{kind}/{node_id}/ancestors": ["alignment/key-results/k-hidden/ancestors"],
    "/alignment/{kind}/{node_id}/descendants": ["alignment/objectives/above/descendants"],
    "/units": ["units"],
    "/units/{unit_id}": ["units/u-sales"],
    "/people": ["people"],
    "/people/{person_id}": ["people/p-reader"],
    "/programme-health": ["programme-health"],
    "/programme-health/{figure}": [f"programme-health/{figure}?by=unit" for figure in FIGURES],
    "/programme-health/{figure}/list": [
        f"programme-health/{figure}/list" for figure, spec in FIGURES.items() if not spec.personal
    ],
    "/programme-health/{figure}/series": ["programme-health/quality_signals/series"],
    "/audit": [
        "audit",
        "audit?q=SECRET",
        "audit?actor=p-ada",
        "audit?subject=key-results/k-hidden",
        "audit?subject=objectives/hidden",
    ],
    "/events": ["events", "events?after=3"],
    "/events/{sequence_text}": [f"events/{sequence}" for sequence in range(1, len(STORY.recorded) + 1)],
    "/access-records": [],
    "/positions": ["positions"],
}
NOTHING_TO_HIDE: Final = {
    "/cycles",
    "/units",
    "/units/{unit_id}",
    "/people",
    "/people/{person_id}",
    "/programme-health",
    "/programme-health/{figure}",
    "/programme-health/{figure}/series",
    "/positions",
    "/access-records",
    # Numbers that its progress tells as well.
    "/objectives/{objective_id}/series",
    "/key-results/{key_result_id}/series",
    "/objectives/{objective_id}/grade",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Reader]:
    await write_and_project(module_database, STORY.recorded)
    async with reader(module_database, tmp_path_factory.mktemp("key")) as made:
        yield made


def as_somebody(asked: Reader, who: str) -> Reader:
    person_id, roles, _ = READERS[who]
    return asked.bearing(person_id, roles=roles)


async def bodies(asked: Reader, path: str) -> str:
    """All that is answered at an address, page after page."""
    told: list[str] = []
    for question in ASKED[path]:
        answer = await asked.ask(question)
        assert answer.status_code == 200, f"{question}: {answer.text}"
        told.append(answer.text)
    return "\n".join(told)


def test_every_address_is_asked() -> None:
    assert {query.path for query in QUERIES} == ASKED.keys()


@pytest.mark.parametrize("path", ASKED)
async def test_what_is_restricted_is_shown_to_nobody_else_at_any_address(asked: Reader, path: str) -> None:
    for who, (_, _, may_read) in READERS.items():
        told = await bodies(as_somebody(asked, who), path)
        found = [secret for secret in SECRETS if secret in told]
        if not may_read:
            assert not found, f"{who} is told {found} at {path}"
        elif path not in NOTHING_TO_HIDE:
            assert found, f"{who} is told nothing at {path}"


@pytest.mark.parametrize(
    "path", ["objectives", "tree", "objectives/hidden/progress", "objectives/above/progress?explain=all"]
)
async def test_numbers_are_the_same_for_everybody(asked: Reader, path: str) -> None:
    told = {who: json.loads((await as_somebody(asked, who).ask(path)).text) for who in READERS}
    expected = _progress(told["an auditor"])
    assert expected
    for who, answer in told.items():
        assert _progress(answer) == expected, who


@pytest.mark.parametrize("node", ["objectives/above", "objectives/hidden", "key-results/k-hidden"])
async def test_what_is_explained_to_somebody_follows_from_what_is_explained(asked: Reader, node: str) -> None:
    for who in READERS:
        for explain in ("true", "all"):
            answer = await as_somebody(asked, who).ask(f"{node}/progress", explain=explain)
            assert differences(read(answer.content)) == [], who


def _progress(value: object) -> list[tuple[object, object, object]]:
    """Each node that has an id, with its numbers, in the order of the answer."""
    found: list[tuple[object, object, object]] = []
    match value:
        case list():
            for each in cast("list[object]", value):
                found += _progress(each)
        case dict():
            given = cast("Json", value)
            if "progress" in given:
                found.append((given.get("id"), given["progress"], given.get("measured")))
            for each in given.values():
                found += _progress(each)
        case _:
            pass
    return found


async def test_a_stranger_sees_where_it_stands_and_that_it_is_redacted(asked: Reader) -> None:
    stranger = as_somebody(asked, "a stranger")
    node = await stranger.get("objectives/hidden")
    assert (node["redacted"], node["title"], node["owner"]) == (True, None, None)
    assert (node["id"], node["progress"], node["cycle_id"]) == ("hidden", "0.021172", "q2")
    below = await stranger.get("key-results/k-hidden")
    assert (below["redacted"], below["title"], below["progress"]) == (True, None, "0.042344")
    (entry,) = cast("list[Json]", (await stranger.get("key-results/k-hidden/check-ins"))["items"])
    assert entry["redacted"] is True
    said = await stranger.get(f"events/{SAID}")
    assert (said["redacted"], said["data"], said["text"], said["actor"]) == (True, None, None, None)


async def test_a_search_by_words_owner_or_actor_does_not_find_it(asked: Reader) -> None:
    stranger, owner = as_somebody(asked, "a stranger"), as_somebody(asked, "the owner")
    assert [each["id"] for each in await owner.pages("objectives", owner="person/p-owner")] == ["hidden"]
    assert await stranger.pages("objectives", owner="person/p-owner") == []
    assert len(await owner.pages("audit", q="SECRET")) == 6
    assert await stranger.pages("audit", q="SECRET") == []


async def test_a_page_of_a_search_is_cut_after_what_is_hidden_was_left_out(database: str, tmp_path: Path) -> None:
    history = restricted(_person("p-reader"))
    history.accept(ReviseObjective(objective_id="above", title="Nothing SECRET here"))
    await write_and_project(database, history.recorded)
    async with reader(database, tmp_path) as asked:
        page = await as_somebody(asked, "a stranger").get("audit", q="SECRET", limit=1)
        assert [each["subject"] for each in cast("list[Json]", page["items"])] == ["objectives/above"]
        assert page["next"] is None


async def test_a_restriction_holds_before_any_read_model_has_it(database: str, tmp_path: Path) -> None:
    history = before_it_was_restricted()
    await write_and_project(database, history.recorded)
    known = len(history.recorded)
    history.accept(RestrictObjective(objective_id="hidden", readers=(_person("p-reader"),), reason="SECRET talks"))
    await write(database, history.recorded[known:])
    async with reader(database, tmp_path) as asked:
        assert "SECRET" not in (await as_somebody(asked, "a stranger").ask("events")).text
        assert "SECRET" in (await as_somebody(asked, "somebody who is named").ask("events")).text


async def test_who_leads_a_unit_and_who_was_made_an_auditor_read_it(database: str, tmp_path: Path) -> None:
    history = restricted(_unit("u-sales"))
    for command in (
        NameUnitLead(unit_id="u-team", person_id="p-stranger"),
        AssignRole(organisation="acme", person_id="p-reader", role="auditor"),
    ):
        history.accept(command)
    await write_and_project(database, history.recorded)
    async with reader(database, tmp_path) as asked:
        for person_id, reads in {"p-stranger": True, "p-reader": True, "p-ada": False}.items():
            node = await asked.bearing(person_id).get("objectives/hidden")
            assert (node["title"] is not None) is reads, person_id


async def test_what_counts_is_the_restriction_of_today_whatever_moment_is_asked_about(
    database: str, tmp_path: Path
) -> None:
    history = restricted(_person("p-reader"))
    known_before = len(history.recorded) - 1
    await write_and_project(database, history.recorded)
    async with reader(database, tmp_path) as asked:
        stranger = as_somebody(asked, "a stranger")
        earlier = await stranger.get("objectives/hidden", known_at=known_before)
        assert (earlier["redacted"], earlier["title"]) == (True, None)
        history.actor = OWNER
        history.accept(OpenObjective(objective_id="hidden"))
        await write(database, history.recorded[-1:])
        await project(database, history.recorded[-1:])
        opened = await stranger.get("objectives/hidden")
        assert opened["title"] == "SECRET merger of 6174 shops"
        assert "redacted" not in opened
        assert (await stranger.get("objectives/hidden", known_at=known_before + 1))["title"] == opened["title"]


async def test_who_takes_over_may_read_it_and_who_hands_over_no_longer(database: str, tmp_path: Path) -> None:
    history = restricted(_person("p-reader"))
    history.actor = OWNER
    history.accept(ReassignObjective(objective_id="hidden", owner=_person("p-stranger")))
    history.actor = Actor("person", "p-stranger")
    history.accept(AssignResponsible(key_result_id="k-other", person_id="p-stranger"))
    history.accept(AssignResponsible(key_result_id="k-hidden", person_id="p-below"))
    await write_and_project(database, history.recorded)
    async with reader(database, tmp_path) as asked:
        may_read = {"p-stranger": True, "p-below": True, "p-owner": False, "p-responsible": False}
        for person_id, reads in may_read.items():
            node = await asked.bearing(person_id).get("objectives/hidden")
            assert (node["title"] is not None) is reads, person_id


async def test_who_read_what_is_on_record_for_an_auditor_and_nobody_else(database: str, tmp_path: Path) -> None:
    history = restricted(_person("p-reader"))
    await write_and_project(database, history.recorded)
    async with reader(database, tmp_path) as asked:
        auditor = as_somebody(asked, "an auditor")
        by_reader, by_stranger = as_somebody(asked, "somebody who is named"), as_somebody(asked, "a stranger")
        for one in (by_reader, by_stranger, by_reader):
            await one.get("objectives/hidden")
            await one.get("positions")
        await by_reader.get("objectives/above/progress", explain="all")
        async with (
            serving(Told(by_reader, history, history.recorded, "")) as address,
            following(address, by_reader.token, after=SAID - 1) as lines,
        ):
            await take(lines, 1)
        noted = [
            (each["actor"], each["what"], each["subject"], each["address"], each["times"])
            for each in await auditor.pages("access-records", limit=2)
        ]
        own = ("person/p-reader", "read")
        assert noted == [
            (*own, "key-results/k-hidden", "/events/stream", 1),
            (*own, "key-results/k-hidden", "/objectives/{objective_id}/progress", 1),
            (*own, "key-results/k-other", "/events/stream", 1),
            (*own, "key-results/k-other", "/objectives/{objective_id}/progress", 1),
            (*own, "objectives/hidden", "/events/stream", 1),
            (*own, "objectives/hidden", "/objectives/{objective_id}", 2),
            (*own, "objectives/hidden", "/objectives/{objective_id}/progress", 1),
        ]
        only = await auditor.pages("access-records", subject="objectives/hidden", actor="person/p-reader")
        assert len(only) == 3


async def test_to_ask_for_what_is_for_others_is_refused_and_on_record(database: str, tmp_path: Path) -> None:
    await write_and_project(database, restricted(_person("p-reader")).recorded)
    async with reader(database, tmp_path) as asked:
        stranger = as_somebody(asked, "a stranger")
        for path in ("access-records", "programme-health/reach/list"):
            refused = await stranger.ask(path)
            assert (refused.status_code, refused.json()["code"]) == (403, "not_for_your_roles")
        noted = await as_somebody(asked, "an administrator").pages("access-records")
        assert [(each["actor"], each["what"], each["address"]) for each in noted] == [
            ("person/p-stranger", "refused", "/access-records"),
            ("person/p-stranger", "refused", "/programme-health/{figure}/list"),
        ]


async def test_the_stream_is_redacted_too(asked: Reader) -> None:
    async with serving(Told(asked, STORY, STORY.recorded, "")) as address:
        for who, (_, _, may_read) in READERS.items():
            async with following(address, as_somebody(asked, who).token) as lines:
                told = json.dumps(await take(lines, len(STORY.recorded)))
            assert any(secret in told for secret in SECRETS) is may_read, who
