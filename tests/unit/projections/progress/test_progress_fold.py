"""The fold alone, on a graph in memory: what an event computes again, and what it leaves alone."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AbandonObjective,
    AcceptAlignment,
    ChangeSettings,
    Command,
    OverrideProgress,
    RecordCheckIn,
    ReweighKeyResult,
    SetRollUp,
)
from okr_contracts.events import AlignmentLinked
from okr_contracts.fields import Owner, Parent
from okr_rules import Node, plain
from projections.progress.fold import HANDLES, IGNORES, fold
from projections.progress.graph import Graph, Place
from projections.progress.inputs import Numbers
from projections.progress.rows import Rows
from projections.read_model import CannotApply
from tests.given import ORGANISATION, By, History, given
from tests.unit.domain.acme import OPENED, key_result, link, objective

_TREE: list[Command] = [
    *OPENED,
    objective("top"),
    objective("left"),
    objective("right"),
    *(SetRollUp(objective_id=each, roll_up="both", reason="both count") for each in ("top", "left", "right")),
    key_result("k", "left"),
    key_result("other", "right"),
    link("left", Parent(kind="objective", id="top"), "0.5"),
    link("left", Parent(kind="objective", id="right"), "0.5"),
    link("right", Parent(kind="objective", id="top")),
]


def _check_in(check_in_id: str, value: int, on: date, of: str = "k") -> RecordCheckIn:
    return RecordCheckIn(check_in_id=check_in_id, key_result_id=of, value=Decimal(value), effective_on=on)


class _Folded:
    """A history folded, with the numbers that every node had before its last event."""

    def __init__(self, commands: Sequence[Command | By]) -> None:
        history = given(commands).history()
        self.graph = Graph()
        list(fold(ORGANISATION, self.graph, history.recorded[:-1], Rows()))
        self.before = {place: place.numbers for place in self._places()}
        list(fold(ORGANISATION, self.graph, history.recorded[-1:], Rows()))

    def _places(self) -> list[Place]:
        return [*self.graph.objectives.values(), *self.graph.key_results.values()]

    def changed_by_the_last(self) -> list[str]:
        return sorted(place.node.id for place, numbers in self.before.items() if place.numbers != numbers)

    def progress(self, kind: str, node_id: str) -> str:
        return plain(self.numbers(Node("objective" if kind == "objective" else "key_result", node_id)).progress)

    def numbers(self, node: Node) -> Numbers:
        numbers = self.graph.place(node).numbers
        assert numbers is not None
        return numbers


def test_a_check_in_changes_what_counts_above_it_each_once() -> None:
    folded = _Folded([*_TREE, _check_in("c1", 40, date(2026, 5, 1))])
    assert folded.changed_by_the_last() == ["k", "left", "right", "top"]
    # right: its own key result at 0 and half of left, 0.4 × 0.5 ÷ 1.5.
    assert folded.progress("objective", "right") == "0.133333"
    assert folded.progress("objective", "top") == "0.222222"


def test_a_check_in_for_an_earlier_day_changes_no_number() -> None:
    commands = [*_TREE, _check_in("c1", 40, date(2026, 5, 2)), _check_in("c2", 90, date(2026, 5, 1))]
    assert _Folded(commands).changed_by_the_last() == []


def test_a_check_in_with_the_number_that_is_there_changes_nothing_above() -> None:
    commands = [*_TREE, _check_in("c1", 40, date(2026, 5, 1)), _check_in("c2", 40, date(2026, 5, 2))]
    folded = _Folded(commands)
    assert folded.changed_by_the_last() == []
    assert folded.graph.key_results["k"].value is not None
    assert folded.graph.key_results["k"].value.effective_on == date(2026, 5, 2)


def test_beyond_the_target_only_the_raw_number_changes() -> None:
    commands = [*_TREE, _check_in("c1", 100, date(2026, 5, 1)), _check_in("c2", 120, date(2026, 5, 2))]
    assert _Folded(commands).changed_by_the_last() == ["k"]


def test_under_an_override_the_computed_number_goes_on_and_nothing_above_changes() -> None:
    override = OverrideProgress(objective_id="left", progress=Decimal("0.9"), reason="seen")
    folded = _Folded([*_TREE, override, _check_in("c1", 40, date(2026, 5, 1))])
    assert folded.changed_by_the_last() == ["k", "left"]
    numbers = folded.numbers(Node("objective", "left"))
    assert (plain(numbers.progress), plain(numbers.computed)) == ("0.900000", "0.400000")


def test_a_key_result_that_weighs_otherwise_counts_otherwise_above() -> None:
    commands = [*_TREE, key_result("second", "left"), _check_in("c1", 40, date(2026, 5, 1))]
    reweighed = ReweighKeyResult(key_result_id="second", weight=Decimal(3), reason="it matters more")
    assert _Folded(commands).progress("objective", "left") == "0.200000"
    folded = _Folded([*commands, reweighed])
    assert folded.progress("objective", "left") == "0.100000"
    assert folded.changed_by_the_last() == ["left", "right", "top"]


def test_an_objective_that_was_abandoned_counts_nowhere_above() -> None:
    commands = [*_TREE, _check_in("c1", 40, date(2026, 5, 1)), _check_in("c2", 90, date(2026, 5, 1), "other")]
    folded = _Folded([*commands, AbandonObjective(objective_id="left", reason="another market")])
    assert folded.progress("objective", "left") == "0.400000"
    assert (folded.progress("objective", "right"), folded.progress("objective", "top")) == ("0.900000", "0.900000")


def test_a_link_counts_from_when_it_was_accepted() -> None:
    above = Parent(kind="objective", id="theirs")
    offered = [
        *OPENED,
        ChangeSettings(organisation=ORGANISATION, alignment_acceptance="other_owner"),
        objective("theirs").model_copy(update={"owner": Owner(kind="person", id="p-ben"), "roll_up": "children"}),
        objective("ours"),
        key_result("k", "ours"),
        link("ours", above),
        _check_in("c1", 40, date(2026, 5, 1)),
    ]
    assert _Folded(offered).numbers(Node("objective", "theirs")).no_inputs
    accepted = By(Actor("person", "p-ben"), AcceptAlignment(child_id="ours", parent=above))
    assert _Folded([*offered, accepted]).progress("objective", "theirs") == "0.400000"


def test_an_event_about_what_is_not_there_cannot_be_applied() -> None:
    history = History()
    for command in (*_TREE, _check_in("c1", 40, date(2026, 5, 1))):
        history.accept(command)
    with pytest.raises(CannotApply, match="is not there") as refused:
        list(fold(ORGANISATION, Graph(), history.recorded[-1:], Rows()))
    assert (refused.value.organisation, refused.value.sequence) == (ORGANISATION, history.recorded[-1].sequence)


def test_links_that_run_in_a_circle_cannot_be_applied() -> None:
    history = History()
    for command in _TREE:
        history.accept(command)
    linked = AlignmentLinked(
        child_id="top",
        parent=Parent(kind="objective", id="left"),
        effect="contributes",
        origin="unstated",
        weight=Decimal(1),
        share=Decimal(1),
    )
    last = history.recorded[-1]
    circle = last._replace(sequence=last.sequence + 1, event=linked)
    with pytest.raises(CannotApply, match="circle"):
        list(fold(ORGANISATION, Graph(), [*history.recorded, circle], Rows()))


def test_no_event_is_both_folded_and_ignored() -> None:
    assert not HANDLES & IGNORES
