"""What an import has to say about a row."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["reported", "changed", "refused"]


@dataclass(frozen=True, slots=True)
class Remark:
    """
    One thing to know about one row.

    ``line`` is its first line in the file, from 1; None where no single row is meant. ``rule`` is stable, for programs;
    ``message`` says what was found and ``fix`` what to do, empty where nothing has to be done.
    """

    outcome: Outcome
    line: int | None
    record: str
    rule: str
    message: str
    fix: str = ""


def refused(line: int | None, record: str, rule: str, message: str, fix: str) -> Remark:
    """The row is left out."""
    return Remark("refused", line, record, rule, message, fix)


def reported(line: int | None, record: str, rule: str, message: str, fix: str = "") -> Remark:
    """The row is imported, and somebody should look at it."""
    return Remark("reported", line, record, rule, message, fix)
