"""
A history of scores as commands.

Pure: the same rows, options and day give the same plan. What the source does not say is assumed visibly, and nothing is
guessed; docs/imports.md has the rules.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from okr_contracts.fields import plain, write_instant
from services.cli.imports.history_rows import Change, Quarter, people_of, read_changes, score
from services.cli.imports.ids import command_id, fingerprint, subject_id
from services.cli.imports.planned import Plan, PlannedCommand, fault_of_fields
from services.cli.imports.remarks import Remark, parent_refused, refused, reported, still_true

SYSTEM: Final = "history-csv"
_CHANGED_IN_THE_SOURCE: Final = "changed in the source, none given"
_REMOVED: Final = "removed in the source"
_GRADED: Final = "final score in the source"


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who imports decides: the name that ids derive from and the owner's; *today* is given."""

    name: str
    owner: str
    today: date


@dataclass(slots=True)
class _KeyResult:
    """What the rows up to here say of a key result."""

    objective: str
    responsible: str
    partners: list[str]
    final: Decimal | None = None


def plan(content: bytes, options: Options) -> Plan:
    """The plan of a whole file; rows that cannot be taken are refused by line, and the others go on."""
    rows = read_changes(content)
    planner = _Planner(options, rows.read)
    planner.plan()
    return Plan(
        import_name=options.name,
        about={"owner": options.owner},
        rows=rows.count,
        commands=tuple(planner.commands) if planner.key_results else (),
        remarks=still_true((*rows.remarks, *planner.remarks)),
        assumptions=partial(_assumptions, shifted=dict(planner.shifted)),
    )


