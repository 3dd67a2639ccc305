"""What an import has to say about a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

AGAIN: Final = ", then import again: what is there already is not sent twice."

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


def parent_refused(line: int | None, record: str, parent: str, parent_line: int | None) -> Remark:
    """The row has no place, because the one above it is left out."""
    where = "" if parent_line is None else f" (line {parent_line})"
    message = f"Its parent {parent}{where} is refused."
    return refused(line, record, "parent_refused", message, f"Mend that row{AGAIN}")


def manager_refused(line: int | None, record: str, manager: str, manager_line: int | None) -> Remark:
    """The person is there without the manager, because that one's row is left out."""
    where = "" if manager_line is None else f" (line {manager_line})"
    message = f"Its manager {manager}{where} is refused; the person has none."
    return reported(line, record, "manager_refused", message, f"Mend that row{AGAIN}")


def reported(line: int | None, record: str, rule: str, message: str, fix: str = "") -> Remark:
    """The row is imported, and somebody should look at it."""
    return Remark("reported", line, record, rule, message, fix)


def still_true(remarks: Sequence[Remark]) -> list[Remark]:
    """Those of *remarks* that hold once all refusals are known: a refused row has become nothing that is reported."""
    refusals = {(remark.line, remark.record) for remark in remarks if remark.outcome == "refused" and remark.line}
    return [each for each in remarks if each.outcome != "reported" or (each.line, each.record) not in refusals]
