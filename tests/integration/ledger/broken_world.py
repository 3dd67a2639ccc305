"""An organisation in which every rule can be broken, and what is said of a command that breaks one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

Fields = Mapping[str, object]

_TODAY: Final = datetime.now(UTC).date()


def day(distance: int) -> str:
    """The day so many days from today."""
    return (_TODAY + timedelta(days=distance)).isoformat()


@dataclass(frozen=True)
class Broken:
    """
    A command that breaks a rule.

    *says* are words of the refusal that name what would be accepted; *pointer* is the field at fault, None where it is
    none in particular. *by* is who sends it.
    """

    command: str
    fields: Fields
    status: int
    code: str
    pointer: str | None
    says: str
    by: str = "p-ada"
    roles: Sequence[str] = field(default=("programme_lead", "administrator", "member"))
    kind: Literal["person", "service"] = "person"

    @property
    def name(self) -> str:
        return f"{self.command} {self.code} {self.pointer or ''}".strip()


def key_result(key_result_id: str, objective_id: str = "o-open", /, **fields: object) -> dict[str, object]:
    measured = {"kind": "increase", "baseline": "0", "target": "100"} if "kind" not in fields else {}
    own = {"key_result_id": key_result_id, "objective_id": objective_id, "title": "Customers"}
    return {**own, "responsible_id": "p-ada", **measured, **fields}


def objective(objective_id: str, cycle_id: str = "open", /, **fields: object) -> dict[str, object]:
    owner = {"kind": "unit", "id": "u-sales"}
    return {"objective_id": objective_id, "cycle_id": cycle_id, "owner": owner, "title": "Win", **fields}


def above(node_id: str, kind: str = "objective") -> dict[str, str]:
    return {"kind": kind, "id": node_id}


def link(child_id: str, node_id: str, kind: str = "objective", **fields: object) -> dict[str, object]:
    return {"child_id": child_id, "parent": above(node_id, kind), **fields}


def cycle(cycle_id: str, starts: int, ends: int, **fields: object) -> tuple[str, Fields]:
    days = {"starts_on": day(starts), "ends_on": day(ends)}
    return "PlanCycle", {"cycle_id": cycle_id, "name": cycle_id, **days, **fields}


BECAUSE: Final = {"reason": "because"}

WORLD: Final[Sequence[tuple[str, Fields]]] = (
    ("AddUnit", {"unit_id": "u-sales", "name": "Sales"}),
    ("AddUnit", {"unit_id": "u-north", "name": "North", "parent_id": "u-sales"}),
    ("AddUnit", {"unit_id": "u-closed", "name": "Closed"}),
    ("CloseUnit", {"unit_id": "u-closed"}),
    *(("AddPerson", {"person_id": f"p-{name}", "name": name}) for name in ("ada", "ben", "cat", "gone", "left")),
    ("ErasePerson", {"person_id": "p-gone", **BECAUSE}),
    ("DeactivatePerson", {"person_id": "p-left"}),
    ("PlaceHold", {"hold_id": "h1", "person_id": "p-cat", **BECAUSE}),
    cycle("wide", -300, 300),
    ("OpenCycle", {"cycle_id": "wide"}),
    cycle("open", -40, 40, parent_id="wide"),
    ("OpenCycle", {"cycle_id": "open"}),
    cycle("other", -40, 40),
    ("OpenCycle", {"cycle_id": "other"}),
    cycle("planned", 50, 90, parent_id="wide"),
    cycle("past", -100, -20),
    ("OpenCycle", {"cycle_id": "past"}),
    cycle("locked", -40, 40),
    ("OpenCycle", {"cycle_id": "locked"}),
    cycle("closed", -90, 10),
    ("OpenCycle", {"cycle_id": "closed"}),
    cycle("year", -90, 10),
    ("OpenCycle", {"cycle_id": "year"}),
    ("CreateObjective", objective("o-open")),
    ("CreateObjective", objective("o-top", "wide")),
    ("CreateObjective", objective("o-mid")),
    ("CreateObjective", objective("o-free")),
    ("CreateObjective", objective("o-abandoned")),
    ("CreateObjective", objective("o-other", "other")),
    ("CreateObjective", objective("o-past", "past")),
    ("CreateObjective", objective("o-planned", "planned")),
    ("CreateObjective", objective("o-locked", "locked")),
    ("CreateObjective", objective("o-closed", "closed")),
    ("CreateObjective", objective("o-closed-too", "closed")),
    ("AddKeyResult", key_result("k-open", partner_ids=["p-ben"])),
    ("AddKeyResult", key_result("k-yes", kind="achieve")),
    ("AddKeyResult", key_result("k-fed", source="children")),
    ("AddKeyResult", key_result("k-dropped")),
    ("AddKeyResult", key_result("k-graded")),
    ("AddKeyResult", key_result("k-past", "o-past")),
    ("AddKeyResult", key_result("k-planned", "o-planned")),
    ("AddKeyResult", key_result("k-locked", "o-locked")),
    ("AddKeyResult", key_result("k-closed", "o-closed")),
    ("RecordCheckIn", {"check_in_id": "c-open", "key_result_id": "k-open", "value": "10"}),
    ("RecordCheckIn", {"check_in_id": "c-withdrawn", "key_result_id": "k-open", "value": "11"}),
    ("WithdrawCheckIn", {"check_in_id": "c-withdrawn", **BECAUSE}),
    ("RecordCheckIn", {"check_in_id": "c-locked", "key_result_id": "k-locked", "value": "10"}),
    ("RecordCheckIn", {"check_in_id": "c-closed", "key_result_id": "k-closed", "value": "10"}),
    ("LinkAlignment", link("o-mid", "k-open", "key_result", share="0.6")),
    ("LinkAlignment", link("o-open", "o-top")),
    ("AbandonObjective", {"objective_id": "o-abandoned", **BECAUSE}),
    ("DropKeyResult", {"key_result_id": "k-dropped", **BECAUSE}),
    ("GradeKeyResult", {"key_result_id": "k-graded", "grade": "0.4", **BECAUSE}),
    ("LockCycle", {"cycle_id": "locked"}),
    ("LockCycle", {"cycle_id": "closed"}),
    ("GradeKeyResult", {"key_result_id": "k-closed", "grade": "0.4", **BECAUSE}),
    ("GradeObjective", {"objective_id": "o-closed", "grade": "0.4", **BECAUSE}),
    ("GradeObjective", {"objective_id": "o-closed-too", "grade": "0.4", **BECAUSE}),
    ("CloseCycle", {"cycle_id": "closed"}),
    ("Announce", {"announcement_id": "a1", "kind": "news", "title": "New", "audience": {}, "sent": 3}),
    cycle("outer", -40, 40),
    cycle("inner", -40, 40, parent_id="outer"),
    ("OpenCycle", {"cycle_id": "outer"}),
    ("LockCycle", {"cycle_id": "outer"}),
    ("LockCycle", {"cycle_id": "year"}),
    ("CloseCycle", {"cycle_id": "year"}),
)
"""What is sent before, and taken."""

LATE: Final = {"cycle_id": "locked", "command": "RecordCheckIn", "on": "key-results/k-locked"}
GRANTS: Final[Mapping[str, Fields]] = {
    "of ben": {**LATE, **BECAUSE},
    "of ben, used": {**LATE, **BECAUSE},
    "of ben, taken back": {**LATE, **BECAUSE},
    "of ada": {**LATE, **BECAUSE},
}
"""Exceptions by their names, which stand for their sequences in the field ``exception``."""


def late(**fields: object) -> dict[str, object]:
    return {"key_result_id": "k-locked", "value": "20", **fields}
