"""A run that computes too few explanations again, or wrong ones, says so."""

from collections import Counter
from pathlib import Path

from tests.model_based.explained import EXPLAINED, Explained, computed_again
from tests.model_based.run import Result

GOLDEN = (Path(__file__).parents[1] / "plain_recomputation" / "explained.json").read_bytes()


def told(body: bytes, sequence: int = 100) -> Explained:
    return Explained("objectives/top", "all", "2026-05-20", sequence, body)


def test_a_run_of_ten_thousand_commands_computes_a_thousand_measured_explanations_again() -> None:
    seen = Counter({"explanations": 3_000, "not measured": 2_000})
    result = Result(1, accepted=Counter(Any=9_000), refused=Counter(Any=1_000), explained=2_500, explanations=seen)
    assert result.too_few_explained is None
    seen["not measured"] += 1
    assert result.too_few_explained == (
        "only 999 measured explanations were computed again, at least 1000 have to be for 10000 commands"
    )


def test_what_no_explanation_was_of_is_named() -> None:
    seen, _ = computed_again([told(GOLDEN)])
    assert Result(1, explanations=seen).never_explained == []
    del seen["achieve"]
    assert Result(1, explanations=seen).never_explained == ["achieve"]


def test_every_explanation_of_an_answer_counts_and_follows() -> None:
    seen, found = computed_again([told(GOLDEN)])
    assert found == []
    assert seen["explanations"] == GOLDEN.count(b'"rule_version"') > 30
    assert all(seen[each] for each in EXPLAINED)


def test_a_number_that_does_not_follow_is_found_with_where_it_was_said() -> None:
    _, (found,) = computed_again([told(GOLDEN.replace(b'"computed": "0.283129"', b'"computed": "0.283128"'))])
    assert found.startswith("objectives/top explained (all) on 2026-05-20 at 100: objective top: computed is 0.283128")


def test_two_answers_of_one_moment_say_the_same() -> None:
    bolder = GOLDEN.replace(
        b'"rule_version": 1, "kind": "objective", "id": "top", "ambition": "committed"',
        b'"rule_version": 1, "kind": "objective", "id": "top", "ambition": "aspirational"',
    )
    assert bolder != GOLDEN
    _, found = computed_again([told(GOLDEN), told(bolder)])
    assert "objectives/top explained (all) on 2026-05-20 at 100: not the same as in the other answer" in found
    _, later = computed_again([told(GOLDEN), told(bolder, sequence=101)])
    assert not any("not the same" in each for each in later)
