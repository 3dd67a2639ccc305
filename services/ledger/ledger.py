"""The ledger as its interfaces see it: hand in commands, get replies or refusals."""

import asyncio
import zlib
from collections.abc import Sequence
from weakref import WeakValueDictionary

from services.ledger.domain.refusal import Refusal
from services.ledger.lane import Lane
from services.ledger.request import Reply, Request, Unit

# So many lines of an organisation's batches stand in a lane's queue at once: enough to fill a group, and room for
# everybody else. Batches of one organisation take turns.
_WAITING_PER_BATCH = 256


class Ledger:
    """The lanes of this process; an organisation always takes the same one."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, request: Request) -> Reply:
        """
        Decide one command and append its events; the reply comes after the commit.

        Raises Refusal where a rule is broken, LaneIsFull where too many wait.
        """
        unit = Unit((request,))
        self._lane(request.organisation).submit(unit)
        (answer,) = await unit.answer
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def answer_all(self, requests: Sequence[Request], *, atomic: bool) -> list[Reply | Refusal]:
        """
        Decide commands of one organisation in order; an answer each.

        *atomic*: all or none. Otherwise each stands for itself, and no more than a group of them waits at a time.
        """
        units = [Unit(tuple(requests))] if atomic else [Unit((request,)) for request in requests]
        organisation = requests[0].organisation
        turn = self._turns.setdefault(organisation, asyncio.Lock())
        answers: list[Reply | Refusal] = []
        for start in range(0, len(units), _WAITING_PER_BATCH):
            some = units[start : start + _WAITING_PER_BATCH]
            async with turn:
                for unit in some:
                    await self._lane(organisation).wait_for_room(unit)
                for unit in some:
                    answers += await unit.answer
        return answers

    def _lane(self, organisation: str) -> Lane:
        return self._lanes[zlib.crc32(organisation.encode()) % len(self._lanes)]
