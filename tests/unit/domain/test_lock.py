"""What a locked and a closed cycle still take, and how exceptions are granted and used."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AddKeyResult,
    AddPerson,
    CloseCycle,
    Command,
    CorrectCheckIn,
    CreateObjective,
    GrantException,
    LinkAlignment,
    LockCycle,
    OverrideProgress,
    RecordCheckIn,
    RedefineKeyResult,
    ReopenCycle,
    ReviseObjective,
    RevokeException,
    UnlinkAlignment,
    WithdrawCheckIn,
)
from okr_contracts.events import CheckInCorrected, CheckInRecorded, ExceptionGranted, ExceptionRevoked
from okr_contracts.fields import Parent
from services.ledger.domain.exception import (
    ExceptionDoesNotFit,
    ExceptionMissing,
    ExceptionNotNeeded,
    ExceptionOfOneself,
    ExceptionUnknown,
    ExceptionUsedUp,
)
from services.ledger.domain.granting import ExceptionNeededNowhere, ExpiryOutOfBounds, GrantedByNobody
from services.ledger.domain.lock import CycleIsClosed
from services.ledger.domain.refusal import ReasonMissing, ReferenceUnknown
from tests.given import NOON, By, Given, given
from tests.unit.domain.acme import CYCLES, K1, O1, O2, OPENED, check_in

LEAD = Actor("person", "p-ben")
LOCK = LockCycle(cycle_id="q2")
STANDING: Sequence[Command] = (*OPENED, O1, O2, K1, check_in("c1", 10))
GRANT = GrantException(cycle_id="q2", command="RecordCheckIn", on="key-results/k1", reason="figures came late")
REPORT = check_in("c2", 20)
ABOVE = Parent(kind="objective", id="o2")


def granted(grant: GrantException = GRANT, *before: Command, by: Actor = LEAD) -> tuple[Given, int]:
    """A locked cycle in which that exception was granted, and its sequence."""
    history = given(STANDING, LOCK, before, By(by, grant))
    return history, history.history().recorded[-1].sequence


def using(command: Command, exception: int) -> Command:
    return command.model_copy(update={"exception": exception})


@pytest.mark.parametrize(
    "command",
    [
        REPORT,
        CorrectCheckIn(check_in_id="c1", value=Decimal(5), reason="wrong"),
        WithdrawCheckIn(check_in_id="c1", reason="wrong"),
        RedefineKeyResult(key_result_id="k1", target=Decimal(50), reason="less"),
        ReviseObjective(objective_id="o1", title="Win more"),
        OverrideProgress(objective_id="o1", progress=Decimal(1), reason="seen"),
        LinkAlignment(child_id="o1", parent=ABOVE),
        AddKeyResult.model_validate({**K1.model_dump(), "key_result_id": "k2"}),
        CreateObjective.model_validate({**O1.model_dump(), "objective_id": "o9"}),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_locked_cycle_takes_nothing_that_counts_and_says_how(command: Command):
    outcome = given(STANDING, LOCK).when(command)
    outcome.then_refused(ExceptionMissing, f"GrantException with the command {type(command).__name__}")


def test_a_link_is_covered_at_either_end():
    year = CreateObjective.model_validate({**O1.model_dump(), "objective_id": "o-year", "cycle_id": "y26"})
    locked = given(STANDING, year, LockCycle(cycle_id="y26"))
    above = Parent(kind="objective", id="o-year")
    locked.when(LinkAlignment(child_id="o1", parent=above)).then_refused(ExceptionMissing, "y26 is locked")
    linked = given(STANDING, year, LinkAlignment(child_id="o1", parent=above), LockCycle(cycle_id="y26"))
    linked.when(UnlinkAlignment(child_id="o1", parent=above)).then_refused(ExceptionMissing, "y26 is locked")


def test_an_exception_is_good_once():
    history, sequence = granted()
    report = using(REPORT, sequence)
    outcome = history.when(report)
    outcome.then(CheckInRecorded(check_in_id="c2", key_result_id="k1", value=Decimal(20), after_lock="q2"))
    again = using(check_in("c3", 30), sequence)
    given(history.commands, report).when(again).then_refused(ExceptionUsedUp, "was used", "/exception")


def test_the_same_command_again_is_nothing_although_its_exception_is_used():
    history, sequence = granted()
    report = using(REPORT, sequence)
    given(history.commands, report).when(report).then_nothing_happened()


def test_an_exception_is_for_a_named_command_on_a_named_subject():
    history, sequence = granted()
    withdrawn = WithdrawCheckIn(check_in_id="c1", reason="wrong", exception=sequence)
    history.when(withdrawn).then_refused(ExceptionDoesNotFit, "RecordCheckIn on key-results/k1", "/exception")
    other, sequence = granted(GRANT.model_copy(update={"on": "key-results/k2"}))
    other.when(using(REPORT, sequence)).then_refused(ExceptionDoesNotFit, "key-results/k2")


def test_an_exception_may_be_for_one_person():
    for_ada, sequence = granted(GRANT.model_copy(update={"grantee_id": "p-ada"}))
    assert for_ada.when(using(REPORT, sequence)).refusal is None
    eve = AddPerson(person_id="p-eve")
    for_eve, sequence = granted(GRANT.model_copy(update={"grantee_id": "p-eve"}), eve)
    for_eve.when(using(REPORT, sequence)).then_refused(ExceptionDoesNotFit, "to p-eve alone")


def test_whoever_grants_does_not_use_it_nor_lets_a_service_do_so():
    history, sequence = granted()
    history.by(LEAD).when(using(REPORT, sequence)).then_refused(ExceptionOfOneself, "another programme lead")
    service = Actor("service", "sync", on_behalf_of="p-ben")
    history.by(service).when(using(REPORT, sequence)).then_refused(ExceptionOfOneself, "another programme lead")


def test_an_exception_expires_after_a_week_unless_said_otherwise():
    history, sequence = granted()
    history.at(NOON + timedelta(days=7)).when(using(REPORT, sequence)).then_refused(ExceptionUsedUp, "has expired")
    assert history.at(NOON + timedelta(days=7, seconds=-1)).when(using(REPORT, sequence)).refusal is None
    tomorrow = GRANT.model_copy(update={"expires_at": NOON + timedelta(days=1)})
    short, sequence = granted(tomorrow)
    short.at(NOON + timedelta(days=2)).when(using(REPORT, sequence)).then_refused(ExceptionUsedUp, "has expired")


def test_an_exception_can_be_taken_back_until_it_is_used():
    history, sequence = granted()
    revoke = RevokeException(cycle_id="q2", granted=sequence)
    history.when(revoke).then(ExceptionRevoked(cycle_id="q2", granted=sequence))
    revoked = given(history.commands, revoke)
    revoked.when(revoke).then_nothing_happened()
    revoked.when(using(REPORT, sequence)).then_refused(ExceptionUsedUp, "was taken back")
    given(history.commands, using(REPORT, sequence)).when(revoke).then_refused(ExceptionUsedUp, "was used")
    history.when(RevokeException(cycle_id="q2", granted=1)).then_refused(ExceptionUnknown, "1")


def test_an_exception_that_nobody_granted_is_none():
    given(STANDING, LOCK).when(using(REPORT, 3)).then_refused(ExceptionUnknown, "3", "/exception")


def test_an_exception_that_is_not_needed_is_refused_and_stays():
    history = given(STANDING, By(LEAD, GRANT))
    sequence = history.history().recorded[-1].sequence
    history.when(using(REPORT, sequence)).then_refused(ExceptionNotNeeded, "stays", "/exception")


def test_who_grants_what():
    standing = given(STANDING, LOCK)
    week = NOON + timedelta(days=7)
    standing.by(LEAD).when(GRANT).then(
        ExceptionGranted(
            cycle_id="q2", command="RecordCheckIn", on="key-results/k1", expires_at=week, reason=GRANT.reason
        )
    )
    standing.by(Actor("service", "operator")).when(GRANT).then_refused(GrantedByNobody, "programme lead")
    standing.when(GRANT.model_copy(update={"reason": None})).then_refused(ReasonMissing, "reason")
    standing.when(GRANT.model_copy(update={"command": "RecordCheckin"})).then_refused(
        ExceptionNeededNowhere, "RecordCheckin", "/command"
    )
    standing.when(GRANT.model_copy(update={"grantee_id": "p9"})).then_refused(ReferenceUnknown, "p9", "/grantee_id")
    standing.when(GRANT.model_copy(update={"grantee_id": "p-ada"})).then_refused(
        ExceptionNeededNowhere, "somebody else", "/grantee_id"
    )
    given(CYCLES).when(GRANT).then_refused(ExceptionNeededNowhere, "planned", "/cycle_id")
    for expires_at in (NOON, NOON - timedelta(days=1), NOON + timedelta(days=91)):
        standing.when(GRANT.model_copy(update={"expires_at": expires_at})).then_refused(
            ExpiryOutOfBounds, "2026-08-18", "/expires_at"
        )


def test_a_closed_cycle_takes_corrections_by_exception_and_nothing_else():
    grant = GRANT.model_copy(update={"command": "CloseCycle", "on": "cycles/q2"})
    history, sequence = granted(grant)
    close = CloseCycle(cycle_id="q2", exception=sequence, reason="its owner left")
    closed = given(history.commands, close)
    correct = CorrectCheckIn(check_in_id="c1", value=Decimal(5), reason="wrong")
    closed.when(correct).then_refused(ExceptionMissing, "CorrectCheckIn on check-ins/c1")
    closed.when(REPORT).then_refused(CycleIsClosed, "ReopenCycle")
    closed.when(using(REPORT, 1)).then_refused(CycleIsClosed, "ReopenCycle")
    allowed = given(
        closed.commands, By(LEAD, GRANT.model_copy(update={"command": "CorrectCheckIn", "on": "check-ins/c1"}))
    )
    by_exception = using(correct, allowed.history().recorded[-1].sequence)
    allowed.when(by_exception).then(
        CheckInCorrected(check_in_id="c1", key_result_id="k1", value=Decimal(5), reason="wrong", after_lock="q2")
    )


def test_a_reopened_cycle_takes_everything_and_marks_it():
    history, sequence = granted(GRANT.model_copy(update={"command": "ReopenCycle", "on": "cycles/q2"}))
    reopened = given(history.commands, ReopenCycle(cycle_id="q2", to="open", reason="so", exception=sequence))
    reopened.when(REPORT).then(
        CheckInRecorded(check_in_id="c2", key_result_id="k1", value=Decimal(20), after_lock="q2")
    )


def test_the_last_day_of_a_cycle_is_that_of_the_organisations_time_zone():
    # 30 June is the last day in Berlin, where it is two hours later than in UTC.
    evening = datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)
    report = RecordCheckIn(check_in_id="c2", key_result_id="k1", value=Decimal(20))
    decision = given(STANDING).at(evening).when(report).decision
    assert decision is not None
    assert decision.effective_on.isoformat() == "2026-06-30"
    later = given(STANDING).at(evening + timedelta(seconds=1)).when(report).decision
    assert later is not None
    # A week of grace, stored as the last day.
    assert later.effective_on.isoformat() == "2026-06-30"
    assert given(STANDING).at(evening + timedelta(days=8)).when(report).refusal is not None


def test_an_import_passes_the_lock():
    imported = RecordCheckIn.model_validate(
        {"check_in_id": "c2", "key_result_id": "k1", "value": "20", "import_source": {"system": "s", "record": "r"}}
    )
    assert given(STANDING, LOCK).as_import().when(imported).refusal is None
