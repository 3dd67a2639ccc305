"""Commands that break a rule of time: the lock, exceptions, dates, check-ins, grades, cycles; and of the directory."""

from typing import Final

from tests.integration.ledger.broken_world import BECAUSE, LATE, Broken, cycle, day, late, link, objective

LOCK: Final = (
    Broken(
        "RedefineKeyResult", {"key_result_id": "k-open", "target": "9"}, 422, "reason_missing", "/reason", "Say why"
    ),
    Broken("ReweighKeyResult", {"key_result_id": "k-open", "weight": "9"}, 422, "reason_missing", "/reason", "Say why"),
    Broken("SetRollUp", {"objective_id": "o-open", "roll_up": "both"}, 422, "reason_missing", "/reason", "Say why"),
    Broken("RecordCheckIn", late(), 409, "exception_missing", None, "GrantException with the command RecordCheckIn"),
    Broken("CorrectCheckIn", {"check_in_id": "c-locked", "value": "9", **BECAUSE}, 409, "exception_missing", None, ""),
    Broken("WithdrawCheckIn", {"check_in_id": "c-locked", **BECAUSE}, 409, "exception_missing", None, "Grant"),
    Broken("ReviseObjective", {"objective_id": "o-locked", "title": "x"}, 409, "exception_missing", None, "Grant"),
    Broken("RecordCheckIn", {**late(), "key_result_id": "k-closed"}, 409, "cycle_is_closed", None, "ReopenCycle"),
    Broken("CorrectCheckIn", {"check_in_id": "c-closed", "value": "9", **BECAUSE}, 409, "exception_missing", None, ""),
    Broken("ReopenCycle", {"cycle_id": "closed", "to": "open", **BECAUSE}, 409, "exception_missing", None, "Grant"),
    Broken("ReopenCycle", {"cycle_id": "open", "to": "locked", **BECAUSE}, 409, "cycle_is_elsewhere", None, "LockC"),
    Broken("OpenCycle", {"cycle_id": "locked"}, 409, "cycle_is_elsewhere", None, "ReopenCycle"),
    Broken("LockCycle", {"cycle_id": "planned"}, 409, "cycle_is_elsewhere", None, "Open it first"),
    Broken(*cycle("x", -50, 0, parent_id="year"), 409, "containing_cycle_is_closed", "/parent_id", "ReopenCycle"),
)

EXCEPTIONS: Final = (
    Broken("RecordCheckIn", late(exception=1), 422, "exception_unknown", "/exception", "sequence of the grant"),
    Broken("RecordCheckIn", late(exception="of ada"), 403, "exception_of_oneself", "/exception", "somebody else"),
    Broken("RecordCheckIn", late(exception="of ben, used"), 409, "exception_used_up", "/exception", "another"),
    Broken("RecordCheckIn", late(exception="of ben, taken back"), 409, "exception_used_up", "/exception", "another"),
    Broken(
        "WithdrawCheckIn",
        {"check_in_id": "c-locked", "exception": "of ben", **BECAUSE},
        *(422, "exception_does_not_fit", "/exception", "Ask for one that fits"),
    ),
    Broken(
        "RecordCheckIn",
        {"key_result_id": "k-open", "value": "12", "exception": "of ben"},
        *(422, "exception_not_needed", "/exception", "Leave 'exception' out"),
    ),
    Broken("GrantException", LATE, 422, "reason_missing", "/reason", "Say why"),
    Broken("GrantException", {**LATE, **BECAUSE}, 403, "role_missing", None, "programme_lead", roles=("member",)),
    Broken(
        "GrantException",
        {**LATE, **BECAUSE, "expires_at": f"{day(92)}T00:00:00Z"},
        *(422, "expiry_out_of_bounds", "/expires_at", "Name a moment up to"),
    ),
    Broken(
        "GrantException",
        {**LATE, **BECAUSE, "expires_at": f"{day(-1)}T00:00:00Z"},
        *(422, "expiry_out_of_bounds", "/expires_at", "Name a moment up to"),
    ),
    Broken(
        "GrantException",
        {**LATE, **BECAUSE, "grantee_id": "p-ada"},
        *(422, "exception_needed_nowhere", "/grantee_id", "Name somebody else"),
    ),
    Broken(
        "GrantException",
        {**LATE, **BECAUSE, "cycle_id": "planned"},
        *(422, "exception_needed_nowhere", "/cycle_id", "needs an exception"),
    ),
    Broken(
        "GrantException",
        {**LATE, **BECAUSE, "command": "Frobnicate"},
        *(422, "exception_needed_nowhere", "/command", "Name one as it is sent"),
    ),
    Broken("GrantException", {**LATE, **BECAUSE}, 403, "granted_by_nobody", None, "A person grants", kind="service"),
)

