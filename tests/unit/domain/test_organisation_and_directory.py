"""When an organisation is registered, and its units, people and cycles are added."""

from datetime import UTC, date, datetime

import pytest

from okr_contracts.commands import (
    AddPerson,
    AddUnit,
    ChangeManager,
    ImportSource,
    JoinUnit,
    OpenCycle,
    PlanCycle,
    RegisterOrganisation,
)
from okr_contracts.events import (
    CycleOpened,
    CyclePlanned,
    ManagerChanged,
    OrganisationRegistered,
    PersonAdded,
    UnitAdded,
    UnitJoined,
)
from okr_contracts.fields import Thresholds
from services.ledger.domain.cycle import DaysOutOfOrder, OutsideParentCycle
from services.ledger.domain.decide import (
    ImportRoleMissing,
    InTheFuture,
    NotBackDatable,
    OrganisationUnknown,
)
from services.ledger.domain.exception import ExceptionNotNeeded
from services.ledger.domain.person import OwnManager, UnitNamedTwice
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, SubjectUnknown, VersionIsAnother
from tests.given import given
from tests.unit.domain.acme import ADA, BEN, CYCLES, O1, OPENED, PEOPLE, QUARTER, REGISTERED, SALES, YEAR


def test_registering_makes_the_organisation_and_its_root_unit():
    given().when(REGISTERED).then(
        OrganisationRegistered(organisation="acme", name="Acme", time_zone="Europe/Berlin"),
        UnitAdded(unit_id="root", name="Acme"),
    )


def test_registering_again_is_already_so_and_with_other_content_refused():
    given(REGISTERED).when(REGISTERED).then_nothing_happened()
    other = RegisterOrganisation(organisation="acme", name="Acme", time_zone="UTC")
    given(REGISTERED).when(other).then_refused(IdTaken, "acme", "/organisation")


def test_an_organisation_that_is_not_registered_takes_nothing():
    given().when(SALES).then_refused(OrganisationUnknown, "RegisterOrganisation")


def test_a_unit_is_added_below_the_root():
    given(REGISTERED).when(SALES).then(UnitAdded(unit_id="u-sales", name="Sales", parent_id="root"))
    given(REGISTERED, SALES).when(SALES).then_nothing_happened()
    given(REGISTERED, SALES).when(AddUnit(unit_id="u-sales", name="Marketing")).then_refused(IdTaken, "u-sales")
    given(REGISTERED).when(AddUnit(unit_id="u", name="U", parent_id="u9")).then_refused(
        ReferenceUnknown, "u9", "/parent_id"
    )


def test_a_person_is_added_without_a_name_in_the_event():
    command = AddPerson(person_id="p1", name="Ada Lovelace", email="ada@acme.example", title="CEO")
    given(REGISTERED).when(command).then(PersonAdded(person_id="p1", title="CEO"))


def test_whom_and_what_a_person_names_exists():
    given(PEOPLE).when(BEN).then_nothing_happened()
    given(PEOPLE).when(AddPerson(person_id="p-ben")).then_refused(IdTaken, "p-ben", "/person_id")
    given(REGISTERED).when(BEN).then_refused(ReferenceUnknown, "p-ada", "/manager_id")
    given(REGISTERED).when(AddPerson(person_id="p1", manager_id="p1")).then_refused(OwnManager, "another person")
    given(PEOPLE).when(AddPerson(person_id="p1", unit_ids=("u9",))).then_refused(ReferenceUnknown, "u9", "/unit_ids/0")
    given(PEOPLE).when(AddPerson(person_id="p1", unit_ids=("u-sales", "u-sales"))).then_refused(
        UnitNamedTwice, "first is the primary", "/unit_ids/1"
    )


def test_a_manager_changes():
    nobody = ChangeManager(person_id="p-ben", manager_id=None)
    given(PEOPLE).when(nobody).then(ManagerChanged(person_id="p-ben", manager_id=None))
    given(PEOPLE, nobody).when(nobody).then_nothing_happened()
    given(PEOPLE).when(ChangeManager(person_id="p-ada", manager_id="p-ada")).then_refused(OwnManager, "own manager")
    given(PEOPLE).when(ChangeManager(person_id="p-ada", manager_id="p9")).then_refused(ReferenceUnknown, "p9")
    given(PEOPLE).when(ChangeManager(person_id="p9", manager_id=None)).then_refused(SubjectUnknown, "p9")


