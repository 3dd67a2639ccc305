from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from services.cli.imports.managers import circles
from services.cli.imports.people import Options, plan
from services.cli.imports.planned import Plan, PlannedCommand

OPTIONS = Options("club", date(2026, 6, 1))
SMALL = (Path(__file__).parent / "people.csv").read_bytes()
REAL = Path(__file__).parents[4] / "shared" / "data" / "gitlab-fy21-q1" / "people.csv"
HEADER = "id,title,manager,departments\n"


def planned(content: str | bytes) -> Plan:
    return plan(content if isinstance(content, bytes) else content.encode(), OPTIONS)


def commands(of: Plan, command: str) -> dict[str, PlannedCommand]:
    return {each.record: each for each in of.commands if each.type == command}


def remarks(of: Plan, outcome: str) -> list[tuple[int | None, str, str]]:
    return [(each.line, each.record, each.rule) for each in of.remarks if each.outcome == outcome]


def units(of: Plan) -> dict[object, object]:
    return {each.data["unit_id"]: each.data["name"] for each in commands(of, "AddUnit").values()}


@pytest.fixture(scope="module")
def small() -> Plan:
    return planned(SMALL)


def test_units_come_before_people_and_people_before_their_managers(small: Plan):
    order = [command.type for command in small.commands]
    assert order == ["AddUnit"] * 3 + ["AddPerson"] * 6 + ["ChangeManager"] * 4


def test_departments_are_trimmed_and_case_folded_and_the_first_spelling_stays(small: Plan):
    assert list(units(small).values()) == ["Boats", "Club office", "Oars"]
    assert remarks(small, "reported")[:4] == [
        (4, "o1", "department_spelled_twice"),
        (5, "o2", "department_spelled_twice"),
        (5, "o2", "no_title"),
        (6, "t1", "department_spelled_twice"),
    ]


def test_the_first_department_of_a_row_is_the_primary_one(small: Plan):
    named = units(small)
    joined = {
        record: [named[unit] for unit in cast("Sequence[str]", each.data["unit_ids"])]
        for record, each in commands(small, "AddPerson").items()
    }
    assert joined == {
        "b1": ["Boats", "Club office"],
        "b2": ["Boats"],
        "o1": ["Oars", "Boats"],
        "o2": ["Oars"],
        "t1": ["Club office"],
        "t2": [],
    }


def test_a_department_named_twice_in_a_row_is_one():
    joined = commands(planned(f"{HEADER}a,Head,,Oars;oars ;;Oars\n"), "AddPerson")["a"].data["unit_ids"]
    assert len(cast("Sequence[str]", joined)) == 1


def test_people_without_title_or_department_are_taken_and_reported(small: Plan):
    people = commands(small, "AddPerson")
    assert "title" not in people["o2"].data
    assert {(5, "o2", "no_title"), (7, "t2", "no_department")} <= set(remarks(small, "reported"))


def test_a_manager_who_is_not_in_the_file_is_reported_and_the_person_taken_without(small: Plan):
    assert (6, "t1", "manager_not_in_file") in remarks(small, "reported")
    assert commands(small, "ChangeManager").keys() == {"b2", "o1", "o2", "t2"}
    assert small.figures["without_their_manager"] == 1


def test_a_manager_may_stand_below_in_the_file():
    changed = commands(planned(f"{HEADER}a,,b,\nb,Head,,\n"), "ChangeManager")["a"].data
    assert (changed["person_id"], changed["manager_id"]) == ("club_a", "club_b")


def test_whoever_stands_in_a_circle_of_managers_gets_none_and_those_below_keep_theirs():
    taken = planned(f"{HEADER}a,Head,b,Oars\nb,Head,a,Oars\nc,Rower,a,Oars\nd,Rower,d,Oars\n")
    assert remarks(taken, "reported") == [
        (2, "a", "circle_of_managers"),
        (3, "b", "circle_of_managers"),
        (5, "d", "own_manager"),
    ]
    assert "a → b → a" in next(each.message for each in taken.remarks)
    assert commands(taken, "AddPerson").keys() == {"a", "b", "c", "d"}
    assert commands(taken, "ChangeManager").keys() == {"c"}


def test_a_long_circle_is_told_in_few_words():
    around = "".join(f"p{each},Head,p{(each + 1) % 5_000},Oars\n" for each in range(5_000))
    taken = planned(HEADER + around)
    assert Counter(each.rule for each in taken.remarks) == {"circle_of_managers": 5_000}
    assert max(len(each.message) for each in taken.remarks) < 200


def test_every_circle_is_found_once():
    managers = {"a": "b", "b": "c", "c": "b", "d": "d", "e": "a", "f": "nobody", "g": ""}
    assert [sorted(circle) for circle in circles(managers)] == [["b", "c"], ["d"]]


def test_below_a_manager_who_is_refused_a_person_is_taken_without_one():
    taken = planned(f"{HEADER}a,{'x' * 10_001},,Oars\nb,Rower,a,Oars\n")
    assert remarks(taken, "refused") == [(2, "a", "field_not_allowed")]
    assert remarks(taken, "reported") == [(3, "b", "manager_refused")]
    assert not commands(taken, "ChangeManager")


