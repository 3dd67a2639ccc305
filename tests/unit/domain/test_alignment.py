"""When an objective is aligned: no circles, and no result counted twice."""

from datetime import date
from decimal import Decimal

from okr_contracts.commands import ImportSource, LinkAlignment, UnlinkAlignment
from okr_contracts.events import AlignmentLinked, AlignmentUnlinked
from okr_contracts.fields import Parent
from services.ledger.domain.alignment import (
    AlignedLater,
    AlignedOtherwise,
    AlignmentTooDeep,
    AlignmentWouldCircle,
    ParentInAnotherCycle,
    ShareTooLarge,
)
from services.ledger.domain.refusal import ReferenceUnknown, SubjectUnknown
from tests.given import given
from tests.unit.domain.acme import MEASURED, key_result, link, objective, parent

TWO = (*MEASURED, objective("o2"))
THREE = (*TWO, objective("o3"))
OF_K1 = Parent(kind="key_result", id="k1")


def linked(child: str, above: Parent, share: str = "1") -> AlignmentLinked:
    return AlignmentLinked(
        child_id=child, parent=above, effect="contributes", origin="unstated", weight=Decimal(1), share=Decimal(share)
    )


def test_an_objective_contributes_to_another():
    given(TWO).when(link("o2", parent("o1"))).then(linked("o2", parent("o1")))


def test_an_objective_contributes_to_a_key_result():
    given(TWO).when(link("o2", OF_K1)).then(linked("o2", OF_K1))


def test_the_same_link_twice_is_one():
    given(TWO, link("o2", parent("o1"))).when(link("o2", parent("o1"))).then_nothing_happened()


def test_the_same_pair_with_another_share_is_refused():
    given(TWO, link("o2", parent("o1"))).when(link("o2", parent("o1"), "0.5")).then_refused(
        AlignedOtherwise, "Unlink it first"
    )


def test_an_objective_is_not_its_own_parent():
    given(MEASURED).when(link("o1", parent("o1"))).then_refused(AlignmentWouldCircle, "below", "/parent/id")


def test_an_objective_is_not_below_its_own_key_result():
    given(MEASURED).when(link("o1", OF_K1)).then_refused(AlignmentWouldCircle, "below", "/parent/id")


def test_a_circle_over_several_links_is_refused():
    chain = (link("o2", parent("o1")), link("o3", parent("o2")))
    given(THREE, chain).when(link("o1", parent("o3"))).then_refused(AlignmentWouldCircle, "itself below objective o1")


def test_a_circle_over_a_key_result_is_refused():
    k3 = key_result("k3", "o3")
    chain = (link("o2", OF_K1), link("o3", parent("o2")))
    above = Parent(kind="key_result", id="k3")
    given(THREE, k3, chain).when(link("o1", above)).then_refused(AlignmentWouldCircle, "below")


def test_supporting_links_make_no_circles_either():
    given(TWO, link("o2", parent("o1"), effect="supports")).when(
        link("o1", parent("o2"), effect="supports")
    ).then_refused(AlignmentWouldCircle, "below")


def test_a_circle_that_was_unlinked_is_none():
    unlinked = UnlinkAlignment(child_id="o2", parent=parent("o1"))
    given(TWO, link("o2", parent("o1")), unlinked).when(link("o1", parent("o2"))).then(linked("o1", parent("o2")))


def test_two_parents_above_each_other_are_no_circle():
    diamond = (link("o2", parent("o1")), link("o3", parent("o2"), "0.5"))
    given(THREE, diamond).when(link("o3", parent("o1"), "0.5")).then(linked("o3", parent("o1"), "0.5"))


def test_shares_add_up_to_one():
    given(THREE, link("o3", parent("o1"), "0.6")).when(link("o3", parent("o2"), "0.4")).then(
        linked("o3", parent("o2"), "0.4")
    )


def test_shares_beyond_one_are_refused_and_the_rest_is_named():
    given(THREE, link("o3", parent("o1"), "0.6")).when(link("o3", parent("o2"), "0.41")).then_refused(
        ShareTooLarge, "0.4 is left", "/share"
    )


def test_a_supporting_link_claims_no_share():
    full = link("o3", parent("o1"))
    supporting = LinkAlignment(child_id="o3", parent=parent("o2"), effect="supports")
    given(THREE, full).when(supporting).then(linked("o3", parent("o2")).model_copy(update={"effect": "supports"}))


def test_a_quarter_contributes_to_its_year_and_not_the_other_way_round():
    year = objective("oy", "y26")
    given(MEASURED, year).when(link("o1", parent("oy"))).then(linked("o1", parent("oy")))
    given(MEASURED, year).when(link("oy", parent("o1"))).then_refused(ParentInAnotherCycle, "does not contain")


def test_a_chain_has_an_end():
    chain = [objective(f"deep{n}") for n in range(102)]
    links = [link(f"deep{n + 1}", parent(f"deep{n}")) for n in range(100)]
    given(MEASURED, chain, links[:99]).when(links[99]).then(linked("deep100", parent("deep99")))
    given(MEASURED, chain, links).when(link("deep101", parent("deep100"))).then_refused(
        AlignmentTooDeep, "100 levels", "/parent/id"
    )


def test_an_import_dates_the_words_on_a_pair_in_their_order():
    source = ImportSource(system="sheet", record="K4")
    dated = {"import_source": source, "effective_on": date(2026, 5, 10)}
    earlier = {"import_source": source, "effective_on": date(2026, 5, 9)}
    first = link("o2", parent("o1")).model_copy(update=dated)
    end = UnlinkAlignment(child_id="o2", parent=parent("o1"))
    given(TWO, first).as_import().when(end.model_copy(update=earlier)).then_refused(
        AlignedLater, "2026-05-10", "/effective_on"
    )
    given(TWO, first, end).as_import().when(link("o2", parent("o1"), "0.5").model_copy(update=earlier)).then_refused(
        AlignedLater, "2026-05-20", "/effective_on"
    )


def test_both_ends_exist():
    given(MEASURED).when(link("o9", parent("o1"))).then_refused(ReferenceUnknown, "o9", "/child_id")
    given(MEASURED).when(link("o1", parent("o9"))).then_refused(ReferenceUnknown, "o9", "/parent/id")
    given(MEASURED).when(link("o1", Parent(kind="key_result", id="k9"))).then_refused(ReferenceUnknown, "k9")


def test_an_alignment_ends_once():
    unlink = UnlinkAlignment(child_id="o2", parent=parent("o1"))
    history = given(TWO, link("o2", parent("o1")))
    history.when(unlink).then(AlignmentUnlinked(child_id="o2", parent=parent("o1")))
    given(*history.commands, unlink).when(unlink).then_nothing_happened()
    given(TWO).when(unlink).then_refused(SubjectUnknown, "o2~objective~o1")


def test_an_ended_alignment_can_be_made_again_with_other_content():
    unlink = UnlinkAlignment(child_id="o2", parent=parent("o1"))
    given(TWO, link("o2", parent("o1")), unlink).when(link("o2", parent("o1"), "0.5")).then(
        linked("o2", parent("o1"), "0.5")
    )
