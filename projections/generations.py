"""
The generations of each read model: the live one answers, another one may be built beside it, earlier ones are kept.

A generation has a schema and positions of its own, under its name; the first has the name of the read model. Which one
is live is a row: whoever reads it in the snapshot in which it reads rows and positions sees one generation, whole.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, Literal

import asyncpg

import okr_contracts
import okr_rules
from projections.read_model import Connection, ReadModel, in_schema

_SQL: Final = Path(__file__).parent / "sql"
_REGISTER: Final = (_SQL / "register.sql").read_text()
_LIVE: Final = (_SQL / "live_generation.sql").read_text()
_LIST: Final = (_SQL / "list_generations.sql").read_text()
_BEGIN: Final = (_SQL / "begin_generation.sql").read_text()
_RETURN: Final = (_SQL / "return_generation.sql").read_text()
_LEAVE: Final = (_SQL / "leave_generation.sql").read_text()
_ENTER: Final = (_SQL / "enter_generation.sql").read_text()
_DROP: Final = (_SQL / "drop_generation.sql").read_text()
_READERS: Final = (_SQL / "readers_of_before.sql").read_text()
_RESUME: Final = (_SQL / "resume.sql").read_text()
_TABLES: Final = (_SQL / "tables_of_schema.sql").read_text()

# Any fixed number does, as long as nothing else of ours locks it together with the hash of a name.
_ADVISORY_LOCK: Final = 0x6F6B7202

State = Literal["building", "returning", "live", "kept"]


@dataclass(frozen=True, slots=True)
class Generation:
    """
    One generation of a read model.

    ``events`` is how many it has applied, over all organisations; ``live_events`` how many the live one has.
    """

    projection: str
    generation: str
    number: int
    state: State
    code: str
    began_at: datetime
    switched_at: datetime | None
    events: int
    live_events: int


def registration(read_model: ReadModel) -> str:
    """The statement that makes the first generation of *read_model* the live one, where its tables were just made."""
    return _REGISTER.replace("read_model", read_model.name)


@cache
def code_of(read_model: ReadModel) -> str:
    """What tells two releases apart that would fold the ledger into other rows: a digest of all that the fold uses."""
    digest = hashlib.sha256(read_model.tables.read_bytes())
    packages = (Path(str(package.__file__)).parent for package in (okr_rules, okr_contracts))
    for folder in (read_model.tables.parent, *packages):
        for file in sorted(each for each in folder.rglob("*") if each.suffix in {".py", ".sql"}):
            digest.update(file.read_bytes())
    return digest.hexdigest()


async def live_generation(connection: Connection, projection: str) -> str:
    """The schema that *projection* is read from. Raises LookupError where it has none: the migration is missing."""
    generation: str | None = await connection.fetchval(_LIVE, projection)
    if generation is None:
        raise LookupError(f"{projection} has no live generation: run okr migrate")
    return generation


async def list_generations(connection: Connection, projections: Sequence[str]) -> list[Generation]:
    """The generations of *projections* that are there, oldest first."""
    return [Generation(**row) for row in await connection.fetch(_LIST, projections)]


async def of_each_generation(read_model: ReadModel, sql: str, connection: Connection) -> list[str]:
    """
    What came to the DDL of *read_model* later, for the schema of each generation that is there.

    Where there is none, the tables of the first were just made.
    """
    there = [each.generation for each in await list_generations(connection, [read_model.name])]
    return [in_schema(sql, read_model.name, generation) for generation in there or [read_model.name]]


async def lock_generations(connection: Connection, projection: str) -> bool:
    """Whether this connection may now make, switch and drop generations of *projection*; it may until it is closed."""
    # A process that was just killed still holds it until the server has noticed.
    await connection.execute("SET lock_timeout = '2s'")
    try:
        await connection.execute("SELECT pg_advisory_lock($1, hashtext($2))", _ADVISORY_LOCK, projection)
    except asyncpg.LockNotAvailableError:
        return False
    await connection.execute("RESET lock_timeout")
    return True


async def begin_generation(connection: Connection, read_model: ReadModel) -> str:
    """Make the schema of the next generation of *read_model*, empty; its name. The role must be one that migrates."""
    async with connection.transaction():
        generation: str = await connection.fetchval(_BEGIN, read_model.name, code_of(read_model))
        await connection.execute(read_model.ddl(generation))
    return generation


async def return_generation(connection: Connection, generation: str) -> bool:
    """Let a *generation* that is kept go on, to become the live one again; whether it is kept, or on its way."""
    return await connection.execute(_RETURN, generation) == "UPDATE 1"


async def make_live(connection: Connection, projection: str, generation: str) -> None:
    """
    Let *generation* be the live one of *projection* in the caller's transaction; the one that was is kept.

    What was parked is tried again: another generation may apply it.
    """
    await connection.execute(_LEAVE, projection)
    entered = await connection.execute(_ENTER, generation)
    assert entered == "UPDATE 1", f"{generation} is not under way"
    await connection.execute(_RESUME, projection, None)


async def is_read(connection: Connection, generation: str) -> bool:
    """Whether somebody reads a snapshot in which *generation* was the live one."""
    return await connection.fetchval(_READERS, generation)


async def drop_generation(connection: Connection, generation: str) -> None:
    """Remove a *generation* that is not live, with its schema. The role must be one that migrates."""
    async with connection.transaction():
        dropped = await connection.execute(_DROP, generation)
        assert dropped == "UPDATE 1", f"{generation} is the live generation, or there is none of that name"
        await connection.execute(f'DROP SCHEMA "{generation}" CASCADE')


async def analyze_generation(connection: Connection, generation: str) -> None:
    """Let the planner know the tables of *generation*, so that its first readers are not the ones to pay."""
    for row in await connection.fetch(_TABLES, generation):
        await connection.execute(f'ANALYZE "{generation}"."{row["relname"]}"')
