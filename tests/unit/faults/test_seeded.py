"""The faults that are put in by hand still have their places, and the tests that catch them are still there."""

import ast
from collections import Counter

import pytest

from tests.faults.seeded.fault import ROOT, Fault
from tests.faults.seeded.faults import FAULTS


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.breaks)
def test_the_fault_can_be_planted(fault: Fault):
    sound = (ROOT / fault.file).read_text(encoding="utf-8")
    assert fault.planted(sound) != sound


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.breaks)
def test_the_test_that_catches_it_is_there(fault: Fault):
    file, _, name = fault.caught_by.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_there_are_faults_in_every_part():
    parts = Counter(
        next(
            part
            for part in ("domain", "ledger", "publisher", "rules", "projector", "query", "projections")
            if part in fault.file
        )
        for fault in FAULTS
    )
    assert parts.keys() == {"domain", "ledger", "publisher", "rules", "projector", "query", "projections"}
    assert len(FAULTS) >= 20
