"""The workload of the append benchmarks: check-ins on the key results of organisations that have OKRs."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AddKeyResult,
    AddPerson,
    Command,
    CreateObjective,
    OpenCycle,
    PlanCycle,
    RecordCheckIn,
    RegisterOrganisation,
)
from okr_contracts.fields import Owner
from services.ledger.ledger import Ledger
from services.ledger.request import Request

OBJECTIVES: Final = 10
KEY_RESULTS: Final = 50
NARRATIVE: Final = "The second region is on board, and the third has asked for a date in the coming month."
ACTOR: Final = Actor("person", "p-7f3a")
SETTINGS: Final[dict[str, object]] = {
    "command": "RecordCheckIn with a value, a confidence and a narrative: one event each, of one touched subject",
    "organisation": f"{OBJECTIVES} objectives, {KEY_RESULTS} key results, an open cycle",
}


async def found(ledger: Ledger, organisations: Sequence[str]) -> None:
    """Register *organisations*, each with objectives and key results to report on."""
    await asyncio.gather(*(_found(ledger, organisation) for organisation in organisations))


def check_in(number: int) -> RecordCheckIn:
    """The *number*th check-in; they take turns among the key results."""
    return RecordCheckIn(
        key_result_id=f"k-{number % KEY_RESULTS}",
        value=Decimal(number % 1000) / 10,
        confidence=number % 11,
        narrative=NARRATIVE,
    )


def request(organisation: str, number: int, name: str) -> Request:
    """The *number*th check-in of an organisation, under an id that is unique for each *name*."""
    return Request(organisation, check_in(number), f"{name}-{number}", ACTOR)


async def _found(ledger: Ledger, organisation: str) -> None:
    for number, command in enumerate(_commands(organisation)):
        await ledger.answer(Request(organisation, command, f"found-{number}", ACTOR))


def _commands(organisation: str) -> list[Command]:
    year = datetime.now(UTC).year
    objectives = [
        CreateObjective(
            objective_id=f"o-{n}", cycle_id="cycle", owner=Owner(kind="unit", id="root"), title=f"Objective {n}"
        )
        for n in range(OBJECTIVES)
    ]
    key_results = [
        AddKeyResult(
            key_result_id=f"k-{n}",
            objective_id=f"o-{n % OBJECTIVES}",
            title=f"Key result {n}",
            kind="increase",
            baseline=Decimal(0),
            target=Decimal(100),
            responsible_id="p-7f3a",
        )
        for n in range(KEY_RESULTS)
    ]
    return [
        RegisterOrganisation(organisation=organisation, name=organisation.title()),
        AddPerson(person_id="p-7f3a"),
        PlanCycle(
            cycle_id="cycle",
            name=str(year),
            starts_on=datetime(year, 1, 1, tzinfo=UTC).date(),
            ends_on=datetime(year, 12, 31, tzinfo=UTC).date(),
        ),
        OpenCycle(cycle_id="cycle"),
        *objectives,
        *key_results,
    ]
