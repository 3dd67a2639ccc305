from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from okr_rules import (
    CheckInVersion,
    Definition,
    DefinitionVersion,
    Value,
    ValueInForce,
    definition_in_force,
    value_in_force,
)

D = Decimal
NEWEST = 10**6
TO_100 = Definition("increase", baseline=D(0), target=D(100))
TO_200 = Definition("increase", baseline=D(0), target=D(200))
YES_OR_NO = Definition("achieve")


def day(number: int) -> date:
    return date(2026, 1, 1) + timedelta(days=number - 1)


def recorded(sequence: int, on: int, value: Value | None) -> CheckInVersion:
    return CheckInVersion(sequence, sequence, day(on), value)


def corrected(first: int, sequence: int, on: int, value: Value | None) -> CheckInVersion:
    return CheckInVersion(first, sequence, day(on), value)


def withdrawn(first: int, sequence: int, on: int, value: Value | None) -> CheckInVersion:
    return CheckInVersion(first, sequence, day(on), value, withdrawn=True)


def defined(
    sequence: int, on: int, definition: Definition = TO_100, unit: str = "percent", restated: Value | None = None
) -> DefinitionVersion:
    return DefinitionVersion(sequence, day(on), definition, unit, restated)


ADDED = defined(1, 1)


def value(
    check_ins: list[CheckInVersion], *definitions: DefinitionVersion, on: int = 90, known_at: int = NEWEST
) -> Value | None:
    found = value_in_force(check_ins, definitions or (ADDED,), day(on), known_at)
    return None if found is None else found.value


def test_the_latest_day_wins_whatever_was_recorded_last():
    assert value([recorded(5, 20, D(40)), recorded(6, 10, D(30))]) == 40


def test_on_the_same_day_the_higher_sequence_wins():
    assert value([recorded(6, 10, D(30)), recorded(5, 10, D(40))]) == 30


def test_a_value_of_a_later_day_is_not_yet_in_force():
    check_ins = [recorded(5, 10, D(30)), recorded(6, 20, D(40))]
    assert value(check_ins, on=9) is None
    assert value(check_ins, on=10) == 30
    assert value(check_ins, on=20) == 40


def test_what_was_recorded_later_is_not_yet_known():
    check_ins = [recorded(5, 10, D(30)), recorded(6, 10, D(40))]
    assert value(check_ins, known_at=4) is None
    assert value(check_ins, known_at=5) == 30
    assert value(check_ins, known_at=6) == 40


def test_a_check_in_without_a_value_leaves_the_one_before_in_force():
    assert value([recorded(5, 10, D(30)), recorded(6, 20, None)]) == 30


def test_zero_is_a_value():
    assert value([recorded(5, 10, D(30)), recorded(6, 20, D(0))]) == 0


def test_a_correction_replaces_the_value_and_is_cited_with_its_check_in():
    found = value_in_force([recorded(5, 10, D(30)), corrected(5, 9, 10, D(35))], [ADDED], day(90), NEWEST)
    assert found == ValueInForce(D(35), day(10), 5, 9)
    assert ValueInForce(D(35), day(10), 5, 9).cites == (5, 9)
    assert ValueInForce(D(30), day(10), 5, 5).cites == (5,)


def test_before_a_correction_was_known_the_old_value_was_in_force():
    check_ins = [recorded(5, 10, D(30)), corrected(5, 9, 10, D(35))]
    assert value(check_ins, known_at=8) == 30
    assert value(check_ins, known_at=9) == 35


def test_the_newest_correction_wins():
    assert value([recorded(5, 10, D(30)), corrected(5, 11, 10, D(50)), corrected(5, 9, 10, D(35))]) == 50


def test_a_correction_that_clears_the_value_gives_way_to_the_check_in_before():
    assert value([recorded(4, 9, D(20)), recorded(5, 10, D(30)), corrected(5, 9, 10, None)]) == 20


