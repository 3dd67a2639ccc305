"""`okr doctor`: what is wrong here, and how to mend it."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import options, output
from services.cli.failures import Misused, Refused

if TYPE_CHECKING:
    from services.cli.findings.finding import Finding


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
    Check every dependency and setting; say what is wrong and how to mend it. Nothing is changed.

    Exit code 1 where something is wrong; a note alone is no reason.

    Example: okr doctor
    """
    with output.failures_shown(as_json):
        database_url = database_url or _from_a_file("OKR_DATABASE_URL")
        kafka_bootstrap = kafka_bootstrap or _from_a_file("OKR_KAFKA_BOOTSTRAP")
        asked = Asked(data, url, token, organisation, database_url, kafka_bootstrap)
        # What the client would log of a failed attempt is what is found.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
        findings = asyncio.run(_all(asked))
        wrong = sum(finding.verdict == "wrong" for finding in findings)
        if as_json:
            output.to_programs({"findings": [asdict(finding) for finding in findings]})
        else:
            columns = ("", "what", "found", "what to do")
            output.to_people(output.table("", columns, ([f.verdict, f.what, f.found, f.fix] for f in findings)))
            output.to_people(_summary(findings, wrong))
        if wrong:
            raise typer.Exit(Refused.exit_code)


def _from_a_file(variable: str) -> str | None:
    """The setting as the services read it where it is a secret in a file; what is wrong with that is a finding."""
    with suppress(OSError, UnicodeDecodeError):
        return Path(os.environ[f"{variable}_FILE"]).read_text().strip() if f"{variable}_FILE" in os.environ else None
    return None


def _summary(findings: "Sequence[Finding]", wrong: int) -> str:
    if not wrong:
        return f"Nothing is wrong: {len(findings)} things were looked at."
    return f"{wrong} of {len(findings)} things are wrong; what stands above is often the cause of what follows."


async def _all(asked: Asked) -> "list[Finding]":
    from services.cli.findings.machine import on_this_machine

    here = on_this_machine(
        asked.data, embedded_database=not asked.database_url, embedded_broker=not asked.kafka_bootstrap
    )
    return [*here, *[finding async for finding in _elsewhere(asked)]]


async def _elsewhere(asked: Asked) -> "AsyncIterator[Finding]":
    """What the servers and services say."""
    from services.cli.connection import written
    from services.cli.findings.broker import of_broker
    from services.cli.findings.database import of_database
    from services.cli.findings.finding import Finding
    from services.cli.findings.services import of_services

    try:
        file = written(asked.data)
    except Misused as failure:
        yield Finding("connection.json", "wrong", failure.what, failure.fix)
        file = None
    if database_url := asked.database_url or (file and file.database_url):
        async for finding in of_database(database_url):
            yield finding
    if bootstrap := asked.kafka_bootstrap or (file and file.kafka_bootstrap):
        async for finding in of_broker(bootstrap):
            yield finding
    if asked.url or file:
        for finding in await asyncio.to_thread(
            lambda: list(of_services(asked.url, asked.token, asked.organisation, asked.data))
        ):
            yield finding
    else:
        yield Finding("services", "note", "none is running from this folder", "Start them with `okr up`.")
