"""What a process remembers between batches is what is in the rows, whatever became of the batches before."""

from collections.abc import AsyncGenerator, Sequence
from typing import Final, Literal

import asyncpg
import pytest
import pytest_asyncio
from asyncpg.connection import LoggedQuery
from hypothesis import HealthCheck, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from okr_contracts.commands import AcknowledgeCheckIn, WithdrawCheckIn
from okr_contracts.envelope import Recorded
from okr_contracts.events import CheckInWithdrawn
from projections.progress.apply import Remembering
from projections.progress.statements import statement
from projections.read_model import Applier, CannotApply
from tests.given import History
from tests.integration.progress.busy import HISTORIES
from tests.integration.progress.read_model import contents, empty, feed
from tests.ledger_writer import of_organisation
from tests.unit.domain.acme import MEASURED, check_in

_FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

Fate = Literal["committed", "not said", "rolled back", "refused", "by another", "forgotten"]

_FATES: Final[tuple[Fate, ...]] = (
    "committed",
    "committed",
    "by another",
    "not said",
    "rolled back",
    "refused",
    "forgotten",
)
FATES: Final = st.sampled_from(_FATES)
BATCHES: Final = st.lists(st.tuples(st.integers(1, 12), FATES), max_size=40)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connection(module_database: str) -> AsyncGenerator[asyncpg.Connection]:
    opened = await asyncpg.connect(module_database)
    yield opened
    await opened.close()


async def _applied(connection: asyncpg.Connection, applier: Applier, batch: Sequence[Recorded], fate: Fate) -> None:
    """Applies *batch*, at the second attempt where that is its fate."""
    match fate:
        case "rolled back":
            transaction = connection.transaction()
            await transaction.start()
            await applier.apply(connection, "progress", batch)
            await transaction.rollback()
        case "refused":
            last = batch[-1]
            unknown = CheckInWithdrawn(check_in_id="never", key_result_id="was", reason="there")
            wrong = last._replace(sequence=last.sequence + 1, event=unknown)
            transaction = connection.transaction()
            await transaction.start()
            with pytest.raises(CannotApply):
                await applier.apply(connection, "progress", [*batch, wrong])
            await transaction.rollback()
        case "by another":
            await feed(connection, batch)
            return
        case "forgotten":
            applier.forget()
        case _:
            pass
    async with connection.transaction():
        await applier.apply(connection, "progress", batch)
    if fate != "not said":
        applier.committed()


@_FEW
@given_any(HISTORIES, HISTORIES, BATCHES, st.sampled_from((0, 15, 10_000)))
async def test_rows_are_those_of_a_fresh_fold_whatever_became_of_the_batches_before(
    connection: asyncpg.Connection, history: History, other: History, batches: list[tuple[int, Fate]], most_nodes: int
) -> None:
    pairs = zip(history.recorded, of_organisation("other", other.recorded), strict=False)
    events = [recorded for pair in pairs for recorded in pair]
    await empty(connection)
    await feed(connection, events)
    fresh = await contents(connection)

    await empty(connection)
    applier, start = Remembering(most_nodes), 0
    the_rest: tuple[int, Fate] = (len(events), "committed")
    for size, fate in (*batches, the_rest):
        if batch := events[start : start + size]:
            await _applied(connection, applier, batch, fate)
        start += size
    assert await contents(connection) == fresh


async def test_a_batch_after_a_committed_one_reads_nothing_and_after_a_lost_one_everything(
    connection: asyncpg.Connection,
) -> None:
    history = History()
    for command in (*MEASURED, *(check_in(f"c{n}", 10 * n) for n in range(3))):
        history.accept(command)
    first, second, third = len(history.recorded) - 3, len(history.recorded) - 2, len(history.recorded) - 1
    reading: list[str] = []

    def note(query: LoggedQuery) -> None:
        if query.query == statement("load"):
            reading.append(query.query)

    await empty(connection)
    applier = Remembering()
    await _applied(connection, applier, history.recorded[:first], "committed")
    with connection.query_logger(note):
        await _applied(connection, applier, history.recorded[first:second], "committed")
        assert not reading
        await _applied(connection, applier, history.recorded[second:third], "not said")
        assert not reading
        await _applied(connection, applier, history.recorded[third:], "committed")
    assert len(reading) == 1


async def test_what_another_process_applied_in_between_is_known(connection: asyncpg.Connection) -> None:
    history = History()
    taken_back = WithdrawCheckIn(check_in_id="c2", reason="mistyped")
    for command in (*MEASURED, check_in("c1", 10), check_in("c2", 20), taken_back):
        history.accept(command)
    await empty(connection)
    await feed(connection, history.recorded)
    fresh = await contents(connection)

    await empty(connection)
    applier = Remembering()
    await _applied(connection, applier, history.recorded[:-2], "committed")
    await _applied(connection, applier, history.recorded[-2:-1], "by another")
    await _applied(connection, applier, history.recorded[-1:], "committed")
    assert await contents(connection) == fresh


async def test_that_somebody_has_seen_a_check_in_reads_nothing(connection: asyncpg.Connection) -> None:
    history = History()
    for command in (*MEASURED, check_in("c1", 10), AcknowledgeCheckIn(check_in_id="c1", person_id="p-ben")):
        history.accept(command)
    reading: list[str] = []

    def note(query: LoggedQuery) -> None:
        if query.query == statement("load"):
            reading.append(query.query)

    await empty(connection)
    applier = Remembering()
    await _applied(connection, applier, history.recorded[:-1], "committed")
    with connection.query_logger(note):
        await _applied(connection, applier, history.recorded[-1:], "committed")
    assert not reading
