"""
Organisations in the middle of a quarter, for benchmarks: charts, goals and links first, then mostly check-ins.

Every event is decided by the ledger's own deciders from commands that are drawn by a seed, so that the same call gives
the same events. Of 1,250 events of an organisation some 85 % are check-ins, 3 % corrections and withdrawals of them,
10 % the chart, cycles, objectives, key results and links, and 2 % later changes of these.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import zip_longest
from random import Random
from typing import Final

from okr_contracts.commands import (
    AddKeyResult,
    AddPerson,
    AddUnit,
    AssignResponsible,
    ChangeManager,
    Command,
    CorrectCheckIn,
    CreateObjective,
    LiftOverride,
    LinkAlignment,
    NameKeyPartner,
    OpenCycle,
    OverrideProgress,
    PlanCycle,
    RecordCheckIn,
    RedefineKeyResult,
    RegisterOrganisation,
    ReviseObjective,
    WithdrawCheckIn,
)
from okr_contracts.envelope import Recorded, encode
from okr_contracts.fields import Owner, Parent
from services.chassis import postgres
from services.chassis.kafka import Topic
from services.chassis.topics import make_and_count
from services.ledger.domain.refusal import Refusal
from services.ledger.store import Addition, NewEvent, append
from services.publisher.main import connect_as_publisher, publish
from tests.given import History
from tests.pipeline import wait_until_published

UNITS: Final = 4
PEOPLE: Final = 16
TEAM_OBJECTIVES: Final = 24
KEY_RESULTS_AN_OBJECTIVE: Final = 2
_STARTS: Final = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
_QUARTER: Final = timedelta(days=91)
_NARRATIVES: Final = (
    None,
    None,
    "Two customers signed this week; the third one waits for the legal review.",
    "Slower than hoped: the new colleague starts next month.",
)


def history(organisation: str, events: int = 1_250, seed: int = 0) -> list[Recorded]:
    """The first *events* events of *organisation*, through one quarter."""
    random = Random(f"{organisation}/{seed}")
    made = History(organisation=organisation, now=_STARTS)
    for command in _standing(organisation):
        made.accept(command)
    begun = len(made.recorded)
    for turn in range(begun, 10 * events):
        if len(made.recorded) >= events:
            break
        made.now = _STARTS + _QUARTER * min(len(made.recorded) / events, 1)
        try:
            made.accept(_later(random, turn, made))
        except Refusal:
            continue
    return made.recorded[:events]


def histories(organisations: int = 64, events: int = 1_250, seed: int = 0) -> list[list[Recorded]]:
    """A history each for *organisations*, named ``org-0000`` and so on."""
    return [history(f"org-{number:04d}", events, seed) for number in range(organisations)]


async def write_in_turn(url: str, written: Sequence[Sequence[Recorded]], turn: int = 20) -> None:
    """
    Append *written*, a history each, through the ledger's own function: *turn* events of each organisation at a time.

    So they are mixed as if all organisations had been at work side by side.
    """
    connection = await postgres.connect(url, "okr_ledger")
    try:
        for turns in zip_longest(*(_turns(events, turn) for events in written)):
            additions: list[Addition] = []
            for part in turns:
                if part is not None:
                    first, last = part[0], part[-1]
                    addition = Addition(first.organisation, first.sequence - 1, last.epoch, last.recorded_at)
                    addition.events += [NewEvent(event, encode(event)) for event in part]
                    additions.append(addition)
            outcomes = await append(connection, additions)
            assert set(outcomes.values()) == {"appended"}
    finally:
        await connection.close()


async def write_and_publish(
    url: str, bootstrap: str, topic: Topic, written: Sequence[Sequence[Recorded]], turn: int = 20
) -> None:
    """Append *written* as above while the publisher is at work, and wait until it has published everything."""
    publishing = asyncio.create_task(
        publish(partial(connect_as_publisher, url), bootstrap, topic.name, partial(make_and_count, bootstrap, topic))
    )
    try:
        await write_in_turn(url, written, turn)
        await wait_until_published(url, topic, 120)
    finally:
        publishing.cancel()
        await asyncio.wait([publishing])


def _turns(events: Sequence[Recorded], turn: int) -> Iterator[Sequence[Recorded]]:
    return (events[start : start + turn] for start in range(0, len(events), turn))


def _standing(organisation: str) -> Iterator[Command]:
    """The chart, the cycles, and what everybody wants: one objective above those of the teams."""
    yield RegisterOrganisation(organisation=organisation, name="A company", time_zone="Europe/Berlin")
    yield from (AddUnit(unit_id=f"u{n}", name=f"Unit {n}") for n in range(UNITS))
    for n in range(PEOPLE):
        manager = None if n == 0 else f"p{(n - 1) // UNITS}"
        yield AddPerson(person_id=f"p{n}", title="Engineer", manager_id=manager, unit_ids=(f"u{n % UNITS}",))
    first = _STARTS.date()
    yield PlanCycle(cycle_id="year", name="2026", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    last = first + _QUARTER - timedelta(days=1)
    yield PlanCycle(cycle_id="quarter", name="Q2", starts_on=first, ends_on=last, parent_id="year")
    yield CreateObjective(
        objective_id="top",
        cycle_id="year",
        owner=Owner(kind="unit", id="root"),
        title="Be the one that people ask for",
        roll_up="children",
        top_level=True,
    )
    for n in range(TEAM_OBJECTIVES):
        owner = Owner(kind="unit", id=f"u{n % UNITS}") if n % 3 else Owner(kind="person", id=f"p{n % PEOPLE}")
        roll_up = "key_results" if n >= UNITS else "both"
        yield CreateObjective(
            objective_id=f"o{n}", cycle_id="quarter", owner=owner, title=f"Win market {n}", roll_up=roll_up
        )
        for k in range(KEY_RESULTS_AN_OBJECTIVE):
            yield _key_result(n, k)
    for n in range(TEAM_OBJECTIVES):
        # Four teams below the top, the others below those.
        above = "top" if n < UNITS else f"o{n % UNITS}"
        yield LinkAlignment(child_id=f"o{n}", parent=Parent(kind="objective", id=above), origin="cascaded")
    yield OpenCycle(cycle_id="year")
    yield OpenCycle(cycle_id="quarter")


def _key_result(objective: int, place: int) -> AddKeyResult:
    number = objective * KEY_RESULTS_AN_OBJECTIVE + place
    reduces = number % 4 == 1
    return AddKeyResult(
        key_result_id=f"k{number}",
        objective_id=f"o{objective}",
        title=f"Customers of market {objective}",
        kind="reduce" if reduces else "increase",
        baseline=Decimal(200 if reduces else 0),
        target=Decimal(20 if reduces else 150),
        responsible_id=f"p{number % PEOPLE}",
    )


def _later(random: Random, turn: int, made: History) -> Command:
    """What happens on some day of the quarter."""
    key_result_id = f"k{random.randrange(TEAM_OBJECTIVES * KEY_RESULTS_AN_OBJECTIVE)}"
    objective_id = f"o{random.randrange(TEAM_OBJECTIVES)}"
    person_id = f"p{random.randrange(1, PEOPLE)}"
    recent = f"c{turn - random.randrange(1, 40)}"
    match random.randrange(200):
        case 0 | 1 | 2 | 3 | 4:
            return CorrectCheckIn(check_in_id=recent, value=Decimal(random.randrange(200)), reason="a typing error")
        case 5:
            return WithdrawCheckIn(check_in_id=recent, reason="of another key result")
        case 6:
            return ReviseObjective(objective_id=objective_id, title=f"Win the market, take {turn}")
        case 7:
            return AssignResponsible(key_result_id=key_result_id, person_id=person_id)
        case 8:
            return NameKeyPartner(key_result_id=key_result_id, person_id=person_id)
        case 9:
            return ChangeManager(person_id=person_id, manager_id="p0")
        case 10:
            return OverrideProgress(objective_id=objective_id, progress=Decimal("0.5"), reason="seen")
        case 11:
            return LiftOverride(objective_id=objective_id, reason="measured again")
        case 12:
            target = Decimal(random.randrange(100, 200))
            return RedefineKeyResult(key_result_id="k0", target=target, reason="another market")
        case _:
            return RecordCheckIn(
                check_in_id=f"c{turn}",
                key_result_id=key_result_id,
                value=Decimal(random.randrange(2_000)) / 10,
                confidence=random.randrange(11),
                narrative=random.choice(_NARRATIVES),
            )
