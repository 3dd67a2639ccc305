"""What `okr up` does from its start to its end."""

import asyncio
import os
from dataclasses import replace
from logging import CRITICAL, getLogger
from typing import Final

import asyncpg

from services.chassis import logging, settings, tracing
from services.chassis.embedded import EmbeddedServerError
from services.chassis.migrations import MigrationChanged
from services.chassis.process import run_until_signal
from services.chassis.serve import PortTaken
from services.chassis.settings import SettingsError
from services.cli import connection, output
from services.cli.connection import ConnectionFile
from services.cli.everything import everything
from services.cli.failures import Failure, Misused, Refused, Unreachable
from services.cli.migration import database_failure
from services.cli.once import all_the_way, wait_until_read
from services.cli.sample.commands import ORGANISATION
from services.cli.sample.load import load
from services.cli.servers import Place

# Both embedded servers get ten seconds each to stop cleanly, and the services five before them.
_STOP_SECONDS: Final = 30.0
_EXPLAINED: Final = (
    Failure, SettingsError, PortTaken, EmbeddedServerError, MigrationChanged, asyncpg.PostgresError
)  # fmt: skip


def run(place: Place, *, sample: bool, once: bool, as_json: bool) -> None:
    """
    Runs everything until a signal, or with *once* until all has gone through; prints where it is.

    Raises Failure, in words for the person who started it.
    """
    try:
        _configure_log()
        with tracing.exported("okr"):
            run_until_signal(_run(place, sample=sample, once=once, as_json=as_json), _STOP_SECONDS)
    except (*_EXPLAINED, BaseExceptionGroup) as error:
        raise _failure(error) from error


def _configure_log() -> None:
    """Shows warnings unless more is asked for: a person at a terminal wants to see what is wrong, not what is done."""
    told = settings.read(settings.LogSettings)
    if "OKR_LOG_LEVEL" in os.environ:
        logging.configure(told.log_format, told.log_level)
        return
    logging.configure(told.log_format, "WARNING")
    # A broker that has just started is still looking for its group coordinator; the client calls that an error.
    getLogger("aiokafka.consumer.group_coordinator").setLevel(CRITICAL)


async def _run(place: Place, *, sample: bool, once: bool, as_json: bool) -> None:
    if not as_json:
        output.aside("Starting PostgreSQL, Apache Kafka and the services …")
    async with everything(place) as started:
        if sample:
            # In a thread: the commands go over HTTP to this very process.
            await asyncio.to_thread(load, started.url, started.token)
        shown = replace(started, organisation=ORGANISATION) if sample else started
        if sample and not once:
            await _let_read(shown)
        path = shown.write(place.data)
        try:
            if once:
                await _in_the_end(shown, as_json=as_json)
                return
            if as_json:
                output.to_programs({"url": shown.url, "connection": str(path), "organisation": shown.organisation})
            else:
                output.to_people(_welcome(shown, str(path)))
            await asyncio.Event().wait()
        finally:
            connection.remove(place.data)


async def _let_read(started: ConnectionFile) -> None:
    """Waits until the sample can be looked at; if that takes too long, says so and goes on."""
    try:
        await wait_until_read(started.database_url)
    except Refused as late:
        output.aside(str(late))


async def _in_the_end(started: ConnectionFile, *, as_json: bool) -> None:
    outcome = await all_the_way(started)
    if as_json:
        output.to_programs(outcome.document())
    else:
        output.to_people(*outcome.for_people())
    if not outcome.agrees:
        raise Refused(
            "A read model differs from the ledger.", "See what differs above, and tell us: it is a fault of ours."
        )


def _failure(error: BaseException) -> Failure:
    """The failure behind what came out of the tasks."""
    match error:
        case Failure():
            return error
        case SettingsError() | PortTaken():
            return Misused(str(error))
        case EmbeddedServerError():
            return Unreachable(error.what, error.fix)
        case MigrationChanged():
            return Refused(str(error), "A folder of another version of this program? Choose another with --data.")
        case asyncpg.PostgresError():
            return database_failure(error)
        case BaseExceptionGroup():
            known = error.subgroup(_EXPLAINED)
            if known is None:
                raise error
            return _failure(known.exceptions[0])
        case _:
            raise error


def _welcome(started: ConnectionFile, path: str) -> str:
    lines = [
        f"okr-ledger is ready at {started.url}  (Ctrl-C stops it)",
        f"  all of this in        {path}",
        f"  database              {started.database_url}",
        f"  Kafka                 {started.kafka_bootstrap}",
        f"  documentation         {started.url}/docs",
        f"  operator's token      {started.token}",
        "",
        "Try, in another terminal:",
    ]
    if started.organisation:
        return "\n".join(
            [
                *lines,
                "  okr tree",
                "  okr progress first-time-right --explain",
                "  okr check-in record first-pass --value 92 --narrative 'a good week'",
                "  okr audit --subject key-results/first-pass",
            ]
        )
    return "\n".join([*lines, "  okr organisation register acme --name Acme", "  okr --help"])
