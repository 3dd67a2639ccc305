"""How an alignment is changed, moved, accepted and declined."""

from collections.abc import Sequence
from decimal import Decimal

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AcceptAlignment,
    ChangeAlignment,
    ChangeSettings,
    Command,
    CreateObjective,
    DeclineAlignment,
    LinkAlignment,
    LockCycle,
    MoveAlignment,
    UnlinkAlignment,
)
from okr_contracts.events import (
    AlignmentAccepted,
    AlignmentChanged,
    AlignmentDeclined,
    AlignmentLinked,
    AlignmentMoved,
    AlignmentUnlinked,
)
from okr_contracts.fields import Parent
from services.ledger.domain.alignment import (
    AcceptanceNotAwaited,
    AlignedOtherwise,
    AlignmentWouldCircle,
    NotTheParentsOwner,
    ShareTooLarge,
)
from services.ledger.domain.exception import ExceptionMissing
from services.ledger.domain.refusal import ReasonMissing, SubjectUnknown
from tests.given import By, given
from tests.unit.domain.acme import CYCLES, MEASURED, O2, OPENED, link, objective, parent

O3 = objective("o3")
TO_O2 = parent("o2")
TO_O3 = parent("o3")
LINKED: Sequence[Command] = (*MEASURED, O2, O3, link("o1", TO_O2, "0.6"))
CHANGE = ChangeAlignment(child_id="o1", parent=TO_O2, share=Decimal("0.5"), reason="half of it")
MOVE = MoveAlignment(child_id="o1", parent=TO_O2, to_parent=TO_O3, reason="it serves that one")
BEN = Actor("person", "p-ben")
ASKS = ChangeSettings(organisation="acme", alignment_acceptance="other_owner")
BENS = CreateObjective.model_validate({**O2.model_dump(), "owner": {"kind": "person", "id": "p-ben"}})
AWAITED: Sequence[Command] = (*MEASURED, ASKS, BENS, O3, link("o1", TO_O2, "0.6"))
ACCEPT = AcceptAlignment(child_id="o1", parent=TO_O2)
DECLINE = DeclineAlignment(child_id="o1", parent=TO_O2, reason="another way")


def linked(kind: type[AlignmentLinked], share: str, above: Parent = TO_O2, **fields: object) -> AlignmentLinked:
    plain = {"child_id": "o1", "parent": above, "effect": "contributes", "origin": "unstated", "weight": "1"}
    return kind.model_validate({**plain, "share": share, **fields})


def test_what_a_change_leaves_out_stays():
    given(LINKED).when(CHANGE).then(linked(AlignmentChanged, "0.5", reason="half of it"))
    given(LINKED, CHANGE).when(CHANGE).then_nothing_happened()
    supports = ChangeAlignment(child_id="o1", parent=TO_O2, effect="supports", reason="it only helps")
    given(LINKED).when(supports).then(linked(AlignmentChanged, "0.6", effect="supports", reason="it only helps"))


def test_a_change_needs_a_reason_once_the_cycle_is_open():
    given(LINKED).when(CHANGE.model_copy(update={"reason": None})).then_refused(ReasonMissing, "alignment")
    planned = given(CYCLES, objective("o1"), O2, link("o1", TO_O2, "0.6"))
    planned.when(CHANGE.model_copy(update={"reason": None})).then(linked(AlignmentChanged, "0.5"))


def test_a_change_claims_no_more_than_is_left():
    both = given(LINKED, link("o1", TO_O3, "0.4"))
    both.when(CHANGE.model_copy(update={"share": Decimal("0.7")})).then_refused(ShareTooLarge, "0.6")


def test_only_a_live_alignment_is_changed_or_moved():
    given(MEASURED, O2, O3).when(CHANGE).then_refused(SubjectUnknown, "o1~objective~o2")
    ended = given(LINKED, UnlinkAlignment(child_id="o1", parent=TO_O2))
    ended.when(CHANGE).then_refused(SubjectUnknown, "o1~objective~o2")
    ended.when(MOVE).then_refused(SubjectUnknown, "o1~objective~o2")


def test_a_move_ends_one_alignment_and_makes_the_other_in_one_event():
    moved = AlignmentMoved(
        child_id="o1",
        parent=TO_O2,
        to_parent=TO_O3,
        effect="contributes",
        origin="unstated",
        weight=Decimal(1),
        share=Decimal("0.6"),
        reason=MOVE.reason,
    )
    given(LINKED).when(MOVE).then(moved)
    given(LINKED, MOVE).when(MOVE).then_nothing_happened()
    given(LINKED, MOVE).when(UnlinkAlignment(child_id="o1", parent=TO_O2)).then_nothing_happened()
    given(LINKED, MOVE).when(UnlinkAlignment(child_id="o1", parent=TO_O3)).then(
        AlignmentUnlinked(child_id="o1", parent=TO_O3)
    )