_SOURCE: Final = {"import_source": {"system": "sheet", "record": "K1"}}
DATES: Final = (
    Broken(
        "ReviseObjective",
        {"objective_id": "o-open", "title": "x", "effective_on": day(-3)},
        422,
        "not_back_datable",
        "/effective_on",
        "Leave 'effective_on' out",
    ),
    Broken(
        "LinkAlignment",
        link("o-free", "o-mid", effective_on=day(-3)),
        422,
        "not_back_datable",
        "/effective_on",
        "Leave",
    ),
    Broken("AddUnit", {"name": "x", "effective_on": day(3)}, 422, "in_the_future", "/effective_on", "Name a day up to"),
    Broken(
        "RecordCheckIn",
        {"key_result_id": "k-open", "value": "1", "effective_on": day(3)},
        422,
        "in_the_future",
        "/effective_on",
        "Name a day up to",
    ),
    Broken(
        "RecordCheckIn",
        {"key_result_id": "k-open", "value": "1", "effective_on": day(-41)},
        422,
        "outside_cycle",
        "/effective_on",
        "Date the check-in from",
    ),
    Broken(
        "RecordCheckIn",
        {"key_result_id": "k-past", "value": "1", "effective_on": day(-12)},
        422,
        "outside_cycle",
        "/effective_on",
        "count for its last day",
    ),
    Broken("RecordCheckIn", {"key_result_id": "k-planned", "value": "1"}, 409, "cycle_is_not_open", None, "OpenCycle"),
    Broken(
        "CorrectCheckIn",
        {"check_in_id": "c-open", "effective_on": day(-41), **BECAUSE},
        422,
        "outside_cycle",
        "/effective_on",
        "Date the check-in from",
    ),
    Broken(
        "CreateObjective",
        objective("x", **_SOURCE),
        403,
        "import_role_missing",
        "/import_source",
        "Leave the field out",
    ),
)

CHECK_INS: Final = (
    Broken("RecordCheckIn", {"key_result_id": "k-fed", "value": "1"}, 422, "fed_by_children", "/value", "narrative"),
    Broken(
        "RecordCheckIn", {"key_result_id": "k-fed", "forecast": "1"}, 422, "fed_by_children", "/forecast", "narrative"
    ),
    Broken("RecordCheckIn", {"key_result_id": "k-open"}, 422, "nothing_reported", None, "at least one of"),
    Broken("RecordCheckIn", {"key_result_id": "k-open", "value": True}, 422, "value_does_not_fit", "/value", "decimal"),
    Broken("RecordCheckIn", {"key_result_id": "k-yes", "value": "1"}, 422, "value_does_not_fit", "/value", "true or"),
    Broken(
        "RecordCheckIn", {"key_result_id": "k-dropped", "value": "1"}, 409, "key_result_has_ended", "/key_result_id", ""
    ),
    Broken(
        "RecordCheckIn",
        {"check_in_id": "c-open", "key_result_id": "k-open", "value": "9"},
        409,
        "id_taken",
        "/check_in_id",
        "Choose another id",
    ),
    Broken(
        "CorrectCheckIn", {"check_in_id": "c-nowhere", "value": "1", **BECAUSE}, 404, "subject_unknown", None, "check"
    ),
    Broken(
        "CorrectCheckIn",
        {"check_in_id": "c-withdrawn", "value": "1", **BECAUSE},
        409,
        "check_in_was_withdrawn",
        None,
        "new one",
    ),
    Broken("CorrectCheckIn", {"check_in_id": "c-open", "value": "1"}, 422, "reason_missing", "/reason", "Say why"),
    Broken(
        "CorrectCheckIn", {"check_in_id": "c-open", "value": True, **BECAUSE}, 422, "value_does_not_fit", "/value", ""
    ),
    Broken("WithdrawCheckIn", {"check_in_id": "c-open"}, 422, "reason_missing", "/reason", "Say why"),
    Broken("AcknowledgeCheckIn", {"check_in_id": "c-open"}, 422, "reader_unnamed", "/person_id", "", kind="service"),
)

