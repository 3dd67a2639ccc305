"""Commands that break a rule of objectives, key results, who answers for them, and alignments."""

from typing import Final

from tests.integration.ledger.broken_world import BECAUSE, Broken, above, day, key_result, link, objective

OWNERS: Final = (
    Broken(
        "CreateObjective",
        objective("x", owner={"kind": "person", "id": "p-nobody"}),
        *(422, "reference_unknown", "/owner/id", "Name an existing one"),
    ),
    Broken(
        "CreateObjective",
        objective("x", owner={"kind": "person", "id": "p-left"}),
        *(409, "person_is_inactive", "/owner/id", "Name somebody who is active"),
    ),
    Broken(
        "CreateObjective",
        objective("x", owner={"kind": "person", "id": "p-gone"}),
        *(409, "person_is_erased", "/owner/id", "Name another person"),
    ),
    Broken(
        "CreateObjective",
        objective("x", owner={"kind": "unit", "id": "u-closed"}),
        *(409, "unit_is_closed", "/owner/id", "Name one that is not"),
    ),
    Broken("CreateObjective", objective("x", "nowhere"), 422, "reference_unknown", "/cycle_id", "Name an existing one"),
    Broken("CreateObjective", objective("x", "locked"), 409, "exception_missing", None, "GrantException"),
    Broken("CreateObjective", objective("x", "closed"), 409, "cycle_is_closed", None, "ReopenCycle"),
    Broken(
        "ReassignObjective",
        {"objective_id": "o-open", "owner": {"kind": "person", "id": "p-left"}, **BECAUSE},
        *(409, "person_is_inactive", "/owner/id", "Name somebody who is active"),
    ),
)


def _defined(pointer: str, says: str, **fields: object) -> Broken:
    return Broken("AddKeyResult", key_result("x", **fields), 422, "definition_makes_no_sense", pointer, says)


_EUROS: Final = {"kind": "increase", "baseline": "0", "target": "1"}
DEFINITIONS: Final = (
    Broken("AddKeyResult", key_result("x", "nowhere"), 422, "reference_unknown", "/objective_id", "existing"),
    Broken("AddKeyResult", key_result("x", "o-abandoned"), 409, "objective_has_ended", "/objective_id", "Reinstate"),
    _defined("/target", "", kind="increase", baseline="5", target="5"),
    _defined("/target", "", kind="increase", baseline="5", target="4.99999999999999999999"),
    _defined("/target", "", kind="reduce", baseline="5", target="6"),
    _defined("/baseline", "needs a baseline", kind="increase", target="6"),
    _defined("/low", "lies below the high", kind="stay_within", low="5", high="5"),
    _defined("/low", "needs a low", kind="stay_within", high="5"),
    _defined("/target", "", kind="stay_above", target="5", floor="5"),
    _defined("/target", "", kind="stay_below", target="5", ceiling="5"),
    _defined("/target", "Leave it out", kind="achieve", target="5"),
    _defined("/unit/code", "EUR", **_EUROS, unit={"kind": "money"}),
    _defined("/unit/code", "EUR", **_EUROS, unit={"kind": "money", "code": "XXQ"}),
    _defined("/unit/code", "Leave it out", **_EUROS, unit={"kind": "percent", "code": "%"}),
    _defined("/unit/code", "its word", **_EUROS, unit={"kind": "custom"}),
    _defined("/phased_targets/0/on", "", phased_targets=[{"on": day(300), "value": "5"}]),
    Broken(
        "RedefineKeyResult",
        {"key_result_id": "k-open", "target": "-1", **BECAUSE},
        *(422, "definition_makes_no_sense", "/target", ""),
    ),
    Broken(
        "RedefineKeyResult",
        {"key_result_id": "k-open", "kind": None, **BECAUSE},
        *(422, "definition_makes_no_sense", "/kind", "leave it out to keep it"),
    ),
    Broken(
        "RedefineKeyResult",
        {"key_result_id": "k-open", "restated_value": "5", **BECAUSE},
        *(422, "nothing_redefined", "/restated_value", "RecordCheckIn"),
    ),
)

