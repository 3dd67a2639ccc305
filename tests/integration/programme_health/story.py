"""A small company in the middle of a quarter, in which every figure of programme health has something to count."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from okr_contracts.actor import Actor
from okr_contracts.commands import (
    AddKeyResult,
    AddPerson,
    AddUnit,
    Announce,
    AssignRole,
    Command,
    CorrectCheckIn,
    CreateObjective,
    DeactivatePerson,
    DismissSignal,
    LinkAlignment,
    NameUnitLead,
    OpenCycle,
    PlanCycle,
    RecordAction,
    RecordCheckIn,
    RecordViews,
    RedefineKeyResult,
    RegisterOrganisation,
    RestrictObjective,
    ReviseObjective,
)
from okr_contracts.fields import Audience, KeyResultKind, Origin, Owner, Parent, View
from tests.given import NOON, History

TOP: Final = Parent(kind="objective", id="o-top")


def _person(person_id: str) -> Owner:
    return Owner(kind="person", id=person_id)


def _unit(unit_id: str) -> Owner:
    return Owner(kind="unit", id=unit_id)


def _key_result(
    key_result_id: str,
    objective_id: str,
    responsible_id: str,
    title: str = "Orders a week",
    kind: KeyResultKind = "increase",
    partner_ids: tuple[str, ...] = (),
) -> AddKeyResult:
    measured = kind != "achieve"
    return AddKeyResult(
        key_result_id=key_result_id,
        objective_id=objective_id,
        title=title,
        kind=kind,
        responsible_id=responsible_id,
        partner_ids=partner_ids,
        baseline=Decimal(0) if measured else None,
        target=Decimal(100) if measured else None,
    )


def _link(child_id: str, origin: Origin) -> LinkAlignment:
    return LinkAlignment(child_id=child_id, parent=TOP, origin=origin)


_MARCH: Final[Sequence[Command]] = (
    RegisterOrganisation(organisation="acme", name="Acme", time_zone="Europe/Berlin"),
    AddUnit(unit_id="u-sales", name="Sales"),
    AddUnit(unit_id="u-tech", name="Technology"),
    AddUnit(unit_id="u-team", name="Platform", parent_id="u-tech"),
    AddPerson(person_id="p-ada", unit_ids=("root",)),
    AddPerson(person_id="p-ben", manager_id="p-ada", unit_ids=("u-sales",)),
    AddPerson(person_id="p-cho", manager_id="p-ada", unit_ids=("u-tech",)),
    AddPerson(person_id="p-dee", manager_id="p-cho", unit_ids=("u-team",)),
    AddPerson(person_id="p-eve", manager_id="p-cho", unit_ids=("u-team", "u-sales")),
    AddPerson(person_id="p-fay", manager_id="p-cho", unit_ids=("u-team",)),
    AddPerson(person_id="p-post", manager_id="p-ben", unit_ids=("u-sales",), placeholder=True),
    NameUnitLead(unit_id="u-sales", person_id="p-ben"),
    AssignRole(organisation="acme", person_id="p-dee", role="programme_lead"),
    PlanCycle(cycle_id="y26", name="2026", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)),
    PlanCycle(cycle_id="q2", name="Q2", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30), parent_id="y26"),
    CreateObjective(objective_id="o-top", cycle_id="y26", owner=_unit("root"), title="Be asked for", top_level=True),
    CreateObjective(objective_id="o-ada", cycle_id="q2", owner=_person("p-ada"), title="Win the north"),
    CreateObjective(objective_id="o-cho", cycle_id="q2", owner=_person("p-cho"), title="Reach 99 % uptime in Q2"),
    CreateObjective(objective_id="o-team", cycle_id="q2", owner=_unit("u-team"), title="Sleep at night"),
    CreateObjective(objective_id="o-ben", cycle_id="q2", owner=_person("p-ben"), title="Sleep at NIGHT!"),
    _link("o-ada", "laddered"),
    _key_result("k-ada", "o-ada", "p-ada"),
    _key_result("k-cho", "o-cho", "p-post", "Launch the portal", "achieve"),
    _key_result("k-team", "o-team", "p-fay", "Stay up 20 days", "achieve", ("p-dee",)),
    _key_result("k-ben", "o-ben", "p-ben", "Launch the fair"),
    OpenCycle(cycle_id="y26"),
    OpenCycle(cycle_id="q2"),
)


def _check_in(check_in_id: str, key_result_id: str, value: Decimal | bool, on: date) -> RecordCheckIn:
    return RecordCheckIn(check_in_id=check_in_id, key_result_id=key_result_id, value=value, effective_on=on)


def _at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, 0, tzinfo=UTC)


_LATER: Final[Sequence[tuple[datetime, str, Sequence[Command]]]] = (
    # The first due day is 8 April, of a grid of 7 days.
    (_at(4, 2), "p-fay", (_check_in("c-fay", "k-team", True, date(2026, 4, 2)),)),
    (_at(4, 8), "p-ada", (_check_in("c-1", "k-ada", Decimal(20), date(2026, 4, 7)),)),
    (
        _at(4, 10),
        "p-dee",
        (
            Announce(announcement_id="a-course", kind="training", title="OKRs", sent=8, delivered=7),
            RecordViews(
                announcement_id="a-course",
                views=(
                    View(person_id="p-ben", seen_at=_at(4, 10), channel="mail"),
                    View(person_id="p-dee", seen_at=_at(4, 10), channel="mail"),
                ),
            ),
            RecordAction(action_id="x-1", announcement_id="a-course", person_id="p-dee", action="finished"),
        ),
    ),
    (_at(4, 20), "p-ada", (_check_in("c-2", "k-ada", Decimal(25), date(2026, 4, 14)),)),
    (_at(4, 21), "p-cho", (_link("o-cho", "cascaded"),)),
    (
        _at(5, 4),
        "p-ada",
        (
            CorrectCheckIn(check_in_id="c-1", value=Decimal(10), reason="Counted twice."),
            RedefineKeyResult(key_result_id="k-ada", target=Decimal(50), reason="The plant is smaller."),
            DismissSignal(objective_id="o-cho", code="objective_states_a_number", reason="The law says so."),
            RestrictObjective(objective_id="o-ben", readers=(_person("p-ada"),), reason="A takeover."),
            DeactivatePerson(person_id="p-fay"),
        ),
    ),
    (
        _at(5, 15),
        "p-dee",
        (
            Announce(
                announcement_id="a-news",
                kind="news",
                title="Half-way",
                audience=Audience(unit_ids=("u-tech",)),
                sent=3,
                delivered=3,
            ),
            RecordViews(announcement_id="a-news", views=(View(person_id="p-cho", seen_at=_at(5, 15), channel="chat"),)),
        ),
    ),
    (_at(5, 17), "p-cho", (_check_in("c-3", "k-cho", False, date(2026, 5, 17)),)),
    (_at(5, 18), "p-ada", (ReviseObjective(objective_id="o-ada", title="Win the north, kindly"),)),
)


def story() -> History:
    """Its events, up to noon of 20 May 2026."""
    history = History(now=datetime(2026, 3, 20, 9, 0, tzinfo=UTC))
    for command in _MARCH:
        history.accept(command)
    for now, person_id, commands in _LATER:
        history.now, history.actor = now, Actor("person", person_id)
        for command in commands:
            history.accept(command)
    history.now = NOON
    return history
