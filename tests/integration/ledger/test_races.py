"""Commands that are fine alone and break a rule together: exactly as many are taken as the rule allows."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from graphlib import TopologicalSorter

import pytest

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AddKeyResult,
    AddPerson,
    AddUnit,
    AssignResponsible,
    CarryOverObjective,
    ChangeAlignment,
    CloseCycle,
    CloseUnit,
    Command,
    CreateObjective,
    ErasePerson,
    GradeKeyResult,
    GrantException,
    LockCycle,
    MoveAlignment,
    MoveUnit,
    NameKeyPartner,
    NameUnitLead,
    OpenCycle,
    PlanCycle,
    ReassignObjective,
    RecordCheckIn,
    RedefineKeyResult,
    RevokeException,
)
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentChanged,
    AlignmentLinked,
    AlignmentMoved,
    AlignmentUnlinked,
    CycleLocked,
    KeyResultAdded,
    KeyResultRedefined,
    PersonErased,
    UnitAdded,
    UnitClosed,
    UnitMoved,
)
from okr_contracts.fields import Owner, Parent
from services.ledger.request import Request
from tests.given import NOON, ORGANISATION, SOMEBODY, By
from tests.integration.ledger.meeting import TAKEN, WAYS, Meeting, Sent, Way, meeting
from tests.integration.ledger.racer import IN_THE_STORM, a_storm, of_key_result
from tests.unit.domain.acme import MEASURED, OPENED, check_in, key_result, link, objective, parent

# Each race is run so often, its commands in another order every time.
ROUNDS = 8
LEAD = Actor("person", "p-ben")
EVERY_WAY = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
Pair = tuple[str, Parent]


@pytest.fixture
async def acme(database: str) -> AsyncGenerator[Meeting]:
    async with meeting(database) as opened:
        await opened.tell(*OPENED)
        yield opened
        await opened.check_as_if_alone()


def in_turns(number: int, sent: Sequence[Sent]) -> list[Sent]:
    """The commands, beginning with another one every time."""
    start = number % len(sent)
    return [*sent[start:], *sent[:start]]


async def raced(acme: Meeting, way: Way, commands: Callable[[int], Sequence[Sent]]) -> list[list[str]]:
    """What became of the commands of each round, sorted: who wins is left to chance."""
    return [sorted(await way(acme, in_turns(number, commands(number)))) for number in range(ROUNDS)]


def live_links(events: Iterable[Recorded]) -> dict[Pair, AlignmentLinked]:
    """The links after *events*, told without the ledger's own rules."""
    links: dict[Pair, AlignmentLinked] = {}
    for event in (recorded.event for recorded in events):
        match event:
            case AlignmentLinked() | AlignmentChanged():
                links[event.child_id, event.parent] = event
            case AlignmentUnlinked():
                del links[event.child_id, event.parent]
            case AlignmentMoved():
                del links[event.child_id, event.parent]
                content = {"effect": event.effect, "origin": event.origin, "weight": event.weight, "share": event.share}
                moved = {"child_id": event.child_id, "parent": event.to_parent, **content}
                links[event.child_id, event.to_parent] = AlignmentLinked.model_validate(moved)
            case _:
                pass
    return links


def check_links(events: Sequence[Recorded]) -> None:
    """No circle, counting the edge from every key result to its objective; and nothing is counted twice."""
    above: dict[str, set[str]] = {}
    for event in (recorded.event for recorded in events):
        if isinstance(event, KeyResultAdded):
            above.setdefault(f"key_result {event.key_result_id}", set()).add(f"objective {event.objective_id}")
    claimed: dict[str, Decimal] = {}
    for (child_id, to), linked in live_links(events).items():
        above.setdefault(f"objective {child_id}", set()).add(f"{to.kind} {to.id}")
        if linked.effect == "contributes":
            claimed[child_id] = claimed.get(child_id, Decimal(0)) + linked.share
    TopologicalSorter(above).prepare()
    assert not {child_id: share for child_id, share in claimed.items() if share > 1}