class _Planner:
    """Goes through the rows in the order of their instants, after all that they name is there."""

    def __init__(self, options: Options, changes: Sequence[Change]) -> None:
        self.options = options
        self.changes = changes
        self.commands: list[PlannedCommand] = []
        self.remarks: list[Remark] = []
        self.key_results: dict[str, _KeyResult] = {}
        self.shifted: dict[str, str] = {}
        """Why a command is not on the day of its row, by the command's id."""
        self._left_out: dict[str, int] = {}
        self._objectives: dict[str, str] = {}
        """Title by objective."""
        self._cycle_of_title: dict[str, str] = {}
        self._labels: dict[str, dict[str, str]] = {}
        self._first_day = min((change.day for change in changes), default=options.today)
        self._unit = subject_id(options.name, "owner")

    def plan(self) -> None:
        """Fill ``commands`` and ``remarks``."""
        if not self.changes:
            return
        unit = {"unit_id": self._unit, "name": self.options.owner}
        self._add_own("AddUnit", unit, "owner", self._first_day, "units", self.options.owner)
        for quarter in dict.fromkeys(change.quarter for change in self.changes):
            self._cycle(quarter)
        for person in dict.fromkeys(
            name for change in self.changes if change.field == "assignee" for name in people_of(change.new)
        ):
            data = {"person_id": self._id(person), "unit_ids": [self._unit]}
            self._add_own("AddPerson", data, person, self._first_day, "people", person)
        assignees = self._assignees_of_creations()
        for change in self.changes:
            if change.field == "created":
                self._created(change, assignees)
            elif change.key_result not in self.key_results:
                self._refuse_unknown(change)
            else:
                self._change(change)

    def _cycle(self, quarter: Quarter) -> None:
        # A cycle is there before what was created in it, also where that was before its first day.
        planned_on = min(quarter.starts_on, *(change.day for change in self.changes if change.quarter == quarter))
        days = {"starts_on": quarter.starts_on.isoformat(), "ends_on": quarter.ends_on.isoformat()}
        cycle_id = self._id(quarter.name)
        record = f"cycle-{quarter.name}"
        planned = {"cycle_id": cycle_id, "name": quarter.name, **days}
        self._add_own("PlanCycle", planned, record, planned_on, "cycles", quarter.name)
        opened = {"cycle_id": cycle_id}
        self._add_own("OpenCycle", opened, record, quarter.starts_on, "cycles_opened", quarter.name)

    def _assignees_of_creations(self) -> Mapping[tuple[str, str], Change]:
        """The assignee row of each key result and instant."""
        return {
            (change.key_result, write_instant(change.committed_at)): change
            for change in reversed(self.changes)
            if change.field == "assignee"
        }

    def _created(self, change: Change, assignees: Mapping[tuple[str, str], Change]) -> None:
        assigned = assignees.get((change.key_result, write_instant(change.committed_at)))
        people = people_of(assigned.new if assigned else "")
        objective_title, separator, title = (part.strip() for part in change.new.partition("::"))
        fault = self._fault_of_creation(change, people, separator, objective_title, title)
        if fault is not None:
            self.remarks.append(fault)
            self._left_out[change.key_result] = change.line
            return
        self._objective(change, objective_title)
        self.key_results[change.key_result] = _KeyResult(change.objective, people[0], list(people[1:]))
        data = {
            "key_result_id": self._id(change.key_result),
            "objective_id": self._id(change.objective),
            "title": title,
            "kind": "increase",
            "unit": {"kind": "custom", "code": "score"},
            "baseline": "0",
            "target": "1",
            "responsible_id": self._id(people[0]),
            "partner_ids": [self._id(person) for person in people[1:]],
        }
        self._add("AddKeyResult", data, change, change.day, "key_results", change.key_result)

    def _fault_of_creation(
        self, change: Change, people: Sequence[str], separator: str, objective_title: str, title: str
    ) -> Remark | None:
        def wrong(rule: str, message: str, fix: str) -> Remark:
            return refused(change.line, change.key_result, rule, message, fix)

        if change.key_result in self.key_results or change.key_result in self._left_out:
            return wrong("created_twice", "The key result was created before.", "Give each key result an id.")
        if not (separator and objective_title and title and change.objective):
            return wrong(
                "no_titles",
                "A creation names the objective, and the titles of both.",
                "Write objective title :: key result title, and the objective's id.",
            )
        if not people:
            return wrong(
                "no_assignee",
                "Nobody is assigned in the same commit, so that nobody would be responsible.",
                "Add a row with the field assignee and the same committed_at.",
            )
        return None

    def _objective(self, change: Change, title: str) -> None:
        known = self._objectives.setdefault(change.objective, title)
        if change.objective in self._labels:
            if known != title:
                message = f"The objective {change.objective} is there with the title “{known[:100]}”; it keeps it."
                self.remarks.append(reported(change.line, change.key_result, "objective_titled_twice", message))
            return
        self._labels[change.objective] = {}
        first = self._cycle_of_title.setdefault(title, change.quarter.name)
        if first != change.quarter.name:
            message = f"“{title[:100]}” is an objective of {first}, too; that one goes on in the other is not inferred."
            fix = "Link them, or carry the earlier one over, where they are one."
            self.remarks.append(reported(change.line, change.objective, "same_title_in_another_cycle", message, fix))
        data = {
            "objective_id": self._id(change.objective),
            "cycle_id": self._id(change.quarter.name),
            "owner": {"kind": "unit", "id": self._unit},
            "title": title,
            "top_level": True,
        }
        self._add("CreateObjective", data, change, change.day, "objectives", change.objective)

    def _change(self, change: Change) -> None:
        match change.field:
            case "assignee":
                self._assigned(change)
            case "priority":
                labels = self._labels[self.key_results[change.key_result].objective]
                labels[change.key_result] = change.new
                named = [f"{key_result} {label}" for key_result, label in labels.items() if label]
                objective = self.key_results[change.key_result].objective
                self._add_of_row("SetLabels", {"objective_id": self._id(objective), "labels": named}, change, "labels")
            case "mid" | "projected" | "final":
                self._scored(change)
            case "title":
                data = {"key_result_id": self._id(change.key_result), "title": change.new}
                self._add_of_row("ReviseKeyResult", data, change, "titles")
            case "removed":
                data = {"key_result_id": self._id(change.key_result), "reason": _REMOVED}
                self._add_of_row("DropKeyResult", data, change, "removals")
            case "created":
                raise ValueError("creations are planned by themselves")

    def _assigned(self, change: Change) -> None:
        key_result, people = self.key_results[change.key_result], people_of(change.new)
        if not people:
            message = "The assignee was taken away; somebody is always responsible, so that it stays who was."
            self.remarks.append(reported(change.line, change.key_result, "no_assignee", message))
            return
        subject = {"key_result_id": self._id(change.key_result)}
        gone = [each for each in key_result.partners if each not in people[1:]]
        for person in gone:
            self._add_of_row(
                "ReleaseKeyPartner", {**subject, "person_id": self._id(person)}, change, "partners_released"
            )
        if people[0] != key_result.responsible:
            self._add_of_row("AssignResponsible", {**subject, "person_id": self._id(people[0])}, change, "reassigned")
        for person in people[1:]:
            if person not in key_result.partners:
                self._add_of_row("NameKeyPartner", {**subject, "person_id": self._id(person)}, change, "partners")
        key_result.responsible, key_result.partners = people[0], list(people[1:])

    def _scored(self, change: Change) -> None:
        key_result, value = self.key_results[change.key_result], score(change.new)
        if value is None:
            message = f"“{change.new[:200]}” is no plain score; it became a narrative without a value."
            self.remarks.append(reported(change.line, change.key_result, "uncertain_score", message))
            self._check_in(change, {"narrative": change.new}, "check_ins_narrative_only")
        elif score(change.old) == value:
            # ".1" became "0.1": the same was said before.
            return
        elif change.field == "final":
            self._final(change, key_result, value)
        elif change.field == "mid":
            self._check_in(change, {"value": plain(value)}, "mid_quarter_scores")
        else:
            self._check_in(change, {"forecast": plain(value)}, "projections")

    def _final(self, change: Change, key_result: _KeyResult, value: Decimal) -> None:
        ends_on = change.quarter.ends_on
        if value > 1:
            message = f"A final score of {plain(value)} is no grade."
            fix = "A grade is a number from 0 to 1."
            self.remarks.append(refused(change.line, change.key_result, "no_grade", message, fix))
            return
        check_in_id = self._id(f"{change.key_result}-final")
        day = min(change.day, ends_on)
        moved = "" if day == change.day else "the cycle's end"
        if key_result.final is None:
            data = {"check_in_id": check_in_id, "key_result_id": self._id(change.key_result), "value": plain(value)}
            self._add("RecordCheckIn", data, change, day, "finals", change.record, moved)
            graded = {"key_result_id": self._id(change.key_result), "grade": plain(value), "reason": _GRADED}
            self._add("GradeKeyResult", graded, change, day, "grades", change.record, moved)
        else:
            again = {"check_in_id": check_in_id, "value": plain(value), "reason": _CHANGED_IN_THE_SOURCE}
            self._add("CorrectCheckIn", again, change, None, "corrections", change.record)
            regraded = {
                "objective_id": self._id(key_result.objective),
                "key_result_id": self._id(change.key_result),
                "grade": plain(value),
                "reason": _CHANGED_IN_THE_SOURCE,
            }
            self._add("CorrectGrade", regraded, change, day, "grades_corrected", change.record, moved)
        key_result.final = value

    def _check_in(self, change: Change, content: Mapping[str, str], figure: str) -> None:
        quarter, day, moved = change.quarter, change.day, ""
        if day > quarter.ends_on:
            day, moved = quarter.middle, "the cycle's middle day"
        elif day < quarter.starts_on:
            day, moved = quarter.starts_on, "the cycle's first day"
        data = {
            "check_in_id": self._id(change.record),
            "key_result_id": self._id(change.key_result),
            **content,
        }
        self._add("RecordCheckIn", data, change, day, figure, change.record, moved)

    def _refuse_unknown(self, change: Change) -> None:
        if change.field == "assignee" and change.key_result not in self._left_out:
            # It stands before the creation of the same commit, which takes it.
            created = (each.field == "created" and each.key_result == change.key_result for each in self.changes)
            if any(created):
                return
        if change.key_result in self._left_out:
            line = self._left_out[change.key_result]
            self.remarks.append(parent_refused(change.line, change.record, change.key_result, line))
        else:
            message = f"Nothing created the key result {change.key_result} before."
            fix = "Add the row that creates it, or remove this one."
            self.remarks.append(refused(change.line, change.record, "not_created", message, fix))

    def _id(self, record: str) -> str:
        return subject_id(self.options.name, record)

    def _add_of_row(self, command: str, data: Mapping[str, object], change: Change, figure: str) -> None:
        self._add(command, data, change, change.day, figure, change.record)

    def _add_own(
        self, command: str, data: Mapping[str, object], record: str, day: date, figure: str, *content: str
    ) -> None:
        """What stands in no row of its own."""
        digest = fingerprint(*content)
        body = {
            **data,
            "effective_on": min(day, self.options.today).isoformat(),
            "effective_basis": "assumed",
            "import_source": {"system": SYSTEM, "record": record, "digest": digest},
        }
        planned_id = command_id(self.options.name, record, command)
        self.commands.append(PlannedCommand(planned_id, command, body, None, record, digest, figure))

    def _add(
        self,
        command: str,
        data: Mapping[str, object],
        change: Change,
        day: date | None,
        figure: str,
        record: str,
        moved: str = "",
    ) -> None:
        digest = fingerprint(change.objective, change.field, change.old, change.new)
        body = {
            **data,
            **({} if day is None else {"effective_on": day.isoformat()}),
            "effective_basis": "assumed" if moved else "stated",
            "import_source": {
                "system": SYSTEM,
                "record": change.record,
                "recorded_at": write_instant(change.committed_at),
                "actor": change.actor,
                "digest": digest,
            },
        }
        wrong = fault_of_fields(command, body)
        if wrong:
            self.remarks.append(
                refused(change.line, record, "field_not_allowed", wrong, "Change that field of the row.")
            )
            if command == "AddKeyResult":
                del self.key_results[change.key_result]
                self._left_out[change.key_result] = change.line
            return
        # Several commands of one kind come from one row of assignees.
        planned_id = command_id(self.options.name, change.record, f"{command}/{data.get('person_id', '')}")
        if moved:
            self.shifted[planned_id] = moved
        parent = {"AddKeyResult": change.objective, "CreateObjective": ""}.get(command, change.key_result)
        self.commands.append(PlannedCommand(planned_id, command, body, change.line, record, digest, figure, parent))


def _assumptions(commands: Sequence[PlannedCommand], shifted: Mapping[str, str]) -> Mapping[str, int]:
    moved = Counter(shifted[command.command_id] for command in commands if command.command_id in shifted)
    kinds = Counter(command.figure for command in commands)
    stated = {
        "a cycle is a calendar quarter, opened on its first day and left open": kinds["cycles"],
        "one unit owns every objective, and all of them are top-level": kinds["objectives"],
        "a key result is increase, 0 to 1, in the unit score": kinds["key_results"],
        "a person is an assignee, under that id and without a name": kinds["people"],
        **{f"written down outside its cycle, effective on {day}": count for day, count in moved.items()},
    }
    return {words: count for words, count in stated.items() if count}
