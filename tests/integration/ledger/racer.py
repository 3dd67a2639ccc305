"""
One of several processes that draw links between the same few objectives, all at once; run as a program by the tests.

``python -m tests.integration.ledger.racer URL SEED`` prints the id of each command and
what became of it: ``taken``, or a code.
"""

import asyncio
import sys
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Final

from okr_contracts.commands import ChangeAlignment, Command, MoveAlignment, UnlinkAlignment
from okr_contracts.fields import Parent
from tests.integration.ledger.meeting import meeting
from tests.unit.domain.acme import key_result, link, objective, parent

COMMANDS: Final = 200
IN_THE_STORM: Final[Sequence[Command]] = (
    *(objective(f"o{n}") for n in range(6)),
    *(key_result(f"k{n}", f"o{n}") for n in range(3)),
)


def of_key_result(key_result_id: str) -> Parent:
    return Parent(kind="key_result", id=key_result_id)


def a_storm(seed: int) -> list[Command]:
    """Random links among six objectives and three key results, so that most of them meet."""
    random = Random(seed)
    objectives = [f"o{n}" for n in range(6)]
    ends = [*map(parent, objectives), *(of_key_result(f"k{n}") for n in range(3))]

    def any_of(child_id: str, above: Parent) -> Command:
        to, share = random.choice(ends), Decimal(random.choice(["0.2", "0.5", "0.6", "1"]))
        match random.randrange(6):
            case 0:
                return UnlinkAlignment(child_id=child_id, parent=above, reason="no more")
            case 1:
                return MoveAlignment(child_id=child_id, parent=above, to_parent=to, reason="another one")
            case 2:
                return ChangeAlignment(child_id=child_id, parent=above, share=share, reason="another share")
            case _:
                return link(child_id, above, str(share))

    return [any_of(random.choice(objectives), random.choice(ends)) for _ in range(COMMANDS)]


async def main(url: str, seed: int) -> None:
    """Send the storm, a few at a time."""
    async with meeting(url, (10_000,)) as alone:
        storm = a_storm(seed)
        outcomes: list[str] = []
        for start in range(0, len(storm), 5):
            outcomes += await alone.in_one_group(storm[start : start + 5])
        for command_id, outcome in zip(alone.requests, outcomes, strict=True):
            print(command_id, outcome)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
