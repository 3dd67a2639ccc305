"""
OKR rows as commands.

Pure: the same rows, options and day give the same plan. What the source does not say is assumed visibly, and nothing is
guessed; docs/imports.md has the rules.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from okr_contracts.fields import plain
from services.cli.imports.hierarchy import Hierarchy, arrange
from services.cli.imports.ids import command_id, fingerprint, subject_id
from services.cli.imports.owners import NOBODY, Mapped, Owner, likely_duplicates, owners_of
from services.cli.imports.planned import Plan, PlannedCommand, fault_of_fields
from services.cli.imports.remarks import Remark, parent_refused, refused, reported, still_true
from services.cli.imports.results import certain_percent
from services.cli.imports.rows import Row, read_rows

SYSTEM: Final = "okrs-csv"
_NAME_THE_PARENT: Final = frozenset({"AddKeyResult", "LinkAlignment"})


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who imports decides; *today* is the organisation's."""

    cycle: str
    starts: date
    ends: date
    today: date
    name: str = ""
    owners: Mapped = NOBODY

    @property
    def import_name(self) -> str:
        """What ids derive from: the cycle's id unless another name was given."""
        return self.name or self.cycle

    @property
    def first_day(self) -> date:
        """The day that creations, links and overrides are dated to."""
        return min(self.starts, self.today)

    @property
    def last_day(self) -> date:
        """The day that results are dated to."""
        return min(self.ends, self.today)


def plan(content: bytes, options: Options) -> Plan:
    """
    The plan of a whole file; rows that cannot be taken are refused by line, and the others go on.

    Where no row can be taken nothing is planned, not even the cycle.
    """
    rows = read_rows(content)
    hierarchy, misplaced = arrange(rows.read)
    planner = _Planner(hierarchy, options)
    planner.plan()
    takes_a_row = any(command.creates_its_row for command in planner.commands)
    return Plan(
        import_name=options.import_name,
        about={"cycle": options.cycle},
        rows=rows.count,
        commands=tuple(planner.commands) if takes_a_row else (),
        remarks=still_true((*options.owners.remarks, *rows.remarks, *misplaced, *planner.remarks)),
        assumptions=partial(_assumptions, first=options.first_day, last=options.last_day),
    )


