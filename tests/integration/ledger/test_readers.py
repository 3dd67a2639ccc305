"""A ledger does not begin to write what a living projector cannot read."""

from collections.abc import Sequence

import asyncpg
import pytest

from okr_contracts.events import EVENT_TYPES
from services.ledger.readers import ReadersTooOld, refuse_old_readers
from tests.pipeline import a_topic, make_counting_tables, projector, running
from tests.waiting import wait_until

SAY = "INSERT INTO projections.readers VALUES ('progress', $1, $2, clock_timestamp() - make_interval(secs => $3))"


async def say(url: str, instance: str, known: Sequence[str], seconds_ago: float = 0) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(SAY, instance, known, seconds_ago)
    await connection.close()


async def test_without_any_projector_nothing_is_refused(database: str):
    await refuse_old_readers(database)


async def test_a_projector_of_an_earlier_release_is_named_with_what_it_cannot_read(database: str):
    await say(database, "current", EVENT_TYPES)
    await say(database, "newer", [*EVENT_TYPES, "CheckInRecorded.v2"])
    await refuse_old_readers(database)
    await say(database, "old", EVENT_TYPES[2:])
    with pytest.raises(ReadersTooOld, match=f"projector old .progress. cannot read {', '.join(EVENT_TYPES[:2])}"):
        await refuse_old_readers(database)


async def test_one_that_has_been_silent_holds_nobody_up(database: str):
    await say(database, "gone", [], seconds_ago=31)
    await refuse_old_readers(database)


async def test_a_running_projector_says_what_it_knows(database: str, kafka_bootstrap: str):
    await make_counting_tables(database)
    connection = await asyncpg.connect(database)

    async def said() -> bool:
        return await connection.fetchval("SELECT event_types FROM projections.readers") == list(EVENT_TYPES)

    async with running(projector(database, kafka_bootstrap, a_topic(), instance="one")):
        await wait_until(said, "the projector said what it knows")
    await connection.close()
    await refuse_old_readers(database)
