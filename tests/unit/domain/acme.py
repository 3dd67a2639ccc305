"""The small organisation that the decider tests talk about."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from okr_contracts.commands import (
    AddKeyResult,
    AddPerson,
    AddUnit,
    Command,
    CreateObjective,
    LinkAlignment,
    OpenCycle,
    PlanCycle,
    RecordCheckIn,
    RegisterOrganisation,
)
from okr_contracts.fields import Effect, Owner, Parent

REGISTERED: Final = RegisterOrganisation(organisation="acme", name="Acme", time_zone="Europe/Berlin")
ADA: Final = AddPerson(person_id="p-ada", title="Chief Executive")
BEN: Final = AddPerson(person_id="p-ben", manager_id="p-ada")
SALES: Final = AddUnit(unit_id="u-sales", name="Sales")
YEAR: Final = PlanCycle(cycle_id="y26", name="2026", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
QUARTER: Final = PlanCycle(
    cycle_id="q2", name="Second quarter", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30), parent_id="y26"
)
OPEN_YEAR: Final = OpenCycle(cycle_id="y26")
OPEN_QUARTER: Final = OpenCycle(cycle_id="q2")
PEOPLE: Final[Sequence[Command]] = (REGISTERED, ADA, BEN, SALES)
CYCLES: Final[Sequence[Command]] = (*PEOPLE, YEAR, QUARTER)
OPENED: Final[Sequence[Command]] = (*CYCLES, OPEN_YEAR, OPEN_QUARTER)


def objective(objective_id: str, cycle_id: str = "q2", title: str = "Win") -> CreateObjective:
    owner = Owner(kind="unit", id="u-sales")
    return CreateObjective(objective_id=objective_id, cycle_id=cycle_id, owner=owner, title=title)


def key_result(key_result_id: str, objective_id: str = "o1") -> AddKeyResult:
    return AddKeyResult(
        key_result_id=key_result_id,
        objective_id=objective_id,
        title="Customers",
        kind="increase",
        baseline=Decimal(0),
        target=Decimal(100),
        responsible_id="p-ada",
    )


def link(child: str, above: Parent, share: str = "1", effect: Effect = "contributes") -> LinkAlignment:
    return LinkAlignment(child_id=child, parent=above, share=Decimal(share), effect=effect)


def check_in(check_in_id: str, value: int, on: date | None = None) -> RecordCheckIn:
    return RecordCheckIn(check_in_id=check_in_id, key_result_id="k1", value=Decimal(value), effective_on=on)


def parent(objective_id: str) -> Parent:
    return Parent(kind="objective", id=objective_id)


O1: Final = objective("o1")
K1: Final = key_result("k1")
MEASURED: Final[Sequence[Command]] = (*OPENED, O1, K1)
O2: Final = objective("o2")
