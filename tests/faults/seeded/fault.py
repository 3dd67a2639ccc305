"""A fault, and how it is planted and looked for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
_CODE: Final = ("contracts", "projections", "services", "tests", "docs", "deploy", "pyproject.toml", "README.md")
_NO_TEST_FAILED: Final = 0
_A_TEST_FAILED: Final = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """
    A small change that breaks a promise.

    *before* stands exactly once in *file* and is replaced by *after*; *caught_by* is the test that has to fail then, as
    pytest names it without parameters.
    """

    breaks: str
    file: str
    before: str
    after: str
    caught_by: str

    def planted(self, code: str) -> str:
        """*code* with the fault in it. Raises ValueError where its place is not found exactly once."""
        if code.count(self.before) != 1:
            raise ValueError(f"{self.file} has {code.count(self.before)} places for the fault '{self.breaks}'")
        return code.replace(self.before, self.after)


def copy_of_the_code(folder: Path) -> Path:
    """A copy that a fault can be planted in, without touching the checkout."""
    for name in _CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def is_caught(fault: Fault, copy: Path) -> bool:
    """Whether the test fails with *fault* in *copy*, which is as it was afterwards."""
    file = copy / fault.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(fault.planted(sound), encoding="utf-8")
    try:
        return _exit_code([fault.caught_by], copy) == _A_TEST_FAILED
    finally:
        file.write_text(sound, encoding="utf-8")


def pass_without_faults(tests: Iterable[str], copy: Path) -> bool:
    """Whether all *tests* pass in the copy as it is: otherwise their failing proves nothing."""
    return _exit_code(sorted(set(tests)), copy) == _NO_TEST_FAILED


def _exit_code(tests: list[str], copy: Path) -> int:
    # The copy goes before the checkout, which is installed editable.
    path = os.pathsep.join(str(copy / each) for each in ("", "contracts"))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", f"--rootdir={copy}", *tests]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False).returncode
