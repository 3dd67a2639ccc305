"""Alignment, recomputed by hand and by the plain recomputation."""

from fractions import Fraction

from tests.plain_recomputation import recompute_alignment
from tests.unit.plain_recomputation.story import Story, jan


def chain() -> Story:
    """A key result k of low; low contributes to mid's key result m; mid belongs to the root unit."""
    story = Story()
    story.tell("UnitAdded", "units/root", unit_id="root", parent_id=None)
    story.cycle()
    story.objective("mid", owner={"kind": "unit", "id": "root"})
    story.key_result("m", "mid", source="children")
    story.objective("low")
    story.key_result("k", "low")
    story.link("low", "key_result/m", share="0.6")
    return story


def test_above_and_below_go_through_key_results() -> None:
    found = recompute_alignment(chain().events, jan(5))
    assert found.ancestors["key_result", "k"] == {("objective", "low"), ("key_result", "m"), ("objective", "mid")}
    assert found.descendants["objective", "mid"] == {("key_result", "m"), ("objective", "low"), ("key_result", "k")}
    assert found.ancestors["objective", "mid"] == frozenset()


def test_credit_is_the_product_of_shares_and_the_rest_is_not_claimed() -> None:
    credit = recompute_alignment(chain().events, jan(5)).credit
    assert credit["k"].attributed == Fraction(6, 10)
    assert credit["k"].lost == ((("objective", "low"), "not_claimed", Fraction(4, 10)),)
    assert credit["m"].attributed == 1


def test_credit_adds_up_over_paths_and_is_lost_where_an_edge_does_not_count() -> None:
    story = chain()
    story.objective("other", roll_up="key_results", top_level=True)
    story.link("low", "objective/other", share="0.3")
    lost = recompute_alignment(story.events, jan(5)).credit["k"]
    assert lost.attributed == Fraction(6, 10)
    assert {(at[1], why): amount for at, why, amount in lost.lost} == {
        ("low", "not_counted_by_the_rule"): Fraction(3, 10),
        ("low", "not_claimed"): Fraction(1, 10),
    }
    story.set_roll_up("other", "both")
    assert recompute_alignment(story.events, jan(5)).credit["k"].attributed == Fraction(9, 10)
    story.override("other", "0.5")
    assert recompute_alignment(story.events, jan(5)).credit["k"].attributed == Fraction(6, 10)


def test_credit_ends_at_the_first_top_level_objective() -> None:
    story = chain()
    story.objective("above", roll_up="children", top_level=True)
    story.link("mid", "objective/above")
    assert recompute_alignment(story.events, jan(5)).credit["k"].attributed == Fraction(6, 10)


def test_an_orphan_reaches_no_top_level_objective_in_its_own_or_a_containing_cycle() -> None:
    story = Story()
    story.tell("UnitAdded", "units/root", unit_id="root", parent_id=None)
    story.cycle("year", 1, 30)
    story.cycle("q1", 1, 10, parent="year")
    story.cycle("q2", 11, 20, parent="year")
    story.objective("top", cycle="year", top_level=True)
    story.objective("supporting", cycle="q1")
    story.link("supporting", "objective/top", effect="supports")
    story.objective("alone", cycle="q1")
    story.objective("sideways", cycle="q1")
    story.objective("next", cycle="q2", top_level=True)
    story.link("sideways", "objective/next")
    found = recompute_alignment(story.events, jan(5))
    assert found.top_level == {"top", "next"}
    assert found.orphans == {"alone", "sideways"}
