from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from okr_contracts.commands import COMMANDS
from services.cli.imports.history import Options, plan
from services.cli.imports.planned import Plan, PlannedCommand

OPTIONS = Options("club", "Rowing club", date(2026, 11, 1))
SMALL = (Path(__file__).parent / "history.csv").read_bytes()
REAL = Path(__file__).parents[4] / "shared" / "data" / "ipld" / "history.csv"
HEADER = "committed_at,cycle,objective,key_result,actor,field,old,new\n"
CREATED = "2026-04-01T08:00:00Z,2026-q2,O1,K1,writer,created,,Win :: Medals\n"
ASSIGNED = "2026-04-01T08:00:00Z,2026-q2,O1,K1,writer,assignee,,rower\n"


def planned(content: str | bytes) -> Plan:
    return plan(content if isinstance(content, bytes) else content.encode(), OPTIONS)


def sent(of: Plan, command: str) -> list[PlannedCommand]:
    return [each for each in of.commands if each.type == command]


def dated(of: Plan, command: str) -> list[tuple[object, object]]:
    return [(each.data.get("effective_on"), each.data["effective_basis"]) for each in sent(of, command)]


def remarks(of: Plan, outcome: str) -> list[tuple[int | None, str]]:
    return [(each.line, each.rule) for each in of.remarks if each.outcome == outcome]


@pytest.fixture(scope="module")
def small() -> Plan:
    return planned(SMALL)


def test_every_command_is_one_that_the_ledger_takes(small: Plan):
    for command in small.commands:
        COMMANDS[command.type].model_validate(command.data)


def test_what_is_named_comes_before_who_names_it(small: Plan):
    order = [command.type for command in small.commands[:11]]
    assert order == [
        "AddUnit",
        *["PlanCycle", "OpenCycle"] * 2,
        *["AddPerson"] * 3,
        "CreateObjective",
        "AddKeyResult",
        "AddKeyResult",
    ]


def test_cycles_are_calendar_quarters_which_are_there_before_what_is_created_in_them(small: Plan):
    days = [(each.data["starts_on"], each.data["ends_on"]) for each in sent(small, "PlanCycle")]
    assert days == [("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-09-30")]
    assert dated(small, "PlanCycle") == [("2026-03-28", "assumed"), ("2026-07-01", "assumed")]
    assert dated(small, "OpenCycle") == [("2026-04-01", "assumed"), ("2026-07-01", "assumed")]


def test_the_first_assignee_of_the_commit_is_responsible_and_the_others_are_partners(small: Plan):
    first = sent(small, "AddKeyResult")[0].data
    assert first["responsible_id"] == "club_rower-1"
    assert first["partner_ids"] == ["club_rower-2"]


def test_a_partner_who_becomes_responsible_is_released_first(small: Plan):
    changes = [
        (each.type, each.data["person_id"])
        for each in small.commands
        if each.type in ("ReleaseKeyPartner", "AssignResponsible", "NameKeyPartner")
    ]
    assert changes == [
        ("ReleaseKeyPartner", "club_rower-2"),
        ("AssignResponsible", "club_rower-2"),
        ("NameKeyPartner", "club_rower-3"),
    ]


def test_a_score_is_dated_to_the_day_as_written_and_into_its_cycle(small: Plan):
    assert dated(small, "RecordCheckIn") == [
        ("2026-04-01", "assumed"),  # before the cycle began: its first day
        ("2026-05-17", "stated"),
        ("2026-05-16", "stated"),  # half past eleven at night, where its author was, and later than the one before
        ("2026-06-29", "stated"),  # a final before the end of its cycle
        ("2026-05-16", "assumed"),  # after the end: the middle day
        ("2026-06-30", "assumed"),  # a final: the last day
        ("2026-05-16", "assumed"),
    ]


def test_a_change_of_form_alone_is_nothing(small: Plan):
    assert 8 not in {each.line for each in small.commands}


def test_a_final_is_a_check_in_and_a_grade_and_one_that_changes_again_corrects_both(small: Plan):
    assert [each.data["grade"] for each in sent(small, "GradeKeyResult")] == ["0.5", "0.4"]
    (corrected,) = sent(small, "CorrectCheckIn")
    assert corrected.data["check_in_id"] == "club_q2-K1-final"
    assert "effective_on" not in corrected.data
    (regraded,) = sent(small, "CorrectGrade")
    assert (regraded.data["grade"], regraded.data["key_result_id"]) == ("1.0", "club_q2-K1")
    assert corrected.data["reason"] == regraded.data["reason"] == "changed in the source, none given"


def test_words_are_no_score(small: Plan):
    assert (17, "uncertain_score") in remarks(small, "reported")
    assert sent(small, "RecordCheckIn")[-1].data["narrative"] == "about half"


def test_a_priority_is_a_label_and_never_a_weight(small: Plan):
    (labelled,) = sent(small, "SetLabels")
    assert labelled.data["labels"] == ["q2-K1 p0"]
    assert all("weight" not in each.data for each in small.commands)


