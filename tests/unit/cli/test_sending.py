"""Every command of the ledger can be sent from a terminal, with the fields that it has."""

import re
from pathlib import Path

import pytest

from okr_contracts.commands import COMMANDS
from services.cli import changes, main
from services.cli.failures import Misused
from services.cli.sending import SENT, Field, _read, argument, option  # pyright: ignore[reportPrivateUsage]

CLI = Path(changes.__file__).parent
# Sent by commands of the program that are written out, and one that takes a batch.
WRITTEN_OUT = set(re.findall(r'"([A-Z][A-Za-z]+)"', "".join(path.read_text("utf-8") for path in CLI.glob("*.py"))))


def test_every_command_of_the_ledger_can_be_sent() -> None:
    # Views come in batches from whoever counts them; to register an organisation has an address of its own.
    assert set(COMMANDS) - WRITTEN_OUT == {"RecordViews", "RegisterOrganisation"}


@pytest.mark.parametrize(("command", "fields"), SENT, ids=[command for command, _ in SENT])
def test_a_field_is_one_of_the_command_and_none_that_is_needed_is_missing(
    command: str, fields: tuple[Field, ...]
) -> None:
    known = COMMANDS[command].model_fields
    assert {field.name for field in fields} <= set(known)
    needed = {name for name, field in known.items() if field.is_required()}
    assert needed <= {field.name for field in fields if field.required or field.kind == "flag"}
    assert COMMANDS[command].back_datable == ("effective_on" in {field.name for field in fields})


def test_each_has_words_and_an_example_that_is_itself() -> None:
    for group in main.app.registered_groups:
        assert group.typer_instance is not None
        for command in group.typer_instance.registered_commands:
            assert command.callback is not None
            name = command.name or command.callback.__name__.replace("_", "-")
            assert f"Example: okr {group.name} {name}" in (command.callback.__doc__ or ""), f"{group.name} {name}"


def test_words_are_read_as_the_services_read_them() -> None:
    owner = argument("owner", "", "owner")
    assert _read(owner, "unit:sales") == {"owner": {"kind": "unit", "id": "sales"}}
    assert _read(option("--reader", "readers", "", "owners"), ["person:p"]) == {
        "readers": [{"kind": "person", "id": "p"}]
    }
    assert _read(argument("parent", "", "node"), "key-result:k") == {"parent": {"kind": "key_result", "id": "k"}}
    assert _read(argument("person_id", "", "nobody"), "") == {"person_id": None}
    assert _read(argument("labels", "", "list"), [""]) == {"labels": []}
    assert _read(argument("phased_targets", "", "steps"), ["2026-06-30=45"]) == {
        "phased_targets": [{"on": "2026-06-30", "value": "45"}]
    }
    assert _read(option("--name", "name", ""), None) == {}
    with pytest.raises(Misused, match="as in 2026-06-30=45"):
        _read(argument("phased_targets", "", "steps"), ["45"])
