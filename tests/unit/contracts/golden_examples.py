"""
The golden files: exact bytes of every event type, as they were first written.

``.venv/bin/python -m tests.unit.contracts.golden_examples`` writes the files that are missing and adds their hashes to
SHA256SUMS. It never touches a file that is there: those bytes lie in somebody's ledger.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from okr_contracts import cloud_events, events
from okr_contracts.actor import Actor
from okr_contracts.cloud_event_attributes import value
from okr_contracts.envelope import ExactBytes, Recorded, encode
from okr_contracts.events.event import ImportedFrom
from okr_contracts.fields import (
    Audience,
    CarriedKeyResult,
    MeasureUnit,
    Owner,
    Parent,
    PhasedTarget,
    Settings,
    Thresholds,
    View,
)

FOLDER: Final = Path(__file__).parents[3] / "contracts" / "golden"
SUMS: Final = FOLDER / "SHA256SUMS"

LEAD: Final = Actor("person", "p-ada")
MADE_BY: Final = (
    "okr_contracts.envelope.encode of the event with these secrets in this order (data, text); headers and value are"
    " okr_contracts.cloud_events. In an erased example text and its secret were taken away afterwards, as an erasure"
    " does: the entry still commits to what there was."
)
IMPORTED: Final = {
    "import_source": ImportedFrom(
        system="okrs-csv", record="fy21-q1/42", recorded_at=datetime(2026, 2, 3, 4, 5, 6, 700000, UTC)
    ),
    "import_source_actor": "Grace of Sales",
    "import_source_digest": "sha256:9f86d081",
    "effective_basis": "assumed",
}
_NO_LIMITS: Final = {"floor": None, "ceiling": None, "low": None, "high": None}
_PERCENT: Final = {"unit": MeasureUnit(kind="percent"), "baseline": Decimal(0), "target": Decimal(100), **_NO_LIMITS}
_LINK: Final = {"child_id": "o-leads", "parent": Parent(kind="key_result", id="k-revenue")}
_CHECK_IN: Final = {"check_in_id": "c-1", "key_result_id": "k-revenue"}

# The fields of one full example of each type; each is told three times: as it is, imported, and with its words erased.
FIELDS: Final[dict[str, dict[str, object]]] = {
    "OrganisationRegistered": {"organisation": "acme", "name": "Acme – Bücher & Möbel", "time_zone": "Europe/Berlin"},
    "EpochBegun": {
        "organisation": "acme",
        "previous_epoch": 1,
        "lost_up_to": 4711,
        "reason": "the disk was replaced, and the archive ended at noon",
    },
    "UnitAdded": {"unit_id": "sales", "name": "Sales “North”", "parent_id": "root"},
    "PersonAdded": {
        "person_id": "p-ada",
        "title": "Head of\tSales",
        "manager_id": "p-max",
        "unit_ids": ("sales", "north"),
        "placeholder": False,
    },
    "ManagerChanged": {"person_id": "p-ada", "manager_id": None, "reason": "Max left"},
    "UnitJoined": {"person_id": "p-ada", "unit_id": "north", "primary": True, "reason": "moved"},
    "CyclePlanned": {
        "cycle_id": "q1",
        "name": "Q1 2026",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 3, 31),
        "parent_id": "y2026",
        "rule_version": 1,
        "thresholds": Thresholds(),
    },
    "CycleOpened": {"cycle_id": "q1", "reason": "all set"},
    "ObjectiveCreated": {
        "objective_id": "o-leads",
        "cycle_id": "q1",
        "owner": Owner(kind="unit", id="sales"),
        "title": "Become the shop that people tell their friends about 📚",
        "description": 'First line\nsecond line with "quotes" and a \\',
        "ambition": "committed",
        "roll_up": "both",
        "top_level": False,
        "labels": ("growth", "né"),
    },
    "ObjectiveRevised": {"objective_id": "o-leads", "title": "Be recommended", "description": None},
    "RollUpSet": {"objective_id": "o-leads", "roll_up": "children", "reason": "its work moved to the teams"},
    "ProgressOverridden": {"objective_id": "o-leads", "progress": Decimal("0.55"), "reason": "stated by its owner"},
    "OverrideLifted": {"objective_id": "o-leads", "reason": "its key results have values now"},
    "KeyResultAdded": {
        "key_result_id": "k-revenue",
        "objective_id": "o-leads",
        "title": "Revenue from recommendations",
        "kind": "reduce",
        "unit": MeasureUnit(kind="money", code="EUR"),
        "baseline": Decimal("123456789012345678901234567890.12345678901234567890"),
        "target": Decimal("-0.5"),
        **_NO_LIMITS,
        "weight": Decimal("1.50"),
        "source": "check_ins",
        "responsible_id": "p-ada",
        "partner_ids": ("p-max", "p-kim"),
        "cadence_days": 14,
    },
    "KeyResultRedefined": {
        "key_result_id": "k-revenue",
        "kind": "increase",
        **_PERCENT,
        "restated_value": Decimal("12.5"),
        "reason": "euros came in too late to steer by",
    },
    "ResponsibleAssigned": {"key_result_id": "k-revenue", "person_id": "p-kim", "reason": "Ada is away"},
    "KeyPartnerNamed": {"key_result_id": "k-revenue", "person_id": "p-lee", "reason": "knows the numbers"},
    "AlignmentLinked": {
        **_LINK,
        "effect": "contributes",
        "origin": "laddered",
        "weight": Decimal(2),
        "share": Decimal("0.25"),
        "reason": "their idea",
    },
    "AlignmentUnlinked": {**_LINK, "reason": "it never did"},
    "CheckInRecorded": {
        **_CHECK_IN,
        "value": Decimal("66.0"),
        "confidence": 7,
        "forecast": Decimal(90),
        "narrative": "Two fairs in March;\r\nthe third was cancelled.",
    },
    "CheckInCorrected": {
        **_CHECK_IN,
        "value": True,
        "confidence": 0,
        "forecast": False,
        "narrative": None,
        "reason": "it is a yes-no question since February",
    },
    "CheckInWithdrawn": {**_CHECK_IN, "reason": "another key result was meant"},
    "SettingsChanged": {"organisation": "acme", "settings": Settings(cadence_days=14), "reason": "every other week"},
    "OrganisationClosed": {"organisation": "acme", "reason": "merged"},
    "RoleAssigned": {"organisation": "acme", "person_id": "p-ada", "role": "programme_lead", "reason": "she leads"},
    "RoleRevoked": {"organisation": "acme", "person_id": "p-ada", "role": "programme_lead", "reason": "she led"},
    "HoldPlaced": {"organisation": "acme", "hold_id": "h-1", "person_id": None, "reason": "a lawsuit"},
    "HoldReleased": {"organisation": "acme", "hold_id": "h-1", "reason": "it is settled"},
    "UnitRenamed": {"unit_id": "sales", "name": "Sales & service"},
    "UnitMoved": {"unit_id": "sales", "parent_id": "europe", "reason": "one market"},
    "UnitLeadNamed": {"unit_id": "sales", "person_id": None, "reason": "Max left"},
    "UnitClosed": {"unit_id": "sales", "reason": "merged"},
    "PersonRevised": {"person_id": "p-ada", "title": "Chief of Sales", "placeholder": False},
    "UnitLeft": {"person_id": "p-ada", "unit_id": "north", "primary_unit_id": "sales", "reason": "moved back"},
    "PersonDeactivated": {"person_id": "p-ada", "responsible_for": ("k-revenue",), "reason": "left"},
    "PersonReactivated": {"person_id": "p-ada", "reason": "came back"},
    "PersonErased": {"person_id": "p-ada", "reason": "asked for it"},
    "CycleRevised": {
        "cycle_id": "q1",
        "name": "Q1 of 2026",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 3, 31),
        "thresholds": Thresholds(stale_after_days=5),
    },
    "CycleLocked": {"cycle_id": "q1", "reason": "the quarter is over"},
    "CycleReopened": {"cycle_id": "q1", "to": "locked", "reason": "a figure was wrong", "after_lock": "q1"},
    "CycleClosed": {"cycle_id": "q1", "ungraded": ("objectives/o-leads",), "reason": "its owner left"},
    "ExceptionGranted": {
        "cycle_id": "q1",
        "command": "RecordCheckIn",
        "on": "key-results/k-revenue",
        "grantee_id": "p-max",
        "expires_at": datetime(2026, 4, 9, 12, 0, 0, 1, UTC),
        "reason": "figures came late",
    },
    "ExceptionRevoked": {"cycle_id": "q1", "granted": 4711, "reason": "not needed"},
    "ObjectiveReassigned": {
        "objective_id": "o-leads",
        "owner": Owner(kind="person", id="p-max"),
        "reason": "his field",
        "after_lock": "q1",
    },
    "TopLevelDeclared": {"objective_id": "o-leads", "top_level": True, "reason": "all depend on it"},
    "AmbitionSet": {"objective_id": "o-leads", "ambition": "aspirational", "reason": "we learn"},
    "LabelsSet": {"objective_id": "o-leads", "count": 2, "labels": ("growth", "été")},
    "ObjectiveRestricted": {
        "objective_id": "o-leads",
        "readers": (Owner(kind="unit", id="board"), Owner(kind="person", id="p-max")),
        "reason": "not signed yet",
    },
    "ObjectiveOpened": {"objective_id": "o-leads", "reason": "signed"},
    "ObjectiveAbandoned": {"objective_id": "o-leads", "reason": "the market is gone"},
    "ObjectiveReinstated": {"objective_id": "o-leads", "reason": "it is back"},
    "ObjectiveCarriedOver": {
        "objective_id": "o-leads",
        "cycle_id": "q2",
        "successor_id": "o-leads-2",
        "key_results": (CarriedKeyResult(key_result_id="k-revenue", successor_id="k-revenue-2"),),
        "reason": "half way",
    },
    "ObjectiveGraded": {
        "objective_id": "o-leads",
        "grade": Decimal("0.7"),
        "proposed": Decimal("0.650000"),
        "reflection": "Fairs work, flyers do not.",
        "reason": "the third fair counts",
    },
    "GradeCorrected": {
        "objective_id": "o-leads",
        "key_result_id": "k-revenue",
        "grade": Decimal(1),
        "reflection": None,
        "reason": "a region was missing",
    },
    "SignalDismissed": {
        "objective_id": "o-leads",
        "key_result_id": None,
        "code": "states_a_number",
        "reason": "a name",
    },
    "KeyPartnerReleased": {"key_result_id": "k-revenue", "person_id": "p-lee", "reason": "left"},
    "KeyResultRevised": {"key_result_id": "k-revenue", "title": "Revenue in €"},
    "KeyResultReweighed": {"key_result_id": "k-revenue", "weight": Decimal("0.50"), "reason": "less depends on it"},
    "CadenceSet": {"key_result_id": "k-revenue", "cadence_days": 30, "reason": "monthly figures"},
    "PhasedTargetsSet": {
        "key_result_id": "k-revenue",
        "phased_targets": (PhasedTarget(on=date(2026, 2, 28), value=Decimal("20.5")),),
        "reason": "spring is slow",
    },
    "KeyResultDropped": {"key_result_id": "k-revenue", "reason": "no figures"},
    "KeyResultReinstated": {"key_result_id": "k-revenue", "reason": "figures again"},
    "KeyResultGraded": {
        "key_result_id": "k-revenue",
        "grade": Decimal("0.4"),
        "proposed": None,
        "reflection": "Too few fairs.",
    },
    "AlignmentChanged": {
        **_LINK,
        "effect": "supports",
        "origin": "cascaded",
        "weight": Decimal(1),
        "share": Decimal(1),
        "awaits_acceptance": True,
        "reason": "it only helps",
    },
    "AlignmentMoved": {
        **_LINK,
        "to_parent": Parent(kind="objective", id="o-sales"),
        "effect": "contributes",
        "origin": "laddered",
        "weight": Decimal(1),
        "share": Decimal("0.5"),
        "reason": "it serves the whole",
    },
    "AlignmentAccepted": {**_LINK, "reason": "welcome"},
    "AlignmentDeclined": {**_LINK, "reason": "another way"},
    "CheckInAcknowledged": {**_CHECK_IN, "person_id": "p-max", "reason": "read on Monday"},
    "Announced": {
        "announcement_id": "a-1",
        "kind": "training",
        "title": "How to write a key result",
        "audience": Audience(unit_ids=("sales",)),
        "sent": 40,
        "delivered": 39,
    },
    "ViewsRecorded": {
        "announcement_id": "a-1",
        "count": 1,
        "views": (View(person_id="p-max", seen_at=datetime(2026, 3, 2, 9, 12, tzinfo=UTC), channel="mail"),),
    },
    "ActionRecorded": {
        "announcement_id": "a-1",
        "action_id": "t-1",
        "person_id": "p-max",
        "action": "training_finished",
        "reason": "certificate",
    },
}


@dataclass(frozen=True, slots=True)
class Example:
    """One event as it is stored, and what is special about it."""

    name: str
    recorded: Recorded
    stored: ExactBytes


def new_examples(event_type: str) -> Iterator[Example]:
    """The examples that a golden file of version 1 of *event_type* is made of."""
    fields = FIELDS[event_type]
    service = Actor("service", "import~okrs/1", on_behalf_of="p-ada")
    told = (
        ("told by a person", fields, LEAD, None),
        ("imported by a service on somebody's behalf, by exception", {**fields, **IMPORTED}, service, 4711),
        ("its words erased", fields, LEAD, None),
    )
    for number, (name, own, actor, exception) in enumerate(told, start=1):
        recorded = Recorded(
            organisation="acme",
            epoch=1 if number < 3 else 2,
            sequence=1000 + number,
            version=number,
            recorded_at=datetime(2026, 3, 1, 13, 48, 55, number, UTC),
            effective_on=date(2026, 2, 28),
            actor=actor,
            command_id=f"cmd-{event_type}-{number}",
            correlation_id="corr-1" if number == 2 else None,
            causation_id="cause-1" if number == 2 else None,
            exception=exception,
            event=events.EVENTS[event_type, 1].model_validate(own),
        )
        secrets = iter([bytes([number]) * 32, bytes([0xF0 + number]) * 32])
        stored = encode(recorded, lambda secrets=secrets: next(secrets))
        if name == "its words erased":
            stored = ExactBytes(stored.entry, stored.data, None, stored.data_secret, None)
        yield Example(name, recorded, stored)


def as_json(example: Example) -> dict[str, object]:
    """An example as it is written down."""
    stored = example.stored
    return {
        "name": example.name,
        "entry": stored.entry.decode(),
        "data": stored.data.decode(),
        "text": stored.text.decode() if stored.text is not None else None,
        "data_secret": stored.data_secret.hex(),
        "text_secret": stored.text_secret.hex() if stored.text_secret is not None else None,
        "headers": {name: content.decode() for name, content in cloud_events.headers(example.recorded)},
        "value": value(stored.data, stored.text).decode(),
    }


def write_missing() -> list[str]:
    """Write the golden files that are not there yet; gives their names."""
    written: list[str] = []
    FOLDER.mkdir(exist_ok=True)
    for event_type in FIELDS:
        path = FOLDER / f"{event_type}.v1.json"
        if path.exists():
            continue
        content = {"type": event_type, "schema_version": 1, "made_by": MADE_BY}
        examples = [as_json(example) for example in new_examples(event_type)]
        path.write_text(
            json.dumps({**content, "examples": examples}, indent=2, ensure_ascii=False) + "\n", "utf-8", newline="\n"
        )
        with SUMS.open("a", encoding="utf-8", newline="\n") as sums:
            sums.write(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
        written.append(path.name)
    return written


if __name__ == "__main__":
    print("\n".join(write_missing()))
