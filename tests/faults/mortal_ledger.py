"""
A ledger process that dies at a named step; run as a program by the tests.

``python -m tests.faults.mortal_ledger URL COMMANDS [STEP TIME]`` sends its commands, ten at a time and always with the
same ids, and prints ``[command_id, sequence]`` for each as soon as it is acknowledged.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime

from okr_contracts.actor import Actor
from okr_contracts.commands import AddUnit, RegisterOrganisation
from services.chassis import postgres
from services.chassis.faults import NO_FAULTS, KilledAt
from services.ledger.lane import Lane
from services.ledger.ledger import Ledger
from services.ledger.request import Request

ACTOR = Actor("service", "mortal")
AT_ONCE = 10


async def main(url: str, count: int, step: str | None = None, time: str = "1") -> None:
    """Send the commands, and die where told to."""
    lane = Lane(
        lambda: postgres.connect(url, "okr_ledger"),
        group_limit=64,
        queue_limit=256,
        cached_subjects=1000,
        now=lambda: datetime.now(UTC),
        on_append=lambda: None,
        faults=KilledAt(step, int(time)) if step else NO_FAULTS,
    )
    ledger = Ledger([lane])

    async def send(number: int) -> None:
        request = Request("acme", AddUnit(name=f"Unit {number}"), f"c{number}", ACTOR)
        reply = await ledger.answer(request)
        print(json.dumps([f"c{number}", reply.sequence]), flush=True)

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(lane.run())
        await ledger.answer(Request("acme", RegisterOrganisation(organisation="acme", name="A"), "register", ACTOR))
        for start in range(0, count, AT_ONCE):
            await asyncio.gather(*(send(number) for number in range(start, start + AT_ONCE)))
        running.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
