"""Roll-ups, recomputed by hand and by the plain recomputation."""

import pytest

from tests.plain_recomputation import Circle, Node, NodeKey, recompute, shown
from tests.unit.plain_recomputation.story import Story, jan


def objective(story: Story, name: str, on: int = 5, known_at: int | None = None) -> Node:
    return recompute(story.events, jan(on), known_at)["objective", name]


def inputs(node: Node) -> dict[NodeKey, str | None]:
    return {one.key: one.why_not for one in node.inputs}


def test_an_objective_is_the_weighted_mean_of_its_key_results() -> None:
    story = Story()
    story.cycle()
    story.objective("o")
    story.key_result("k1", "o", weight="2")
    story.key_result("k2", "o", weight="1")
    story.key_result("k3", "o", weight="0")
    story.check_in("c1", "k1", "50")
    story.check_in("c3", "k3", "100")
    node = objective(story, "o")
    # (2 × 0.5 + 1 × 0) / 3; k2 has no value and counts as 0, k3 has weight 0 and is only shown
    assert shown(node.progress) == "0.333333"
    assert shown(node.measured) == "0.666667"
    assert shown(node.expected) == "0.500000"
    # 0.333333 / 0.5 = 0.666666, below 0.7
    assert node.status == "at_risk"
    assert inputs(node) == {("key_result", "k1"): None, ("key_result", "k2"): None, ("key_result", "k3"): "weight_0"}


def test_what_counts_above_is_the_shown_number_rounded_once() -> None:
    story = Story()
    story.cycle()
    story.objective("top", roll_up="both")
    story.key_result("nothing", "top")
    story.objective("low")
    story.key_result("k", "low", target="3")
    story.check_in("c", "k", "2")
    story.link("low", "objective/top")
    # low shows 0.666667, and 0.666667 / 2 = 0.3333335, to even 0.333334; the exact 2/3 would have given 0.333333
    assert shown(objective(story, "top").progress) == "0.333334"


def test_a_child_weighs_its_link_times_its_share() -> None:
    story = Story()
    story.cycle()
    story.objective("top", roll_up="both")
    story.key_result("k", "top")
    story.check_in("c", "k", "20")
    story.objective("low")
    story.key_result("l", "low")
    story.check_in("d", "l", "80")
    story.link("low", "objective/top", weight="3", share="0.5")
    # (1 × 0.2 + 1.5 × 0.8) / 2.5 = 1.4 / 2.5
    assert shown(objective(story, "top").progress) == "0.560000"
    story.set_roll_up("top", "key_results", on=6)
    assert shown(objective(story, "top", 6).progress) == "0.200000"
    assert shown(objective(story, "top", 5).progress) == "0.560000"
    story.set_roll_up("top", "children", on=7)
    assert shown(objective(story, "top", 7).progress) == "0.800000"


def test_what_only_supports_is_no_input() -> None:
    story = Story()
    story.cycle()
    story.objective("top", roll_up="children")
    story.objective("low")
    story.link("low", "objective/top", effect="supports")
    node = objective(story, "top")
    assert (node.inputs, node.no_inputs, node.status) == ((), True, "not_measured")


def test_an_objective_without_inputs_leaves_the_mean_above() -> None:
    story = Story()
    story.cycle()
    story.objective("top", roll_up="both")
    story.key_result("k", "top")
    story.check_in("c", "k", "20")
    story.objective("empty")
    story.link("empty", "objective/top", weight="9")
    node = objective(story, "top")
    assert shown(node.progress) == "0.200000"
    assert inputs(node) == {("key_result", "k"): None, ("objective", "empty"): "no_inputs"}
    empty = objective(story, "empty")
    assert (empty.progress, empty.measured, empty.no_inputs) == (0, 0, True)


def test_a_key_result_fed_by_children_takes_their_mean_and_no_check_ins() -> None:
    story = Story()
    story.cycle()
    story.objective("top")
    story.key_result("fed", "top", source="children")
    story.check_in("ignored", "fed", "99")
    nodes = recompute(story.events, jan(5))
    assert nodes["key_result", "fed"].no_inputs
    assert nodes["objective", "top"].no_inputs
    story.objective("low")
    story.key_result("l", "low")
    story.check_in("d", "l", "40")
    story.link("low", "key_result/fed")
    nodes = recompute(story.events, jan(5))
    fed = nodes["key_result", "fed"]
    assert (shown(fed.progress), fed.raw, shown(fed.measured), fed.value) == ("0.400000", None, "1.000000", None)
    assert shown(nodes["objective", "top"].progress) == "0.400000"


