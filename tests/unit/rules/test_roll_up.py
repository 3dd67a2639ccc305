from decimal import ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_rules import (
    NO_INPUTS,
    Input,
    NothingToWeigh,
    OverrideOutOfRange,
    Result,
    RollUp,
    Sums,
    Term,
    WhyNot,
    roll_up,
    term,
    weighted_mean,
    why_not,
)
from tests.unit.rules.given_numbers import mean, shares, shown, weights

D = Decimal


def key_result(progress: str, measured: str = "1", weight: str = "1", why: WhyNot | None = None) -> Input:
    return Input("key_result", "k", D(progress), D(measured), D(weight), D(1), why)


def child(progress: str, measured: str = "1", weight: str = "1", share: str = "1", why: WhyNot | None = None) -> Input:
    return Input("objective", "o", D(progress), D(measured), D(weight), D(share), why)


def test_an_objective_is_the_weighted_mean_of_its_key_results():
    inputs = [key_result("0.5"), key_result("1", weight="2"), key_result("0", measured="0")]
    assert roll_up("key_results", inputs) == Result(D("0.625"), D("0.75"), D("0.625"), False)


def test_a_child_weighs_its_links_weight_times_its_share():
    inputs = [child("1", weight="2", share="0.25"), child("0", weight="0.5")]
    assert roll_up("children", inputs).progress == D("0.5")


@pytest.mark.parametrize(("rule", "progress"), [("key_results", "0.2"), ("children", "0.8"), ("both", "0.5")])
def test_the_rule_says_which_inputs_count(rule: RollUp, progress: str):
    assert roll_up(rule, [key_result("0.2"), child("0.8")]).progress == D(progress)


def test_a_key_result_without_a_value_counts_as_0():
    inputs = [key_result("1"), key_result("0", measured="0")]
    assert roll_up("key_results", inputs) == Result(D("0.5"), D("0.5"), D("0.5"), False)


@pytest.mark.parametrize(
    "left_out",
    [
        key_result("1", weight="0"),
        child("1"),
        key_result("1", why="dropped"),
        child("1", why="abandoned"),
        child("0", measured="0", why="no_inputs"),
    ],
)
def test_what_does_not_count_leaves_the_mean(left_out: Input):
    assert roll_up("key_results", [key_result("0.4"), left_out]).progress == D("0.4")


@pytest.mark.parametrize("rule", ["key_results", "children", "both"])
def test_with_nothing_that_counts_progress_is_0_and_the_node_leaves_its_parents_mean(rule: RollUp):
    assert roll_up(rule, []) == NO_INPUTS
    assert roll_up(rule, [key_result("1", weight="0"), child("1", why="declined")]) == NO_INPUTS
    assert Result(D(0), D(0), D(0), True) == NO_INPUTS


def test_an_override_replaces_the_number_and_stands_beside_the_computed_one():
    inputs = [key_result("0.25", measured="0")]
    assert roll_up("key_results", inputs, D("0.9")) == Result(D("0.9"), D(1), D("0.25"), False)
    assert roll_up("key_results", [], D("0.9")) == Result(D("0.9"), D(1), D(0), False)
    assert roll_up("key_results", [], D("0.12345650")).progress == D("0.123456")


@pytest.mark.parametrize("progress", ["-0.000001", "1.000001"])
def test_an_override_outside_of_0_to_1_is_refused(progress: str):
    with pytest.raises(OverrideOutOfRange):
        roll_up("both", [], D(progress))


def test_why_an_input_does_not_count_is_said_by_the_first_reason_that_holds():
    assert why_not("children", child("1")) is None
    assert why_not("children", child("1", weight="0")) == "weight_zero"
    assert why_not("children", key_result("1", weight="0")) == "not_in_roll_up"
    assert why_not("children", key_result("1", weight="0", why="dropped")) == "dropped"


@pytest.mark.parametrize("terms", [[], [(D(0), D("0.5"))]])
def test_there_is_no_mean_of_nothing(terms: list[tuple[Decimal, Decimal]]):
    with pytest.raises(NothingToWeigh):
        weighted_mean(terms)


@given(st.lists(st.tuples(weights(), shown()), min_size=1, max_size=12))
def test_a_weighted_mean_is_the_exact_one_rounded_once(terms: list[tuple[Decimal, Decimal]]):
    assert weighted_mean(terms) == mean(terms)