@pytest.mark.parametrize(
    ("row", "record", "rule"),
    [
        ("a,Head,", "", "wrong_columns"),
        (",Head,,Oars", "", "no_id"),
        ("a b,Head,,Oars", "", "id_not_allowed"),
        ("z,Head,,Oars", "z", "duplicate_id"),
        ('a,"Head,,Oars', "", "not_csv"),
        ("a,Head\0,,Oars", "a", "field_not_allowed"),
        (f"a,{'x' * 20_000},,Oars", "a", "field_not_allowed"),
        (f"a,Head,,{'x' * 10_001}", "a", "field_not_allowed"),
        (f"a,Head,,{';'.join(f'd{each}' for each in range(10_000))}", "a", "too_many_departments"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_with_line_rule_and_fix_and_the_rest_goes_on(
    row: str, record: str, rule: str
):
    taken = planned(f"\ufeff{HEADER}z,Head,,Boats\n{row}\n".replace("\n", "\r\n"))
    assert remarks(taken, "refused") == [(3, record, rule)]
    assert all(each.fix for each in taken.remarks)
    assert commands(taken, "AddPerson").keys() == {"z"}
    # A department that only a refused row names is no unit.
    assert list(units(taken).values()) == ["Boats"]


def test_an_unknown_column_is_reported_and_left_out_and_the_rest_goes_on():
    taken = planned("Departments,Salary,ID,title,manager\nOars,9,a,Head,\n")
    assert remarks(taken, "reported") == [(1, "", "unknown_column")]
    assert "salary" in taken.remarks[0].message
    assert commands(taken, "AddPerson").keys() == {"a"}


@pytest.mark.parametrize("header", ["", "id,title,manager\n", "id,title,manager,departments,title\n"])
def test_a_wrong_header_is_refused_and_nothing_is_planned(header: str):
    taken = planned(f"{header}a,Head,,Oars\n" if header else "")
    assert remarks(taken, "refused") == [(1, "", "wrong_header")]
    assert taken.commands == ()


def test_names_and_addresses_are_taken_where_they_are_and_no_fingerprint_holds_them():
    header = "id,title,manager,departments,name,email\n"
    named = planned(f"{header}a,Head,,Oars,Kim Example,kim@example.org\nb,Rower,,Oars,,\n")
    people = commands(named, "AddPerson")
    assert (people["a"].data["name"], people["a"].data["email"]) == ("Kim Example", "kim@example.org")
    assert people["b"].data.keys().isdisjoint({"name", "email"})
    nameless = commands(planned(f"{HEADER}a,Head,,Oars\n"), "AddPerson")
    assert people["a"].digest == nameless["a"].digest


def test_an_address_that_is_none_is_refused_and_not_repeated():
    taken = planned("id,title,manager,departments,email\na,Head,,Oars,kim at home\n")
    assert remarks(taken, "refused") == [(2, "a", "field_not_allowed")]
    assert "kim" not in taken.remarks[0].message


def test_everything_is_assumed_visibly(small: Plan):
    assert {command.data["effective_basis"] for command in small.commands} == {"assumed"}
    assert {command.data["effective_on"] for command in small.commands} == {"2026-06-01"}
    assert sum(small.assumptions(small.commands).values()) == len(small.commands) + 3


def test_ids_and_digests_are_the_same_on_another_day_with_rows_between_and_other_spellings(small: Plan):
    lines = SMALL.replace(b"Boats;Club office", b"boats ; CLUB OFFICE").splitlines()
    inserted = [*lines[:3], b"b9,Boat builder,b1,Boats", *lines[3:]]
    later = plan(b"\n".join(inserted), Options("club", date(2026, 9, 9)))
    before = {command.command_id: command.digest for command in small.commands}
    after = {command.command_id: command.digest for command in later.commands}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2


@pytest.mark.parametrize(
    ("was", "became", "record"),
    [(b"Head of Oars", b"Oarmaster", "o1"), (b"o2,,o1", b"o2,,b1", "o2"), (b'oak",b1,Boats', b'oak",b1,Oars', "b2")],
)
def test_a_row_that_changed_has_another_digest_and_the_same_command_ids(
    small: Plan, was: bytes, became: bytes, record: str
):
    before = {command.command_id: command.digest for command in small.commands}
    changed = planned(SMALL.replace(was, became)).commands
    assert before.keys() == {command.command_id for command in changed}
    assert {command.record for command in changed if before[command.command_id] != command.digest} == {record}


def test_another_name_gives_other_ids(small: Plan):
    other = plan(SMALL, Options("second", OPTIONS.day))
    assert {each.command_id for each in small.commands}.isdisjoint(each.command_id for each in other.commands)


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data is not there: it is not part of this repository")
def test_the_people_of_a_company_as_it_published_them():
    real = plan(REAL.read_bytes(), OPTIONS)
    assert real.rows == 1_336
    assert dict(real.figures) == {
        "units": 326,
        "people": 1_336,
        "managers": 885,
        "without_their_manager": 451,
        "second_spellings": 1,
    }
    assert Counter(each.rule for each in real.remarks) == {
        "manager_not_in_file": 451,
        "no_title": 2,
        "no_department": 1,
        "department_spelled_twice": 1,
    }
    missing = {each.message for each in real.remarks if each.rule == "manager_not_in_file"}
    assert len(missing) == 140
