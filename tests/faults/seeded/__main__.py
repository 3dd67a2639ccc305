"""`python -m tests.faults.seeded [WORDS]`: plants each fault whose name has the words; says which test caught it."""

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.seeded.fault import copy_of_the_code, is_caught, pass_without_faults
from tests.faults.seeded.faults import FAULTS


def main(words: str = "") -> int:
    """Plant all of them, or those whose name has *words*; the exit code."""
    faults = [fault for fault in FAULTS if words in fault.breaks]
    console = Console(width=160)
    with tempfile.TemporaryDirectory(prefix="okr-seeded-") as folder:
        copy = copy_of_the_code(Path(folder))
        if not pass_without_faults((fault.caught_by for fault in faults), copy):
            console.print("The tests fail without any fault: that they fail with one proves nothing.")
            return 1
        table = Table("fault", "in", "test", "caught")
        missed = 0
        for fault in faults:
            caught = is_caught(fault, copy)
            missed += not caught
            table.add_row(fault.breaks, fault.file, fault.caught_by, "yes" if caught else "NO")
            console.print(f"{'caught' if caught else 'MISSED'}: {fault.breaks}")
        console.print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