def test_a_tie_is_told_from_a_hair_above_it():
    assert weighted_mean([(D(1), D("0.000001")), (D(1), D("0.000002"))]) == D("0.000002")
    assert weighted_mean([(D(1), D("0.000002")), (D(1), D("0.000003"))]) == D("0.000002")
    even = D("100000000000000000000000000000")
    a_hair_more = D("100000000000000000000000000000.00000000000000000001")
    assert weighted_mean([(even, D("0.000002")), (even, D("0.000003"))]) == D("0.000002")
    assert weighted_mean([(even, D("0.000002")), (a_hair_more, D("0.000003"))]) == D("0.000003")


inputs = st.builds(
    Input,
    st.sampled_from(["key_result", "objective"]),
    st.just("x"),
    shown(),
    shown(),
    st.one_of(st.just(D(0)), weights()),
    shares(),
    st.sampled_from([None, None, None, "dropped", "no_inputs"]),
)
rules = st.sampled_from(["key_results", "children", "both"])


@given(rules, st.lists(inputs, max_size=8))
def test_a_roll_up_is_the_exact_mean_of_what_counts(rule: RollUp, given_inputs: list[Input]):
    counting = [each for each in given_inputs if why_not(rule, each) is None]
    result = roll_up(rule, given_inputs)
    assert result.no_inputs == (not counting)
    if counting:
        with localcontext(prec=100):
            weighed = [(each.weight * each.share, each) for each in counting]
        assert result.progress == mean((weight, each.progress) for weight, each in weighed)
        assert result.measured == mean((weight, each.measured) for weight, each in weighed)
        numbers = [each.progress for each in counting]
        assert min(numbers) <= result.progress <= max(numbers)


@given(rules, st.lists(inputs, max_size=6).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_inputs_does_not_matter(rule: RollUp, orders: tuple[list[Input], list[Input]]):
    assert roll_up(rule, orders[0]) == roll_up(rule, orders[1])


@given(rules, st.lists(inputs, max_size=6), st.integers(1, 10**6))
def test_only_the_proportions_of_weights_matter(rule: RollUp, given_inputs: list[Input], factor: int):
    with localcontext(prec=100):
        heavier = [each._replace(weight=each.weight * factor) for each in given_inputs]
    assert roll_up(rule, heavier) == roll_up(rule, given_inputs)


@given(rules, st.lists(inputs, max_size=6))
def test_what_does_not_count_changes_no_number(rule: RollUp, given_inputs: list[Input]):
    counting = [each for each in given_inputs if why_not(rule, each) is None]
    assert roll_up(rule, counting) == roll_up(rule, given_inputs)


@given(rules, st.lists(inputs, max_size=6))
def test_the_callers_decimal_context_changes_no_number(rule: RollUp, given_inputs: list[Input]):
    expected = roll_up(rule, given_inputs)
    with localcontext(prec=3, rounding=ROUND_UP):
        assert roll_up(rule, given_inputs) == expected


@given(st.lists(weights(), min_size=1, max_size=5), shown())
def test_the_mean_of_equal_numbers_is_that_number(some_weights: list[Decimal], number: Decimal):
    assert weighted_mean((weight, number) for weight in some_weights) == number


changes = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.none() | inputs), max_size=20)


@given(rules, changes)
def test_sums_kept_through_any_changes_give_the_roll_up_of_what_is_there(
    rule: RollUp, changing: list[tuple[str, Input | None]]
):
    sums, there, terms = Sums(), dict[str, Input](), dict[str, Term]()
    for name, new in changing:
        old = terms.pop(name, None)
        counted = None if new is None else term(rule, new)
        if old is not None and counted is not None and old.weight == counted.weight:
            sums.change(old, counted.progress, counted.measured)
            assert old == counted
        else:
            if old is not None:
                sums.remove(old)
            if counted is not None:
                sums.add(counted)
        if counted is not None:
            terms[name] = counted
        there.pop(name, None)
        if new is not None:
            there[name] = new
        assert sums.result() == roll_up(rule, there.values())


@given(weights(), st.lists(st.tuples(shown(), shown()), min_size=1))
def test_sums_follow_the_numbers_of_an_input_that_keeps_its_weight(
    weight: Decimal, reports: list[tuple[Decimal, Decimal]]
):
    other = child("0.1", "0.7")
    sums, reported = Sums(), Term(weight, D(0), D(0))
    for counted in (reported, term("children", other)):
        assert counted is not None
        sums.add(counted)
    for progress, measured in reports:
        sums.change(reported, progress, measured)
        assert sums.result() == roll_up("children", [Input("objective", "o", progress, measured, weight), other])