GRADES: Final = (
    Broken(
        "GradeKeyResult",
        {"key_result_id": "k-open", "grade": "1.000001", **BECAUSE},
        422,
        "fields_invalid",
        "/grade",
        "",
    ),
    Broken(
        "GradeObjective", {"objective_id": "o-open", "grade": "-0.1", **BECAUSE}, 422, "fields_invalid", "/grade", ""
    ),
    Broken("GradeKeyResult", {"key_result_id": "k-open", "grade": "0.9"}, 422, "reason_missing", "/reason", "Say why"),
    Broken(
        "GradeKeyResult",
        {"key_result_id": "k-open", "grade": "0.9", "proposed": "0.9"},
        409,
        "proposed_otherwise",
        "/proposed",
        "leave 'proposed' out",
    ),
    Broken(
        "GradeKeyResult",
        {"key_result_id": "k-graded", "grade": "0.5", **BECAUSE},
        409,
        "graded_otherwise",
        "/grade",
        "CorrectGrade",
    ),
    Broken(
        "CorrectGrade",
        {"objective_id": "o-open", "grade": "0.5", **BECAUSE},
        409,
        "not_graded",
        None,
        "Grade it first",
    ),
    Broken(
        "CorrectGrade",
        {"objective_id": "o-open", "key_result_id": "k-graded", "grade": "0.5"},
        422,
        "reason_missing",
        "/reason",
        "Say why",
    ),
    Broken(
        "CloseCycle",
        {"cycle_id": "locked"},
        409,
        "not_everything_graded",
        None,
        "key-results/k-locked, objectives/o-locked",
    ),
    Broken("CloseCycle", {"cycle_id": "open"}, 409, "cycle_is_elsewhere", None, "LockCycle"),
    Broken(
        "OverrideProgress", {"objective_id": "o-open", "progress": "0.5"}, 422, "reason_missing", "/reason", "Say why"
    ),
    Broken(
        "OverrideProgress",
        {"objective_id": "o-open", "progress": "1.01", **BECAUSE},
        422,
        "fields_invalid",
        "/progress",
        "",
    ),
)

READERS: Final = (
    Broken(
        "RestrictObjective",
        {"objective_id": "o-open", "readers": [{"kind": "person", "id": "p-ben"}]},
        422,
        "reason_missing",
        "/reason",
        "Say why",
    ),
    Broken(
        "RestrictObjective",
        {"objective_id": "o-open", "readers": [], **BECAUSE},
        422,
        "fields_invalid",
        "/readers",
        "",
    ),
    Broken(
        "RestrictObjective",
        {"objective_id": "o-open", "readers": [{"kind": "unit", "id": "u-no"}], **BECAUSE},
        422,
        "reference_unknown",
        "/readers/0/id",
        "existing",
    ),
)

