"""Names and addresses: in the vault alone, changed there, and gone from everywhere when a person is erased."""

from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from okr_contracts.commands import (
    AddPerson,
    ErasePerson,
    PlaceHold,
    RegisterOrganisation,
    ReleaseHold,
    RevisePerson,
)
from okr_contracts.envelope import Recorded, decode
from services.ledger.ledger import Ledger
from tests.integration.ledger.test_append import refusal_of, request, running
from tests.integration.query.reader import reader
from tests.ledger_writer import project

NAMES = (b"Grace", b"grace@", b"Amazing", b"hopper@")


async def everything(database: str) -> bytes:
    """All that any table of the ledger, the vault or a read model holds, as text."""
    connection = await asyncpg.connect(database)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found: list[bytes] = []
        for table in tables:
            for row in await connection.fetch(f"SELECT * FROM {table['name']}"):
                found += (value if isinstance(value, bytes) else str(value).encode() for value in row.values())
        return b"\n".join(found)
    finally:
        await connection.close()


async def recorded(database: str) -> list[Recorded]:
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch("SELECT entry, data, text FROM ledger.events ORDER BY sequence")
    finally:
        await connection.close()
    return [decode(row["entry"], row["data"], row["text"]) for row in rows]


async def sent(ledger: Ledger, *commands: object) -> None:
    for number, command in enumerate(commands):
        await ledger.answer(request(command, f"{type(command).__name__}-{number}"))  # pyright: ignore[reportArgumentType]


async def test_an_erased_person_has_a_pseudonym_and_no_name_anywhere(database: str, tmp_path: Path) -> None:
    async with running(database) as ledger:
        await sent(
            ledger,
            RegisterOrganisation(organisation="acme", name="Acme"),
            AddPerson(person_id="p-1", name="Grace", email="grace@example.org", title="Admiral"),
            RevisePerson(person_id="p-1", name="Amazing", email="hopper@example.org"),
        )
        before = await everything(database)
        assert b"Amazing" in before
        assert b"hopper@example.org" in before
        # What was changed is nowhere else: no event ever had it.
        assert b"Grace" not in before
        await sent(ledger, ErasePerson(person_id="p-1", reason="They asked for it."))
        events = await recorded(database)
        await project(database, events)
        after = await everything(database)
        assert not [name for name in NAMES if name in after]
        async with reader(database, tmp_path, datetime.now(UTC)) as asked:
            person = await asked.bearing(roles=["administrator"]).get("people/p-1")
            assert (person["id"], person["name"]) == ("p-1", None)
            history = await asked.pages("audit", subject="people/p-1")
            assert [each["type"] for each in history] == ["PersonAdded", "PersonRevised", "PersonErased"]


async def test_while_a_hold_lasts_nobody_is_erased(database: str) -> None:
    async with running(database) as ledger:
        await sent(
            ledger,
            RegisterOrganisation(organisation="acme", name="Acme"),
            AddPerson(person_id="p-1", name="Grace"),
            PlaceHold(organisation="acme", hold_id="h", person_id="p-1", reason="An audit."),
        )
        erase = ErasePerson(person_id="p-1", reason="They asked for it.")
        refused = await refusal_of(ledger.answer(request(erase, "erase-1")))
        assert refused.code == "person_is_held"
        assert b"Grace" in await everything(database)
        await ledger.answer(request(ReleaseHold(organisation="acme", hold_id="h", reason="Done."), "release"))
        await ledger.answer(request(erase, "erase-2"))
        assert b"Grace" not in await everything(database)