class _Planner:
    """Goes through the rows once per kind of command: what is named must be there before who names it."""

    def __init__(self, hierarchy: Hierarchy, options: Options) -> None:
        self.hierarchy = hierarchy
        self.options = options
        self.owners = owners_of((row.owner for row in hierarchy.rows), options.import_name, options.owners)
        self.commands: list[PlannedCommand] = []
        self.remarks: list[Remark] = []
        self.left_out: dict[str, Row] = {}

    def plan(self) -> None:
        self._cycle()
        for owner in dict.fromkeys(self.owners.values()):
            self._owner(owner)
        self.remarks += likely_duplicates({owner.role for owner in self.owners.values()})
        self._report_twins()
        for row in self._of_kind("objective"):
            self._objective(row)
        for row in self._of_kind("key_result"):
            self._key_result(row)
        for row in self._of_kind("objective"):
            self._link(row)
        for row in self.hierarchy.rows:
            if not row.result or row.id in self.left_out:
                continue
            if row.kind == "key_result":
                self._check_in(row)
            else:
                self._stated_progress(row)

    def _of_kind(self, kind: str) -> Iterator[Row]:
        return (row for row in self.hierarchy.rows if row.kind == kind)

    def _id(self, record: str) -> str:
        return subject_id(self.options.import_name, record)

    def _cycle(self) -> None:
        options = self.options
        record = f"cycle-{options.cycle}"
        digest = fingerprint(options.cycle, options.starts.isoformat(), options.ends.isoformat())
        period = {"starts_on": options.starts.isoformat(), "ends_on": options.ends.isoformat()}
        planned = {"cycle_id": options.cycle, "name": options.cycle, **period}
        self._add("PlanCycle", planned, None, record, "planned", digest, "cycles")
        self._add("OpenCycle", {"cycle_id": options.cycle}, None, record, "opened", digest, "cycles_opened")

    def _owner(self, owner: Owner) -> None:
        unit = {"unit_id": owner.unit_id, "name": owner.role}
        digest = fingerprint(owner.role)
        self._add("AddUnit", unit, None, owner.record, "unit", digest, "units")
        if owner.placeholder:
            person = {
                "person_id": owner.person_id,
                "title": owner.role,
                "unit_ids": [owner.unit_id],
                "placeholder": True,
            }
            self._add("AddPerson", person, None, owner.record, "person", digest, "people")

    def _objective(self, row: Row) -> None:
        under = self.hierarchy.objectives_under(row)
        roll_up = "children" if under and not self.hierarchy.key_results_of(row) else "key_results"
        owner = self.owners[row.owner]
        data = {
            "objective_id": self._id(row.id),
            "cycle_id": self.options.cycle,
            "owner": {"kind": "unit", "id": owner.unit_id},
            "title": row.title,
            "roll_up": roll_up,
            "top_level": not row.parent,
        }
        self._add_row("CreateObjective", data, row, "id", "objectives", roll_up, owner.unit_id)
        if roll_up == "key_results":
            self.remarks += (_counts_nowhere(child, row) for child in under)

    def _key_result(self, row: Row) -> None:
        if row.parent in self.left_out:
            self._leave_out_below(row)
            return
        fed = bool(self.hierarchy.objectives_under(row))
        source = "children" if fed else "check_ins"
        owner = self.owners[row.owner]
        data = {
            "key_result_id": self._id(row.id),
            "objective_id": self._id(row.parent),
            "title": row.title,
            "kind": "increase",
            "unit": {"kind": "percent"},
            "baseline": "0",
            "target": "100",
            "source": source,
            "responsible_id": owner.person_id,
        }
        self._add_row("AddKeyResult", data, row, "id", "key_results", source, owner.person_id)

    def _link(self, row: Row) -> None:
        if row.parent in self.left_out and row.id not in self.left_out:
            self._leave_out_below(row)
        elif row.parent and row.id not in self.left_out:
            parent = self.hierarchy.by_id[row.parent]
            data = {"child_id": self._id(row.id), "parent": {"kind": parent.kind, "id": self._id(parent.id)}}
            self._add_row("LinkAlignment", data, row, "parent", "links")

    def _check_in(self, row: Row) -> None:
        percent = certain_percent(row.result)
        fed = bool(self.hierarchy.objectives_under(row))
        counted = None if fed else percent
        data: dict[str, object] = {
            "check_in_id": self._id(row.id),
            "key_result_id": self._id(row.id),
            "narrative": row.result,
        }
        if counted is not None:
            data["value"] = plain(counted)
        else:
            self.remarks.append(_no_value(row, fed=fed))
        figure = "check_ins_with_value" if counted is not None else "check_ins_narrative_only"
        self._add_row("RecordCheckIn", data, row, "result", figure)

    def _stated_progress(self, row: Row) -> None:
        percent = certain_percent(row.result)
        with_results = [child for child in self.hierarchy.key_results_of(row) if child.result]
        if percent is None:
            message = f"The result of this objective is no certain figure: “{row.result[:200]}”."
            fix = "Check in to its key results, or override its progress with a reason."
            self.remarks.append(reported(row.line, row.id, "uncertain_objective_result", message, fix))
        elif with_results:
            stated = ", ".join(f"{child.id} “{child.result[:60]}”" for child in with_results)
            message = f"The source states {plain(percent)} % for this objective; its key results state {stated}."
            fix = "Nothing to do if they agree: the key results count, the objective's own figure does not."
            self.remarks.append(reported(row.line, row.id, "compared_with_key_results", message, fix))
        else:
            progress = min(percent / 100, Decimal(1))
            data = {
                "objective_id": self._id(row.id),
                "progress": plain(progress),
                "reason": f"stated in the source: {row.result}",
            }
            self._add_row("OverrideProgress", data, row, "result", "overrides")

    def _report_twins(self) -> None:
        first: dict[tuple[str, str, str], Row] = {}
        for row in self.hierarchy.rows:
            twin = first.setdefault((row.kind, row.owner, row.title), row)
            if twin is not row:
                message = f"It has the same kind, owner and title as {twin.id} (line {twin.line})."
                fix = "If they are one, remove this row before the import."
                self.remarks.append(reported(row.line, row.id, "same_words_twice", message, fix))

    def _add_row(
        self, command: str, data: Mapping[str, object], row: Row, row_field: str, figure: str, *derived: str
    ) -> None:
        digest = fingerprint(row.kind, row.parent, row.owner, row.title, row.result, *derived)
        parent = row.parent if command in _NAME_THE_PARENT else ""
        added = self._add(command, data, row.line, row.id, row_field, digest, figure, parent)
        if not added and row_field == "id":
            self.left_out[row.id] = row

    def _leave_out_below(self, row: Row) -> None:
        parent = self.left_out[row.parent]
        self.remarks.append(parent_refused(row.line, row.id, parent.id, parent.line))
        if row.kind == "key_result":
            self.left_out[row.id] = row

    def _add(
        self,
        command: str,
        data: Mapping[str, object],
        line: int | None,
        record: str,
        record_field: str,
        digest: str,
        figure: str,
        parent: str = "",
    ) -> bool:
        """Whether the command may be sent, as far as its fields tell."""
        day = self.options.last_day if command == "RecordCheckIn" else self.options.first_day
        body = {
            **data,
            "effective_on": day.isoformat(),
            "effective_basis": "assumed",
            "import_source": {"system": SYSTEM, "record": record, "digest": digest},
        }
        wrong = fault_of_fields(command, body)
        if wrong:
            self.remarks.append(refused(line, record, "field_not_allowed", wrong, "Change that field of the row."))
            return False
        planned_id = command_id(self.options.import_name, record, record_field)
        self.commands.append(PlannedCommand(planned_id, command, body, line, record, digest, figure, parent))
        return True


