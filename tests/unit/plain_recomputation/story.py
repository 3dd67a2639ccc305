"""Small histories for the plain recomputation, told as the JSON that the query API gives."""

from datetime import date
from typing import cast

THRESHOLDS = {
    "aspirational_on_track": "0.7",
    "aspirational_at_risk": "0.4",
    "committed_on_track": "0.9",
    "committed_at_risk": "0.7",
    "stale_after_days": 3,
    "check_in_grace_days": 7,
}


def jan(day: int) -> date:
    """A day of January 2026: the cycle of most stories is the first ten."""
    return date(2026, 1, day)


class Story:
    """The events of one organisation; each method tells one and gives its sequence. *on* is a day of January 2026."""

    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []
        self._versions: dict[str, int] = {}
        self._key_result_of: dict[str, str] = {}

    def tell(self, event_type: str, subject: str, on: int = 1, **data: object) -> int:
        """Any event."""
        self._versions[subject] = self._versions.get(subject, 0) + 1
        self.events.append(
            {
                "organisation": "acme",
                "epoch": 1,
                "sequence": len(self.events) + 1,
                "type": event_type,
                "schema_version": 1,
                "subject": subject,
                "version": self._versions[subject],
                "recorded_at": "2026-01-31T12:00:00.000000Z",
                "effective_on": jan(on).isoformat(),
                "data": data,
                "text": None,
            }
        )
        return len(self.events)

    def cycle(self, name: str = "q1", first: int = 1, last: int = 10, *, parent: str | None = None) -> int:
        """Plan a cycle and open it on its first day."""
        days = {"starts_on": jan(first).isoformat(), "ends_on": jan(last).isoformat()}
        fixed = {"parent_id": parent, "rule_version": 1, "thresholds": THRESHOLDS}
        self.tell("CyclePlanned", f"cycles/{name}", 1, cycle_id=name, **days, **fixed)
        return self.tell("CycleOpened", f"cycles/{name}", first, cycle_id=name)

    def objective(self, name: str, on: int = 1, *, cycle: str = "q1", **data: object) -> int:
        """Create an objective: aspirational, of its key results, of a unit that is not the root, unless told."""
        usual: dict[str, object] = {"ambition": "aspirational", "roll_up": "key_results", "top_level": False}
        owner = {"kind": "unit", "id": "sales"}
        all_data = {"objective_id": name, "cycle_id": cycle, "owner": owner, **usual, **data}
        return self.tell("ObjectiveCreated", f"objectives/{name}", on, **all_data)

    def key_result(self, name: str, objective: str, on: int = 1, **data: object) -> int:
        """Add a key result: from 0 to 100 points of percent, weight 1, unless told otherwise."""
        usual: dict[str, object] = {**definition(), "weight": "1", "source": "check_ins", "cadence_days": 7}
        all_data = {"key_result_id": name, "objective_id": objective, "responsible_id": "p1", **usual, **data}
        return self.tell("KeyResultAdded", f"key-results/{name}", on, **all_data)

    def redefine(self, name: str, on: int = 1, **data: object) -> int:
        """Redefine a key result: the whole definition after it."""
        all_data = {"key_result_id": name, **definition(), "restated_value": None, **data}
        return self.tell("KeyResultRedefined", f"key-results/{name}", on, **all_data)

    def check_in(self, name: str, key_result: str, value: object, on: int = 1) -> int:
        """Record a check-in."""
        self._key_result_of[name] = key_result
        return self.tell(
            "CheckInRecorded", f"check-ins/{name}", on, check_in_id=name, key_result_id=key_result, value=value
        )

    def correct(self, name: str, value: object, on: int) -> int:
        """Correct a check-in; *on* is its day afterwards."""
        key_result = self._key_result_of[name]
        return self.tell(
            "CheckInCorrected", f"check-ins/{name}", on, check_in_id=name, key_result_id=key_result, value=value
        )

    def withdraw(self, name: str, on: int) -> int:
        """Withdraw a check-in."""
        key_result = self._key_result_of[name]
        return self.tell("CheckInWithdrawn", f"check-ins/{name}", on, check_in_id=name, key_result_id=key_result)

    def link(self, child: str, parent: str, on: int = 1, **data: object) -> int:
        """Link an objective to a parent, written as ``objective/o1`` or ``key_result/k1``."""
        usual = {"effect": "contributes", "origin": "unstated", "weight": "1", "share": "1"}
        return self.tell("AlignmentLinked", _ends(child, parent), on, **_link(child, parent), **{**usual, **data})

    def unlink(self, child: str, parent: str, on: int = 1) -> int:
        """End a link."""
        return self.tell("AlignmentUnlinked", _ends(child, parent), on, **_link(child, parent))

    def set_roll_up(self, objective: str, roll_up: str, on: int = 1) -> int:
        """Set an objective's rule."""
        return self.tell("RollUpSet", f"objectives/{objective}", on, objective_id=objective, roll_up=roll_up)

    def override(self, objective: str, progress: str, on: int = 1) -> int:
        """Override an objective's progress."""
        return self.tell("ProgressOverridden", f"objectives/{objective}", on, objective_id=objective, progress=progress)

    def lift(self, objective: str, on: int = 1) -> int:
        """Lift the override."""
        return self.tell("OverrideLifted", f"objectives/{objective}", on, objective_id=objective)


def definition() -> dict[str, object]:
    """From 0 to 100 percent."""
    limits = dict.fromkeys(("floor", "ceiling", "low", "high"))
    return {
        "kind": "increase",
        "unit": {"kind": "percent", "code": None},
        "baseline": "0",
        "target": "100",
        **cast("dict[str, object]", limits),
    }


def _link(child: str, parent: str) -> dict[str, object]:
    kind, _, parent_id = parent.partition("/")
    return {"child_id": child, "parent": {"kind": kind, "id": parent_id}}


def _ends(child: str, parent: str) -> str:
    kind, _, parent_id = parent.partition("/")
    return f"alignments/{child}~{kind}~{parent_id}"
