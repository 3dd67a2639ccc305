"""
People rows as commands.

Pure: the same rows and options give the same plan. Departments become units, people are added to them, and only then do
they get their managers, who may stand further down in the file; docs/imports.md has the rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from services.cli.imports.ids import command_id, fingerprint, subject_id
from services.cli.imports.managers import managed
from services.cli.imports.people_rows import PersonRow, read_people
from services.cli.imports.planned import Plan, PlannedCommand, fault_of_fields
from services.cli.imports.remarks import Remark, refused, reported, still_true

SYSTEM: Final = "people-csv"
MOST_DEPARTMENTS: Final = 100


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who imports decides: the name that ids derive from, and the day that the file tells of."""

    name: str
    day: date


@dataclass(frozen=True, slots=True)
class Department:
    """A department: the spelling that came first, and the line that has it."""

    name: str
    record: str
    unit_id: str
    line: int


def plan(content: bytes, options: Options) -> Plan:
    """The plan of a whole file; rows that cannot be taken are refused by line, and the others go on."""
    rows = read_people(content)
    planner = _Planner(options)
    taken = [row for row in rows.read if planner.takes(row)]
    for department in planner.departments.values():
        planner.add_unit(department)
    for row in taken:
        planner.add_person(row)
    remarks = [*rows.remarks, *planner.remarks]
    left_out = {each.record: each.line for each in remarks if each.outcome == "refused" and each.record}
    with_manager, without_manager = managed(taken, left_out)
    for row in with_manager:
        planner.change_manager(row)
    return Plan(
        import_name=options.name,
        about={"effective_on": options.day.isoformat()},
        rows=rows.count,
        commands=tuple(planner.commands),
        remarks=still_true((*remarks, *without_manager)),
        assumptions=partial(_assumptions, day=options.day),
    )


class _Planner:
    """Takes rows in the order of the file, so that the first spelling of a department is the one that stays."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.departments: dict[str, Department] = {}
        self.commands: list[PlannedCommand] = []
        self.remarks: list[Remark] = []
        self._spellings: set[str] = set()

    def takes(self, row: PersonRow) -> bool:
        """Whether the row can be taken as far as its fields tell; its departments are, and what is odd is said."""
        if fault := self._fault(row):
            self.remarks.append(fault)
            return False
        for folded, spelling in row.departments.items():
            self._take_department(folded, spelling, row)
        if not row.title:
            self.remarks.append(_taken_without("title", row))
        if not row.departments:
            self.remarks.append(_taken_without("department", row))
        return True

    def add_unit(self, department: Department) -> None:
        """The command for a department."""
        data = {"unit_id": department.unit_id, "name": department.name}
        digest = fingerprint(department.name.casefold())
        self._add("AddUnit", data, None, department.record, "unit", digest, "units")

    def add_person(self, row: PersonRow) -> None:
        """The command for a person, without manager."""
        self._add("AddPerson", self._person(row), row.line, row.id, "person", _digest(row), "people")

    def change_manager(self, row: PersonRow) -> None:
        """The command that gives a person the manager."""
        data = {"person_id": self._id(row.id), "manager_id": self._id(row.manager)}
        self._add("ChangeManager", data, row.line, row.id, "manager", _digest(row), "managers", row.manager)

    def _fault(self, row: PersonRow) -> Remark | None:
        if len(row.departments) > MOST_DEPARTMENTS:
            return refused(
                row.line,
                row.id,
                "too_many_departments",
                f"The row names {len(row.departments):,} departments; at most {MOST_DEPARTMENTS} are taken.",
                "Name those that the person belongs to; is the separator “;” and the rest of the line right?",
            )
        wrong = fault_of_fields("AddPerson", self._body(self._person(row), row.id, ""))
        for spelling in row.departments.values():
            wrong = wrong or fault_of_fields("AddUnit", {"unit_id": "u", "name": spelling}).replace(
                "name:", "department:"
            )
        return refused(row.line, row.id, "field_not_allowed", wrong, "Change that field of the row.") if wrong else None

    def _take_department(self, folded: str, spelling: str, row: PersonRow) -> None:
        record = _record_of(folded)
        first = self.departments.setdefault(folded, Department(spelling, record, self._id(record), row.line))
        if spelling != first.name and spelling not in self._spellings:
            self._spellings.add(spelling)
            message = (
                f"The department “{spelling[:100]}” is taken as “{first.name[:100]}”, as line {first.line} has it."
            )
            self.remarks.append(reported(row.line, row.id, "department_spelled_twice", message))

    def _person(self, row: PersonRow) -> Mapping[str, object]:
        given = {"title": row.title, "name": row.name, "email": row.email}
        return {
            "person_id": self._id(row.id),
            "unit_ids": [self._id(_record_of(folded)) for folded in row.departments],
            **{name: words for name, words in given.items() if words},
        }

    def _id(self, record: str) -> str:
        return subject_id(self.options.name, record)

    def _body(self, data: Mapping[str, object], record: str, digest: str) -> Mapping[str, object]:
        return {
            **data,
            "effective_on": self.options.day.isoformat(),
            "effective_basis": "assumed",
            "import_source": {"system": SYSTEM, "record": record, "digest": digest},
        }

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
    ) -> None:
        planned_id = command_id(self.options.name, record, record_field)
        body = self._body(data, record, digest)
        self.commands.append(PlannedCommand(planned_id, command, body, line, record, digest, figure, parent))


def _taken_without(what: str, row: PersonRow) -> Remark:
    return reported(row.line, row.id, f"no_{what}", f"The row has no {what}; the person was taken without.")


def _record_of(folded: str) -> str:
    """A record id for a department, which has none in the file."""
    return f"unit-{fingerprint(folded)[:12]}"


def _digest(row: PersonRow) -> str:
    # It stands in events: of name and address not even a fingerprint does.
    return fingerprint(row.title, row.manager, *row.departments)


def _assumptions(commands: Sequence[PlannedCommand], day: date) -> Mapping[str, int]:
    stated = {
        f"everything is effective on {day}": len(commands),
        "a department is a unit under the root; the first one of a row is the primary one": sum(
            command.type == "AddUnit" for command in commands
        ),
    }
    return {words: count for words, count in stated.items() if count}
