"""Random commands over a small world, so that they often meet: for property tests of deciders and read models."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from okr_contracts.commands import (
    AddKeyResult,
    AssignResponsible,
    ChangeManager,
    Command,
    CorrectCheckIn,
    CreateObjective,
    JoinUnit,
    LiftOverride,
    LinkAlignment,
    NameKeyPartner,
    OverrideProgress,
    RecordCheckIn,
    RedefineKeyResult,
    ReviseObjective,
    SetRollUp,
    UnlinkAlignment,
    WithdrawCheckIn,
)
from okr_contracts.fields import MeasureUnit, Owner, Parent
from services.ledger.domain.refusal import Refusal
from tests.given import History
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
    st.builds(ChangeManager, person_id=_person, manager_id=st.one_of(st.none(), _person)),
    st.builds(JoinUnit, person_id=_person, unit_id=st.sampled_from(["root", "u-sales"]), primary=st.booleans()),
)


_STANDING: Final[list[Command]] = [
    *OPENED,
    *(objective(f"o{n}") for n in range(3)),
    objective("o3", "y26"),
    *(key_result(f"k{n}", f"o{n % 4}") for n in range(4)),
    AddKeyResult.model_validate(
        {**key_result("k4", "o0").model_dump(), "kind": "achieve", "baseline": None, "target": None}
    ),
    AddKeyResult.model_validate({**key_result("k5", "o3").model_dump(), "source": "children", "weight": "2"}),
]


def accepted(commands: list[Command]) -> History:
    """The history of those of *commands* that are accepted, after a few objectives and key results in open cycles."""
    history = History()
    for command in (*_STANDING, *commands):
        try:
            history.accept(command)
        except Refusal:
            continue
    return history


HISTORIES: Final[st.SearchStrategy[History]] = st.lists(COMMANDS, min_size=15, max_size=60).map(accepted)
"""Histories of up to 60 commands, the refused ones left out."""
