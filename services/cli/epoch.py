"""`okr epoch`: after a restore, what the ledgers lost, and how they go on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from services.cli import options, output
from services.cli.failures import Misused, Refused, Unreachable
from services.cli.migration import DatabaseUrl, database_failure

if TYPE_CHECKING:
    from services.ledger.cache import Head
    from services.ledger.epoch import Begun

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="After a restore: what was lost, and how the ledgers go on.")

Kafka = Annotated[
    str | None, typer.Option("--kafka", envvar="OKR_KAFKA_BOOTSTRAP", help="The broker that events were published to.")
]

OPERATOR: Final = "operator"
"""Who begins an epoch: whoever may connect as the owner of the ledger."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    A ledger's epoch and head, and the highest sequence of that epoch on Kafka; None where Kafka was not asked.

    ``later_epoch`` is the newest epoch beyond the ledger's that Kafka has events of: a backup from before it was begun.
    """

    organisation: str
    epoch: int
    head: int
    on_kafka: int | None
    later_epoch: int | None

    @property
    def lost_up_to(self) -> int | None:
        """The highest sequence that was given out and is lost, None where none is known of."""
        return self.on_kafka if self.on_kafka is not None and self.on_kafka > self.head else None

    @property
    def next_epoch(self) -> int:
        """The first epoch that nobody was given an event of, as far as is known."""
        return (self.later_epoch or self.epoch) + 1


@app.command("list")
def list_epochs(
    database_url: DatabaseUrl = None,
    kafka: Kafka = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show each ledger's epoch and head, and whether Kafka has events that it has lost; exit code 1 where it has.

    Example: okr epoch list
    """
    with output.failures_shown(as_json):
        standings = _run(_standings, database_url, kafka, data)
        lost = [each for each in standings if each.lost_up_to or each.later_epoch]
        if as_json:
            output.to_programs({"items": [{**asdict(each), "lost_up_to": each.lost_up_to} for each in standings]})
        else:
            columns = ("organisation", "epoch", "head", "newest on Kafka", "lost")
            rows = ([s.organisation, s.epoch, s.head, s.on_kafka, _lost(s)] for s in standings)
            output.to_people(output.table("", columns, rows))
            if lost:
                output.aside(
                    "Events that were given out are not in the ledger. Restore a newer backup, or go on in the next"
                    " epoch: okr epoch begin --all --reason '…'"
                )
        if lost:
            raise typer.Exit(Refused.exit_code)


@app.command()
def begin(
    reason: options.WantedReason,
    organisation: Annotated[
        list[str] | None, typer.Option("--organisation", help="This ledger; may be given several times.")
    ] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every ledger of the database.")] = False,
    database_url: DatabaseUrl = None,
    kafka: Kafka = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Go on in the next epoch, after a restore that lost events or may have; before any ledger service is started.

    Each ledger gets an event EpochBegun with the reason. Subscribers see another CloudEvents source from there on, so
    that a number which is used again is not taken for the event that was lost.

    Example: okr epoch begin --all --reason "disk lost, restored to 12:00"
    """
    with output.failures_shown(as_json):
        if everyone == bool(organisation):
            raise Misused("Which ledgers?", "Name them with --organisation, or all of them with --all.")
        if not reason.strip():
            raise Misused("The reason is blank.", "Say why: it is on the record for ever.")

        async def begun(url: str, bootstrap: str | None) -> "list[Begun]":
            return await _begin(url, bootstrap, None if everyone else organisation, reason)

        made = _run(begun, database_url, kafka, data)
        if as_json:
            output.to_programs({"items": [asdict(each) for each in made]})
        else:
            rows = ([each.organisation, each.epoch, each.sequence] for each in made)
            output.to_people(output.table("", ("organisation", "epoch", "begun with event"), rows))


def _lost(standing: Standing) -> str | None:
    if standing.later_epoch is not None:
        return f"all of epoch {standing.later_epoch}"
    if standing.lost_up_to is None:
        return None
    return f"{standing.lost_up_to - standing.head} and perhaps more, up to {standing.lost_up_to}"


async def _standings(url: str, bootstrap: str | None) -> list[Standing]:
    from services.chassis import postgres
    from services.ledger.epoch import every_head

    connection = await postgres.connect(url, "okr_owner", application="okr epoch", command_seconds=None)
    try:
        return await _compared(await every_head(connection), bootstrap)
    finally:
        await connection.close()


async def _compared(heads: "Mapping[str, Head]", bootstrap: str | None) -> list[Standing]:
    from services.chassis.kafka import EVENTS_TOPIC, answers
    from services.cli.given_out import given_out

    if bootstrap is None:
        return [Standing(name, head.epoch, head.sequence, None, None) for name, head in heads.items()]
    if not await answers(bootstrap):
        raise Unreachable(
            f"No broker answers at {bootstrap}.",
            "Start it: only it knows what was given out. If it is gone for good, leave out --kafka and"
            " OKR_KAFKA_BOOTSTRAP.",
        )
    return compared(heads, await given_out(bootstrap, EVENTS_TOPIC))


def compared(heads: "Mapping[str, Head]", highest: Mapping[tuple[str, int], int]) -> list[Standing]:
    """How each of *heads* stands, where *highest* sequences by organisation and epoch were given out."""
    newest: dict[str, int] = {}
    for organisation, epoch in highest:
        newest[organisation] = max(epoch, newest.get(organisation, 0))
    return [
        Standing(
            name,
            head.epoch,
            head.sequence,
            highest.get((name, head.epoch), 0),
            newest[name] if newest.get(name, 0) > head.epoch else None,
        )
        for name, head in heads.items()
    ]


async def _begin(url: str, bootstrap: str | None, wanted: list[str] | None, reason: str) -> "list[Begun]":
    from datetime import UTC, datetime

    from okr_contracts.actor import Actor
    from services.chassis import postgres
    from services.ledger.epoch import LedgerIsWrittenTo, begin_epoch, every_head

    connection = await postgres.connect(url, "okr_owner", application="okr epoch", command_seconds=None)
    try:
        heads = await every_head(connection)
        if unknown := sorted(set(wanted or ()) - heads.keys()):
            raise Misused(f"There is no ledger of {', '.join(unknown)}.", "`okr epoch list` shows all of them.")
        chosen = heads if wanted is None else {name: heads[name] for name in sorted(set(wanted))}
        standings = await _compared(chosen, bootstrap)
        async with connection.transaction():
            return [
                await begin_epoch(
                    connection,
                    each.organisation,
                    heads[each.organisation],
                    actor=Actor("service", OPERATOR),
                    reason=reason,
                    epoch=each.next_epoch,
                    lost_up_to=each.lost_up_to,
                    now=datetime.now(UTC),
                )
                for each in standings
            ]
    except LedgerIsWrittenTo as error:
        raise Refused(str(error), "Nothing was changed.") from error
    finally:
        await connection.close()


def _run(
    work: "Callable[[str, str | None], Awaitable[T]]", database_url: str | None, kafka: str | None, data: Path
) -> T:
    """What *work* answers, given the database's address and the broker's, if there is one."""
    import asyncpg
    from aiokafka.errors import KafkaError

    from services.cli.connection import database, written

    file = written(data)
    bootstrap = kafka or (file.kafka_bootstrap if file and not database_url else None)

    async def asked(url: str) -> T:
        return await work(url, bootstrap)

    try:
        return asyncio.run(asked(database(database_url, data)))
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        raise database_failure(error) from error
    except KafkaError as error:
        raise Unreachable(f"Kafka cannot be read: {type(error).__name__}.", "Try again, or see its log.") from error
