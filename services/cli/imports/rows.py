"""The rows of an OKR file: ``id, kind, parent, owner, title, result``, in UTF-8 with or without a byte order mark."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from services.cli.imports.remarks import Remark, refused

COLUMNS: Final = ("id", "kind", "parent", "owner", "title", "result")
_RECORD: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,100}")
_NOT_UTF_8: Final = re.compile("[\udc80-\udcff]")
_LONGEST_FIELD: Final = 1 << 30
_SAVE_AS_UTF_8: Final = "Save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”)."


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read, without white space around its fields; ``line`` is its first line in the file, from 1."""

    line: int
    id: str
    kind: Literal["objective", "key_result"]
    parent: str
    owner: str
    title: str
    result: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that can be read, in the order of the file, remarks on those that cannot, and how many there were."""

    read: tuple[Row, ...]
    remarks: tuple[Remark, ...]
    count: int


def read_rows(content: bytes) -> Rows:
    """The rows of a file; each that cannot be read is refused by line, and the others are read all the same."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Rows((), (refused(1, "", "wrong_encoding", "The file is in UTF-16.", _SAVE_AS_UTF_8),), 0)
    # Bytes that are no UTF-8 become lone surrogates: they spoil their own row and no other.
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="surrogateescape")
    records = _records(text)
    header = next(records, None)
    if header is None or isinstance(header, Remark) or sorted(map(_folded, header[1])) != sorted(COLUMNS):
        return Rows((), (_wrong_header(header),), 0)
    names = [_folded(name) for name in header[1]]
    read: list[Row] = []
    remarks: list[Remark] = []
    seen: dict[str, int] = {}
    count = 0
    for record in records:
        count += 1
        row = record if isinstance(record, Remark) else _row(*record, names, seen)
        if isinstance(row, Remark):
            remarks.append(row)
        else:
            seen[row.id] = row.line
            read.append(row)
    return Rows(tuple(read), tuple(remarks), count)


def _records(text: str) -> Iterator[tuple[int, list[str]] | Remark]:
    """Each record that is not empty with its first line; a remark where none can be read, and on with the next line."""
    # A field that is too long is refused with its row, not with the rest of the file.
    csv.field_size_limit(_LONGEST_FIELD)
    lines = list(io.StringIO(text, newline=""))
    passed = 0
    while passed < len(lines):
        reader = csv.reader(islice(lines, passed, None), strict=True)
        line = passed + 1
        try:
            for fields in reader:
                if any(fields):
                    yield line, fields
                line = passed + reader.line_num + 1
        except csv.Error as error:
            fix = "Close every quotation mark, and write one inside a field as two."
            yield refused(line, "", "not_csv", f"The row that begins here cannot be read as CSV: {error}.", fix)
            passed = line
        else:
            return


def _row(line: int, fields: Sequence[str], names: Sequence[str], seen: dict[str, int]) -> Row | Remark:
    if len(fields) != len(names):
        return refused(
            line,
            "",
            "wrong_columns",
            f"The row has {len(fields)} fields, the header {len(names)}.",
            "Put quotation marks around a field that holds a comma.",
        )
    field = {name: text.strip() for name, text in zip(names, fields, strict=True)}
    record, kind = field["id"], field["kind"]
    for name, text in field.items():
        if _NOT_UTF_8.search(text):
            return refused(
                line,
                record if name != "id" else "",
                "wrong_encoding",
                f"The field {name} holds bytes that are not UTF-8.",
                _SAVE_AS_UTF_8,
            )
    if not _RECORD.fullmatch(record):
        return refused(
            line,
            "",
            "no_id" if not record else "id_not_allowed",
            "The row has no id." if not record else "The id has characters that are not allowed, or is too long.",
            "An id has up to 100 letters, digits, “_”, “.”, “:”, “/” and “-”.",
        )
    if record in seen:
        return refused(
            line, record, "duplicate_id", f"Line {seen[record]} has the same id.", "Give each row an id of its own."
        )
    if kind not in ("objective", "key_result"):
        return refused(
            line, record, "unknown_kind", f"“{kind[:40]}” is no kind.", "Write objective or key_result as the kind."
        )
    for name in ("owner", "title"):
        if not field[name]:
            return refused(line, record, f"no_{name}", f"The row has no {name}.", f"Fill in the {name}.")
    return Row(line, record, kind, field["parent"], field["owner"], field["title"], field["result"])


def _wrong_header(header: tuple[int, list[str]] | Remark | None) -> Remark:
    if isinstance(header, Remark):
        return header
    found = "nothing" if header is None else ", ".join(header[1])[:200].encode(errors="replace").decode()
    return refused(
        1,
        "",
        "wrong_header",
        f"The first line must name the columns {', '.join(COLUMNS)}; it has: {found}.",
        "Put that line first; the order of the columns is free.",
    )


def _folded(name: str) -> str:
    return name.strip().casefold()
