"""The figures of programme health, each with the list behind it, asked over HTTP."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from typing import cast

import pytest
import pytest_asyncio

from okr_contracts.commands import ChangeSettings
from projections.programme_health.figure import FIGURES
from tests.integration.programme_health.story import story
from tests.integration.query.reader import Json, Reader, reader
from tests.ledger_writer import write_and_project

STORY = story()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Reader]:
    history = story()
    history.accept(ChangeSettings(organisation="acme", smallest_group=2))
    await write_and_project(module_database, history.recorded)
    async with reader(module_database, tmp_path_factory.mktemp("key")) as made:
        yield made.bearing(roles=["programme_lead"])


async def outcomes(asked: Reader, figure: str, **parameters: str) -> dict[str, str | list[str]]:
    """The outcome of each id in the list behind a figure; several in their order."""
    found: dict[str, list[str]] = {}
    for item in await asked.pages(f"programme-health/{figure}/list", **parameters):
        found.setdefault(cast("str", item["id"]), []).append(cast("str", item["outcome"]))
    return {each: listed[0] if len(listed) == 1 else sorted(listed) for each, listed in found.items()}


LISTS: Mapping[str, Mapping[str, str | list[str]]] = {
    "adoption": {
        "p-ada": "with",
        "p-ben": "with",
        "p-cho": "with",
        "p-dee": "with",
        "p-eve": "without",
        "root": "with",
        "u-sales": "without",
        "u-team": "with",
        "u-tech": "without",
    },
    "due": {"k-ada": "due", "k-ben": "due", "k-cho": "up_to_date", "k-team": "due"},
    "punctuality": {
        "k-ada": ["awaited", "late", *["missed"] * 4, "punctual"],
        "k-ben": ["awaited", *["missed"] * 6],
        "k-cho": [*["missed"] * 6, "punctual"],
        "k-team": ["awaited", *["missed"] * 5, "punctual"],
    },
    "sponsorship": {"p-ada": "sponsors", "p-ben": "restricted", "p-dee": "none"},
    "education": {
        "a-course": ["delivered", "seen", "sent"],
        "p-ada": "not_seen",
        "p-ben": "seen",
        "p-cho": "not_seen",
        "p-dee": "finished",
        "p-eve": "not_seen",
    },
    "reach": {
        "a-course": ["delivered", "seen", "sent"],
        "a-news": ["delivered", "seen", "sent"],
        "p-ada": "not_seen",
        "p-ben": "seen",
        "p-cho": ["led_to_action", "not_seen"],
        "p-dee": ["led_to_action", "not_seen"],
        "p-eve": ["not_seen", "not_seen"],
    },
    "alignment_coverage": {
        "o-ada": "covered",
        "o-ben": "orphan",
        "o-cho": "covered",
        "o-team": "orphan",
        "o-top": "top_level",
    },
    "balance": {"o-ada~objective~o-top": "laddered", "o-cho~objective~o-top": "cascaded"},
    "transparency": {"p-ada": "public", "p-ben": "restricted", "p-cho": "public"},
    "restrictions": {"o-ben": "restricted"},
    "accountability": {"k-ada": "named", "k-ben": "named", "k-cho": "placeholder", "k-team": "vacant"},
    "partnership": {
        "k-ada": "without_partner",
        "k-ben": "without_partner",
        "k-cho": "without_partner",
        "k-team": "with_partner",
    },
    "load": {"p-ada": "responsible", "p-ben": "responsible"},
    "focus": dict.fromkeys(
        ("o-ada", "o-ben", "o-cho", "o-team", "o-top", "p-ada", "p-ben", "p-cho", "root", "u-team"), "within"
    ),
    "quality_signals": {
        "k-ben": "reads_like_a_task",
        "k-cho": ["has_no_number", "reads_like_a_task"],
        "k-team": "yes_no_measure",
        "o-cho": "dismissed",
        "o-team": ["all_targets_met_in_week_one", "same_words_twice"],
    },
    "integrity": {"c-1": "correction", "k-ada": ["progress_rose", "redefinition"]},
}


def test_every_figure_has_its_row_above() -> None:
    assert LISTS.keys() == FIGURES.keys()


@pytest.mark.parametrize("figure", FIGURES)
async def test_a_figure_counts_what_its_list_names(asked: Reader, figure: str) -> None:
    assert await outcomes(asked, figure) == LISTS[figure]
    items = await asked.pages(f"programme-health/{figure}/list", limit=2)
    assert items == await asked.pages(f"programme-health/{figure}/list")
    counted: dict[str, Counter[str]] = {}
    for item in items:
        counted.setdefault(cast("str", item["kind"]), Counter())[cast("str", item["outcome"])] += cast(
            "int", item["count"]
        )
    answer = await asked.get(f"programme-health/{figure}")
    told = cast("dict[str, dict[str, object]]", cast("Json", answer["total"])["members"])
    assert {kind: tally["outcomes"] for kind, tally in told.items()} == counted
    assert {each for tally in counted.values() for each in tally} <= set(cast("Json", answer["outcomes"]))


async def test_the_figures_as_a_whole(asked: Reader) -> None:
    figures = cast("list[Json]", (await asked.get("programme-health"))["figures"])
    assert [each["figure"] for each in figures] == list(FIGURES)
    values = {
        f"{each['figure']}/{kind}": tally["value"]
        for each in figures
        for kind, tally in cast("dict[str, Json]", cast("Json", each["total"])["members"]).items()
    }
    assert values["adoption/person"] == "0.800000"
    assert values["adoption/unit"] == "0.500000"
    assert values["punctuality/key_result"] == "0.120000"
    assert values["alignment_coverage/objective"] == "0.600000"
    assert values["balance/alignment"] == "0.500000"
    assert values["accountability/key_result"] == "0.500000"
    assert values["reach/person"] == "0.375000"
    assert values["quality_signals/key_result"] is None


async def test_what_is_said_beside_an_outcome(asked: Reader) -> None:
    async def details(figure: str, **parameters: str) -> dict[object, Json]:
        items = await asked.pages(f"programme-health/{figure}/list", **parameters)
        return {item["id"]: {**cast("Json", item["detail"]), "measure": item["measure"]} for item in items}

    late = await details("punctuality", outcome="late")
    assert late == {
        "k-ada": {"due_on": "2026-04-15", "recorded_on": "2026-04-20", "responsible_id": "p-ada", "measure": "5"}
    }
    assert (await details("restrictions"))["o-ben"] == {"since": "2026-05-04", "measure": "16"}
    assert (await details("quality_signals", outcome="dismissed"))["o-cho"]["words"] == "99 %"
    assert (await details("quality_signals", outcome="reads_like_a_task"))["k-ben"]["words"] == "Launch"
    assert (await details("quality_signals", outcome="same_words_twice"))["o-team"]["first"] == "o-ben"
    assert (await details("balance"))["o-cho~objective~o-top"]["contradicts"] is True
    assert (await details("balance"))["o-ada~objective~o-top"]["contradicts"] is False
    assert (await details("integrity", outcome="correction"))["c-1"]["measure"] == "27"
    rose = (await details("integrity", outcome="progress_rose"))["k-ada"]
    assert (rose["before"], rose["after"]) == ("0.250000", "0.500000")
    assert (await details("reach", outcome="led_to_action"))["p-cho"]["actions"] == 1


async def test_on_another_day_and_as_known_then_the_figures_were_others(asked: Reader) -> None:
    assert await outcomes(asked, "due", effective_on="2026-05-19") == {
        "k-ada": "overdue",
        "k-ben": "overdue",
        "k-cho": "up_to_date",
        "k-team": "overdue",
    }
    assert (await outcomes(asked, "sponsorship", effective_on="2026-05-19"))["p-ada"] == "unpunctual"
    assert (await outcomes(asked, "accountability", effective_on="2026-05-03"))["k-team"] == "named"
    assert "o-ben" not in await outcomes(asked, "restrictions", effective_on="2026-05-03")
    redefined = next(each.sequence for each in STORY.recorded if each.type == "KeyResultRedefined")
    assert "k-ada" not in await outcomes(asked, "integrity", known_at=str(redefined - 1))
    # 14 April was reported on the 20th: on the 19th nobody knew.
    late = next(each.sequence for each in STORY.recorded if each.subject == "check-ins/c-2")
    known = await asked.pages(
        "programme-health/punctuality/list", effective_on="2026-04-19", known_at=late - 1, cycle="q2"
    )
    assert [item["outcome"] for item in known if item["id"] == "k-ada"] == ["missed", "punctual"]


async def test_somebody_in_two_units_counts_once_in_each_and_once_in_all(asked: Reader) -> None:
    answer = await asked.get("programme-health/adoption", by="department")
    groups = {cast("str", each["group"]): each for each in cast("list[Json]", answer["groups"])}
    assert {group: (each["name"], each["people"]) for group, each in groups.items()} == {
        "root": ("Acme", None),
        "u-sales": ("Sales", 2),
        "u-tech": ("Technology", 3),
    }
    people = {
        group: cast("Json", cast("Json", each["members"]).get("person", {})).get("outcomes")
        for group, each in groups.items()
    }
    assert people == {"root": None, "u-sales": {"with": 1, "without": 1}, "u-tech": {"with": 2, "without": 1}}
    layers = await asked.get("programme-health/adoption", by="layer")
    assert [(each["group"], each["people"]) for each in cast("list[Json]", layers["groups"])] == [
        ("0", None),
        ("1", 3),
        ("2", 2),
    ]


async def test_a_group_of_too_few_people_is_suppressed_and_not_listed(asked: Reader) -> None:
    answer = await asked.get("programme-health/adoption", by="department")
    root = cast("list[Json]", answer["groups"])[0]
    assert (root["suppressed"], root["members"], root["people"]) == (True, {}, None)
    part = await asked.get("programme-health/adoption", unit="root")
    assert (cast("Json", part["total"])["suppressed"], cast("Json", part["total"])["members"]) == (True, {})
    refused = await asked.ask("programme-health/adoption/list", unit="root")
    assert refused.status_code == 422
    assert "fewer than 2 people" in refused.text
    assert await outcomes(asked, "adoption", unit="u-sales", kind="person") == {"p-ben": "with", "p-eve": "without"}
    assert len(await outcomes(asked, "adoption", department="u-tech", kind="person")) == 3
    assert len(await outcomes(asked, "adoption", layer="2", kind="person")) == 2


async def test_a_group_says_what_somebody_should_look_at(asked: Reader) -> None:
    coverage = await asked.get("programme-health/alignment_coverage", by="unit")
    signals = {each["group"]: each["signals"] for each in cast("list[Json]", coverage["groups"])}
    assert signals == {"root": [], "u-sales": ["drifting"], "u-team": ["drifting"], "u-tech": []}


async def test_a_series_has_a_point_for_each_day(asked: Reader) -> None:
    answer = await asked.get(
        "programme-health/accountability/series", **{"from": "2026-05-02", "to": "2026-05-05", "cycle": "q2"}
    )
    points = cast("list[Json]", answer["points"])
    told = [(point["on"], cast("dict[str, Json]", point["members"])["key_result"]["value"]) for point in points]
    assert told == [
        ("2026-05-02", "0.750000"),
        ("2026-05-03", "0.750000"),
        ("2026-05-04", "0.500000"),
        ("2026-05-05", "0.500000"),
    ]


async def test_who_saw_what_is_listed_for_those_who_run_the_programme(asked: Reader) -> None:
    member = asked.bearing(roles=["member"])
    for figure, spec in FIGURES.items():
        answer = await member.ask(f"programme-health/{figure}/list")
        assert answer.status_code == (403 if spec.personal else 200)
    assert (await member.get("programme-health/reach"))["figure"] == "reach"


@pytest.mark.parametrize(
    ("path", "parameters", "status", "words"),
    [
        ("programme-health/happiness", {}, 404, "adoption"),
        ("programme-health/adoption", {"by": "manager"}, 422, "unit"),
        ("programme-health/adoption", {"layer": "-1"}, 422, "layer"),
        ("programme-health/adoption/list", {"outcome": "great"}, 422, "with"),
        ("programme-health/adoption/series", {"from": "2020-01-01"}, 422, "400 days"),
        ("programme-health/adoption/series", {"from": "2026-13-01"}, 422, "calendar day"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    asked: Reader, path: str, parameters: dict[str, str], status: int, words: str
) -> None:
    answer = await asked.ask(path, **parameters)
    assert answer.status_code == status, answer.text
    assert words in answer.text