def test_the_same_title_in_another_cycle_is_reported(small: Plan):
    assert (18, "same_title_in_another_cycle") in remarks(small, "reported")


def test_each_row_says_when_and_by_whom_it_was_written_down(small: Plan):
    source = cast("dict[str, object]", sent(small, "DropKeyResult")[0].data["import_source"])
    assert source["recorded_at"] == "2026-07-20T06:00:00.000000Z"
    assert source["actor"] == "writer-1"
    assert source["record"] == "q3-K1/removed/2026-07-20T06:00:00Z"


def test_ids_stay_when_rows_are_put_in_between(small: Plan):
    lines = SMALL.decode().splitlines(keepends=True)
    more = "2026-05-01T08:00:00Z,2026-q2,q2-O1,q2-K2,writer-1,mid,,0.3\n"
    before = {each.command_id for each in small.commands}
    after = {each.command_id for each in planned("".join([*lines[:6], more, *lines[6:]])).commands}
    assert before < after
    assert len(after) == len(before) + 1


def test_the_order_of_the_file_does_not_matter_but_for_rows_of_one_instant(small: Plan):
    header, *lines = SMALL.decode().splitlines(keepends=True)
    turned = planned("".join([header, *lines[16:], *lines[:16]]))
    assert {each.command_id for each in turned.commands} == {each.command_id for each in small.commands}
    days = [each.data.get("effective_on") for each in turned.commands if each.type == "RecordCheckIn"]
    assert days == [each.data.get("effective_on") for each in small.commands if each.type == "RecordCheckIn"]


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (CREATED, "no_assignee"),
        ("2026-04-01T08:00:00,2026-q2,O1,K1,writer,created,,Win :: Medals\n", "no_instant"),
        ("yesterday,2026-q2,O1,K1,writer,created,,Win :: Medals\n", "no_instant"),
        ("2026-04-01T08:00:00Z,spring,O1,K1,writer,created,,Win :: Medals\n", "no_quarter"),
        ("2026-04-01T08:00:00Z,0000-q1,O1,K1,writer,created,,Win :: Medals\n", "no_quarter"),
        ("2026-04-01T08:00:00Z,2026-q2,O1,K1,writer,deleted,,\n", "unknown_field"),
        ("2026-04-01T08:00:00Z,2026-q2,O1,,writer,mid,,1\n", "no_key_result"),
        ("2026-04-01T08:00:00Z,2026-q2,O1,K1,,mid,,1\n", "no_actor"),
        ("2026-04-01T08:00:00Z,2026-q2,O1,K1,writer,created,,Win\n" + ASSIGNED, "no_titles"),
        ("2026-04-01T08:00:00Z,2026-q2,,K1,writer,created,,Win :: Medals\n" + ASSIGNED, "no_titles"),
        (CREATED + ASSIGNED + CREATED, "created_twice"),
        ("2026-04-01T08:00:00Z,2026-q2,O1,K1,writer,mid,,1\n", "not_created"),
        (CREATED + ASSIGNED + "2026-06-01T08:00:00Z,2026-q2,O1,K1,writer,final,,1.1\n", "no_grade"),
        (CREATED + ASSIGNED + "2026-06-01T08:00:00Z,2026-q2,O1,K1,writer,title,,\n", "field_not_allowed"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_by_its_line(rows: str, rule: str):
    refusals = remarks(planned(HEADER + rows), "refused")
    assert rule in [each for _, each in refusals]
    assert all(line for line, _ in refusals)


def test_what_hangs_on_a_refused_creation_is_refused_with_it():
    of = planned(HEADER + CREATED + "2026-05-01T08:00:00Z,2026-q2,O1,K1,writer,mid,,0.5\n")
    assert remarks(of, "refused") == [(2, "no_assignee"), (3, "parent_refused")]
    assert of.commands == ()


def test_an_empty_file_is_an_empty_plan():
    assert planned(HEADER).commands == ()


@pytest.mark.skipif(not REAL.exists(), reason=f"the real file {REAL.name} is not on this machine")
def test_the_real_history_becomes_what_its_authors_wrote():
    of = planned(REAL.read_bytes())
    assert not remarks(of, "refused")
    figures = Counter(each.figure for each in of.commands)
    assert (figures["key_results"], figures["removals"], figures["titles"]) == (56, 2, 1)
    # Three rows change the form of a number alone.
    assert figures["mid_quarter_scores"] + figures["projections"] + figures["finals"] + figures["corrections"] == 129
    assert figures["grades_corrected"] == 1
    assumed = [each for each in of.commands if each.figure == "mid_quarter_scores"]
    days: Sequence[tuple[str, str]] = [
        (cast("str", each.data["effective_on"]), cast("str", each.data["effective_basis"])) for each in assumed
    ]
    before = [day for day, basis in days if basis == "assumed" and day.endswith("-01")]
    after = [day for day, basis in days if basis == "assumed" and not day.endswith("-01")]
    assert (len(before), len(after)) == (5, 9)
