"""
An example of every command, as JSON.

Sent in this order to a new ledger, within the days of ``PlanCycle``, each is taken.
"""

from collections.abc import Mapping
from typing import Final

EXAMPLES: Final[Mapping[str, Mapping[str, object]]] = {
    "RegisterOrganisation": {"organisation": "acme", "name": "Acme", "time_zone": "Europe/Berlin"},
    "AddUnit": {"unit_id": "sales", "name": "Sales"},
    "AddPerson": {"person_id": "p-7f3a", "name": "Ada Byron", "title": "Head of Sales", "unit_ids": ["sales"]},
    "ChangeManager": {"person_id": "p-7f3a", "manager_id": None},
    "JoinUnit": {"person_id": "p-7f3a", "unit_id": "root", "primary": False},
    "PlanCycle": {"cycle_id": "y2026", "name": "2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"},
    "OpenCycle": {"cycle_id": "y2026"},
    "CreateObjective": {
        "objective_id": "o-grow",
        "cycle_id": "y2026",
        "owner": {"kind": "unit", "id": "sales"},
        "title": "Customers come back because they want to",
        "ambition": "aspirational",
    },
    "ReviseObjective": {"objective_id": "o-grow", "title": "Customers come back, and bring others"},
    "SetRollUp": {"objective_id": "o-grow", "roll_up": "both", "reason": "Field teams contribute from now on."},
    "OverrideProgress": {"objective_id": "o-grow", "progress": "0.4", "reason": "Two regions reported late."},
    "LiftOverride": {"objective_id": "o-grow", "reason": "All regions have reported."},
    "AddKeyResult": {
        "key_result_id": "k-returning",
        "objective_id": "o-grow",
        "title": "Returning customers a month",
        "kind": "increase",
        "unit": {"kind": "percent"},
        "baseline": "41",
        "target": "55",
        "responsible_id": "p-7f3a",
    },
    "RedefineKeyResult": {
        "key_result_id": "k-returning",
        "target": "52.5",
        "reason": "The price change took longer than planned.",
    },
    "AssignResponsible": {"key_result_id": "k-returning", "person_id": "p-7f3a"},
    "NameKeyPartner": {"key_result_id": "k-returning", "person_id": "p-2b90"},
    "LinkAlignment": {
        "child_id": "o-field",
        "parent": {"kind": "objective", "id": "o-grow"},
        "origin": "laddered",
        "share": "1",
    },
    "UnlinkAlignment": {"child_id": "o-field", "parent": {"kind": "objective", "id": "o-grow"}},
    "RecordCheckIn": {
        "check_in_id": "c-1",
        "key_result_id": "k-returning",
        "value": "44.5",
        "confidence": 6,
        "narrative": "The second region is on board.",
    },
    "CorrectCheckIn": {"check_in_id": "c-1", "value": "43.5", "reason": "One region was counted twice."},
    "WithdrawCheckIn": {"check_in_id": "c-1", "reason": "It was reported for the wrong key result."},
}
"""Name → fields. ``NameKeyPartner`` and the alignment need a second person ``p-2b90`` and an objective ``o-field``."""
