"""A ledger that is killed at each step of an append: what it acknowledged is there, once; a repetition completes it."""

import asyncio
import json
import signal
import sys
from collections import Counter

import asyncpg
import pytest

from okr_contracts.envelope import decode

COMMANDS = 60


async def run(database: str, *fault: str) -> tuple[int, dict[str, int]]:
    """How the process ended, and what it acknowledged until then."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.mortal_ledger",
        database,
        str(COMMANDS),
        *fault,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    answers: list[tuple[str, int]] = [json.loads(line) for line in output.splitlines() if line.startswith(b"[")]
    return process.returncode, dict(answers)


@pytest.mark.parametrize("step", ["append.before_commit", "append.after_commit"])
async def test_what_a_killed_ledger_acknowledged_is_there_once(database: str, step: str):
    acknowledged: dict[str, int] = {}
    for time in ("1", "3", "5"):
        ended, some = await run(database, step, time)
        assert ended == -signal.SIGKILL
        assert all(acknowledged.get(command_id, sequence) == sequence for command_id, sequence in some.items())
        acknowledged |= some
    ended, everything = await run(database)
    assert ended == 0
    assert len(everything) == COMMANDS
    assert everything | acknowledged == everything

    connection = await asyncpg.connect(database)
    rows = await connection.fetch("SELECT entry, data, text FROM ledger.events ORDER BY sequence")
    await connection.close()
    events = [decode(row["entry"], row["data"], row["text"]) for row in rows]
    assert [event.sequence for event in events] == list(range(1, COMMANDS + 3))
    assert set(Counter(event.command_id for event in events[2:]).values()) == {1}
    assert {event.command_id: event.sequence for event in events[2:]} == everything
