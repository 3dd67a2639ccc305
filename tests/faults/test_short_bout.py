"""A short run of every kind of fault, with a fixed seed; `make soak` is the long one."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from tests.faults.plan import KINDS

SEED = 20261125


@pytest.mark.timeout(240)
async def test_no_kind_of_fault_loses_doubles_or_hides_anything():
    # A process of its own, as in `make soak`: clients that lost their broker may hang when stopped, and end with it.
    bout = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.soak", "--seed", str(SEED), "--faults", str(len(KINDS))),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said = (await bout.communicate())[0].decode()
    finally:
        if bout.returncode is None:
            bout.kill()
            await bout.wait()
    print(said)
    assert bout.returncode == 0, said
    assert figure("differences: (\\d+)", said) == 0, said
    assert figure("commands: (\\d+) acknowledged", said) > 100, said
    assert figure("readers: (\\d+) answers compared", said) > 30, said


def figure(pattern: str, said: str) -> int:
    found = re.search(pattern, said)
    assert found is not None, said
    return int(found[1])
