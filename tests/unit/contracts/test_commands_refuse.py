"""Every field of every command wrong in every way: refused, with the field named."""

from collections.abc import Iterator
from typing import Final

import pytest
from pydantic import ValidationError

from okr_contracts.commands import COMMANDS, Command

PARENT: Final = {"kind": "objective", "id": "o2"}
REQUIRED: Final[dict[str, dict[str, object]]] = {
    "RegisterOrganisation": {"organisation": "acme", "name": "Acme"},
    "AddUnit": {"name": "Sales"},
    "AddPerson": {},
    "ChangeManager": {"person_id": "p1", "manager_id": "p2"},
    "JoinUnit": {"person_id": "p1", "unit_id": "sales"},
    "PlanCycle": {"name": "Q1", "starts_on": "2026-01-01", "ends_on": "2026-03-31"},
    "OpenCycle": {"cycle_id": "q1"},
    "CreateObjective": {"cycle_id": "q1", "owner": {"kind": "unit", "id": "sales"}, "title": "Be recommended"},
    "ReviseObjective": {"objective_id": "o1"},
    "SetRollUp": {"objective_id": "o1", "roll_up": "both"},
    "OverrideProgress": {"objective_id": "o1", "progress": "0.5"},
    "LiftOverride": {"objective_id": "o1"},
    "AddKeyResult": {"objective_id": "o1", "title": "Revenue", "kind": "increase", "responsible_id": "p1"},
    "RedefineKeyResult": {"key_result_id": "k1"},
    "AssignResponsible": {"key_result_id": "k1", "person_id": "p1"},
    "NameKeyPartner": {"key_result_id": "k1", "person_id": "p1"},
    "LinkAlignment": {"child_id": "o1", "parent": PARENT},
    "UnlinkAlignment": {"child_id": "o1", "parent": PARENT},
    "RecordCheckIn": {"key_result_id": "k1"},
    "CorrectCheckIn": {"check_in_id": "c1"},
    "WithdrawCheckIn": {"check_in_id": "c1"},
    "ChangeSettings": {},
    "CloseOrganisation": {},
    "AssignRole": {"person_id": "p1", "role": "auditor"},
    "RevokeRole": {"person_id": "p1", "role": "auditor"},
    "PlaceHold": {},
    "ReleaseHold": {"hold_id": "h1"},
    "RenameUnit": {"unit_id": "sales", "name": "Sales"},
    "MoveUnit": {"unit_id": "sales", "parent_id": "root"},
    "NameUnitLead": {"unit_id": "sales", "person_id": "p1"},
    "CloseUnit": {"unit_id": "sales"},
    "RevisePerson": {"person_id": "p1"},
    "LeaveUnit": {"person_id": "p1", "unit_id": "sales"},
    "DeactivatePerson": {"person_id": "p1"},
    "ReactivatePerson": {"person_id": "p1"},
    "ErasePerson": {"person_id": "p1"},
    "ReviseCycle": {"cycle_id": "q1"},
    "LockCycle": {"cycle_id": "q1"},
    "ReopenCycle": {"cycle_id": "q1", "to": "open"},
    "CloseCycle": {"cycle_id": "q1"},
    "GrantException": {"cycle_id": "q1", "command": "RecordCheckIn", "on": "key-results/k1"},
    "RevokeException": {"cycle_id": "q1", "granted": 7},
    "ReassignObjective": {"objective_id": "o1", "owner": {"kind": "unit", "id": "sales"}},
    "DeclareTopLevel": {"objective_id": "o1"},
    "SetAmbition": {"objective_id": "o1", "ambition": "committed"},
    "SetLabels": {"objective_id": "o1", "labels": ["a"]},
    "RestrictObjective": {"objective_id": "o1", "readers": [{"kind": "person", "id": "p1"}]},
    "OpenObjective": {"objective_id": "o1"},
    "AbandonObjective": {"objective_id": "o1"},
    "ReinstateObjective": {"objective_id": "o1"},
    "CarryOverObjective": {"objective_id": "o1", "cycle_id": "q2"},
    "GradeObjective": {"objective_id": "o1", "grade": "0.5"},
    "CorrectGrade": {"objective_id": "o1", "grade": "0.5"},
    "DismissSignal": {"objective_id": "o1", "code": "has_no_number"},
    "ReviseKeyResult": {"key_result_id": "k1", "title": "Revenue"},
    "ReweighKeyResult": {"key_result_id": "k1", "weight": "2"},
    "ReleaseKeyPartner": {"key_result_id": "k1", "person_id": "p1"},
    "SetCadence": {"key_result_id": "k1", "cadence_days": 7},
    "SetPhasedTargets": {"key_result_id": "k1", "phased_targets": [{"on": "2026-02-01", "value": "5"}]},
    "DropKeyResult": {"key_result_id": "k1"},
    "ReinstateKeyResult": {"key_result_id": "k1"},
    "GradeKeyResult": {"key_result_id": "k1", "grade": "0.5"},
    "ChangeAlignment": {"child_id": "o1", "parent": PARENT},
    "MoveAlignment": {"child_id": "o1", "parent": PARENT, "to_parent": {"kind": "objective", "id": "o3"}},
    "AcceptAlignment": {"child_id": "o1", "parent": PARENT},
    "DeclineAlignment": {"child_id": "o1", "parent": PARENT},
    "AcknowledgeCheckIn": {"check_in_id": "c1"},
    "Announce": {"kind": "news", "title": "A new quarter"},
    "RecordViews": {
        "announcement_id": "a1",
        "views": [{"person_id": "p1", "seen_at": "2026-01-02T09:00:00Z", "channel": "mail"}],
    },
    "RecordAction": {"announcement_id": "a1", "person_id": "p1", "action": "training_finished"},
}
"""The least that each command takes."""
NULL_IS_A_FACT: Final = {
    ("ChangeManager", "manager_id"),  # nobody
    ("NameUnitLead", "person_id"),  # nobody
    ("SetLabels", "labels"),  # none
}
"""Where null says something; for all others it is as good as nothing."""

