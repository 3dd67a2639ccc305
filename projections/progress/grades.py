"""Grades: what was given, what would be proposed now, and what both mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from okr_rules import Node, weighted_mean, why_not
from projections.progress.as_of import Moment, Standing
from projections.progress.statements import statement
from projections.read_model import Connection

Band: TypeAlias = Literal["met", "miss", "success", "progress", "learn"]


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade of a node; ``proposed`` is what was proposed to whoever graded, None where nobody said so."""

    effective_on: date
    sequence: int
    grade: Decimal
    proposed: Decimal | None
    reflection: str | None
    reason: str | None
    corrected: bool
    actor_kind: str
    actor_id: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ProposedInput:
    """What an objective's proposal is made of: the grade of an input, or its progress where it has none."""

    node: Node
    number: Decimal
    graded: bool
    weight: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """The grade that would be proposed, of 6 places, and for an objective what it is the mean of."""

    grade: Decimal
    inputs: tuple[ProposedInput, ...]


async def grades(
    connection: Connection, organisation: str, moment: Moment, nodes: Sequence[Node]
) -> dict[Node, list[Grade]]:
    """The grades of those of *nodes* that have any, the one in force last; one statement."""
    rows = await connection.fetch(
        statement("grades", moment.schema),
        organisation,
        [node.kind for node in nodes],
        [node.id for node in nodes],
        moment.effective_on,
        moment.known_at,
    )
    found: dict[Node, list[Grade]] = {}
    for row in rows:
        found.setdefault(Node(row["kind"], row["id"]), []).append(
            Grade(
                row["effective_on"],
                row["sequence"],
                row["grade"],
                row["proposed"],
                row["reflection"],
                row["reason"],
                row["corrected"],
                row["actor_kind"],
                row["actor_id"],
                row["recorded_at"],
            )
        )
    return found


def proposal(standing: Standing, given: Mapping[Node, Sequence[Grade]]) -> Proposal:
    """
    What would be proposed for a node, which stands as at the end of its cycle.

    For a key result with check-ins its progress; for what has inputs the weighted mean of their grades, and of their
    progress where they have none; its own progress where nothing counts in it.
    """
    if standing.rule is None:
        return Proposal(standing.numbers.progress, ())
    inputs = tuple(
        ProposedInput(
            node,
            graded[-1].grade if (graded := given.get(node)) else cited.input.progress,
            bool(graded),
            cited.input.weight,
            cited.input.share,
        )
        for node, cited in standing.inputs.items()
        if why_not(standing.rule, cited.input) is None
    )
    if not inputs:
        return Proposal(standing.numbers.progress, ())
    return Proposal(weighted_mean((each.weight * each.share, each.number) for each in inputs), inputs)


def band(grade: Decimal, standing: Standing) -> Band:
    """What a grade means: falling short of what was aspired to is no failure, of what was committed to it is a miss."""
    if standing.ambition == "committed":
        return "met" if grade == 1 else "miss"
    thresholds = standing.pace.thresholds
    if grade >= thresholds.aspirational_on_track:
        return "success"
    return "progress" if grade >= thresholds.aspirational_at_risk else "learn"


def basis_changed(given: Sequence[Grade], now: Proposal) -> bool:
    """Whether what was proposed when it was graded would be another number now: a check-in was corrected since."""
    proposed = [each.proposed for each in given if each.proposed is not None]
    return bool(proposed) and proposed[-1] != now.grade
