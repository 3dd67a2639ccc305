from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_rules import (
    AlignmentHasACircle,
    Edge,
    Lost,
    Node,
    Place,
    RollUp,
    SharesExceedOne,
    WhyNot,
    credit,
    why_no_credit,
)
from tests.unit.rules.given_numbers import in_six_places

D = Decimal
KR = Node("key_result", "k")


def objective(name: str) -> Node:
    return Node("objective", name)


TOP, MIDDLE, LOW = objective("top"), objective("middle"), objective("low")


def edge(child: Node, parent: Node, share: str = "1", weight: str = "1", why: WhyNot | None = None) -> Edge:
    return Edge(child, parent, D(weight), D(share), why)


def place(takes: RollUp | None = "both", *, top: bool = False, overridden: bool = False) -> Place:
    return Place(takes, top_level=top, overridden=overridden)


def test_a_key_result_of_a_top_level_objective_is_credited_whole():
    found = credit({KR: place(None), TOP: place("key_results", top=True)}, [edge(KR, TOP)])["k"]
    assert (found.attributed, found.reached, found.lost) == (D(1), (("top", D(1)),), ())


def test_shares_multiply_along_a_path_and_add_up_over_paths():
    places = {KR: place(None), LOW: place(), MIDDLE: place(), TOP: place(top=True)}
    edges = [edge(KR, LOW), edge(LOW, MIDDLE, "0.5"), edge(MIDDLE, TOP, "0.5"), edge(LOW, TOP, "0.3")]
    found = credit(places, edges)["k"]
    assert found.attributed == D("0.55")
    assert found.reached == (("top", D("0.55")),)
    assert set(found.lost) == {
        Lost(LOW, None, "share_left", D("0.2")),
        Lost(MIDDLE, None, "share_left", D("0.25")),
    }


def test_credit_stays_with_the_first_top_level_objective_that_it_reaches():
    places = {KR: place(None), MIDDLE: place(top=True), TOP: place(top=True)}
    found = credit(places, [edge(KR, MIDDLE), edge(MIDDLE, TOP)])["k"]
    assert found.reached == (("middle", D(1)),)


def test_credit_flows_through_a_key_result_that_is_fed_by_children():
    fed = Node("key_result", "fed")
    places = {KR: place(None), LOW: place("key_results"), fed: place("children"), TOP: place("key_results", top=True)}
    found = credit(places, [edge(KR, LOW), edge(LOW, fed, "0.4"), edge(fed, TOP)])
    assert found["k"].attributed == D("0.4")
    assert found["fed"].attributed == D(1)


@pytest.mark.parametrize(
    ("given_edge", "parent", "reason"),
    [
        (edge(MIDDLE, TOP), place("children"), None),
        (edge(MIDDLE, TOP), place("key_results"), "not_in_roll_up"),
        (edge(KR, TOP), place("children"), "not_in_roll_up"),
        (edge(MIDDLE, KR), place(None), "not_its_source"),
        (edge(MIDDLE, TOP, weight="0"), place(), "weight_zero"),
        (edge(MIDDLE, TOP), place(overridden=True), "overridden"),
        (edge(MIDDLE, TOP, why="supports"), place(), "supports"),
        (edge(MIDDLE, TOP, why="declined"), place(overridden=True), "declined"),
    ],
)
def test_why_credit_does_not_flow(given_edge: Edge, parent: Place, reason: str | None):
    assert why_no_credit(given_edge, parent) == reason


def test_what_is_not_attributed_names_the_edge_and_the_reason():
    places = {KR: place(None), LOW: place(), TOP: place("key_results", top=True)}
    found = credit(places, [edge(KR, LOW), edge(LOW, TOP, "0.75")])["k"]
    assert found.attributed == 0
    assert found.lost == (
        Lost(LOW, TOP, "not_in_roll_up", D("0.75")),
        Lost(LOW, None, "share_left", D("0.25")),
    )


def test_an_objective_that_is_aligned_with_nothing_or_only_supports_keeps_its_credit():
    places = {KR: place(None), LOW: place(), TOP: place(top=True)}
    alone = credit(places, [edge(KR, LOW)])["k"]
    assert alone.lost == (Lost(LOW, None, "no_parent", D(1)),)
    supporting = credit(places, [edge(KR, LOW), edge(LOW, TOP, why="supports")])["k"]
    assert supporting.lost == (Lost(LOW, None, "supports", D(1)),)