@EVERY_WAY
async def test_of_two_links_that_are_a_circle_one_is_taken(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        await acme.tell(objective(f"a{number}"), objective(f"b{number}"))
    outcomes = await raced(acme, way, lambda n: (link(f"a{n}", parent(f"b{n}")), link(f"b{n}", parent(f"a{n}"))))
    assert outcomes == [["alignment_would_circle", TAKEN]] * ROUNDS
    check_links(await acme.events())


@EVERY_WAY
async def test_of_two_links_that_are_a_circle_over_a_key_result_one_is_taken(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        await acme.tell(objective(f"a{number}"), objective(f"b{number}"), key_result(f"k{number}", f"b{number}"))
    outcomes = await raced(
        acme, way, lambda n: (link(f"a{n}", of_key_result(f"k{n}")), link(f"b{n}", parent(f"a{n}"), effect="supports"))
    )
    assert outcomes == [["alignment_would_circle", TAKEN]] * ROUNDS
    check_links(await acme.events())


@EVERY_WAY
async def test_of_three_links_that_are_a_circle_two_are_taken(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        await acme.tell(*(objective(f"{name}{number}") for name in "abc"))
    outcomes = await raced(
        acme, way, lambda n: [link(f"{one}{n}", parent(f"{other}{n}")) for one, other in ("ab", "bc", "ca")]
    )
    assert outcomes == [["alignment_would_circle", TAKEN, TAKEN]] * ROUNDS
    check_links(await acme.events())


@EVERY_WAY
async def test_of_a_move_and_a_link_that_are_a_circle_one_is_taken(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        await acme.tell(*(objective(f"{name}{number}") for name in "abx"), link(f"a{number}", parent(f"x{number}")))
    outcomes = await raced(
        acme,
        way,
        lambda n: (
            MoveAlignment(child_id=f"a{n}", parent=parent(f"x{n}"), to_parent=parent(f"b{n}"), reason="nearer"),
            link(f"b{n}", parent(f"a{n}")),
        ),
    )
    assert outcomes == [["alignment_would_circle", TAKEN]] * ROUNDS
    check_links(await acme.events())


@EVERY_WAY
async def test_shares_that_are_too_much_together_are_not_all_taken(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        await acme.tell(*(objective(f"{name}{number}") for name in "cxyz"))
    of_two = await raced(acme, way, lambda n: [link(f"c{n}", parent(f"{above}{n}"), "0.6") for above in "xy"])
    assert of_two == [["share_too_large", TAKEN]] * ROUNDS
    for number in range(ROUNDS):
        await acme.tell(objective(f"d{number}"))
    of_three = await raced(acme, way, lambda n: [link(f"d{n}", parent(f"{above}{n}"), "0.5") for above in "xyz"])
    assert of_three == [["share_too_large", TAKEN, TAKEN]] * ROUNDS
    check_links(await acme.events())


@EVERY_WAY
async def test_of_two_links_that_both_grow_beyond_what_is_left_one_grows(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        await acme.tell(*(objective(f"{name}{number}") for name in "cxy"))
        await acme.tell(*(link(f"c{number}", parent(f"{above}{number}"), "0.2") for above in "xy"))

    def grown(number: int) -> list[Sent]:
        return [
            ChangeAlignment(
                child_id=f"c{number}", parent=parent(f"{above}{number}"), share=Decimal("0.7"), reason="most of it"
            )
            for above in "xy"
        ]

    assert await raced(acme, way, grown) == [["share_too_large", TAKEN]] * ROUNDS
    check_links(await acme.events())


async def granted(acme: Meeting, expires_at: datetime = NOON + timedelta(days=7)) -> int:
    """The sequence of an exception that somebody else granted."""
    grant = GrantException(
        cycle_id="q2", command="RecordCheckIn", on="key-results/k1", reason="figures came late", expires_at=expires_at
    )
    (reply,) = await acme.tell(By(LEAD, grant))
    return reply.sequence


def late(check_in_id: str, exception: int) -> RecordCheckIn:
    return check_in(check_in_id, 40).model_copy(update={"exception": exception})


@pytest.fixture
async def locked(database: str) -> AsyncGenerator[Meeting]:
    async with meeting(database) as opened:
        await opened.tell(*MEASURED, LockCycle(cycle_id="q2"))
        yield opened
        await opened.check_as_if_alone()


@EVERY_WAY
async def test_an_exception_is_used_once(locked: Meeting, way: Way):
    grants = [await granted(locked) for _ in range(ROUNDS)]
    outcomes = await raced(locked, way, lambda n: [late(f"c{n}-{each}", grants[n]) for each in "abc"])
    assert outcomes == [["exception_used_up", "exception_used_up", TAKEN]] * ROUNDS
    used = [recorded.exception for recorded in await locked.events() if recorded.exception is not None]
    assert used == grants


@EVERY_WAY
async def test_an_exception_is_used_or_taken_back(locked: Meeting, way: Way):
    grants = [await granted(locked) for _ in range(ROUNDS)]
    outcomes = await raced(
        locked,
        way,
        lambda n: (late(f"c{n}", grants[n]), By(LEAD, RevokeException(cycle_id="q2", granted=grants[n], reason="no"))),
    )
    assert outcomes == [["exception_used_up", TAKEN]] * ROUNDS


@pytest.mark.parametrize("way", [way for way in WAYS if way is not Meeting.on_one_head], ids=lambda way: way.__name__)
async def test_whoever_granted_an_exception_does_not_get_it_by_being_quick(locked: Meeting, way: Way):
    for number in range(ROUNDS):
        grant = await granted(locked)
        outcome = await way(locked, [late(f"theirs{number}", grant), By(LEAD, late(f"own{number}", grant))])
        assert outcome == [TAKEN, "exception_of_oneself"]


async def test_an_exception_expires_by_the_time_of_the_ledger_whatever_a_process_takes_for_the_time(locked: Meeting):
    grant = await granted(locked)
    expires_at = NOON + timedelta(days=7)
    ahead, behind = locked.clocks[:2]
    ahead.at = expires_at - timedelta(microseconds=1)
    await locked.tell(AddUnit(unit_id="before", name="Before"))
    ahead.at = expires_at
    assert await locked.ask(late("ahead", grant)) == "exception_used_up"
    await locked.tell(AddUnit(unit_id="after", name="After"))
    assert behind.at < expires_at
    assert await locked.ask(late("behind", grant), process=1) == "exception_used_up"


@EVERY_WAY
async def test_an_exception_that_expires_meanwhile_is_used_up_for_whoever_decides_again(locked: Meeting, way: Way):
    # The first process lives at the moment of expiry, the others before it: whoever comes after its event is too late.
    for number in range(ROUNDS):
        began, expires_at = NOON + timedelta(hours=number), NOON + timedelta(hours=number + 1)
        for clock in locked.clocks:
            clock.at = began
        grant = await granted(locked, expires_at)
        locked.clocks[0].at = expires_at
        outcome = await way(locked, [AddUnit(unit_id=f"u{number}", name="Unit"), late(f"c{number}", grant)])
        used = [each.recorded_at for each in await locked.events() if each.exception == grant]
        assert outcome == [TAKEN, TAKEN if used else "exception_used_up"]
        assert used in ([], [began])


ASSIGNMENTS: Mapping[str, Callable[[int], Command]] = {
    "responsible": lambda n: AssignResponsible(key_result_id=f"k{n}", person_id=f"p{n}", reason="theirs now"),
    "of a new key result": lambda n: AddKeyResult.model_validate(
        {**key_result(f"new{n}", "o1").model_dump(), "responsible_id": f"p{n}"}
    ),
}
NAMINGS: Mapping[str, Callable[[int], Command]] = {
    "key partner": lambda n: NameKeyPartner(key_result_id=f"k{n}", person_id=f"p{n}"),
    "owner of a new objective": lambda n: CreateObjective(
        objective_id=f"new{n}", cycle_id="q2", owner=Owner(kind="person", id=f"p{n}"), title="Win"
    ),
    "owner": lambda n: ReassignObjective(objective_id=f"o{n}", owner=Owner(kind="person", id=f"p{n}"), reason="theirs"),
    "lead": lambda n: NameUnitLead(unit_id="u-sales", person_id=f"p{n}"),
    "manager": lambda n: AddPerson(person_id=f"new{n}", manager_id=f"p{n}"),
}


async def people_and_their_work(acme: Meeting) -> None:
    await acme.tell(objective("o1"))
    for number in range(ROUNDS):
        await acme.tell(AddPerson(person_id=f"p{number}", name="Somebody"), key_result(f"k{number}", "o1"))
        if number != 1:
            await acme.tell(objective(f"o{number}"))


def erase(number: int) -> ErasePerson:
    return ErasePerson(person_id=f"p{number}", reason="they asked")


@EVERY_WAY
@pytest.mark.parametrize("what", ASSIGNMENTS)
async def test_somebody_is_erased_or_answers_for_something(acme: Meeting, way: Way, what: str):
    await people_and_their_work(acme)
    outcomes = await raced(acme, way, lambda n: (erase(n), ASSIGNMENTS[what](n)))
    assert {tuple(each) for each in outcomes} <= {("person_is_erased", TAKEN), ("still_responsible", TAKEN)}
    events = [recorded.event for recorded in await acme.events()]
    erased = {event.person_id for event in events if isinstance(event, PersonErased)}
    assert len(erased) == outcomes.count(["person_is_erased", TAKEN])
    vault = await acme.looking_on.fetch("SELECT person_id FROM directory.people")
    assert {row["person_id"] for row in vault} == {f"p{n}" for n in range(ROUNDS)} - erased


@EVERY_WAY
@pytest.mark.parametrize("what", NAMINGS)
async def test_whoever_was_erased_is_named_no_more(acme: Meeting, way: Way, what: str):
    await people_and_their_work(acme)
    for number in range(ROUNDS):
        erasing, naming = erase(number), NAMINGS[what](number)
        sent = in_turns(number, [erasing, naming])
        outcome = dict(zip((type(each) for each in sent), await way(acme, sent), strict=True))
        events = await acme.events()
        (gone,) = [
            each.sequence for each in events if each.event == PersonErased(person_id=f"p{number}", reason="they asked")
        ]
        named = [
            each.sequence for each in events if each.sequence > gone and f"p{number}" in each.event.model_dump_json()
        ]
        assert (outcome[ErasePerson], named) == (TAKEN, [])
        assert outcome[type(naming)] in (TAKEN, "person_is_erased")


@EVERY_WAY
async def test_nothing_is_redefined_after_the_lock(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        cycle = PlanCycle(cycle_id=f"c{number}", name="Sprint", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31))
        await acme.tell(cycle, OpenCycle(cycle_id=f"c{number}"), objective(f"o{number}", f"c{number}"))
        await acme.tell(key_result(f"k{number}", f"o{number}"))
    outcomes = await raced(
        acme,
        way,
        lambda n: (
            LockCycle(cycle_id=f"c{n}"),
            RedefineKeyResult(key_result_id=f"k{n}", target=Decimal(50), reason="less"),
        ),
    )
    assert {tuple(each) for each in outcomes} <= {("exception_missing", TAKEN), (TAKEN, TAKEN)}
    events = await acme.events()
    locked_at = {each.event.cycle_id: each.sequence for each in events if isinstance(each.event, CycleLocked)}
    assert len(locked_at) == ROUNDS
    redefined = [each for each in events if isinstance(each.event, KeyResultRedefined)]
    assert len(redefined) == outcomes.count([TAKEN, TAKEN])
    assert all(each.sequence < locked_at[each.subject.replace("key-results/k", "c")] for each in redefined)


@EVERY_WAY
async def test_units_never_hang_below_themselves(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        await acme.tell(*(AddUnit(unit_id=f"{name}{number}", name="Unit") for name in "abcxy"))
    of_two = await raced(
        acme, way, lambda n: [MoveUnit(unit_id=f"{one}{n}", parent_id=f"{other}{n}") for one, other in ("xy", "yx")]
    )
    assert of_two == [[TAKEN, "unit_would_circle"]] * ROUNDS
    of_three = await raced(
        acme,
        way,
        lambda n: [MoveUnit(unit_id=f"{one}{n}", parent_id=f"{other}{n}") for one, other in ("ab", "bc", "ca")],
    )
    assert of_three == [[TAKEN, TAKEN, "unit_would_circle"]] * ROUNDS
    above: dict[str, set[str]] = {}
    for event in (recorded.event for recorded in await acme.events()):
        if isinstance(event, UnitAdded | UnitMoved):
            above[event.unit_id] = {event.parent_id} if event.parent_id else set()
    TopologicalSorter(above).prepare()


@EVERY_WAY
async def test_a_unit_is_closed_or_gets_another_below_it(acme: Meeting, way: Way):
    for number in range(ROUNDS):
        await acme.tell(*(AddUnit(unit_id=f"{name}{number}", name="Unit") for name in "abc"))
    moved = await raced(acme, way, lambda n: (CloseUnit(unit_id=f"a{n}"), MoveUnit(unit_id=f"c{n}", parent_id=f"a{n}")))
    added = await raced(
        acme, way, lambda n: (CloseUnit(unit_id=f"b{n}"), AddUnit(unit_id=f"d{n}", name="New", parent_id=f"b{n}"))
    )
    assert {tuple(each) for each in (*moved, *added)} <= {(TAKEN, "unit_is_closed"), (TAKEN, "units_below_are_open")}
    parents: dict[str, str | None] = {}
    closed: set[str] = set()
    for event in (recorded.event for recorded in await acme.events()):
        match event:
            case UnitAdded() | UnitMoved():
                parents[event.unit_id] = event.parent_id
            case UnitClosed(unit_id=unit_id):
                closed.add(unit_id)
            case _:
                pass
    assert not closed & {above for unit_id, above in parents.items() if unit_id not in closed}


@EVERY_WAY
async def test_a_cycle_is_closed_or_gets_another_within_it(acme: Meeting, way: Way):
    may = (date(2026, 5, 1), date(2026, 5, 31))
    for number in range(ROUNDS):
        cycle_id = f"c{number}"
        await acme.tell(PlanCycle(cycle_id=cycle_id, name="Month", starts_on=may[0], ends_on=may[1]))
        await acme.tell(OpenCycle(cycle_id=cycle_id), LockCycle(cycle_id=cycle_id))
    outcomes = await raced(
        acme,
        way,
        lambda n: (
            CloseCycle(cycle_id=f"c{n}"),
            PlanCycle(cycle_id=f"d{n}", name="Sprint", starts_on=may[0], ends_on=may[1], parent_id=f"c{n}"),
        ),
    )
    lost = {("containing_cycle_is_closed", TAKEN), ("contains_live_cycle", TAKEN)}
    assert {tuple(each) for each in outcomes} <= lost


@EVERY_WAY
async def test_of_two_grades_one_stands(acme: Meeting, way: Way):
    await acme.tell(objective("o1"), *(key_result(f"k{n}") for n in range(ROUNDS)))

    def grades(number: int) -> list[Sent]:
        return [
            GradeKeyResult(key_result_id=f"k{number}", grade=Decimal(grade), reason="as seen")
            for grade in ("0.4", "0.7")
        ]

    assert await raced(acme, way, grades) == [["graded_otherwise", TAKEN]] * ROUNDS


@EVERY_WAY
async def test_an_objective_is_carried_over_once(acme: Meeting, way: Way):
    quarters = [("q3", 7, 9, 30), ("q4", 10, 12, 31)]
    for cycle_id, first, last, day in quarters:
        await acme.tell(
            PlanCycle(cycle_id=cycle_id, name="Later", starts_on=date(2026, first, 1), ends_on=date(2026, last, day))
        )
    await acme.tell(*(objective(f"o{n}") for n in range(ROUNDS)))
    outcomes = await raced(
        acme, way, lambda n: [CarryOverObjective(objective_id=f"o{n}", cycle_id=each) for each in ("q3", "q4")]
    )
    assert outcomes == [["objective_has_ended", TAKEN]] * ROUNDS


@pytest.mark.parametrize("seed", range(4))
async def test_a_storm_of_links_from_several_processes_breaks_no_rule(acme: Meeting, seed: int):
    await acme.tell(*IN_THE_STORM)
    outcomes = await acme.as_they_come(a_storm(seed))
    assert {TAKEN, "alignment_would_circle", "share_too_large"} <= {*outcomes}
    check_links(await acme.events())


async def test_a_storm_of_links_from_processes_of_their_own_breaks_no_rule(acme: Meeting, database: str):
    await acme.tell(*IN_THE_STORM)
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.integration.ledger.racer", database, str(seed)),
            stdout=asyncio.subprocess.PIPE,
        )
        for seed in range(3)
    ]
    outputs = [(await process.communicate())[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    outcomes: Counter[str] = Counter()
    for seed, output in enumerate(outputs):
        for command, line in zip(a_storm(seed), output.splitlines(), strict=True):
            command_id, outcome = line.split()
            acme.requests[command_id] = Request(ORGANISATION, command, command_id, SOMEBODY)
            outcomes[outcome] += 1
    assert min(outcomes[each] for each in (TAKEN, "alignment_would_circle", "share_too_large")) > 0
    check_links(await acme.events())
