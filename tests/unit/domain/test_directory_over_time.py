"""Units that move and close, people who leave and come back, holds, roles and erasure."""

import pytest

from okr_contracts.commands import (
    AddPerson,
    AddUnit,
    AssignResponsible,
    AssignRole,
    ChangeManager,
    ChangeSettings,
    CloseOrganisation,
    CloseUnit,
    Command,
    CreateObjective,
    DeactivatePerson,
    DropKeyResult,
    ErasePerson,
    JoinUnit,
    LeaveUnit,
    MoveUnit,
    NameUnitLead,
    PlaceHold,
    ReactivatePerson,
    ReleaseHold,
    RenameUnit,
    RevisePerson,
    RevokeRole,
)
from okr_contracts.events import (
    HoldPlaced,
    HoldReleased,
    PersonDeactivated,
    PersonErased,
    PersonReactivated,
    PersonRevised,
    RoleAssigned,
    RoleRevoked,
    SettingsChanged,
    UnitClosed,
    UnitLeadNamed,
    UnitLeft,
    UnitMoved,
    UnitRenamed,
)
from okr_contracts.fields import Settings, Thresholds, ThresholdsChange
from services.ledger.domain.leaving import PersonIsHeld, StillResponsible
from services.ledger.domain.organisation import OrganisationIsClosed, OtherOrganisation
from services.ledger.domain.person import PersonIsErased, PersonIsInactive, PlaceholderAgain
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, SubjectUnknown
from services.ledger.domain.unit import RootStays, UnitIsClosed, UnitsBelowAreOpen, UnitWouldCircle
from tests.given import given
from tests.unit.domain.acme import K1, MEASURED, O1, OPENED, PEOPLE

NORTH = AddUnit(unit_id="u-north", name="North", parent_id="u-sales")
ERASE = ErasePerson(person_id="p-ben", reason="asked for it")
LEFT = DeactivatePerson(person_id="p-ben")
HOLD = PlaceHold(organisation="acme", hold_id="h1", person_id="p-ben", reason="a lawsuit")


def test_a_unit_is_renamed_and_moved_with_what_is_below():
    given(PEOPLE).when(RenameUnit(unit_id="u-sales", name="Service")).then(
        UnitRenamed(unit_id="u-sales", name="Service")
    )
    given(PEOPLE).when(RenameUnit(unit_id="u-sales", name="Sales")).then_nothing_happened()
    given(PEOPLE, NORTH).when(MoveUnit(unit_id="u-north", parent_id="root")).then(
        UnitMoved(unit_id="u-north", parent_id="root")
    )
    given(PEOPLE, NORTH).when(MoveUnit(unit_id="u-north", parent_id="u-sales")).then_nothing_happened()


def test_a_unit_never_hangs_below_itself_and_the_root_stays():
    below = given(PEOPLE, NORTH)
    below.when(MoveUnit(unit_id="u-sales", parent_id="u-north")).then_refused(UnitWouldCircle, "u-north", "/parent_id")
    below.when(MoveUnit(unit_id="u-sales", parent_id="u-sales")).then_refused(UnitWouldCircle, "u-sales", "/parent_id")
    below.when(MoveUnit(unit_id="root", parent_id="u-sales")).then_refused(RootStays, "root")
    below.when(MoveUnit(unit_id="u9", parent_id="root")).then_refused(SubjectUnknown, "u9")
    below.when(MoveUnit(unit_id="u-sales", parent_id="u9")).then_refused(ReferenceUnknown, "u9", "/parent_id")


def test_a_unit_closes_after_those_below_it():
    given(PEOPLE, NORTH).when(CloseUnit(unit_id="u-sales")).then_refused(UnitsBelowAreOpen, "u-north")
    given(PEOPLE, NORTH, CloseUnit(unit_id="u-north")).when(CloseUnit(unit_id="u-sales")).then(
        UnitClosed(unit_id="u-sales")
    )
    moved = given(PEOPLE, NORTH, MoveUnit(unit_id="u-north", parent_id="root"))
    moved.when(CloseUnit(unit_id="u-sales")).then(UnitClosed(unit_id="u-sales"))
    given(PEOPLE).when(CloseUnit(unit_id="root")).then_refused(RootStays, "root")
    given(PEOPLE, CloseUnit(unit_id="u-sales")).when(CloseUnit(unit_id="u-sales")).then_nothing_happened()


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        (NORTH, "/parent_id"),
        (JoinUnit(person_id="p-ben", unit_id="u-sales"), "/unit_id"),
        (AddPerson(person_id="p-eve", unit_ids=("u-sales",)), "/unit_ids/0"),
        (CreateObjective.model_validate({**O1.model_dump(), "objective_id": "o9"}), "/owner/id"),
        (NameUnitLead(unit_id="u-sales", person_id="p-ben"), "/unit_id"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Command) else "",
)
def test_a_closed_unit_takes_nobody_and_nothing(command: Command, pointer: str):
    given(OPENED, CloseUnit(unit_id="u-sales")).when(command).then_refused(UnitIsClosed, "u-sales", pointer)


