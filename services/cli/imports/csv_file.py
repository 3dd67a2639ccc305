"""Reading a CSV file of records with ids, in UTF-8 with or without a byte order mark."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Generic, TypeVar

from services.cli.imports.remarks import Remark, refused, reported

_RECORD: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,100}")
_NOT_UTF_8: Final = re.compile("[\udc80-\udcff]")
_LONGEST_FIELD: Final = 1 << 30
_SAVE_AS_UTF_8: Final = "Save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”)."

RowType = TypeVar("RowType")


@dataclass(frozen=True, slots=True)
class Record:
    """
    One record as it was read: its fields by column, without white space around them.

    ``line`` is its first line in the file, from 1; ``id`` has been checked, and is empty in a file without ids.
    """

    line: int
    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rows(Generic[RowType]):
    """The rows that can be read, in the order of the file, remarks on those that cannot, and how many there were."""

    read: tuple[RowType, ...]
    remarks: tuple[Remark, ...]
    count: int


def read_csv(
    content: bytes,
    columns: Sequence[str],
    make: Callable[[Record], RowType | Remark],
    optional: Sequence[str] = (),
) -> Rows[RowType]:
    """
    What *make* makes of each record of a file with these *columns*, perhaps the *optional* ones, in any order and case.

    A record that cannot be read, or that *make* refuses, is refused by line, and the others are read all the same. A
    column that is not known is reported and left out. Where ``id`` is no column, records have none.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Rows((), (refused(1, "", "wrong_encoding", "The file is in UTF-16.", _SAVE_AS_UTF_8),), 0)
    # Bytes that are no UTF-8 become lone surrogates: they spoil their own row and no other.
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="surrogateescape")
    records = _records(text)
    header = next(records, None)
    if header is None or isinstance(header, Remark):
        return Rows((), (header or _wrong_header((), columns),), 0)
    names = [name.strip().casefold() for name in header[1]]
    known = {*columns, *optional}
    if not _names_each_once(names, columns, optional):
        return Rows((), (_wrong_header(header[1], columns),), 0)
    remarks = [_unknown_column(name, (*columns, *optional)) for name in names if name not in known]
    read: list[RowType] = []
    seen: dict[str, int] = {}
    count = 0
    for each in records:
        count += 1
        record = each if isinstance(each, Remark) else _record(*each, names, known, seen)
        if isinstance(record, Remark):
            remarks.append(record)
            continue
        row = make(record)
        if isinstance(row, Remark):
            remarks.append(row)
        else:
            if record.id:
                seen[record.id] = record.line
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


def _record(
    line: int, fields: Sequence[str], names: Sequence[str], known: set[str], seen: Mapping[str, int]
) -> Record | Remark:
    if len(fields) != len(names):
        return refused(
            line,
            "",
            "wrong_columns",
            f"The row has {len(fields)} fields, the header {len(names)}.",
            "Put quotation marks around a field that holds a comma.",
        )
    field = {name: text.strip() for name, text in zip(names, fields, strict=True) if name in known}
    record = field.get("id")
    for name, text in field.items():
        if _NOT_UTF_8.search(text):
            return refused(
                line,
                record or "" if name != "id" else "",
                "wrong_encoding",
                f"The field {name} holds bytes that are not UTF-8.",
                _SAVE_AS_UTF_8,
            )
    if record is None:
        return Record(line, "", field)
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
    return Record(line, record, field)


def _names_each_once(names: Sequence[str], columns: Sequence[str], optional: Sequence[str]) -> bool:
    return all(names.count(name) == 1 for name in columns) and all(names.count(name) <= 1 for name in optional)


def _wrong_header(found: Sequence[str], columns: Sequence[str]) -> Remark:
    return refused(
        1,
        "",
        "wrong_header",
        f"The first line must name the columns {', '.join(columns)}, each once; it has:"
        f" {_shown(', '.join(found), 200) or 'nothing'}.",
        "Put that line first; the order of the columns is free.",
    )


def _unknown_column(name: str, known: Sequence[str]) -> Remark:
    message = f"The column “{_shown(name, 40)}” is not known; it was left out."
    return reported(1, "", "unknown_column", message, f"Remove it, or name it as one of {', '.join(known)}.")


def _shown(text: str, most: int) -> str:
    return text[:most].encode(errors="replace").decode()
