"""The rows of an OKR file: ``id, kind, parent, owner, title, result``."""

from dataclasses import dataclass
from typing import Final, Literal

from services.cli.imports.csv_file import Record, Rows, read_csv
from services.cli.imports.remarks import Remark, refused

COLUMNS: Final = ("id", "kind", "parent", "owner", "title", "result")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read; ``line`` is its first line in the file, from 1."""

    line: int
    id: str
    kind: Literal["objective", "key_result"]
    parent: str
    owner: str
    title: str
    result: str


def read_rows(content: bytes) -> Rows[Row]:
    """The rows of a file; each that cannot be read is refused by line, and the others are read all the same."""
    return read_csv(content, COLUMNS, _row)


def _row(record: Record) -> Row | Remark:
    field, kind = record.fields, record.fields["kind"]
    if kind not in ("objective", "key_result"):
        return refused(
            record.line,
            record.id,
            "unknown_kind",
            f"“{kind[:40]}” is no kind.",
            "Write objective or key_result as the kind.",
        )
    for name in ("owner", "title"):
        if not field[name]:
            return refused(record.line, record.id, f"no_{name}", f"The row has no {name}.", f"Fill in the {name}.")
    return Row(record.line, record.id, kind, field["parent"], field["owner"], field["title"], field["result"])