def test_a_unit_has_a_lead_or_none():
    lead = NameUnitLead(unit_id="u-sales", person_id="p-ben")
    given(PEOPLE).when(lead).then(UnitLeadNamed(unit_id="u-sales", person_id="p-ben"))
    given(PEOPLE, lead).when(lead).then_nothing_happened()
    given(PEOPLE, lead).when(NameUnitLead(unit_id="u-sales", person_id=None)).then(
        UnitLeadNamed(unit_id="u-sales", person_id=None)
    )
    given(PEOPLE, LEFT).when(lead).then_refused(PersonIsInactive, "p-ben", "/person_id")


def test_a_person_is_revised_and_names_are_in_no_event():
    given(PEOPLE).when(RevisePerson(person_id="p-ada", title="Chair")).then(
        PersonRevised(person_id="p-ada", title="Chair", placeholder=False)
    )
    given(PEOPLE).when(RevisePerson(person_id="p-ada", title="Chief Executive")).then_nothing_happened()
    given(PEOPLE).when(RevisePerson(person_id="p-ada", name="Ada")).then(
        PersonRevised(person_id="p-ada", title="Chief Executive", placeholder=False)
    )


def test_a_placeholder_becomes_a_person_and_not_the_other_way_round():
    post = AddPerson(person_id="p-post", title="Head of Sales", placeholder=True)
    given(PEOPLE, post).when(RevisePerson(person_id="p-post", placeholder=False)).then(
        PersonRevised(person_id="p-post", title="Head of Sales", placeholder=False)
    )
    given(PEOPLE).when(RevisePerson(person_id="p-ada", placeholder=True)).then_refused(
        PlaceholderAgain, "of its own", "/placeholder"
    )


def test_who_leaves_the_primary_unit_has_another_one():
    joined = given(
        PEOPLE,
        JoinUnit(person_id="p-ben", unit_id="u-sales", primary=True),
        JoinUnit(person_id="p-ben", unit_id="root"),
    )
    joined.when(LeaveUnit(person_id="p-ben", unit_id="u-sales")).then(
        UnitLeft(person_id="p-ben", unit_id="u-sales", primary_unit_id="root")
    )
    joined.when(LeaveUnit(person_id="p-ben", unit_id="root")).then(
        UnitLeft(person_id="p-ben", unit_id="root", primary_unit_id="u-sales")
    )
    given(PEOPLE).when(LeaveUnit(person_id="p-ben", unit_id="root")).then_nothing_happened()
    given(PEOPLE).when(LeaveUnit(person_id="p-ben", unit_id="u9")).then_refused(ReferenceUnknown, "u9", "/unit_id")


def test_who_leaves_is_told_what_they_answer_for():
    given(MEASURED).when(DeactivatePerson(person_id="p-ada")).then(
        PersonDeactivated(person_id="p-ada", responsible_for=("k1",))
    )
    passed_on = AssignResponsible(key_result_id="k1", person_id="p-ben")
    given(MEASURED, passed_on).when(DeactivatePerson(person_id="p-ada")).then(PersonDeactivated(person_id="p-ada"))
    given(MEASURED, LEFT).when(LEFT).then_nothing_happened()


def test_who_left_can_come_back():
    back = ReactivatePerson(person_id="p-ben")
    given(PEOPLE, LEFT).when(back).then(PersonReactivated(person_id="p-ben"))
    given(PEOPLE).when(back).then_nothing_happened()
    owner = CreateObjective.model_validate(
        {**O1.model_dump(), "objective_id": "o9", "owner": {"kind": "person", "id": "p-ben"}}
    )
    given(OPENED, LEFT).when(owner).then_refused(PersonIsInactive, "p-ben", "/owner/id")
    assert given(OPENED, LEFT, back).when(owner).refusal is None


def test_a_person_is_erased_with_a_reason_and_stays_so():
    given(PEOPLE).when(ERASE).then(PersonErased(person_id="p-ben", reason=ERASE.reason))
    given(PEOPLE, ERASE).when(ERASE).then_nothing_happened()
    given(PEOPLE).when(ERASE.model_copy(update={"reason": None})).then_refused(ReasonMissing, "erasure")


def test_nobody_is_erased_who_answers_for_something():
    erase = ErasePerson(person_id="p-ada", reason="asked for it")
    given(MEASURED).when(erase).then_refused(StillResponsible, "k1")
    passed_on = AssignResponsible(key_result_id="k1", person_id="p-ben")
    given(MEASURED, passed_on).when(erase).then(PersonErased(person_id="p-ada", reason=erase.reason))
    dropped = DropKeyResult(key_result_id="k1", reason="no figures")
    given(MEASURED, dropped).when(erase).then(PersonErased(person_id="p-ada", reason=erase.reason))


