"""A short run of every kind of fault, with a fixed seed; `make soak` is the long one."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.faults.bout import run
from tests.faults.plan import KINDS, plan
from tests.faults.soak import summary

SEED = 20261125


@pytest.mark.timeout(240)
async def test_no_kind_of_fault_loses_doubles_or_hides_anything():
    # Outside of pytest's own folder, which the unprivileged user of PostgreSQL may not enter.
    folder = Path(tempfile.mkdtemp(prefix="okr-bout-"))
    folder.chmod(0o711)
    said: list[str] = []
    try:
        result = await run(folder, SEED, lambda disks: plan(SEED, len(KINDS), disks=disks), said.append)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report = "\n".join([*said, *summary(result)])
    print(report)
    assert not result.differences, report
    assert result.counts.acknowledged > 100, report
    assert result.compared > 30, report