def test_a_link_that_does_not_count_claims_only_what_the_others_left():
    places = {KR: place(None), LOW: place(), MIDDLE: place(), TOP: place(top=True)}
    found = credit(places, [edge(KR, LOW), edge(LOW, MIDDLE, why="abandoned"), edge(LOW, TOP, "0.6")])["k"]
    assert found.attributed == D("0.6")
    assert found.lost == (Lost(LOW, MIDDLE, "abandoned", D("0.4")),)


def test_thirds_are_not_lost_on_the_way():
    third = "0.33333333333333333333"
    middles = [objective(str(n)) for n in range(3)]
    places = {KR: place(None), LOW: place(), TOP: place(top=True), **dict.fromkeys(middles, place())}
    edges = [edge(KR, LOW), *(edge(LOW, each, third) for each in middles), *(edge(each, TOP) for each in middles)]
    found = credit(places, edges)["k"]
    assert (found.attributed, found.lost) == (D(1), ())


def test_a_circle_is_refused():
    places = {KR: place(None), LOW: place(), MIDDLE: place()}
    with pytest.raises(AlignmentHasACircle):
        credit(places, [edge(KR, LOW), edge(LOW, MIDDLE), edge(MIDDLE, LOW)])


def test_shares_that_count_one_result_twice_are_refused():
    places = {LOW: place(), MIDDLE: place(), TOP: place(top=True)}
    with pytest.raises(SharesExceedOne):
        credit(places, [edge(LOW, MIDDLE, "0.6"), edge(LOW, TOP, "0.5")])


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[Node, Place], list[Edge]]:
    """Objectives numbered upwards, each linked to some higher ones with shares of at most 1 in all, and key results."""
    takes: st.SearchStrategy[RollUp] = st.sampled_from(["both", "both", "key_results", "children"])
    reasons: st.SearchStrategy[WhyNot | None] = st.sampled_from([None, None, None, "supports", "declined"])
    nodes = [objective(str(n)) for n in range(draw(st.integers(1, 8)))]
    places = {node: Place(draw(takes), draw(st.booleans()), draw(st.integers(0, 9)) == 0) for node in nodes}
    edges: list[Edge] = []
    for index, node in enumerate(nodes):
        left = 100
        for parent in nodes[index + 1 :]:
            share = draw(st.integers(0, left))
            if share:
                why = draw(reasons)
                edges.append(Edge(node, parent, D(draw(st.integers(0, 2))), D(share) / 100, why))
                left -= share
    for n in range(draw(st.integers(1, 4))):
        node = Node("key_result", f"k{n}")
        places[node] = Place(None)
        edges.append(Edge(node, draw(st.sampled_from(nodes)), D(draw(st.integers(0, 2))), D(1)))
    return places, edges


def along_every_path(node: Node, places: dict[Node, Place], edges: list[Edge]) -> Fraction:
    if places[node].top_level:
        return Fraction(1)
    return sum(
        (
            Fraction(each.share) * along_every_path(each.parent, places, edges)
            for each in edges
            if each.child == node and why_no_credit(each, places[each.parent]) is None
        ),
        Fraction(0),
    )


@given(graphs())
def test_credit_is_the_sum_over_all_paths_and_nothing_disappears(graph: tuple[dict[Node, Place], list[Edge]]):
    places, edges = graph
    for key_result_id, found in credit(places, edges).items():
        exact = along_every_path(Node("key_result", key_result_id), places, edges)
        assert found.attributed == in_six_places(exact) <= 1
        parts = [amount for _, amount in found.reached] + [each.amount for each in found.lost]
        assert abs(sum(parts, D(0)) - 1) <= D("0.0000005") * (len(parts) + len(edges) + len(places))


@given(graphs(), st.data())
def test_the_order_of_links_does_not_matter(graph: tuple[dict[Node, Place], list[Edge]], data: st.DataObject):
    places, edges = graph
    shuffled = data.draw(st.permutations(edges))
    again = credit(places, shuffled)
    for key_result_id, found in credit(places, edges).items():
        assert again[key_result_id].attributed == found.attributed
        assert again[key_result_id].reached == found.reached
        assert set(again[key_result_id].lost) == set(found.lost)
