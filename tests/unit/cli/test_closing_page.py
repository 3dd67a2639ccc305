"""The closing report of a cycle as a page."""

from services.cli.closing_page import page

NODE = {"state": "live", "ambition": "committed", "progress": "0.400000", "proposed_now": "0.500000"}
GRADE = {"grade": "0.5", "reflection": "Fairs <work>.", "reason": "the trend", "by": {"kind": "person", "id": "p-ada"}}
CLOSING = {
    "cycle": {"id": "q2", "name": "Q2 & more", "starts_on": "2026-04-01", "ends_on": "2026-06-30", "state": "closed"},
    "missing": [{"kind": "key_result", "id": "k2", "title": None}],
    "without_reflection": [],
    "objectives": [
        {
            **NODE,
            "id": "o1",
            "kind": "objective",
            "title": "Win <b>",
            "owner": {"kind": "unit", "id": "sales"},
            "grade": GRADE,
            "band": "miss",
            "basis_changed": True,
            "key_results": [
                {
                    **NODE,
                    "id": "k2",
                    "kind": "key_result",
                    "title": None,
                    "owner": {"kind": "person", "id": "p-ada"},
                    "grade": None,
                    "band": None,
                    "basis_changed": False,
                }
            ],
        }
    ],
}


def test_words_of_people_are_words_on_the_page() -> None:
    made = page(CLOSING)
    assert "Win &lt;b&gt;" in made
    assert "Fairs &lt;work&gt;." in made
    assert "<title>Q2 &amp; more: closing report</title>" in made


def test_it_says_what_a_grade_means_and_what_is_missing() -> None:
    made = page(CLOSING)
    assert "missed, to learn from (what it was based on was corrected since)" in made
    assert "Still without a grade" in made
    assert "<td>k2</td>" in made
    assert "not graded" in made
    assert "the trend (person p-ada)" in made
    assert "nobody has said yet" not in made


def test_it_loads_nothing_from_elsewhere() -> None:
    made = page(CLOSING)
    assert not {"src=", "href=", "@import", "url("} & {
        part for part in ("src=", "href=", "@import", "url(") if part in made
    }