def test_a_correction_keeps_the_place_of_its_check_in_among_those_of_a_day():
    assert value([recorded(5, 10, D(30)), recorded(6, 10, D(40)), corrected(5, 9, 10, D(35))]) == 40


def test_the_order_in_which_versions_are_given_does_not_matter():
    check_ins = [recorded(6, 10, D(40)), corrected(5, 9, 10, D(35)), recorded(5, 10, D(30))]
    assert value(check_ins) == value(check_ins[::-1]) == 40


def test_a_correction_that_moves_the_day_keeps_the_tie_break_of_its_check_in():
    check_ins = [recorded(5, 10, D(30)), recorded(6, 20, D(40)), corrected(5, 9, 20, D(30))]
    assert value(check_ins, on=15) is None
    assert value(check_ins) == 40


def test_withdrawing_takes_the_check_in_with_all_its_corrections():
    check_ins = [recorded(4, 9, D(20)), recorded(5, 10, D(30)), corrected(5, 7, 10, D(35)), withdrawn(5, 8, 10, D(35))]
    assert value(check_ins) == 20
    assert value(check_ins, known_at=7) == 35


def test_the_definition_in_force_is_the_latest_by_day_then_by_sequence():
    raised = defined(7, 20, TO_200)
    again = defined(8, 20)
    assert definition_in_force([raised, ADDED], day(19), NEWEST) == ADDED
    assert definition_in_force([raised, ADDED], day(20), NEWEST) == raised
    assert definition_in_force([again, raised, ADDED], day(20), NEWEST) == again
    assert definition_in_force([again, raised, ADDED], day(20), 7) == raised
    assert definition_in_force([ADDED], day(0), NEWEST) is None


def test_an_imported_definition_dated_back_does_not_replace_a_later_days():
    raised = defined(7, 20, TO_200)
    dated_back = defined(8, 10, Definition("increase", baseline=D(0), target=D(300)))
    assert definition_in_force([ADDED, raised, dated_back], day(20), NEWEST) == raised
    assert definition_in_force([ADDED, raised, dated_back], day(19), NEWEST) == dated_back


def test_before_there_is_a_definition_there_is_no_value():
    assert value([recorded(5, 1, D(30))], defined(2, 5), on=4) is None


def test_another_target_reads_the_values_as_before():
    assert value([recorded(5, 10, D(30))], ADDED, defined(7, 20, TO_200)) == 30


def test_under_another_unit_older_check_ins_are_not_read():
    check_ins = [recorded(5, 10, D(30)), recorded(9, 21, D(3))]
    in_euro = defined(7, 20, unit="money/EUR")
    assert value(check_ins, ADDED, in_euro, on=19) == 30
    assert value(check_ins, ADDED, in_euro, on=20) is None
    assert value(check_ins, ADDED, in_euro, on=21) == 3
    assert value(check_ins, ADDED, in_euro, known_at=6) == 30


def test_a_correction_does_not_bring_an_older_check_in_under_another_unit():
    check_ins = [recorded(5, 10, D(30)), corrected(5, 9, 10, D(3))]
    assert value(check_ins, ADDED, defined(7, 20, unit="money/EUR")) is None


def test_a_later_change_of_the_target_does_not_bring_them_back():
    check_ins = [recorded(5, 10, D(30))]
    definitions = [ADDED, defined(7, 20, unit="money/EUR"), defined(8, 30, TO_200, unit="money/EUR")]
    assert value(check_ins, *definitions) is None


def test_back_to_the_old_unit_starts_anew_too():
    check_ins = [recorded(5, 10, D(30)), recorded(8, 21, D(3))]
    assert value(check_ins, ADDED, defined(7, 20, unit="money/EUR"), defined(9, 30)) is None


def test_a_restated_value_counts_from_the_day_of_the_redefinition():
    redefined = defined(7, 20, unit="money/EUR", restated=D(3))
    found = value_in_force([recorded(5, 10, D(30))], [ADDED, redefined], day(20), NEWEST)
    assert found == ValueInForce(D(3), day(20), 7, 7)
    assert value([recorded(5, 10, D(30))], ADDED, redefined, on=19) == 30


