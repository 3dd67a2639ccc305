"""Which rows have a manager in the file, and what is wrong with the managers of the others."""

from collections.abc import Iterator, Mapping, Sequence

from services.cli.imports.people_rows import PersonRow
from services.cli.imports.remarks import Remark, manager_refused, reported

_SHOWN_OF_A_CIRCLE = 5


def managed(
    rows: Sequence[PersonRow], left_out: Mapping[str, int | None]
) -> tuple[list[PersonRow], tuple[Remark, ...]]:
    """
    The rows whose manager is one of *rows*, and a remark on each that names one and has to do without.

    Who of a circle is wrong cannot be known, so that nobody in it gets a manager. *left_out* are the refused rows of
    the file by id, with their lines.
    """
    there = {row.id for row in rows}
    around = {row_id: circle for circle in circles({row.id: row.manager for row in rows}) for row_id in circle}
    kept: list[PersonRow] = []
    remarks: list[Remark] = []
    for row in rows:
        if row.id in around:
            remarks.append(_in_a_circle(row, around[row.id]))
        elif row.manager in there:
            kept.append(row)
        elif row.manager in left_out:
            remarks.append(manager_refused(row.line, row.id, row.manager, left_out[row.manager]))
        elif row.manager:
            remarks.append(_not_in_the_file(row))
    return kept, tuple(remarks)


def circles(manager_of: Mapping[str, str]) -> Iterator[list[str]]:
    """Every circle once: who is led by the next one, and the last by the first."""
    passed: set[str] = set()
    for start in manager_of:
        path: list[str] = []
        each = start
        while each in manager_of and each not in passed:
            passed.add(each)
            path.append(each)
            each = manager_of[each]
        if each in path:
            yield path[path.index(each) :]


def _in_a_circle(row: PersonRow, circle: Sequence[str]) -> Remark:
    if len(circle) == 1:
        message = "The person is their own manager; they were taken without one."
        return reported(row.line, row.id, "own_manager", message, "Name another person, or leave the field empty.")
    start = circle.index(row.id)
    around = [*circle[start:], *circle[:start]]
    more = ["…"] if len(around) > _SHOWN_OF_A_CIRCLE else []
    path = " → ".join([*around[:_SHOWN_OF_A_CIRCLE], *more, row.id])
    return reported(
        row.line,
        row.id,
        "circle_of_managers",
        f"The person is among their own managers: {path}; they were taken without one.",
        "Mend the manager of one of them, then import again: the managers are sent then.",
    )


def _not_in_the_file(row: PersonRow) -> Remark:
    return reported(
        row.line,
        row.id,
        "manager_not_in_file",
        f"The manager “{row.manager[:100]}” is not in the file; the person was taken without one.",
        "Add that person's row and import again: the manager is sent then.",
    )
