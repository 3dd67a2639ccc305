"""The stream of events, over a real server: from any past position, then live, resumed where it was cut off."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import httpx
import pytest

from okr_contracts.commands import RecordCheckIn
from services.chassis import serve
from tests.integration.query.conftest import Told
from tests.integration.query.reader import Json
from tests.ledger_writer import write


@asynccontextmanager
async def serving(told: Told) -> AsyncGenerator[str]:
    """The address of a server with the application of *told*."""
    listening = serve.listen("127.0.0.1", 0)
    task = asyncio.create_task(serve.serve(told.reader.app, listening))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1/organisations/acme/events/stream"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def following(
    address: str, token: str, after: int | None = None, last_event_id: int | None = None
) -> AsyncGenerator[AsyncIterator[str]]:
    """The lines of the stream, for as long as the block lasts."""
    headers = {"Authorization": f"Bearer {token}"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = str(last_event_id)
    parameters = {} if after is None else {"after": after}
    async with (
        httpx.AsyncClient(timeout=20) as client,
        client.stream("GET", address, params=parameters, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.aiter_lines()


async def take(lines: AsyncIterator[str], number: int) -> list[tuple[int, Json]]:
    """The next *number* events: id and data."""
    taken: list[tuple[int, Json]] = []
    event_id = 0
    async for line in lines:
        if line.startswith("id: "):
            event_id = int(line.removeprefix("id: "))
        if line.startswith("data: "):
            taken.append((event_id, cast("Json", json.loads(line.removeprefix("data: ")))))
        if len(taken) == number:
            break
    return taken


async def check_in(told: Told, check_in_id: str) -> None:
    command = {"check_in_id": check_in_id, "key_result_id": "k1", "value": "50"}
    told.history.accept(RecordCheckIn.model_validate(command))
    await write(told.url, told.history.recorded[-1:])


async def test_the_stream_has_every_event_since_a_past_position_and_then_those_that_come(told_alone: Told) -> None:
    async with serving(told_alone) as address, following(address, told_alone.reader.token, after=3) as lines:
        past = await take(lines, told_alone.head - 3)
        assert [event_id for event_id, _ in past] == list(range(4, told_alone.head + 1))
        assert all(event["sequence"] == event_id for event_id, event in past)
        await check_in(told_alone, "d")
        await check_in(told_alone, "e")
        assert [event["subject"] for _, event in await take(lines, 2)] == ["check-ins/d", "check-ins/e"]


async def test_a_reader_who_was_cut_off_goes_on_after_the_last_event_seen(told_alone: Told) -> None:
    async with serving(told_alone) as address:
        async with following(address, told_alone.reader.token) as lines:
            seen = [event_id for event_id, _ in await take(lines, 5)]
        async with following(address, told_alone.reader.token, after=1, last_event_id=seen[-1]) as lines:
            seen += [event_id for event_id, _ in await take(lines, told_alone.head - 5)]
    assert seen == list(range(1, told_alone.head + 1))


async def test_an_event_on_the_stream_is_the_event_of_the_ledger(told_alone: Told) -> None:
    async with (
        serving(told_alone) as address,
        following(address, told_alone.reader.token, after=told_alone.head - 1) as lines,
    ):
        ((_, event),) = await take(lines, 1)
    assert event == await told_alone.reader.get(f"events/{told_alone.head}")


async def test_a_silent_stream_says_that_it_is_alive(told_alone: Told) -> None:
    async with (
        serving(told_alone) as address,
        following(address, told_alone.reader.token, after=told_alone.head) as lines,
    ):
        comments = [line async for line in until_heartbeat(lines)]
    assert comments[-1] == ": heartbeat"


async def until_heartbeat(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line == ": heartbeat":
            return


async def test_streams_end_with_the_process_and_do_not_hold_it_up(told_alone: Told) -> None:
    async with (
        serving(told_alone) as address,
        following(address, told_alone.reader.token, after=told_alone.head) as lines,
    ):
        told_alone.reader.stopping.set()
        assert [line async for line in lines if line.startswith("data")] == []


async def test_readers_who_leave_at_any_moment_leave_nothing_behind(
    told_alone: Told, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(told_alone) as address:
        for _ in range(20):
            async with following(address, told_alone.reader.token) as lines:
                await take(lines, 1)
        # The pool has four connections: whoever had kept one would stop this answer.
        assert await told_alone.reader.pages("events", limit=500)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
