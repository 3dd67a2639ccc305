"""How objectives and key results end, go on in another cycle, and what an ended one still takes."""

from datetime import date
from decimal import Decimal

import pytest

from okr_contracts.commands import (
    AbandonObjective,
    AddKeyResult,
    AssignResponsible,
    CarryOverObjective,
    Command,
    CreateObjective,
    DropKeyResult,
    LinkAlignment,
    LockCycle,
    OpenCycle,
    PlanCycle,
    RecordCheckIn,
    RedefineKeyResult,
    ReinstateKeyResult,
    ReinstateObjective,
    ReviseObjective,
)
from okr_contracts.events import (
    AlignmentLinked,
    Event,
    KeyResultAdded,
    KeyResultDropped,
    KeyResultReinstated,
    ObjectiveAbandoned,
    ObjectiveCarriedOver,
    ObjectiveCreated,
    ObjectiveReinstated,
)
from okr_contracts.fields import CarriedKeyResult, Parent
from services.ledger.domain.carry_over import CarriedOverElsewhere
from services.ledger.domain.key_result import KeyResultHasEnded
from services.ledger.domain.objective import ObjectiveHasEnded
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown
from tests.given import given
from tests.unit.domain.acme import CYCLES, K1, MEASURED, O1, O2, OPENED, check_in

ABANDON = AbandonObjective(objective_id="o1", reason="the market is gone")
DROP = DropKeyResult(key_result_id="k1", reason="no figures")
NEXT = PlanCycle(
    cycle_id="q3", name="Third quarter", starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30), parent_id="y26"
)
CARRY = CarryOverObjective(objective_id="o1", cycle_id="q3", reason="half way")
K2 = AddKeyResult.model_validate({**K1.model_dump(), "key_result_id": "k2"})
YEARS = CreateObjective.model_validate({**O1.model_dump(), "objective_id": "o-year", "cycle_id": "y26"})


def carried(*before: Command, command: CarryOverObjective = CARRY) -> list[Event]:
    decision = given(MEASURED, NEXT, before).when(command).decision
    assert decision is not None
    return decision.events


def test_an_objective_is_abandoned_and_reinstated_with_a_reason():
    given(MEASURED).when(ABANDON).then(ObjectiveAbandoned(objective_id="o1", reason=ABANDON.reason))
    given(MEASURED, ABANDON).when(ABANDON).then_nothing_happened()
    given(MEASURED).when(AbandonObjective(objective_id="o1")).then_refused(ReasonMissing, "abandoned")
    given(CYCLES, O1).when(AbandonObjective(objective_id="o1")).then(ObjectiveAbandoned(objective_id="o1"))
    back = ReinstateObjective(objective_id="o1", reason="it is back")
    given(MEASURED, ABANDON).when(back).then(ObjectiveReinstated(objective_id="o1", reason="it is back"))
    given(MEASURED).when(back).then_nothing_happened()


def test_a_key_result_is_dropped_and_reinstated_with_a_reason():
    given(MEASURED).when(DROP).then(KeyResultDropped(key_result_id="k1", reason="no figures"))
    given(MEASURED, DROP).when(DROP).then_nothing_happened()
    given(MEASURED).when(DropKeyResult(key_result_id="k1")).then_refused(ReasonMissing, "dropped")
    back = ReinstateKeyResult(key_result_id="k1", reason="figures again")
    given(MEASURED, DROP).when(back).then(KeyResultReinstated(key_result_id="k1", reason="figures again"))
    given(MEASURED).when(back).then_nothing_happened()


@pytest.mark.parametrize(
    "command",
    [
        ReviseObjective(objective_id="o1", title="Win more"),
        K2,
        check_in("c1", 10),
        DROP,
        RedefineKeyResult(key_result_id="k1", target=Decimal(50), reason="less"),
        AssignResponsible(key_result_id="k1", person_id="p-ben"),
        LinkAlignment(child_id="o2", parent=Parent(kind="objective", id="o1")),
        LinkAlignment(child_id="o2", parent=Parent(kind="key_result", id="k1")),
        LinkAlignment(child_id="o1", parent=Parent(kind="objective", id="o2")),
    ],
    ids=lambda command: type(command).__name__,
)
def test_an_abandoned_objective_takes_no_changes(command: Command):
    given(MEASURED, O2, ABANDON).when(command).then_refused(ObjectiveHasEnded, "o1 was abandoned. Reinstate it")


