"""Random commands over a small world, so that they often meet: for property tests of deciders and read models."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AbandonObjective,
    AcceptAlignment,
    AcknowledgeCheckIn,
    AddKeyResult,
    AddUnit,
    AssignResponsible,
    AssignRole,
    CarryOverObjective,
    ChangeAlignment,
    ChangeManager,
    ChangeSettings,
    CloseCycle,
    CloseUnit,
    Command,
    CorrectCheckIn,
    CorrectGrade,
    CreateObjective,
    DeactivatePerson,
    DeclareTopLevel,
    DeclineAlignment,
    DropKeyResult,
    GradeKeyResult,
    GradeObjective,
    GrantException,
    JoinUnit,
    LeaveUnit,
    LiftOverride,
    LinkAlignment,
    LockCycle,
    MoveAlignment,
    MoveUnit,
    NameKeyPartner,
    OpenObjective,
    OverrideProgress,
    PlanCycle,
    ReactivatePerson,
    ReassignObjective,
    RecordCheckIn,
    RedefineKeyResult,
    ReinstateKeyResult,
    ReinstateObjective,
    ReleaseKeyPartner,
    ReopenCycle,
    RestrictObjective,
    ReviseCycle,
    ReviseKeyResult,
    ReviseObjective,
    RevisePerson,
    ReweighKeyResult,
    SetAmbition,
    SetCadence,
    SetLabels,
    SetPhasedTargets,
    SetRollUp,
    UnlinkAlignment,
    WithdrawCheckIn,
)
from okr_contracts.fields import MeasureUnit, Owner, Parent, PhasedTarget, ThresholdsChange
from services.ledger.domain.alignment import NotTheParentsOwner
from services.ledger.domain.exception import ExceptionMissing
from services.ledger.domain.refusal import Refusal
from tests.given import SOMEBODY, History
from tests.unit.domain.acme import OPENED, key_result, objective

_objective = st.sampled_from([f"o{n}" for n in range(5)])
_key_result = st.sampled_from([f"k{n}" for n in range(6)])
_check_in = st.sampled_from([f"c{n}" for n in range(8)])
_person = st.sampled_from(["p-ada", "p-ben"])
_cycle = st.sampled_from(["q2", "q2", "q2", "y26"])
_number = st.decimals(min_value=-50, max_value=250, places=2)
_share = st.sampled_from([Decimal(text) for text in ("0.1", "0.25", "0.333333", "0.5", "1")])
_weight = st.sampled_from([Decimal(text) for text in ("0", "1", "1", "2", "0.7")])
_day = st.one_of(st.none(), st.dates(date(2026, 4, 1), date(2026, 5, 20)))
_parent = st.one_of(
    st.builds(Parent, kind=st.just("objective"), id=_objective),
    st.builds(Parent, kind=st.just("key_result"), id=_key_result),
)
_value = st.one_of(_number, st.booleans())
_measured = st.sampled_from(
    [
        {"kind": "increase", "baseline": Decimal(0), "target": Decimal(100)},
        {"kind": "increase", "baseline": Decimal(-10), "target": Decimal(30)},
        {"kind": "reduce", "baseline": Decimal(90), "target": Decimal(7)},
        {"kind": "achieve", "baseline": None, "target": None},
    ]
)
_given_or_left_out = {"value": _value, "confidence": st.integers(0, 10), "effective_on": _day}


def _add_key_result(measured: Mapping[str, object], **fields: object) -> AddKeyResult:
    return AddKeyResult.model_validate({**fields, **measured})


def _redefine_key_result(measured: Mapping[str, object], **fields: object) -> RedefineKeyResult:
    return RedefineKeyResult.model_validate({**fields, **measured})


_unit = st.sampled_from(["root", "u-sales", "u-new"])
_reason = st.just("because")
_owner = st.one_of(
    st.builds(Owner, kind=st.just("person"), id=_person), st.builds(Owner, kind=st.just("unit"), id=_unit)
)
_grade = st.sampled_from([Decimal(text) for text in ("0", "0.4", "0.7", "1")])
_step = st.tuples(st.dates(date(2026, 4, 2), date(2026, 6, 30)), _number)
_phased = st.lists(_step, max_size=3, unique_by=lambda step: step[0])


def _phased_targets(key_result_id: str, steps: list[tuple[date, Decimal]]) -> SetPhasedTargets:
    targets = tuple(PhasedTarget(on=on, value=value) for on, value in sorted(steps))
    return SetPhasedTargets(key_result_id=key_result_id, phased_targets=targets, reason="in steps")


# What ends something, or closes a door, comes seldom: histories stay alive.
_SELDOM: Final[st.SearchStrategy[Command]] = st.one_of(
    st.builds(AbandonObjective, objective_id=_objective, reason=_reason),
    st.builds(ReinstateObjective, objective_id=_objective, reason=_reason),
    st.builds(DropKeyResult, key_result_id=_key_result, reason=_reason),
    st.builds(ReinstateKeyResult, key_result_id=_key_result, reason=_reason),
    st.builds(CarryOverObjective, objective_id=_objective, cycle_id=st.just("q3"), keep_baselines=st.booleans()),
    st.builds(ReviseCycle, cycle_id=st.just("q3"), thresholds=st.just(ThresholdsChange(stale_after_days=1))),
    st.builds(LockCycle, cycle_id=_cycle),
    st.builds(CloseCycle, cycle_id=_cycle),
    st.builds(GradeKeyResult, key_result_id=_key_result, grade=_grade, reason=_reason),
    st.builds(GradeObjective, objective_id=_objective, grade=_grade, proposed=_grade, reason=_reason),
    st.builds(CorrectGrade, objective_id=_objective, grade=_grade, reason=_reason),
    st.builds(DeactivatePerson, person_id=_person),
    st.builds(ReactivatePerson, person_id=_person),
    st.builds(AssignRole, organisation=st.just("acme"), person_id=_person, role=st.just("auditor")),
    st.builds(
        ChangeSettings,
        organisation=st.just("acme"),
        alignment_acceptance=st.sampled_from(["none", "other_owner", "other_owner"]),
    ),
    st.builds(AddUnit, unit_id=_unit, name=st.just("New"), parent_id=_unit),
    st.builds(MoveUnit, unit_id=_unit, parent_id=_unit),
    st.builds(CloseUnit, unit_id=st.just("u-new")),
)

_CHANGES: Final[st.SearchStrategy[Command]] = st.one_of(
    st.builds(ReassignObjective, objective_id=_objective, owner=_owner),
    st.builds(DeclareTopLevel, objective_id=_objective, top_level=st.booleans()),
    st.builds(
        SetAmbition, objective_id=_objective, ambition=st.sampled_from(["aspirational", "committed"]), reason=_reason
    ),
    st.builds(SetLabels, objective_id=_objective, labels=st.sampled_from([(), ("a",), ("a", "b")])),
    st.builds(RestrictObjective, objective_id=_objective, readers=_owner.map(lambda owner: (owner,)), reason=_reason),
    st.builds(OpenObjective, objective_id=_objective),
    st.builds(ReviseKeyResult, key_result_id=_key_result, title=st.sampled_from(["Customers", "Guests"])),
    st.builds(ReweighKeyResult, key_result_id=_key_result, weight=_weight, reason=_reason),
    st.builds(ReleaseKeyPartner, key_result_id=_key_result, person_id=_person),
    st.builds(SetCadence, key_result_id=_key_result, cadence_days=st.sampled_from([7, 14, 30])),
    st.builds(_phased_targets, _key_result, _phased),
    st.builds(
        ChangeAlignment,
        child_id=_objective,
        parent=_parent,
        weight=st.one_of(st.none(), _weight),
        share=st.one_of(st.none(), _share),
        effect=st.sampled_from([None, "contributes", "supports"]),
        reason=_reason,
    ),
    st.builds(MoveAlignment, child_id=_objective, parent=_parent, to_parent=_parent, reason=_reason),
    st.builds(AcceptAlignment, child_id=_objective, parent=_parent),
    st.builds(DeclineAlignment, child_id=_objective, parent=_parent, reason=_reason),
    st.builds(AcknowledgeCheckIn, check_in_id=_check_in, person_id=_person),
    st.builds(LeaveUnit, person_id=_person, unit_id=_unit, effective_on=_day),
    st.builds(RevisePerson, person_id=_person, title=st.sampled_from(["Lead", "Chief"])),
)

COMMANDS: Final[st.SearchStrategy[Command]] = st.one_of(
    st.builds(
        CreateObjective,
        objective_id=_objective,
        cycle_id=_cycle,
        owner=st.builds(Owner, kind=st.just("person"), id=_person),
        title=st.sampled_from(["Win", "Grow"]),
        roll_up=st.sampled_from(["key_results", "children", "both"]),
        ambition=st.sampled_from(["aspirational", "committed"]),
        top_level=st.booleans(),
    ),
    st.builds(
        _add_key_result,
        _measured,
        key_result_id=_key_result,
        objective_id=_objective,
        title=st.just("Customers"),
        weight=_weight,
        source=st.sampled_from(["check_ins", "check_ins", "check_ins", "children"]),
        responsible_id=_person,
    ),
    st.builds(ReviseObjective, objective_id=_objective, title=st.sampled_from(["Win", "Grow"])),
    st.builds(
        SetRollUp,
        objective_id=_objective,
        roll_up=st.sampled_from(["key_results", "children", "both"]),
        reason=st.just("why not"),
    ),
    st.builds(
        OverrideProgress,
        objective_id=_objective,
        progress=st.decimals(min_value=0, max_value=1, places=2),
        reason=st.just("seen"),
    ),
    st.builds(LiftOverride, objective_id=_objective, reason=st.just("measured")),
    st.builds(
        _redefine_key_result,
        _measured,
        key_result_id=_key_result,
        reason=st.just("another market"),
    ),
    st.builds(
        RedefineKeyResult,
        key_result_id=_key_result,
        unit=st.builds(MeasureUnit, kind=st.sampled_from(["number", "percent"])),
        restated_value=st.one_of(st.none(), _value),
        reason=st.just("another unit"),
    ),
    st.builds(AssignResponsible, key_result_id=_key_result, person_id=_person),
    st.builds(NameKeyPartner, key_result_id=_key_result, person_id=_person),
    st.builds(
        LinkAlignment,
        child_id=_objective,
        parent=_parent,
        effect=st.sampled_from(["contributes", "contributes", "supports"]),
        weight=_weight,
        share=_share,
    ),
    st.builds(UnlinkAlignment, child_id=_objective, parent=_parent),
    *(
        st.builds(RecordCheckIn, check_in_id=_check_in, key_result_id=_key_result, value=_value, effective_on=_day)
        for _ in range(3)
    ),
    st.fixed_dictionaries({"check_in_id": _check_in, "reason": st.just("wrong")}, optional=_given_or_left_out).map(
        CorrectCheckIn.model_validate
    ),
    st.builds(WithdrawCheckIn, check_in_id=_check_in, reason=st.just("wrong")),
    _CHANGES,
    _CHANGES,
    _CHANGES,
    _SELDOM,
    st.builds(ChangeManager, person_id=_person, manager_id=st.one_of(st.none(), _person)),
    st.builds(JoinUnit, person_id=_person, unit_id=st.sampled_from(["root", "u-sales"]), primary=st.booleans()),
)


_STANDING: Final[list[Command]] = [
    *OPENED,
    PlanCycle(
        cycle_id="q3", name="Third quarter", starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30), parent_id="y26"
    ),
    *(objective(f"o{n}") for n in range(3)),
    objective("o3", "y26"),
    *(key_result(f"k{n}", f"o{n % 4}") for n in range(4)),
    AddKeyResult.model_validate(
        {**key_result("k4", "o0").model_dump(), "kind": "achieve", "baseline": None, "target": None}
    ),
    AddKeyResult.model_validate({**key_result("k5", "o3").model_dump(), "source": "children", "weight": "2"}),
]


_LEAD: Final = Actor("person", "p-ben")


def accepted(commands: list[Command]) -> History:
    """
    The history of those of *commands* that are accepted, after a few objectives and key results in open cycles.

    What is refused for want of an exception is sent again with one that somebody else granted; every third time it is
    the cycle that is opened again instead.
    """
    history = History()
    for number, command in enumerate((*_STANDING, *commands)):
        try:
            _accept(history, command)
        except ExceptionMissing:
            try:
                _by_exception(history, command, number)
            except Refusal:
                continue
        except Refusal:
            continue
    return history


def _accept(history: History, command: Command) -> None:
    try:
        history.accept(command)
    except NotTheParentsOwner:
        history.actor = _LEAD
        try:
            history.accept(command)
        finally:
            history.actor = SOMEBODY


def _by_exception(history: History, command: Command, number: int) -> None:
    locked = [cycle for cycle in ("q2", "y26") if history.state_of_cycle(cycle) == "locked"]
    for cycle_id in locked:
        wanted: Command = command
        if number % 3 == 0:
            wanted = ReopenCycle(cycle_id=cycle_id, to="open", reason="a figure was wrong")
        grant = GrantException(
            cycle_id=cycle_id, command=type(wanted).__name__, on=wanted.subject, reason="figures came late"
        )
        history.actor = _LEAD
        try:
            (granted,) = history.accept(grant)
        finally:
            history.actor = SOMEBODY
        try:
            history.accept(wanted.model_copy(update={"exception": granted.sequence}))
        except Refusal:
            continue


HISTORIES: Final[st.SearchStrategy[History]] = st.lists(COMMANDS, min_size=15, max_size=60).map(accepted)
"""Histories of up to 60 commands, the refused ones left out."""
