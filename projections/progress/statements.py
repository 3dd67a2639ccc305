"""The statements of this read model, for the schema that they are to work on."""

from functools import cache
from pathlib import Path
from typing import Final

from projections.read_model import in_schema

_SQL: Final = Path(__file__).with_name("sql")


@cache
def statement(name: str, schema: str = "progress") -> str:
    """The statement of that *name*, for *schema*."""
    return in_schema((_SQL / f"{name}.sql").read_text(encoding="utf-8"), "progress", schema)