# Right for no field at all, whatever its type: neither for words, ids, words from a list, days, numbers nor lists.
WRONG_EVERYWHERE: Final[dict[str, object]] = {
    "an object of something else": {"no": "such"},
    "a list in a list": [[1]],
    "a fraction that is not exact": 1.5,
    "not a number": float("nan"),
    "beyond all numbers": float("inf"),
    "a NUL": "a\x00b",
    "too long": "x" * 10_001,
    "half a character": "\ud800",
}
NO_DECIMALS: Final[tuple[object, ...]] = (
    "NaN",
    "Infinity",
    "1e400",
    "4" * 40,
    "0." + "1" * 21,
    "1_000",
    " 1",
    "+1",
    "",
    10**30,
    [],
)
DECIMALS: Final = {
    "AddKeyResult": ("baseline", "target", "floor", "ceiling", "low", "high", "weight"),
    "RedefineKeyResult": ("baseline", "target", "floor", "ceiling", "low", "high", "restated_value"),
    "LinkAlignment": ("weight", "share"),
    "OverrideProgress": ("progress",),
    "GradeObjective": ("grade", "proposed"),
    "CorrectGrade": ("grade",),
    "GradeKeyResult": ("grade", "proposed"),
    "ReweighKeyResult": ("weight",),
    "ChangeAlignment": ("weight", "share"),
    "MoveAlignment": ("weight", "share"),
    "ChangeSettings": ("over_cascaded_share", "drifting_coverage"),
    "RecordCheckIn": ("value", "forecast"),
    "CorrectCheckIn": ("value", "forecast"),
}


def each_field() -> Iterator[tuple[str, str]]:
    for name, command in COMMANDS.items():
        for field in command.model_fields:
            yield name, field


def refused_at(name: str, fields: dict[str, object]) -> set[str]:
    with pytest.raises(ValidationError) as refusal:
        COMMANDS[name].model_validate(fields)
    return {str(error["loc"][0]) for error in refusal.value.errors()}


def test_every_command_is_here() -> None:
    assert set(REQUIRED) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_takes_what_is_required_and_says_what_it_is_about(name: str) -> None:
    command = COMMANDS[name].model_validate(REQUIRED[name])
    assert command.names[0] == command.subject
    assert command.id_field is None or command.id_field in type(command).model_fields
    assert COMMANDS[name].__doc__


@pytest.mark.parametrize("name", COMMANDS)
def test_each_required_field_is_missed_when_it_is_missing(name: str) -> None:
    for field in REQUIRED[name]:
        if (name, field) not in NULL_IS_A_FACT:
            assert refused_at(name, {**REQUIRED[name], field: None}) == {field}
        assert refused_at(name, {own: value for own, value in REQUIRED[name].items() if own != field}) == {field}
    assert {own for own, field in COMMANDS[name].model_fields.items() if field.is_required()} == set(REQUIRED[name])


