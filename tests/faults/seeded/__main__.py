"""`python -m tests.faults.seeded`: plants each fault, and says which test caught it."""

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.seeded.fault import copy_of_the_code, is_caught, pass_without_faults
from tests.faults.seeded.faults import FAULTS


def main() -> int:
    """Plant all of them; the exit code."""
    console = Console(width=160)
    with tempfile.TemporaryDirectory(prefix="okr-seeded-") as folder:
        copy = copy_of_the_code(Path(folder))
        if not pass_without_faults((fault.caught_by for fault in FAULTS), copy):
            console.print("The tests fail without any fault: that they fail with one proves nothing.")
            return 1
        table = Table("fault", "in", "test", "caught")
        missed = 0
        for fault in FAULTS:
            caught = is_caught(fault, copy)
            missed += not caught
            table.add_row(fault.breaks, fault.file, fault.caught_by, "yes" if caught else "NO")
            console.print(f"{'caught' if caught else 'MISSED'}: {fault.breaks}")
        console.print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
