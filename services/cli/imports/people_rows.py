"""The rows of a file of people: ``id, title, manager, departments``, perhaps ``name`` and ``email``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.cli.imports.csv_file import Record, Rows, read_csv

COLUMNS: Final = ("id", "title", "manager", "departments")
OPTIONAL: Final = ("name", "email")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """
    One person as it was read; ``line`` is the row's first line in the file, from 1.

    ``departments`` are the spellings of the row by what they are compared by, each department once, in its order.
    """

    line: int
    id: str
    title: str
    manager: str
    departments: Mapping[str, str]
    name: str
    email: str


def read_people(content: bytes) -> Rows[PersonRow]:
    """The rows of a file; each that cannot be read is refused by line, and the others are read all the same."""
    return read_csv(content, COLUMNS, _row, OPTIONAL)


def _row(record: Record) -> PersonRow:
    field = record.fields
    departments: dict[str, str] = {}
    for spelling in map(str.strip, field["departments"].split(";")):
        if spelling:
            departments.setdefault(spelling.casefold(), spelling)
    return PersonRow(
        line=record.line,
        id=record.id,
        title=field["title"],
        manager=field["manager"],
        departments=departments,
        name=field.get("name", ""),
        email=field.get("email", ""),
    )