@pytest.mark.parametrize(("name", "field"), list(each_field()))
@pytest.mark.parametrize("wrong", WRONG_EVERYWHERE.values(), ids=WRONG_EVERYWHERE)
def test_a_field_of_another_type_is_refused_by_name(name: str, field: str, wrong: object) -> None:
    assert refused_at(name, {**REQUIRED[name], field: wrong}) == {field}


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, fields in DECIMALS.items() for field in fields])
def test_no_decimal_is_guessed(name: str, field: str) -> None:
    for wrong in NO_DECIMALS:
        assert refused_at(name, {**REQUIRED[name], field: wrong}) == {field}
    if field not in ("value", "forecast", "restated_value"):
        assert refused_at(name, {**REQUIRED[name], field: True}) == {field}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_field_is_refused_by_name(name: str) -> None:
    assert refused_at(name, {**REQUIRED[name], "colour": "red"}) == {"colour"}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("wrong", [None, [], "", 5, True, [{}]])
def test_only_an_object_is_a_command(name: str, wrong: object) -> None:
    with pytest.raises(ValidationError):
        COMMANDS[name].model_validate(wrong)


@pytest.mark.parametrize(
    ("name", "field", "wrong"),
    [
        ("RegisterOrganisation", "time_zone", "Europe/Atlantis"),
        ("RegisterOrganisation", "time_zone", "../etc/passwd"),
        ("RegisterOrganisation", "organisation", "Acme Inc"),
        ("AddPerson", "email", "ada"),
        ("AddPerson", "email", "ada@"),
        ("AddPerson", "email", "a b@example.org"),
        ("AddPerson", "name", ""),
        ("AddPerson", "name", "x" * 201),
        ("AddPerson", "unit_ids", ["u"] * 101),
        ("AddPerson", "placeholder", "yes"),
        ("PlanCycle", "starts_on", "2026-02-30"),
        ("CreateObjective", "owner", {"kind": "team", "id": "x"}),
        ("CreateObjective", "owner", {"kind": "unit", "id": "x", "name": "y"}),
        ("CreateObjective", "ambition", "moonshot"),
        ("CreateObjective", "title", "  "),
        ("CreateObjective", "top_level", 1),
        ("CreateObjective", "labels", ["x" * 101]),
        ("AddKeyResult", "kind", "Increase"),
        ("AddKeyResult", "unit", {"kind": "money", "code": "€" * 33}),
        ("AddKeyResult", "weight", "-1"),
        ("AddKeyResult", "cadence_days", 0),
        ("AddKeyResult", "source", "spreadsheet"),
        ("LinkAlignment", "parent", {"kind": "unit", "id": "sales"}),
        ("LinkAlignment", "share", "0"),
        ("LinkAlignment", "share", "1.01"),
        ("LinkAlignment", "effect", "blocks"),
        ("LinkAlignment", "origin", "imposed"),
        ("OverrideProgress", "progress", "1.01"),
        ("RecordCheckIn", "confidence", 11),
        ("RecordCheckIn", "confidence", True),
        ("RecordCheckIn", "effective_on", "2026-11-22T00:00:00Z"),
        ("RecordCheckIn", "exception", 0),
        ("RecordCheckIn", "correlation_id", "a b"),
        ("RecordCheckIn", "effective_basis", "guessed"),
        ("RecordCheckIn", "import_source", {"system": "csv"}),
        ("RecordCheckIn", "import_source", {"system": "csv", "record": "a b"}),
        ("RecordCheckIn", "import_source", {"system": "csv", "record": "1", "recorded_at": "2026-01-01T00:00:00"}),
    ],
)
def test_what_a_field_may_not_say(name: str, field: str, wrong: object) -> None:
    assert refused_at(name, {**REQUIRED[name], field: wrong}) == {field}


def test_left_out_and_null_are_told_apart_where_it_matters() -> None:
    kept = COMMANDS["CorrectCheckIn"].model_validate({"check_in_id": "c1"})
    cleared = COMMANDS["CorrectCheckIn"].model_validate({"check_in_id": "c1", "value": None})
    assert "value" not in kept.model_fields_set
    assert "value" in cleared.model_fields_set


def test_defaults_are_those_of_the_domain() -> None:
    def defaults(name: str, *fields: str) -> list[object]:
        command: Command = COMMANDS[name].model_validate(REQUIRED[name])
        written = command.model_dump(mode="json")
        return [written[field] for field in fields]

    assert defaults("AddKeyResult", "weight", "source") == ["1", "check_ins"]
    assert defaults("LinkAlignment", "effect", "origin", "weight", "share") == ["contributes", "unstated", "1", "1"]
    assert defaults("CreateObjective", "ambition", "roll_up", "top_level") == ["aspirational", "key_results", False]
    assert defaults("AddUnit", "parent_id") == ["root"]


def test_a_command_is_never_changed_after_it_was_read() -> None:
    command = COMMANDS["OpenCycle"].model_validate({"cycle_id": "q1"})
    with pytest.raises(ValidationError, match="frozen"):
        command.__setattr__("cycle_id", "q2")
