"""Commands that are fine alone and not together, sent at once to two ledgers that know nothing of each other."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import asyncpg
import pytest

from okr_contracts.commands import (
    AddKeyResult,
    AddPerson,
    AddUnit,
    AssignResponsible,
    Command,
    CreateObjective,
    ErasePerson,
    GrantException,
    LinkAlignment,
    LockCycle,
    MoveUnit,
    OpenCycle,
    PlanCycle,
    RecordCheckIn,
    RedefineKeyResult,
    RegisterOrganisation,
)
from okr_contracts.envelope import Actor, Recorded, decode
from okr_contracts.fields import Owner, Parent
from services.ledger.domain.refusal import Refusal
from services.ledger.ledger import Ledger
from services.ledger.request import Reply, Request
from tests.integration.ledger.test_append import running

ROUNDS = 15
ADA, BEN = Actor("person", "p-ada"), Actor("person", "p-ben")
TODAY = datetime.now(UTC).date()
_numbers = count()


def request(command: Command, actor: Actor = ADA) -> Request:
    return Request("acme", command, f"c-{next(_numbers)}", actor)


async def taken(ledger: Ledger, *commands: Command, by: Actor = ADA) -> Reply:
    """The reply to the last of *commands*, all of which are taken."""
    replies = [await ledger.answer(request(command, by)) for command in commands]
    return replies[-1]


async def at_once(ledgers: Sequence[Ledger], *commands: Command) -> list[str]:
    """What became of each command, sent at the same time, each to the next ledger: ``taken`` or its code."""

    async def outcome(ledger: Ledger, command: Command) -> str:
        try:
            await ledger.answer(request(command))
        except Refusal as refusal:
            return refusal.code
        return "taken"

    asked = (outcome(ledgers[place % len(ledgers)], command) for place, command in enumerate(commands))
    return list(await asyncio.gather(*asked))


async def events(database: str) -> list[Recorded]:
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch("SELECT entry, data, text FROM ledger.events ORDER BY sequence")
    finally:
        await connection.close()
    return [decode(row["entry"], row["data"], row["text"]) for row in rows]


@pytest.fixture
async def ledgers(database: str) -> AsyncGenerator[list[Ledger]]:
    async with running(database) as one, running(database) as other:
        first, last = TODAY - timedelta(days=30), TODAY + timedelta(days=60)
        await taken(
            one,
            RegisterOrganisation(organisation="acme", name="Acme"),
            AddPerson(person_id="p-ada"),
            AddPerson(person_id="p-ben"),
            PlanCycle(cycle_id="q", name="Q", starts_on=first, ends_on=last),
            OpenCycle(cycle_id="q"),
        )
        yield [one, other]


def objective(objective_id: str, cycle_id: str = "q") -> CreateObjective:
    owner = Owner(kind="person", id="p-ada")
    return CreateObjective(objective_id=objective_id, cycle_id=cycle_id, owner=owner, title="Win")


def key_result(key_result_id: str, objective_id: str, responsible_id: str = "p-ada") -> AddKeyResult:
    return AddKeyResult(
        key_result_id=key_result_id,
        objective_id=objective_id,
        title="Customers",
        kind="increase",
        baseline=Decimal(0),
        target=Decimal(100),
        responsible_id=responsible_id,
    )


def link(child: str, above: str, share: str = "0.1") -> LinkAlignment:
    return LinkAlignment(child_id=child, parent=Parent(kind="objective", id=above), share=Decimal(share))


async def test_of_two_links_that_make_a_circle_together_one_loses(ledgers: list[Ledger]) -> None:
    for number in range(ROUNDS):
        one, two = f"a{number}", f"b{number}"
        await taken(ledgers[0], objective(one), objective(two))
        outcomes = await at_once(ledgers, link(one, two), link(two, one))
        assert sorted(outcomes) == ["alignment_would_circle", "taken"]


async def test_of_three_links_that_make_a_circle_through_a_key_result_one_loses(ledgers: list[Ledger]) -> None:
    for number in range(ROUNDS):
        one, two, three = (f"{name}{number}" for name in "abc")
        await taken(ledgers[0], objective(one), objective(two), objective(three), key_result(f"k{number}", two))
        to_key_result = LinkAlignment(child_id=one, parent=Parent(kind="key_result", id=f"k{number}"))
        outcomes = await at_once(ledgers, to_key_result, link(two, three), link(three, one))
        assert sorted(outcomes) == ["alignment_would_circle", "taken", "taken"]


async def test_of_two_shares_that_are_too_much_together_one_loses(ledgers: list[Ledger]) -> None:
    for number in range(ROUNDS):
        child, one, two = (f"{name}{number}" for name in "abc")
        await taken(ledgers[0], objective(child), objective(one), objective(two))
        outcomes = await at_once(ledgers, link(child, one, "0.6"), link(child, two, "0.6"))
        assert sorted(outcomes) == ["share_too_large", "taken"]


async def test_of_two_units_below_each_other_one_stays(ledgers: list[Ledger]) -> None:
    for number in range(ROUNDS):
        one, two = f"u{number}", f"v{number}"
        await taken(ledgers[0], AddUnit(unit_id=one, name="One"), AddUnit(unit_id=two, name="Two"))
        outcomes = await at_once(ledgers, MoveUnit(unit_id=one, parent_id=two), MoveUnit(unit_id=two, parent_id=one))
        assert sorted(outcomes) == ["taken", "unit_would_circle"]


async def test_an_exception_is_good_for_one_of_two(ledgers: list[Ledger]) -> None:
    await taken(ledgers[0], objective("o"), key_result("k", "o"), LockCycle(cycle_id="q"))
    for number in range(ROUNDS):
        grant = GrantException(cycle_id="q", command="RecordCheckIn", on="key-results/k", reason="It came late.")
        granted = (await taken(ledgers[0], grant, by=BEN)).sequence
        late = [
            RecordCheckIn(
                check_in_id=f"c{number}-{place}",
                key_result_id="k",
                value=Decimal(place),
                exception=granted,
                reason="Late.",
            )
            for place in range(2)
        ]
        outcomes = await at_once(ledgers, *late)
        assert sorted(outcomes) == ["exception_used_up", "taken"]


async def test_nobody_is_erased_while_they_take_something_over(ledgers: list[Ledger]) -> None:
    for number in range(ROUNDS):
        person_id = f"p{number}"
        await taken(
            ledgers[0], AddPerson(person_id=person_id), objective(f"o{number}"), key_result(f"k{number}", f"o{number}")
        )
        outcomes = await at_once(
            ledgers if number % 2 else ledgers[::-1],
            ErasePerson(person_id=person_id, reason="They asked for it."),
            AssignResponsible(key_result_id=f"k{number}", person_id=person_id),
        )
        assert sorted(outcomes) in (["still_responsible", "taken"], ["person_is_erased", "taken"])


async def test_nothing_is_redefined_after_the_lock_that_came_at_the_same_time(
    ledgers: list[Ledger], database: str
) -> None:
    first, last = TODAY - timedelta(days=30), TODAY + timedelta(days=60)
    for number in range(ROUNDS):
        cycle_id = f"q{number}"
        plan = PlanCycle(cycle_id=cycle_id, name="Q", starts_on=first, ends_on=last)
        await taken(ledgers[0], plan, OpenCycle(cycle_id=cycle_id))
        await taken(ledgers[0], objective(f"o{number}", cycle_id), key_result(f"k{number}", f"o{number}"))
        redefine = RedefineKeyResult(key_result_id=f"k{number}", target=Decimal(50), reason="Less.")
        locked, redefined = await at_once(ledgers, LockCycle(cycle_id=cycle_id), redefine)
        assert locked == "taken"
        assert redefined in ("taken", "exception_missing")
    order: dict[str, list[str]] = {}
    for each in await events(database):
        if each.type in ("CycleLocked", "KeyResultRedefined"):
            number = each.subject.rpartition("/")[2][1:]
            order.setdefault(number, []).append(each.type)
    assert len(order) == ROUNDS
    assert all(listed in (["CycleLocked"], ["KeyResultRedefined", "CycleLocked"]) for listed in order.values())
