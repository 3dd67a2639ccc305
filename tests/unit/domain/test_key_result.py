"""When a key result is added, redefined, and who answers for it."""

from datetime import date
from decimal import Decimal

import pytest

from okr_contracts.commands import (
    AddKeyResult,
    AssignResponsible,
    ImportSource,
    NameKeyPartner,
    RedefineKeyResult,
)
from okr_contracts.events import KeyPartnerNamed, KeyResultAdded, KeyResultRedefined, ResponsibleAssigned
from okr_contracts.fields import MeasureUnit
from services.ledger.domain.definition import DefinitionMakesNoSense, ValueDoesNotFit
from services.ledger.domain.key_result import AlreadyResponsible, DefinedLater, NothingRedefined
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, SubjectUnknown
from tests.given import given
from tests.unit.domain.acme import CYCLES, K1, MEASURED, O1, OPENED

WITH_O1 = (*OPENED, O1)
ADDED = KeyResultAdded(
    key_result_id="k1",
    objective_id="o1",
    title="Customers",
    kind="increase",
    unit=MeasureUnit(),
    baseline=Decimal(0),
    target=Decimal(100),
    weight=Decimal(1),
    source="check_ins",
    responsible_id="p-ada",
    cadence_days=7,
)
REDEFINED = KeyResultRedefined(
    key_result_id="k1",
    kind="increase",
    unit=MeasureUnit(),
    baseline=Decimal(0),
    target=Decimal(80),
    reason="a new market",
)
lower = RedefineKeyResult(key_result_id="k1", target=Decimal(80), reason="a new market")


def changed(**fields: object) -> AddKeyResult:
    return AddKeyResult.model_validate({**K1.model_dump(), **fields})


def test_a_key_result_is_added_with_its_defaults():
    given(WITH_O1).when(K1).then(ADDED)


def test_the_same_key_result_twice_is_one():
    given(WITH_O1, K1).when(K1).then_nothing_happened()
    given(WITH_O1, K1, lower).when(K1).then_nothing_happened()
    given(WITH_O1, K1).when(changed(target=90)).then_refused(IdTaken, "k1", "/key_result_id")


@pytest.mark.parametrize(
    ("fields", "words", "pointer"),
    [
        ({"target": None}, "needs a target", "/target"),
        ({"baseline": None}, "needs a baseline", "/baseline"),
        ({"target": 0}, "baseline lies below the target", "/target"),
        ({"target": -1}, "baseline lies below the target", "/target"),
        ({"kind": "reduce"}, "target lies below the baseline", "/target"),
        ({"kind": "achieve"}, "has no baseline", "/baseline"),
        ({"low": 1}, "has no low", "/low"),
        (
            {"kind": "stay_within", "baseline": None, "target": None, "low": 5, "high": 5},
            "low lies below the high",
            "/low",
        ),
        ({"kind": "stay_above", "baseline": None, "floor": 100}, "floor lies below the target", "/target"),
        ({"unit": {"kind": "money"}}, "ISO 4217", "/unit/code"),
        ({"unit": {"kind": "money", "code": "EURO"}}, "ISO 4217", "/unit/code"),
        ({"unit": {"kind": "percent", "code": "%"}}, "has no code", "/unit/code"),
        ({"unit": {"kind": "custom"}}, "needs its word", "/unit/code"),
        ({"partner_ids": ["p-ben", "p-ben"]}, "twice", "/partner_ids/1"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(fields: dict[str, object], words: str, pointer: str):
    given(WITH_O1).when(changed(**fields)).then_refused(DefinitionMakesNoSense, words, pointer)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "reduce", "baseline": 100, "target": 10},
        {"kind": "achieve", "baseline": None, "target": None},
        {"kind": "stay_above", "baseline": None},
        {"kind": "stay_below", "baseline": None, "ceiling": 200},
        {"kind": "stay_within", "baseline": None, "target": None, "low": 1, "high": 2, "floor": 0},
        {"unit": {"kind": "money", "code": "EUR"}},
        {"unit": {"kind": "custom", "code": "customers"}},
    ],
)
def test_every_kind_and_unit_has_a_definition_that_makes_sense(fields: dict[str, object]):
    given(WITH_O1).when(changed(**fields)).then(KeyResultAdded.model_validate({**ADDED.model_dump(), **fields}))


def test_everybody_and_everything_named_exists():
    given(WITH_O1).when(changed(objective_id="o9")).then_refused(ReferenceUnknown, "o9", "/objective_id")
    given(WITH_O1).when(changed(responsible_id="p9")).then_refused(ReferenceUnknown, "p9", "/responsible_id")
    given(WITH_O1).when(changed(partner_ids=["p9"])).then_refused(ReferenceUnknown, "p9", "/partner_ids/0")