def test_an_override_replaces_the_number_until_it_is_lifted() -> None:
    story = Story()
    story.cycle()
    story.objective("top", roll_up="children")
    story.objective("low")
    story.key_result("k", "low")
    story.check_in("c", "k", "20")
    story.link("low", "objective/top")
    story.override("low", "0.9", on=4)
    story.lift("low", on=6)
    at = {day: recompute(story.events, jan(day)) for day in (3, 4, 6)}
    assert [shown(nodes["objective", "top"].progress) for nodes in at.values()] == ["0.200000", "0.900000", "0.200000"]
    low = at[4]["objective", "low"]
    assert (shown(low.override), shown(low.computed), shown(low.measured)) == ("0.900000", "0.200000", "1.000000")


def test_an_override_of_an_objective_without_inputs_counts_and_has_a_status() -> None:
    story = Story()
    story.cycle()
    story.objective("top", roll_up="children")
    story.objective("empty")
    story.link("empty", "objective/top")
    story.override("empty", "0.5")
    empty = objective(story, "empty")
    # Day 5 of 10: 0.5 of 0.5
    assert (shown(empty.expected), empty.status, empty.no_inputs) == ("0.500000", "on_track", False)
    assert shown(objective(story, "top").progress) == "0.500000"


def test_a_link_holds_from_its_day_to_the_day_of_its_end() -> None:
    story = Story()
    story.cycle()
    story.objective("top", roll_up="children")
    story.objective("low")
    story.key_result("k", "low")
    story.check_in("c", "k", "60")
    linked = story.link("low", "objective/top", on=3)
    story.unlink("low", "objective/top", on=7)
    assert [objective(story, "top", day).no_inputs for day in (2, 3, 6, 7)] == [True, False, False, True]
    assert not objective(story, "top", 7, known_at=linked).no_inputs


def test_an_input_of_another_cycle_counts_once_that_cycle_is_open() -> None:
    story = Story()
    story.cycle("year", 1, 30)
    story.cycle("q1", 4, 10, parent="year")
    story.objective("top", cycle="year", roll_up="children")
    story.objective("low", cycle="q1")
    story.key_result("k", "low")
    story.check_in("c", "k", "60", on=2)
    story.link("low", "objective/top")
    assert inputs(objective(story, "top", 3)) == {("objective", "low"): "cycle_not_open"}
    assert objective(story, "top", 3).no_inputs
    assert shown(objective(story, "top", 4).progress) == "0.600000"
    # Within its own cycle the key result counts before the opening too.
    assert shown(objective(story, "low", 3).progress) == "0.600000"
    # After the end of q1 its last number goes on counting.
    assert shown(objective(story, "top", 25).progress) == "0.600000"
    # What is expected of top is what is expected of its input, by that input's own days: 1 of the days 4 to 10.
    assert shown(objective(story, "top", 4).expected) == "0.142857"


def test_one_child_below_two_parents_is_one_node() -> None:
    story = Story()
    story.cycle()
    story.objective("a", roll_up="children")
    story.objective("b", roll_up="children")
    story.objective("low")
    story.key_result("k", "low")
    story.check_in("c", "k", "30")
    story.link("low", "objective/a", share="0.5")
    story.link("low", "objective/b", share="0.5")
    nodes = recompute(story.events, jan(5))
    assert {shown(nodes["objective", name].progress) for name in ("a", "b", "low")} == {"0.300000"}


def test_nodes_exist_from_the_day_that_they_were_created_on() -> None:
    story = Story()
    story.cycle()
    story.objective("o", on=3)
    story.key_result("k", "o", on=4)
    assert [len(recompute(story.events, jan(day))) for day in (2, 3, 4)] == [0, 1, 2]


def test_back_dated_links_that_never_met_in_the_ledger_may_meet_on_a_day() -> None:
    story = Story()
    story.cycle()
    story.objective("a", roll_up="children")
    story.objective("b", roll_up="children")
    story.link("a", "objective/b", on=1)
    story.unlink("a", "objective/b", on=5)
    story.link("b", "objective/a", on=3)
    assert objective(story, "b", 5).no_inputs
    with pytest.raises(Circle):
        recompute(story.events, jan(3))
