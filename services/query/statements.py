"""The SQL of the query service, one statement a file."""

from functools import cache
from pathlib import Path
from typing import Final

_SQL: Final = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """The text of ``sql/<name>.sql``."""
    return (_SQL / f"{name}.sql").read_text()
