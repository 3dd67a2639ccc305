"""
One of several processes that append to the same organisations; run as a program by the tests.

``python -m tests.integration.ledger.contender URL NAME CLIENTS COMMANDS`` prints a line of JSON per acknowledged
command (``[organisation, command_id, first, last]``) and per refusal (``[organisation, command_id, code]``).
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal

from okr_contracts.actor import Actor
from okr_contracts.commands import AddUnit, Command, RecordCheckIn, RegisterOrganisation
from services.chassis import postgres
from services.ledger.domain.refusal import Refusal
from services.ledger.lane import Lane
from services.ledger.ledger import Ledger
from services.ledger.request import Request

ORGANISATIONS = ("acme", "globex", "initech")


def commands(name: str, client: int, number: int) -> Command:
    """The *number*th command of a client: some are new, some meet those of others, some are refused."""
    match number % 5:
        case 0:
            return AddUnit(unit_id=f"shared-{number}", name="Shared")
        case 1:
            return AddUnit(unit_id=f"contested-{number}", name=f"{name}-{client}")
        case 2:
            return RecordCheckIn(key_result_id="nowhere", value=Decimal(1))
        case _:
            return AddUnit(name=f"{name}-{client}-{number}")


async def main(url: str, name: str, clients: int, count: int) -> None:
    """Send the commands of all clients and print what became of each."""
    lanes = [
        Lane(
            lambda: postgres.connect(url, "okr_ledger"),
            group_limit=16,
            queue_limit=1024,
            cached_subjects=50,
            now=lambda: datetime.now(UTC),
            on_append=lambda: None,
        )
        for _ in range(2)
    ]
    ledger = Ledger(lanes)

    async def client(number: int) -> None:
        for n in range(count):
            organisation = ORGANISATIONS[(number + n) % len(ORGANISATIONS)]
            command_id = f"{name}-{number}-{n}"
            request = Request(organisation, commands(name, number, n), command_id, Actor("service", name))
            try:
                reply = await ledger.answer(request)
            except Refusal as refusal:
                print(json.dumps([organisation, command_id, refusal.code]))
                continue
            sequences = [event["sequence"] for event in reply.events]
            print(json.dumps([organisation, command_id, *(sequences[:1] or [0]), reply.sequence]))

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(lane.run()) for lane in lanes]
        registrations = [
            Request(each, RegisterOrganisation(organisation=each, name=each), f"{name}-{each}", Actor("service", name))
            for each in ORGANISATIONS
        ]
        for registration in registrations:
            await ledger.answer(registration)
        await asyncio.gather(*(client(number) for number in range(clients)))
        for task in running:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