def test_nobody_is_erased_under_a_hold():
    given(PEOPLE, HOLD).when(ERASE).then_refused(PersonIsHeld, "h1")
    given(PEOPLE, PlaceHold(organisation="acme", hold_id="all", reason="audit")).when(ERASE).then_refused(
        PersonIsHeld, "all"
    )
    release = ReleaseHold(organisation="acme", hold_id="h1", reason="settled")
    assert given(PEOPLE, HOLD, release).when(ERASE).refusal is None


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        (RevisePerson(person_id="p-ben", title="Back"), "/person_id"),
        (ReactivatePerson(person_id="p-ben"), "/person_id"),
        (DeactivatePerson(person_id="p-ben"), "/person_id"),
        (JoinUnit(person_id="p-ben", unit_id="u-sales"), "/person_id"),
        (ChangeManager(person_id="p-ben", manager_id=None), "/person_id"),
        (NameUnitLead(unit_id="u-sales", person_id="p-ben"), "/person_id"),
        (AssignResponsible(key_result_id="k1", person_id="p-ben"), "/person_id"),
        (AssignRole(organisation="acme", person_id="p-ben", role="auditor"), "/person_id"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Command) else "",
)
def test_who_was_erased_is_a_pseudonym_and_nothing_else(command: Command, pointer: str):
    given(OPENED, O1, K1, ERASE).when(command).then_refused(PersonIsErased, "p-ben", pointer)


def test_a_hold_is_placed_once_and_released_once():
    given(PEOPLE).when(HOLD).then(HoldPlaced(organisation="acme", hold_id="h1", person_id="p-ben", reason="a lawsuit"))
    given(PEOPLE, HOLD).when(HOLD).then_nothing_happened()
    given(PEOPLE, HOLD).when(HOLD.model_copy(update={"person_id": "p-ada"})).then_refused(IdTaken, "h1", "/hold_id")
    given(PEOPLE).when(HOLD.model_copy(update={"reason": None})).then_refused(ReasonMissing, "reason")
    release = ReleaseHold(organisation="acme", hold_id="h1", reason="settled")
    given(PEOPLE, HOLD).when(release).then(HoldReleased(organisation="acme", hold_id="h1", reason="settled"))
    given(PEOPLE, HOLD, release).when(release).then_nothing_happened()
    given(PEOPLE, HOLD, release).when(HOLD).then_refused(IdTaken, "h1", "/hold_id")
    given(PEOPLE).when(release).then_refused(ReferenceUnknown, "h1", "/hold_id")


def test_roles_are_assigned_and_revoked():
    assign = AssignRole(organisation="acme", person_id="p-ben", role="programme_lead")
    revoke = RevokeRole(organisation="acme", person_id="p-ben", role="programme_lead")
    given(PEOPLE).when(assign).then(RoleAssigned(organisation="acme", person_id="p-ben", role="programme_lead"))
    given(PEOPLE, assign).when(assign).then_nothing_happened()
    given(PEOPLE, assign).when(revoke).then(RoleRevoked(organisation="acme", person_id="p-ben", role="programme_lead"))
    given(PEOPLE, assign, revoke).when(revoke).then_nothing_happened()
    given(PEOPLE).when(assign.model_copy(update={"person_id": "p9"})).then_refused(ReferenceUnknown, "p9", "/person_id")


def test_settings_change_one_by_one_and_are_carried_whole():
    change = ChangeSettings(organisation="acme", cadence_days=14, thresholds=ThresholdsChange(stale_after_days=5))
    after = Settings(cadence_days=14, thresholds=Thresholds(stale_after_days=5))
    given(PEOPLE).when(change).then(SettingsChanged(organisation="acme", settings=after))
    given(PEOPLE, change).when(change).then_nothing_happened()
    more = ChangeSettings(organisation="acme", most_objectives=7)
    given(PEOPLE, change).when(more).then(
        SettingsChanged(organisation="acme", settings=after.model_copy(update={"most_objectives": 7}))
    )
    given(PEOPLE).when(change.model_copy(update={"organisation": "globex"})).then_refused(
        OtherOrganisation, "acme", "/organisation"
    )


def test_a_closed_organisation_takes_holds_and_erasures_alone():
    close = CloseOrganisation(organisation="acme", reason="merged")
    closed = given(PEOPLE, close)
    closed.when(close).then_nothing_happened()
    closed.when(NORTH).then_refused(OrganisationIsClosed, "acme")
    assert closed.when(HOLD).refusal is None
    assert closed.when(ERASE).refusal is None
    given(PEOPLE).when(close.model_copy(update={"reason": None})).then_refused(ReasonMissing, "reason")