CYCLES: Final = (
    Broken(
        "ReviseCycle",
        {"cycle_id": "open", "thresholds": {"stale_after_days": 9}},
        409,
        "exception_missing",
        None,
        "Grant",
    ),
    Broken("ReviseCycle", {"cycle_id": "open", "ends_on": day(41)}, 409, "exception_missing", None, "Grant"),
    Broken(
        "ReviseCycle",
        {"cycle_id": "planned", "thresholds": {"committed_at_risk": "0.95"}},
        422,
        "thresholds_out_of_order",
        "/thresholds/committed_at_risk",
        "order",
    ),
    Broken("ReviseCycle", {"cycle_id": "planned", "ends_on": day(49)}, 422, "days_out_of_order", "/ends_on", "from"),
    Broken(
        "ReviseCycle", {"cycle_id": "planned", "ends_on": day(301)}, 422, "outside_parent_cycle", "/starts_on", "within"
    ),
    Broken(*cycle("x", 10, 9), 422, "days_out_of_order", "/ends_on", "Name a last day from"),
    Broken(*cycle("x", 0, 301, parent_id="wide"), 422, "outside_parent_cycle", "/parent_id", "within"),
    Broken(*cycle("x", 0, 1, parent_id="nowhere"), 422, "reference_unknown", "/parent_id", "existing"),
    Broken(
        "ReviseCycle",
        {"cycle_id": "wide", "ends_on": day(80), **BECAUSE},
        422,
        "contains_longer_cycle",
        "/ends_on",
        "choose days",
    ),
    Broken("CloseCycle", {"cycle_id": "outer"}, 409, "contains_live_cycle", None, "Close them first"),
    Broken(
        "CarryOverObjective",
        {"objective_id": "o-open", "cycle_id": "open"},
        *(409, "carried_over_elsewhere", "/cycle_id", "another cycle"),
    ),
)

DIRECTORY: Final = (
    Broken(
        "MoveUnit",
        {"unit_id": "u-sales", "parent_id": "u-north"},
        409,
        "unit_would_circle",
        "/parent_id",
        "outside of it",
    ),
    Broken("MoveUnit", {"unit_id": "root", "parent_id": "u-north"}, 422, "root_stays", "/unit_id", "another unit"),
    Broken("CloseUnit", {"unit_id": "u-sales"}, 409, "units_below_are_open", None, "u-north"),
    Broken("AddUnit", {"name": "x", "parent_id": "u-closed"}, 409, "unit_is_closed", "/parent_id", "one that is not"),
    Broken(
        "ChangeManager",
        {"person_id": "p-ada", "manager_id": "p-ada"},
        422,
        "own_manager",
        "/manager_id",
        "another person",
    ),
    Broken(
        "ChangeManager",
        {"person_id": "p-ada", "manager_id": "p-gone"},
        409,
        "person_is_erased",
        "/manager_id",
        "another person",
    ),
    Broken(
        "RevisePerson", {"person_id": "p-gone", "name": "Back"}, 409, "person_is_erased", "/person_id", "another person"
    ),
    Broken(
        "AddPerson",
        {"person_id": "p-new", "unit_ids": ["u-sales", "u-sales"]},
        422,
        "unit_named_twice",
        "/unit_ids/1",
        "once",
    ),
    Broken(
        "RevisePerson",
        {"person_id": "p-ada", "placeholder": True},
        422,
        "placeholder_again",
        "/placeholder",
        "of its own",
    ),
    Broken("CloseOrganisation", {"organisation": "globex", **BECAUSE}, 422, "other_organisation", "/organisation", ""),
)

PROGRAMME: Final = (
    Broken(
        "Announce",
        {"kind": "news", "title": "x", "audience": {}, "sent": 3, "delivered": 4},
        *(422, "more_delivered_than_sent", "/delivered", ""),
    ),
    Broken(
        "RecordViews",
        {
            "announcement_id": "a1",
            "views": [{"person_id": "p-ben", "seen_at": f"{day(2)}T00:00:00Z", "channel": "mail"}],
        },
        *(422, "seen_in_the_future", "/views/0/seen_at", "up to now"),
    ),
)