def _assumptions(commands: Sequence[PlannedCommand], first: date, last: date) -> Mapping[str, int]:
    kinds = Counter(command.figure for command in commands)
    results = kinds["check_ins_with_value"] + kinds["check_ins_narrative_only"]
    stated = {
        f"results are effective on {last}, the cycle's last day or today": results,
        f"everything else is effective on {first}, the cycle's first day or today": len(commands) - results,
        "a key result is increase, 0 to 100 percent: completion as stated by its authors": kinds["key_results"],
        "a link contributes with share 1, its origin unstated": kinds["links"],
        "a role is a unit under the root, with a placeholder who is responsible": kinds["units"],
        "an objective without parent is top-level": sum(command.data.get("top_level") is True for command in commands),
    }
    return {words: count for words, count in stated.items() if count}


def _counts_nowhere(child: Row, parent: Row) -> Remark:
    return reported(
        child.line,
        child.id,
        "link_counts_nowhere",
        f"Its parent {parent.id} rolls up its key results, so that this link is shown and does not count.",
        f"Set the roll-up of {parent.id} to both if it should.",
    )


def _no_value(row: Row, *, fed: bool) -> Remark:
    if fed:
        message = f"The key result is fed by its child objectives; “{row.result[:200]}” became a narrative."
        return reported(row.line, row.id, "result_of_fed_key_result", message)
    message = f"“{row.result[:200]}” is no certain figure; it became a narrative without a value."
    fix = "Check in with a value if you know it."
    return reported(row.line, row.id, "uncertain_result", message, fix)
