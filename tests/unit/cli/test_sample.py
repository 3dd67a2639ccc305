from collections import Counter
from datetime import date, timedelta

import pytest

from okr_contracts.commands import COMMANDS
from services.cli.sample.commands import commands, quarter_start

TODAYS = [date(2026, 11, 22), date(2026, 11, 23), date(2027, 1, 1), date(2028, 2, 29)]


@pytest.mark.parametrize("today", TODAYS)
def test_every_command_has_the_form_that_the_ledger_takes(today: date):
    for command in commands(today):
        COMMANDS[command.type].model_validate(command.data)


@pytest.mark.parametrize("today", TODAYS)
def test_nothing_is_dated_in_the_future_or_outside_its_cycle(today: date):
    days = [date.fromisoformat(str(day)) for each in commands(today) if (day := each.data.get("effective_on"))]
    assert max(days) <= today
    assert min(days) == quarter_start(today) - timedelta(weeks=26)
    assert today < quarter_start(today) + timedelta(weeks=13)


def test_its_command_ids_are_the_same_on_every_day():
    one, other = ([each.command_id for each in commands(today)] for today in TODAYS[:2])
    assert one == other
    assert len(set(one)) == len(one)


def test_it_shows_what_there_is_to_show():
    kinds = Counter(each.type for each in commands(TODAYS[0]))
    assert kinds["AddUnit"] == 8
    assert kinds["AddPerson"] == 15
    assert kinds["CreateObjective"] == 12
    assert kinds["AddKeyResult"] == 30
    assert kinds["RecordCheckIn"] > 100
    assert kinds["CorrectCheckIn"] == kinds["RedefineKeyResult"] == kinds["OverrideProgress"] == 1
    added = [each.data for each in commands(TODAYS[0]) if each.type == "AddKeyResult"]
    assert {each["kind"] for each in added} == {"increase", "reduce", "achieve"}
    origins = {each.data["origin"] for each in commands(TODAYS[0]) if each.type == "LinkAlignment"}
    assert origins == {"cascaded", "laddered"}