@pytest.mark.parametrize(
    "command",
    [
        check_in("c1", 10),
        RedefineKeyResult(key_result_id="k1", target=Decimal(50), reason="less"),
        LinkAlignment(child_id="o2", parent=Parent(kind="key_result", id="k1")),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_dropped_key_result_takes_no_changes(command: Command):
    given(MEASURED, O2, DROP).when(command).then_refused(KeyResultHasEnded, "k1 was dropped. Reinstate it")


def test_an_objective_goes_on_with_what_it_has_not_reached():
    given(
        MEASURED, NEXT, K2, check_in("c1", 100), RecordCheckIn(key_result_id="k2", check_in_id="c2", value=Decimal(40))
    )
    events = carried(K2, check_in("c1", 100), RecordCheckIn(key_result_id="k2", check_in_id="c2", value=Decimal(40)))
    ended, created, added = events
    # k1 met its target and stays behind.
    assert ended == ObjectiveCarriedOver(
        objective_id="o1",
        cycle_id="q3",
        successor_id="o1_q3",
        key_results=(CarriedKeyResult(key_result_id="k2", successor_id="k2_q3"),),
        reason="half way",
    )
    assert isinstance(created, ObjectiveCreated)
    assert (created.objective_id, created.cycle_id, created.title) == ("o1_q3", "q3", "Win")
    assert isinstance(added, KeyResultAdded)
    assert (added.key_result_id, added.objective_id, added.baseline, added.target) == (
        "k2_q3",
        "o1_q3",
        Decimal(40),
        Decimal(100),
    )


def test_baselines_are_kept_when_that_is_asked_for():
    asked = CARRY.model_copy(update={"keep_baselines": True})
    added = carried(check_in("c1", 40), command=asked)[-1]
    assert isinstance(added, KeyResultAdded)
    assert added.baseline == Decimal(0)


def test_a_successor_takes_over_the_links_into_containing_cycles():
    above_year = LinkAlignment(child_id="o1", parent=Parent(kind="objective", id="o-year"), share=Decimal("0.5"))
    beside = LinkAlignment(child_id="o1", parent=Parent(kind="objective", id="o2"), share=Decimal("0.5"))
    events = carried(O2, YEARS, above_year, beside)
    links = [event for event in events if isinstance(event, AlignmentLinked)]
    assert [(link.child_id, link.parent.id, link.share) for link in links] == [("o1_q3", "o-year", Decimal("0.5"))]


def test_a_dropped_key_result_stays_behind():
    assert [type(event) for event in carried(DROP)] == [ObjectiveCarriedOver, ObjectiveCreated]


def test_an_objective_is_carried_over_once():
    history = given(MEASURED, NEXT, CARRY)
    history.when(CARRY).then_nothing_happened()
    other = CARRY.model_copy(update={"successor_id": "o9"})
    history.when(other).then_refused(ObjectiveHasEnded, "o1 was carried over. Change its successor")
    history.when(ReinstateObjective(objective_id="o1", reason="so")).then_refused(ObjectiveHasEnded, "successor")


def test_where_an_objective_cannot_go_on():
    same = CARRY.model_copy(update={"cycle_id": "q2"})
    given(MEASURED).when(same).then_refused(CarriedOverElsewhere, "another cycle", "/cycle_id")
    given(MEASURED).when(CARRY).then_refused(ReferenceUnknown, "q3", "/cycle_id")
    locked = given(MEASURED, NEXT, OpenCycle(cycle_id="q3"), LockCycle(cycle_id="q3"))
    locked.when(CARRY).then_refused(CarriedOverElsewhere, "locked", "/cycle_id")
    taken = CARRY.model_copy(update={"successor_id": "o2"})
    given(MEASURED, NEXT, O2).when(taken).then_refused(IdTaken, "o2", "/successor_id")


def test_a_long_id_goes_on_under_one_that_fits():
    long = CreateObjective.model_validate({**O1.model_dump(), "objective_id": "o" * 64})
    decision = given(OPENED, NEXT, long).when(CARRY.model_copy(update={"objective_id": "o" * 64})).decision
    assert decision is not None
    ended = decision.events[0]
    assert isinstance(ended, ObjectiveCarriedOver)
    assert len(ended.successor_id) == 40


def test_a_thousand_key_results_go_on():
    many = [AddKeyResult.model_validate({**K1.model_dump(), "key_result_id": f"k{n}"}) for n in range(2, 1001)]
    assert len(carried(*many)) == 2 + 1000
