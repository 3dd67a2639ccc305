"""Who may change an objective that some alone may read."""

from decimal import Decimal

import pytest

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AcknowledgeCheckIn,
    AddKeyResult,
    AddPerson,
    AddUnit,
    AssignResponsible,
    AssignRole,
    CarryOverObjective,
    Command,
    CorrectCheckIn,
    CreateObjective,
    GradeObjective,
    JoinUnit,
    LinkAlignment,
    NameKeyPartner,
    NameUnitLead,
    OpenObjective,
    PlanCycle,
    ReassignObjective,
    RecordCheckIn,
    RestrictObjective,
    ReviseObjective,
)
from okr_contracts.events import ObjectiveCreated, ObjectiveOpened, ObjectiveRestricted, ObjectiveRevised
from okr_contracts.fields import Owner, Parent
from services.ledger.domain.restriction import NotAReader
from tests.given import given
from tests.unit.domain.acme import MEASURED, O2, YEAR, check_in

READER = Owner(kind="person", id="p-nora")
LEGAL = Owner(kind="unit", id="u-legal")
SAM = Owner(kind="person", id="p-sam")
PEOPLE = (
    *(AddPerson(person_id=f"p-{name}") for name in ("nora", "paul", "olga", "finn", "lena", "leo", "luca", "sam")),
    AddUnit(unit_id="u-field", name="Field", parent_id="u-sales"),
    AddUnit(unit_id="u-legal", name="Legal"),
    JoinUnit(person_id="p-olga", unit_id="u-sales"),
    JoinUnit(person_id="p-finn", unit_id="u-field"),
    JoinUnit(person_id="p-luca", unit_id="u-legal"),
    NameUnitLead(unit_id="u-sales", person_id="p-lena"),
    NameUnitLead(unit_id="u-field", person_id="p-leo"),
    NameKeyPartner(key_result_id="k1", person_id="p-paul"),
    check_in("c1", 40),
    O2,
)
RESTRICT = RestrictObjective(objective_id="o1", readers=(READER, LEGAL), reason="not signed yet")
RESTRICTED = given(MEASURED, PEOPLE, RESTRICT)
REVISE = ReviseObjective(objective_id="o1", title="Merge")
REVISED = ObjectiveRevised(objective_id="o1", title="Merge", description=None)
STRANGER = Actor("person", "p-sam")


@pytest.mark.parametrize("person", ["nora", "ada", "paul", "olga", "finn", "lena", "leo", "luca"])
def test_who_may_read_it_may_change_it(person: str):
    RESTRICTED.by(Actor("person", f"p-{person}")).when(REVISE).then(REVISED)
    RESTRICTED.by(Actor("service", "crm", f"p-{person}")).when(REVISE).then(REVISED)


@pytest.mark.parametrize(
    "command",
    [
        REVISE,
        OpenObjective(objective_id="o1"),
        RestrictObjective(objective_id="o1", readers=(SAM,), reason="me too"),
        ReassignObjective(objective_id="o1", owner=SAM),
        AssignResponsible(key_result_id="k1", person_id="p-sam"),
        NameKeyPartner(key_result_id="k1", person_id="p-sam"),
        RecordCheckIn(check_in_id="c2", key_result_id="k1", value=Decimal(1)),
        CorrectCheckIn(check_in_id="c1", value=Decimal(1), reason="me"),
        AcknowledgeCheckIn(check_in_id="c1"),
        LinkAlignment(child_id="o1", parent=Parent(kind="objective", id="o2")),
        GradeObjective(objective_id="o1", grade=Decimal("0.4")),
        CarryOverObjective(objective_id="o1", cycle_id="y26"),
        AddKeyResult(key_result_id="k9", objective_id="o1", title="Mine", kind="achieve", responsible_id="p-sam"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_who_may_not_read_it_changes_nothing_of_it(command: Command):
    RESTRICTED.by(STRANGER).when(command).then_refused(NotAReader, "o1")
    RESTRICTED.by(Actor("service", "crm", "p-sam")).when(command).then_refused(NotAReader, "o1")


def test_a_guess_is_refused_like_anything_else():
    guess = CreateObjective(objective_id="o1", cycle_id="q2", owner=Owner(kind="unit", id="u-sales"), title="Win")
    given(MEASURED, PEOPLE).by(STRANGER).when(guess).then_nothing_happened()
    RESTRICTED.by(STRANGER).when(guess).then_refused(NotAReader, "o1")


def test_others_may_align_with_it_and_a_service_for_nobody_passes():
    link = LinkAlignment(child_id="o2", parent=Parent(kind="objective", id="o1"))
    linked = RESTRICTED.by(STRANGER).when(link).decision
    assert linked is not None
    assert len(linked.events) == 1
    RESTRICTED.by(Actor("service", "crm")).when(REVISE).then(REVISED)


def test_an_administrator_by_assignment_passes():
    assigned = given(*RESTRICTED.commands, AssignRole(organisation="acme", person_id="p-sam", role="administrator"))
    assigned.by(STRANGER).when(OpenObjective(objective_id="o1")).then(ObjectiveOpened(objective_id="o1"))


def test_in_the_open_it_is_everybodys_again():
    given(*RESTRICTED.commands, OpenObjective(objective_id="o1")).by(STRANGER).when(REVISE).then(REVISED)


def test_what_is_carried_over_goes_on_with_the_same_readers():
    following = PlanCycle(
        cycle_id="q3", name="Third", starts_on=YEAR.starts_on.replace(month=7), ends_on=YEAR.ends_on, parent_id="y26"
    )
    outcome = given(*RESTRICTED.commands, following).when(CarryOverObjective(objective_id="o1", cycle_id="q3"))
    assert outcome.decision is not None
    created, restricted = outcome.decision.events[1:3]
    assert isinstance(created, ObjectiveCreated)
    assert isinstance(restricted, ObjectiveRestricted)
    assert (restricted.objective_id, restricted.readers) == (created.objective_id, (READER, LEGAL))
    assert restricted.reason == "Carried over from o1, which is restricted."
