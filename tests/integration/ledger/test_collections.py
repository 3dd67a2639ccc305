"""What a decision about many finds, whether the ledger remembers it, has to read it, or is just adding to it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

import services.ledger
from okr_contracts.commands import (
    AbandonObjective,
    AddKeyResult,
    AddPerson,
    AddUnit,
    AssignResponsible,
    CloseCycle,
    CloseUnit,
    Command,
    CorrectCheckIn,
    DeactivatePerson,
    DropKeyResult,
    ErasePerson,
    GradeKeyResult,
    GradeObjective,
    LockCycle,
    MoveUnit,
    OpenCycle,
    PlanCycle,
    ReactivatePerson,
    RecordCheckIn,
    RedefineKeyResult,
    ReinstateKeyResult,
    ReviseCycle,
    WithdrawCheckIn,
)
from services.ledger.domain.refusal import Refusal
from tests.given import History
from tests.integration.ledger.meeting import TAKEN, Meeting, meeting
from tests.unit.domain.acme import OPENED, key_result, objective

MIGRATION = Path(services.ledger.__file__).parent / "sql/migrations/0004_after_collections.sql"
_BECAUSE = "because"
# The first process remembers everything, the second nothing beyond a group, the third a little.
CACHES = (10_000, 0, 12)


def _any_of_units(random: Random) -> Command:
    unit_id, parent_id = (f"u{random.randrange(20)}" for _ in range(2))
    return random.choice(
        [
            AddUnit(unit_id=unit_id, name="Unit", parent_id=random.choice(["root", parent_id])),
            AddUnit(unit_id=unit_id, name="Unit"),
            MoveUnit(unit_id=unit_id, parent_id=parent_id),
            *([CloseUnit(unit_id=unit_id)] if random.random() < 0.4 else []),
        ]
    )


def _any_of_people(random: Random) -> Command:
    key_result_id, person_id = f"k{random.randrange(10)}", f"p{random.randrange(12)}"
    added = key_result(key_result_id, "oa").model_copy(update={"responsible_id": person_id})
    return random.choice(
        [
            AddPerson(person_id=person_id),
            added,
            added,
            AssignResponsible(key_result_id=key_result_id, person_id=person_id),
            *([DropKeyResult(key_result_id=key_result_id, reason=_BECAUSE)] if random.random() < 0.3 else []),
            ReinstateKeyResult(key_result_id=key_result_id, reason=_BECAUSE),
            DeactivatePerson(person_id=person_id),
            ReactivatePerson(person_id=person_id),
            *([ErasePerson(person_id=person_id, reason=_BECAUSE)] if random.random() < 0.5 else []),
        ]
    )


def _any_of_reports(random: Random) -> Command:
    key_result_id, check_in_id = random.choice(["ka", "kb", "kc"]), random.choice(["ca", "cb", "cc", "cd", "ce"])
    value = Decimal(random.randrange(100))
    return random.choice(
        [
            RecordCheckIn(check_in_id=check_in_id, key_result_id=key_result_id, value=value),
            CorrectCheckIn(check_in_id=check_in_id, value=value, reason=_BECAUSE),
            WithdrawCheckIn(check_in_id=check_in_id, reason=_BECAUSE),
            RedefineKeyResult(key_result_id=key_result_id, target=value + 1, reason=_BECAUSE),
            # What is proposed is made of all reports, and without a reason only that is taken.
            *([GradeKeyResult(key_result_id=key_result_id, grade=Decimal(1))] if random.random() < 0.3 else []),
        ]
    )


def _any_of_cycles(random: Random) -> Command:
    half, month = f"h{random.randrange(4)}", random.choice([1, 5])
    either = random.choice([half, f"{half}-{month}"])
    return random.choice(
        [
            PlanCycle(cycle_id=half, name="Half", starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30)),
            PlanCycle(
                cycle_id=f"{half}-{month}",
                name="Month",
                starts_on=date(2026, month, 1),
                ends_on=date(2026, month, 28),
                parent_id=half,
            ),
            ReviseCycle(cycle_id=half, starts_on=date(2026, random.choice([1, 3]), 1)),
            OpenCycle(cycle_id=either),
            objective(f"o-{either}", either),
            objective(f"o-{either}", either),
            GradeObjective(objective_id=f"o-{either}", grade=Decimal(1), reason=_BECAUSE),
            AbandonObjective(objective_id=f"o-{either}", reason=_BECAUSE),
            LockCycle(cycle_id=either),
            CloseCycle(cycle_id=either),
            CloseCycle(cycle_id=half),
        ]
    )


# Each with refusals that rest on a collection, one of which at least every run has to meet.
KINDS: Mapping[str, tuple[Callable[[Random], Command], set[str]]] = {
    "units": (_any_of_units, {"units_below_are_open"}),
    "people": (_any_of_people, {"still_responsible"}),
    "reports": (_any_of_reports, {"reason_missing"}),
    "cycles": (_any_of_cycles, {"contains_longer_cycle", "contains_live_cycle", "not_everything_graded"}),
}


def _expected(alone: History, command: Command) -> str:
    """What one process that forgets nothing answers, one command after the other."""
    try:
        alone.accept(command)
    except Refusal as refusal:
        return refusal.code
    return TAKEN


async def _answered(ledgers: Meeting, random: Random, commands: Sequence[Command], first: str) -> list[str]:
    process = random.randrange(len(CACHES))
    if len(commands) == 1:
        return [await ledgers.ask(commands[0], process)]
    # What is refused never waits for the head.
    if first == TAKEN and random.random() < 0.5:
        return await ledgers.while_the_first_is_written(commands, process)
    return await ledgers.in_one_group(commands, process)


@pytest.mark.parametrize("what", KINDS)
@pytest.mark.parametrize("seed", range(3))
async def test_a_collection_is_the_same_whether_it_is_remembered_read_or_just_added_to(
    database: str, what: str, seed: int
) -> None:
    random, alone = Random(seed), History()
    any_of, telling = KINDS[what]
    standing = [*OPENED, objective("oa"), *(key_result(each, "oa") for each in ("ka", "kb"))]
    async with meeting(database, CACHES) as ledgers:
        await ledgers.tell(*standing)
        for command in standing:
            alone.accept(command)
        outcomes: list[str] = []
        for _ in range(100):
            commands = [any_of(random) for _ in range(random.choice([1, 1, 2, 4]))]
            expected = [_expected(alone, command) for command in commands]
            assert await _answered(ledgers, random, commands, expected[0]) == expected
            outcomes += expected
        assert telling & {*outcomes}
        assert [recorded.event for recorded in await ledgers.events()] == [each.event for each in alone.recorded]


ADDED: Mapping[str, tuple[Command, Command, str]] = {
    "units": (AddUnit(unit_id="ub", name="Unit", parent_id="ua"), CloseUnit(unit_id="ua"), "units_below_are_open"),
    "people": (
        AssignResponsible(key_result_id="ka", person_id="p-ben"),
        ErasePerson(person_id="p-ben", reason=_BECAUSE),
        "still_responsible",
    ),
    "reports": (
        RecordCheckIn(check_in_id="ca", key_result_id="ka", value=Decimal(50)),
        GradeKeyResult(key_result_id="ka", grade=Decimal(0)),
        "reason_missing",
    ),
    "cycles": (
        PlanCycle(cycle_id="m1", name="May", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31), parent_id="q9"),
        ReviseCycle(cycle_id="q9", starts_on=date(2026, 5, 2)),
        "contains_longer_cycle",
    ),
}
STANDING = (
    *OPENED,
    objective("oa"),
    key_result("ka", "oa"),
    AddUnit(unit_id="ua", name="Unit"),
    PlanCycle(cycle_id="q9", name="Quarter", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30)),
)


@pytest.mark.parametrize("what", ADDED)
async def test_what_a_group_adds_is_found_by_the_next_of_the_group(database: str, what: str) -> None:
    adding, deciding, code = ADDED[what]
    async with meeting(database, CACHES) as ledgers:
        await ledgers.tell(*STANDING)
        assert await ledgers.in_one_group([adding, deciding], process=1) == [TAKEN, code]
        assert [await ledgers.ask(deciding, process) for process in range(len(CACHES))] == [code] * len(CACHES)


@pytest.mark.parametrize("what", ADDED)
async def test_what_was_read_for_a_batch_that_is_not_applied_lacks_nothing(database: str, what: str) -> None:
    # The batch lets the collection be read at the head, after the group has added to it; nobody keeps what it saw.
    adding, deciding, code = ADDED[what]
    async with meeting(database, (10_000,)) as remembering:
        await remembering.tell(*STANDING)
    async with meeting(database, (10_000,)) as ledgers:
        batch = [AddUnit(unit_id="ux", name="Unit"), deciding]
        async with ledgers.held_head() as all_wait:
            group = asyncio.gather(ledgers.ask(adding), ledgers.whole_or_not(batch))
            await all_wait(1)
            ahead = asyncio.create_task(ledgers.ask(deciding))
            await asyncio.sleep(0)
        assert await group == [TAKEN, ["not_applied", code]]
        assert await ahead == code
        assert await ledgers.ask(deciding) == code


async def test_what_was_appended_before_there_were_collections_is_found_after_the_migration(database: str) -> None:
    subjects = "SELECT subject, sequence FROM ledger.event_subjects ORDER BY subject, sequence"
    async with meeting(database, (100,)) as ledgers:
        before = AddKeyResult.model_validate({**key_result("kb", "oa").model_dump(), "responsible_id": "p-ben"})
        report = RecordCheckIn(check_in_id="ca", key_result_id="ka", value=Decimal(40))
        await ledgers.tell(
            *OPENED,
            AddUnit(unit_id="ua", name="Unit", parent_id="u-sales"),
            *(objective("oa"), key_result("ka", "oa"), before),
            *(AssignResponsible(key_result_id="kb", person_id="p-ada"), report),
            CorrectCheckIn(check_in_id="ca", value=Decimal(50), reason=_BECAUSE),
            RedefineKeyResult(key_result_id="ka", target=Decimal(50), reason=_BECAUSE),
            RecordCheckIn(check_in_id="cb", key_result_id="ka", value=Decimal(1)),
            WithdrawCheckIn(check_in_id="cb", reason=_BECAUSE),
        )
        written = await ledgers.looking_on.fetch(subjects)
        # As an earlier release wrote them: an event under its own subjects alone.
        await ledgers.looking_on.execute(
            "DELETE FROM ledger.event_subjects AS s USING ledger.events AS e"
            " WHERE (e.organisation, e.sequence) = (s.organisation, s.sequence)"
            " AND (s.subject ~ '^(cycle-contents|unit-contents|responsibilities|reports)/'"
            " OR (s.subject LIKE 'objectives/%' AND convert_from(e.entry, 'UTF8') LIKE '%KeyResultAdded%'))"
        )
        assert len(await ledgers.looking_on.fetch(subjects)) < len(written)
        for _ in range(2):
            await ledgers.looking_on.execute(MIGRATION.read_text(encoding="utf-8"))
            assert await ledgers.looking_on.fetch(subjects) == written
    async with meeting(database, (100,)) as restarted:
        assert await restarted.ask(ErasePerson(person_id="p-ada", reason=_BECAUSE)) == "still_responsible"
        assert await restarted.ask(CloseUnit(unit_id="u-sales")) == "units_below_are_open"
        # At the target of 50: the report before the redefinition counts, the one that was withdrawn does not.
        assert await restarted.ask(GradeKeyResult(key_result_id="ka", grade=Decimal(1))) == TAKEN
