"""
A rebuild that dies at a named step; run as a program by the tests.

``python -m tests.faults.mortal_rebuild URL [STEP TIME]`` prints ``[generation, switched, events applied]``.
"""

import asyncio
import json
import sys

from services.chassis.faults import NO_FAULTS, KilledAt
from services.projector.rebuild import Rebuild
from tests.pipeline import counting

PAGE_EVENTS = 200


async def main(url: str, step: str | None = None, time: str = "1") -> None:
    """Rebuild, and die where told to."""
    faults = KilledAt(step, int(time)) if step else NO_FAULTS
    outcome = await Rebuild(counting(), url, page_events=PAGE_EVENTS, faults=faults).run()
    print(json.dumps([outcome.generation, outcome.switched, outcome.events]), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
