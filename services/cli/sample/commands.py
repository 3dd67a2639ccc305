"""
The commands that make the sample organisation, in order.

Pure: the same day gives the same commands. Their ids never change, so that loading it twice adds nothing, and its days
count from the Monday seven weeks ago, so that it is always in the middle of its quarter.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from importlib.resources import files
from typing import Final, cast

from services.cli.imports.ids import command_id
from services.cli.imports.planned import PlannedCommand

JsonObject = Mapping[str, object]

ORGANISATION: Final = "meadowlark"
REGISTRATION: Final = command_id("sample", ORGANISATION, "registration")

_WEEKS_INTO_THE_QUARTER: Final = 7
_WEEKS_OF_THE_YEAR_BEFORE: Final = 26
_QUARTER: Final = timedelta(weeks=13)
_YEAR: Final = timedelta(weeks=52)
_FRIDAY: Final = timedelta(days=4)
_ONE_DAY: Final = timedelta(days=1)


def organisation() -> dict[str, str]:
    """The organisation, name and time zone."""
    return cast("dict[str, str]", _company()["organisation"])


def commands(today: date) -> list[PlannedCommand]:
    """Everything after the registration, as of *today* in UTC, the organisation's time zone."""
    return [*_chart(today), *_cycles(today), *_goals(today), *_story(today)]


def quarter_start(today: date) -> date:
    """The first day of the sample's quarter, a Monday."""
    return today - timedelta(days=today.weekday(), weeks=_WEEKS_INTO_THE_QUARTER)


def _year_start(today: date) -> date:
    return quarter_start(today) - timedelta(weeks=_WEEKS_OF_THE_YEAR_BEFORE)


def _chart(today: date) -> Iterator[PlannedCommand]:
    day = _year_start(today)
    for unit in _list("units"):
        yield _dated("AddUnit", unit, str(unit["unit_id"]), day)
    for person in _list("people"):
        address = {} if person.get("placeholder") else {"email": f"{person['person_id']}@meadowlark.example"}
        yield _dated("AddPerson", {**person, **address}, str(person["person_id"]), day)


def _cycles(today: date) -> Iterator[PlannedCommand]:
    year, quarter = _year_start(today), quarter_start(today)
    yield _cycle("year", "The year", year, year + _YEAR - _ONE_DAY)
    yield _dated("OpenCycle", {"cycle_id": "year"}, "year", year, "opened")
    yield _cycle("quarter", "The third quarter", quarter, quarter + _QUARTER - _ONE_DAY, parent_id="year")
    yield _dated("OpenCycle", {"cycle_id": "quarter"}, "quarter", quarter, "opened")


def _cycle(cycle_id: str, name: str, starts: date, ends: date, **more: str) -> PlannedCommand:
    period = {"starts_on": starts.isoformat(), "ends_on": ends.isoformat()}
    return _dated("PlanCycle", {"cycle_id": cycle_id, "name": name, **period, **more}, cycle_id, starts)


def _goals(today: date) -> Iterator[PlannedCommand]:
    starts = {"year": _year_start(today), "quarter": quarter_start(today)}
    day_of: dict[object, date] = {}
    for objective in _list("objectives"):
        day_of[objective["objective_id"]] = day = starts[str(objective["cycle_id"])]
        data = {**objective, "owner": _kind_and_id(objective["owner"])}
        yield _dated("CreateObjective", data, str(objective["objective_id"]), day)
    for key_result in _list("key_results"):
        data = {name: value for name, value in key_result.items() if name not in ("values", "confidence")}
        if "unit" in data:
            kind, _, code = str(data["unit"]).partition(":")
            data["unit"] = {"kind": kind, "code": code or None}
        day = day_of[key_result["objective_id"]]
        yield _dated("AddKeyResult", data, str(key_result["key_result_id"]), day)
    for link in _list("links"):
        record = f"{link['child_id']}.{str(link['parent']).replace(':', '.')}"
        data = {**link, "parent": _kind_and_id(link["parent"])}
        yield _dated("LinkAlignment", data, record, day_of[link["child_id"]])


def _story(today: date) -> Iterator[PlannedCommand]:
    """What happened since, week by week as it was reported."""
    happened = [*_check_ins(today), *_decisions(today)]
    yield from (command for _, command in sorted(happened, key=lambda each: each[0]))


def _check_ins(today: date) -> Iterator[tuple[int, PlannedCommand]]:
    narratives = cast("Mapping[str, Mapping[str, str]]", _company()["narratives"])
    for key_result in _list("key_results"):
        key_result_id = str(key_result["key_result_id"])
        for week, value in cast("Mapping[str, object]", key_result.get("values") or {}).items():
            data = {
                "check_in_id": _check_in_id(key_result_id, int(week)),
                "key_result_id": key_result_id,
                "value": value,
                "confidence": key_result["confidence"],
                "narrative": narratives.get(key_result_id, {}).get(week),
                "effective_on": _friday(today, int(week)).isoformat(),
            }
            yield int(week), _planned("RecordCheckIn", data, str(data["check_in_id"]), "check-in")


def _decisions(today: date) -> Iterator[tuple[int, PlannedCommand]]:
    for correction in _list("corrections"):
        week = cast("int", correction["week"])
        check_in_id = _check_in_id(str(correction["key_result_id"]), week)
        data = {"check_in_id": check_in_id, "value": correction["value"], "reason": correction["reason"]}
        yield week + 1, _planned("CorrectCheckIn", data, check_in_id, "correction")
    for name, kind in (("redefinitions", "RedefineKeyResult"), ("overrides", "OverrideProgress")):
        for decision in _list(name):
            week = cast("int", decision["week"])
            data = {field: value for field, value in decision.items() if field != "week"}
            record = str(decision.get("key_result_id") or decision.get("objective_id"))
            yield week, _dated(kind, data, record, _friday(today, week), name)


def _dated(name: str, data: JsonObject, record: str, day: date, field: str = "created") -> PlannedCommand:
    """A command for a day that is past: only an import may bring what is no check-in and no directory entry."""
    source = {"system": "sample", "record": record}
    dated = {**data, "effective_on": day.isoformat(), "effective_basis": "stated", "import_source": source}
    return _planned(name, dated, record, field)


def _planned(name: str, data: JsonObject, record: str, field: str) -> PlannedCommand:
    body = {key: value for key, value in data.items() if value is not None}
    return PlannedCommand(command_id("sample", f"{name}/{record}", field), name, body, None, record, "", name)


def _check_in_id(key_result_id: str, week: int) -> str:
    return f"{key_result_id}-w{week + _WEEKS_OF_THE_YEAR_BEFORE}"


def _friday(today: date, week: int) -> date:
    return quarter_start(today) + timedelta(weeks=week) + _FRIDAY


def _kind_and_id(words: object) -> dict[str, str]:
    kind, _, named = str(words).partition(":")
    return {"kind": kind, "id": named}


def _company() -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads((files("services.cli.sample") / "company.json").read_text("utf-8")))


def _list(name: str) -> list[JsonObject]:
    return cast("list[JsonObject]", _company()[name])