def test_a_restated_value_ties_with_check_ins_of_its_day_by_sequence():
    redefined = defined(7, 20, unit="money/EUR", restated=D(3))
    assert value([recorded(8, 20, D(4))], ADDED, redefined) == 4
    assert value([recorded(8, 19, D(4))], ADDED, redefined) == 3
    assert value([recorded(6, 20, D(4))], ADDED, redefined) == 3


def test_a_restated_value_outlives_a_later_change_of_the_target():
    definitions = [ADDED, defined(7, 20, unit="money/EUR", restated=D(3)), defined(8, 30, TO_200, unit="money/EUR")]
    assert value([recorded(5, 10, D(30))], *definitions) == 3


def test_a_restated_value_of_a_unit_that_was_given_up_is_not_read():
    definitions = [ADDED, defined(7, 20, unit="money/EUR", restated=D(3)), defined(8, 30, unit="number")]
    assert value([], *definitions) is None


def test_a_value_that_the_kind_of_an_earlier_day_cannot_read_is_not_read():
    definitions = [ADDED, defined(7, 20, YES_OR_NO)]
    check_ins = [recorded(5, 10, D(30)), recorded(8, 15, True)]
    assert value(check_ins, *definitions, on=19) == 30
    assert value(check_ins, *definitions, on=20) is True


def test_an_imported_redefinition_dated_back_hides_no_check_in_of_the_same_measure():
    assert value([recorded(5, 30, D(30))], defined(2, 20), defined(9, 10, TO_200)) == 30


@st.composite
def histories(draw: st.DrawFn) -> list[CheckInVersion]:
    """The versions of some check-ins as the ledger could have recorded them, in order."""
    versions: list[CheckInVersion] = []
    live: list[CheckInVersion] = []
    sequences = count(2)
    for _ in range(draw(st.integers(0, 15))):
        sequence = next(sequences)
        on = day(draw(st.integers(1, 3)))
        reported = draw(st.one_of(st.none(), st.integers(0, 100).map(Decimal)))
        event = draw(st.sampled_from(["record", "record", "correct", "withdraw"])) if live else "record"
        if event == "record":
            version = CheckInVersion(sequence, sequence, on, reported)
            live.append(version)
        else:
            index = draw(st.integers(0, len(live) - 1))
            before = live[index]
            if event == "correct":
                version = live[index] = CheckInVersion(before.first_sequence, sequence, on, reported)
            else:
                version = before._replace(sequence=sequence, withdrawn=True)
                del live[index]
        versions.append(version)
    return versions


def plainly(versions: list[CheckInVersion], on: date, known_at: int) -> Decimal | bool | None:
    """The value in force, told event by event."""
    standing: dict[int, tuple[date, Value | None]] = {}
    for version in versions:
        if version.sequence <= known_at:
            if version.withdrawn:
                del standing[version.first_sequence]
            else:
                standing[version.first_sequence] = (version.effective_on, version.value)
    best: tuple[date, int] | None = None
    found: Value | None = None
    for first, (effective_on, reported) in standing.items():
        if reported is not None and effective_on <= on and (best is None or (effective_on, first) > best):
            best, found = (effective_on, first), reported
    return found


@given(histories(), st.integers(0, 4), st.integers(1, 18), st.randoms(use_true_random=False))
def test_on_both_clocks_the_value_is_what_telling_the_events_in_order_gives(
    versions: list[CheckInVersion], on: int, known_at: int, random: Random
):
    shuffled = list(versions)
    random.shuffle(shuffled)
    assert value(shuffled, on=max(on, 1), known_at=known_at) == plainly(versions, day(max(on, 1)), known_at)


@given(histories(), st.integers(1, 4), st.integers(1, 18))
def test_what_is_recorded_later_changes_no_past_answer(versions: list[CheckInVersion], on: int, known_at: int):
    then = [version for version in versions if version.sequence <= known_at]
    assert value(versions, on=on, known_at=known_at) == value(then, on=on)