def test_the_first_unit_is_primary_and_another_can_become_it():
    join_root = JoinUnit(person_id="p-ada", unit_id="root")
    join_sales = JoinUnit(person_id="p-ada", unit_id="u-sales")
    prefer_sales = JoinUnit(person_id="p-ada", unit_id="u-sales", primary=True)
    given(PEOPLE).when(join_root).then(UnitJoined(person_id="p-ada", unit_id="root", primary=True))
    given(PEOPLE, join_root).when(join_root).then_nothing_happened()
    given(PEOPLE, join_root).when(join_sales).then(UnitJoined(person_id="p-ada", unit_id="u-sales", primary=False))
    given(PEOPLE, join_root, join_sales).when(prefer_sales).then(
        UnitJoined(person_id="p-ada", unit_id="u-sales", primary=True)
    )
    given(PEOPLE, join_root, prefer_sales).when(prefer_sales).then_nothing_happened()
    given(PEOPLE).when(JoinUnit(person_id="p-ada", unit_id="u9")).then_refused(ReferenceUnknown, "u9", "/unit_id")
    given(PEOPLE).when(JoinUnit(person_id="p9", unit_id="root")).then_refused(SubjectUnknown, "p9")


def test_a_cycle_pins_its_rule_version_and_thresholds():
    given(REGISTERED).when(YEAR).then(
        CyclePlanned(
            cycle_id="y26",
            name="2026",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            rule_version=1,
            thresholds=Thresholds(),
        )
    )
    given(REGISTERED, YEAR).when(YEAR).then_nothing_happened()


def test_a_cycle_lies_within_the_one_that_contains_it():
    given(REGISTERED).when(QUARTER).then_refused(ReferenceUnknown, "y26", "/parent_id")
    backwards = PlanCycle(cycle_id="x", name="X", starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1))
    given(REGISTERED).when(backwards).then_refused(DaysOutOfOrder, "2026-02-01", "/ends_on")
    beyond = PlanCycle(cycle_id="x", name="X", starts_on=date(2026, 12, 1), ends_on=date(2027, 1, 1), parent_id="y26")
    given(REGISTERED, YEAR).when(beyond).then_refused(OutsideParentCycle, "2026-12-31", "/parent_id")
    given(CYCLES).when(beyond.model_copy(update={"cycle_id": "q2"})).then_refused(IdTaken, "q2", "/cycle_id")


def test_a_cycle_opens_once():
    given(CYCLES).when(OpenCycle(cycle_id="q2")).then(CycleOpened(cycle_id="q2"))
    given(OPENED).when(OpenCycle(cycle_id="q2")).then_nothing_happened()
    given(CYCLES).when(OpenCycle(cycle_id="q9")).then_refused(SubjectUnknown, "q9")


def test_the_directory_may_be_dated_back_and_an_objective_not():
    yesterday = date(2026, 5, 19)
    given(REGISTERED).when(ADA.model_copy(update={"effective_on": yesterday})).then_on(
        yesterday, PersonAdded(person_id="p-ada", title="Chief Executive")
    )
    given(OPENED).when(O1.model_copy(update={"effective_on": yesterday})).then_refused(
        NotBackDatable, "2026-05-20", "/effective_on"
    )
    given(REGISTERED).when(ADA.model_copy(update={"effective_on": date(2026, 5, 21)})).then_refused(
        InTheFuture, "2026-05-20", "/effective_on"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("import_source", ImportSource(system="sheet", record="K4")), ("effective_basis", "assumed")],
)
def test_only_the_import_role_says_where_a_record_comes_from(field: str, value: object):
    given(REGISTERED).when(SALES.model_copy(update={field: value})).then_refused(
        ImportRoleMissing, "role 'import'", f"/{field}"
    )


def test_an_exception_that_is_not_needed_is_not_written_down():
    given(REGISTERED).when(SALES.model_copy(update={"exception": 2})).then_refused(
        ExceptionNotNeeded, "Leave 'exception' out", "/exception"
    )


def test_a_stale_version_is_refused_and_the_current_one_named():
    given(PEOPLE).when(ChangeManager(person_id="p-ben", manager_id=None), expected_version=2).then_refused(
        VersionIsAnother, "at version 1, not 2"
    )
    given(PEOPLE).when(ChangeManager(person_id="p-ben", manager_id=None), expected_version=1).then(
        ManagerChanged(person_id="p-ben", manager_id=None)
    )
    assert given(PEOPLE).at(datetime(2026, 5, 20, tzinfo=UTC)).history().version("people/p-ben") == 1
