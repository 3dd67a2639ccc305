"""A folder of its own for each test."""

import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Generator[Path]:
    """Not below pytest's own folder, which the unprivileged user of PostgreSQL may not enter."""
    made = Path(tempfile.mkdtemp(prefix="okr-embedded-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)