def test_a_move_there_and_back():
    back = MoveAlignment(child_id="o1", parent=TO_O3, to_parent=TO_O2, reason="after all")
    history = given(LINKED, MOVE, back)
    history.when(CHANGE).then(linked(AlignmentChanged, "0.5", reason="half of it"))
    history.when(UnlinkAlignment(child_id="o1", parent=TO_O3)).then_nothing_happened()


def test_a_move_frees_the_share_that_it_takes_along():
    whole = given(MEASURED, O2, O3, link("o1", TO_O2, "1"))
    assert whole.when(MOVE).refusal is None


def test_a_move_makes_no_circle_and_no_second_link():
    below = given(LINKED, link("o3", parent("o1")))
    below.when(MOVE).then_refused(AlignmentWouldCircle, "o3", "/to_parent/id")
    twice = given(LINKED, link("o1", TO_O3, "0.4"))
    twice.when(MOVE).then_refused(AlignedOtherwise, "o1~objective~o3")


def test_a_link_to_somebody_elses_objective_waits_where_the_organisation_asks_for_it():
    standing = given(MEASURED, ASKS, BENS)
    standing.when(link("o1", TO_O2)).then(linked(AlignmentLinked, "1", awaits_acceptance=True))
    # The owner draws it, or it does not count anyway, or nobody asks.
    standing.by(BEN).when(link("o1", TO_O2)).then(linked(AlignmentLinked, "1"))
    standing.when(link("o1", TO_O2, effect="supports")).then(linked(AlignmentLinked, "1", effect="supports"))
    given(MEASURED, BENS).when(link("o1", TO_O2)).then(linked(AlignmentLinked, "1"))
    given(OPENED, ASKS, objective("o1"), O2).when(link("o1", TO_O2)).then(linked(AlignmentLinked, "1"))
    given(AWAITED).when(link("o1", TO_O2, "0.6")).then_nothing_happened()


def test_the_parents_owner_accepts_once():
    given(AWAITED).by(BEN).when(ACCEPT).then(AlignmentAccepted(child_id="o1", parent=TO_O2))
    given(AWAITED).when(ACCEPT).then_refused(NotTheParentsOwner, "p-ben")
    for_ben = Actor("service", "bot", on_behalf_of="p-ben")
    assert given(AWAITED).by(for_ben).when(ACCEPT).refusal is None
    given(LINKED).when(ACCEPT).then_refused(AcceptanceNotAwaited, "waits for nobody")
    given(MEASURED, O2).when(ACCEPT).then_refused(SubjectUnknown, "o1~objective~o2")


def test_a_declined_link_claims_nothing():
    given(AWAITED).by(BEN).when(DECLINE).then(AlignmentDeclined(child_id="o1", parent=TO_O2, reason="another way"))
    given(AWAITED).by(BEN).when(DECLINE.model_copy(update={"reason": None})).then_refused(ReasonMissing, "declined")
    given(AWAITED).when(DECLINE).then_refused(NotTheParentsOwner, "p-ben")
    declined = given(AWAITED, By(BEN, DECLINE))
    declined.by(BEN).when(DECLINE).then_nothing_happened()
    assert declined.when(link("o1", TO_O3, "1")).refusal is None
    taken = given(declined.commands, link("o1", TO_O3, "1"))
    taken.by(BEN).when(ACCEPT).then_refused(ShareTooLarge, "0 is left")
    declined.by(BEN).when(ACCEPT).then(AlignmentAccepted(child_id="o1", parent=TO_O2))


def test_ten_parents_share_one_child():
    parents = [objective(f"p{n}") for n in range(10)]
    links = [link("o1", parent(f"p{n}"), "0.1") for n in range(10)]
    full = given(MEASURED, O2, parents, links)
    full.when(link("o1", TO_O2, "0.00000000000000000001")).then_refused(ShareTooLarge, "0.0 is left")
    assert full.when(link("o1", TO_O2, effect="supports")).refusal is None


def test_a_locked_cycle_keeps_its_links():
    locked = given(LINKED, LockCycle(cycle_id="q2"))
    locked.when(MOVE).then_refused(ExceptionMissing, "MoveAlignment")
    locked.when(LinkAlignment(child_id="o3", parent=TO_O2)).then_refused(ExceptionMissing, "LinkAlignment")