def test_a_partner_is_never_also_responsible():
    given(WITH_O1).when(changed(partner_ids=["p-ada"])).then_refused(AlreadyResponsible, "p-ada", "/partner_ids/0")
    given(MEASURED).when(NameKeyPartner(key_result_id="k1", person_id="p-ada")).then_refused(
        AlreadyResponsible, "p-ada"
    )
    given(MEASURED, NameKeyPartner(key_result_id="k1", person_id="p-ben")).when(
        AssignResponsible(key_result_id="k1", person_id="p-ben")
    ).then_refused(AlreadyResponsible, "p-ben", "/person_id")


def test_another_person_becomes_responsible():
    assign = AssignResponsible(key_result_id="k1", person_id="p-ben")
    given(MEASURED).when(assign).then(ResponsibleAssigned(key_result_id="k1", person_id="p-ben"))
    given(MEASURED, assign).when(assign).then_nothing_happened()
    given(MEASURED).when(AssignResponsible(key_result_id="k1", person_id="p9")).then_refused(ReferenceUnknown, "p9")
    given(OPENED).when(assign).then_refused(SubjectUnknown, "k1")


def test_a_key_partner_is_named_once():
    name = NameKeyPartner(key_result_id="k1", person_id="p-ben")
    given(MEASURED).when(name).then(KeyPartnerNamed(key_result_id="k1", person_id="p-ben"))
    given(MEASURED, name).when(name).then_nothing_happened()
    given(MEASURED).when(NameKeyPartner(key_result_id="k1", person_id="p9")).then_refused(ReferenceUnknown, "p9")


def test_a_redefinition_carries_the_whole_definition():
    given(MEASURED).when(lower).then(REDEFINED)


def test_a_redefinition_in_an_open_cycle_needs_a_reason_and_before_it_none():
    bare = RedefineKeyResult(key_result_id="k1", target=Decimal(80))
    given(MEASURED).when(bare).then_refused(ReasonMissing, "open", "/reason")
    given(CYCLES, O1, K1).when(bare).then(REDEFINED.model_copy(update={"reason": None}))


def test_a_redefinition_that_changes_nothing_is_already_so():
    given(MEASURED, lower).when(lower).then_nothing_happened()
    given(MEASURED).when(RedefineKeyResult(key_result_id="k1")).then_nothing_happened()


def test_a_redefinition_makes_sense_as_a_whole():
    given(MEASURED).when(RedefineKeyResult(key_result_id="k1", target=None, reason="?")).then_refused(
        DefinitionMakesNoSense, "needs a target", "/target"
    )
    given(MEASURED).when(RedefineKeyResult(key_result_id="k1", kind=None, reason="?")).then_refused(
        DefinitionMakesNoSense, "always has a kind", "/kind"
    )
    given(OPENED).when(lower).then_refused(SubjectUnknown, "k1")


def test_a_value_alone_is_no_redefinition():
    restated = RedefineKeyResult.model_validate({**lower.model_dump(exclude_unset=True), "restated_value": "3"})
    value_alone = RedefineKeyResult(key_result_id="k1", restated_value=Decimal(4), reason="?")
    given(MEASURED, restated).when(restated).then_nothing_happened()
    given(MEASURED, restated).when(value_alone).then_refused(NothingRedefined, "RecordCheckIn", "/restated_value")
    given(MEASURED).when(value_alone).then_refused(NothingRedefined, "RecordCheckIn", "/restated_value")


def test_an_import_dates_redefinitions_in_the_order_of_their_days():
    first, second = date(2026, 5, 2), date(2026, 5, 1)
    source = ImportSource(system="sheet", record="K4")
    early_key_result = changed(effective_on=date(2026, 4, 1), import_source=source)
    at_first = lower.model_copy(update={"effective_on": first, "import_source": source})
    earlier = RedefineKeyResult.model_validate(
        {"key_result_id": "k1", "target": "70", "effective_on": second, "reason": "?", "import_source": source}
    )
    given(WITH_O1, early_key_result, at_first).as_import().when(earlier).then_refused(
        DefinedLater, "2026-05-02", "/effective_on"
    )
    given(MEASURED).as_import().when(earlier).then_refused(DefinedLater, "2026-05-20", "/effective_on")


def test_a_restated_value_fits_the_new_kind():
    yes_or_no = {"key_result_id": "k1", "kind": "achieve", "baseline": None, "target": None, "reason": "simpler"}
    given(MEASURED).when(RedefineKeyResult.model_validate({**yes_or_no, "restated_value": "3"})).then_refused(
        ValueDoesNotFit, "true or false", "/restated_value"
    )
    given(MEASURED).when(RedefineKeyResult.model_validate({**yes_or_no, "restated_value": True})).then(
        KeyResultRedefined(
            key_result_id="k1", kind="achieve", unit=MeasureUnit(), restated_value=True, reason="simpler"
        )
    )
