from decimal import Decimal

import pytest

from services.cli.imports.results import certain_percent


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("done", "100"),
        ("DONE", "100"),
        ("Completed", "100"),
        ("(complete)", "100"),
        ("[Done]", "100"),
        ("66%", "66"),
        ("66.25 %", "66.25"),
        ("DONE 100%", "100"),
        ("[DONE] 100%", "100"),
        ("100% complete", "100"),
        ("90% (On track)", "90"),
        ("66% (AWS done, two to go)", "66"),
        ("done (a week late)", "100"),
        ("140%", "140"),
        ("  25%  ", "25"),
    ],
)
def test_a_field_that_is_nothing_but_a_figure_is_certain(text: str, percent: str):
    assert certain_percent(text) == Decimal(percent)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WIP",
        "BLOCKED",
        "Deferred to the next quarter",
        "25% completed, moving to manual entry",
        "90% complete for two of three teams",
        "100% on new entities, not measurable on current entities.",
        "0% due to delay mentioned above.",
        "100% summary report",
        "not done",
        "done 50",
        "66",
        "-5%",
        "66,5%",
        "90% (a) (b)",
        "(done",
    ],
)
def test_words_around_a_figure_make_it_uncertain(text: str):
    assert certain_percent(text) is None