RESPONSIBLE: Final = (
    Broken("AddKeyResult", key_result("x", responsible_id="p-no"), 422, "reference_unknown", "/responsible_id", ""),
    Broken("AddKeyResult", key_result("x", responsible_id="p-gone"), 409, "person_is_erased", "/responsible_id", ""),
    Broken(
        "AddKeyResult",
        key_result("x", partner_ids=["p-ben", "p-ada"]),
        *(422, "already_responsible", "/partner_ids/1", ""),
    ),
    Broken(
        "NameKeyPartner",
        {"key_result_id": "k-open", "person_id": "p-ada"},
        *(422, "already_responsible", "/person_id", ""),
    ),
    Broken(
        "AssignResponsible",
        {"key_result_id": "k-open", "person_id": "p-ben"},
        *(422, "already_responsible", "/person_id", ""),
    ),
    Broken(
        "AssignResponsible",
        {"key_result_id": "k-open", "person_id": "p-gone"},
        *(409, "person_is_erased", "/person_id", "Name another person"),
    ),
    Broken("ErasePerson", {"person_id": "p-ada", **BECAUSE}, 409, "still_responsible", None, "AssignResponsible"),
    Broken("ErasePerson", {"person_id": "p-cat", **BECAUSE}, 409, "person_is_held", None, "ReleaseHold"),
    Broken("ErasePerson", {"person_id": "p-ben"}, 422, "reason_missing", "/reason", "Say why"),
)

LINKS: Final = (
    Broken("LinkAlignment", link("o-top", "o-mid"), 422, "parent_in_another_cycle", "/parent/id", "contains it"),
    Broken(
        "LinkAlignment",
        link("o-open", "o-mid", effect="supports"),
        409,
        "alignment_would_circle",
        "/parent/id",
        "another parent",
    ),
    Broken(
        "LinkAlignment",
        link("o-mid", "o-mid", effect="supports"),
        409,
        "alignment_would_circle",
        "/parent/id",
        "another parent",
    ),
    Broken(
        "LinkAlignment",
        link("o-open", "k-yes", "key_result", effect="supports"),
        *(409, "alignment_would_circle", "/parent/id", "another parent"),
    ),
    Broken("LinkAlignment", link("o-mid", "o-other"), 422, "parent_in_another_cycle", "/parent/id", "same cycle"),
    Broken("LinkAlignment", link("o-mid", "o-abandoned"), 409, "objective_has_ended", "/parent/id", "Reinstate"),
    Broken("LinkAlignment", link("o-abandoned", "o-mid"), 409, "objective_has_ended", "/child_id", "Reinstate"),
    Broken(
        "LinkAlignment",
        link("o-mid", "k-dropped", "key_result"),
        *(409, "key_result_has_ended", "/parent/id", ""),
    ),
    Broken("LinkAlignment", link("o-mid", "o-nowhere"), 422, "reference_unknown", "/parent/id", "existing"),
    Broken("LinkAlignment", link("o-mid", "o-free", share="0.41"), 409, "share_too_large", "/share", "at most 0.4"),
    Broken(
        "ChangeAlignment",
        {**link("o-free", "o-mid"), "share": "0.5", **BECAUSE},
        *(404, "subject_unknown", None, "Create it first"),
    ),
    Broken(
        "MoveAlignment",
        {**link("o-open", "o-top"), "to_parent": above("o-mid"), **BECAUSE},
        *(409, "alignment_would_circle", "/to_parent/id", "another parent"),
    ),
    Broken(
        "LinkAlignment",
        link("o-mid", "k-open", "key_result", share="0.5"),
        *(409, "aligned_otherwise", "/parent", "Unlink it first"),
    ),
    Broken(
        "LinkAlignment",
        link("o-closed", "o-closed-too"),
        *(409, "aligned_in_closed_cycle", "/parent/id", "nothing in it is linked"),
    ),
    Broken("AcceptAlignment", link("o-open", "o-top"), 409, "acceptance_not_awaited", None, "Unlink it"),
)
