"""What programme health answers: a figure as a whole and by group, and the list behind it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pydantic_core import from_json

from okr_contracts.fields import Settings
from projections.programme_health.figure import FIGURES
from projections.read_model import Connection, in_schema

By: TypeAlias = Literal["unit", "layer", "department", "cycle"]

_SQL: Final = Path(__file__).parent / "sql"
_SIX_PLACES: Final = Decimal("0.000001")
_PARTIAL_BELOW: Final = Decimal("0.5")
"""A layer or department whose adoption is below this part of the organisation's was rolled out in part only."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An organisation on a day, as known when event *known_at* was the newest."""

    organisation: str
    effective_on: date
    known_at: int
    schema: str = "programme_health"


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of an organisation is asked about; what is None means all."""

    cycle_id: str | None = None
    unit_id: str | None = None
    department_id: str | None = None
    """A unit of layer 1, with all below it."""
    layer: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether everybody is in it: cycles are no groups of people."""
        return (self.unit_id, self.department_id, self.layer) == (None, None, None)


WHOLE: Final = Part()


@dataclass(slots=True)
class Tally:
    """How many of one kind have which outcome; median and greatest measure by outcome, where it has one."""

    outcomes: dict[str, int] = field(default_factory=dict[str, int])
    medians: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    greatest: dict[str, Decimal] = field(default_factory=dict[str, Decimal])


@dataclass(slots=True)
class Group:
    """
    A group of people and what a figure counts in it, by kind.

    ``people`` is how many active ones are in it, None for a cycle, which is no group of people. One with fewer than
    the organisation's ``smallest_group`` is ``suppressed``: its tallies are empty. The whole organisation never is.
    """

    id: str | None
    name: str | None
    people: int | None
    suppressed: bool
    tallies: dict[str, Tally]
    signals: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Answer:
    """A figure as a whole, and its groups in the order of their ids."""

    total: Group
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class Member:
    """One thing that a figure counts; ``place`` tells apart those of one kind and id."""

    kind: str
    id: str
    place: int
    cycle_id: str | None
    outcome: str
    counted: int
    measure: Decimal | None
    detail: Mapping[str, object]


def value(figure: str, tally: Tally) -> Decimal | None:
    """The part of the good outcomes among those that are rated, of 6 places; None where nothing is."""
    spec = FIGURES[figure]
    rated = sum(tally.outcomes.get(name, 0) for name in spec.rated)
    if not rated or not spec.good:
        return None
    good = sum(tally.outcomes.get(name, 0) for name in spec.good)
    return (Decimal(good) / rated).quantize(_SIX_PLACES, ROUND_HALF_EVEN)


async def figure(connection: Connection, moment: Moment, name: str, by: By | None = None, part: Part = WHOLE) -> Answer:
    """The figure *name* of *part* of an organisation, as a whole and by group; the cost grows with the organisation."""
    chosen = await settings(connection, moment)
    clocks = (moment.organisation, moment.effective_on, moment.known_at, by or "")
    of_units = (part.unit_id, part.department_id, part.layer)
    people = await connection.fetch(_statement("people", moment.schema), *clocks, *of_units)
    rows = await connection.fetch(_statement("groups", moment.schema, name), *clocks, part.cycle_id, *of_units)
    tallies: defaultdict[tuple[bool, str | None], dict[str, Tally]] = defaultdict(dict)
    for row in rows:
        tally = tallies[row["is_total"], row["group_id"]].setdefault(row["kind"], Tally())
        tally.outcomes[row["outcome"]] = row["counted"]
        if row["median"] is not None:
            tally.medians[row["outcome"]] = row["median"]
            tally.greatest[row["outcome"]] = row["greatest"]
    known = {(row["is_total"], row["group_id"]): (row["name"], row["people"]) for row in people}
    total = _group(None, known[True, None], tallies.get((True, None), {}), chosen)
    if part.is_whole:
        # The organisation itself is no group within one.
        total.suppressed, total.tallies = False, tallies.get((True, None), {})
    groups = [
        _group(key[1], known.get(key, (None, None)), tallies[key], chosen)
        for key in sorted((key for key in tallies if not key[0]), key=lambda key: key[1] or "")
    ]
    for group in (total, *groups):
        group.signals = _signals(name, group, total, by, chosen)
    return Answer(total, groups)


def _group(
    group_id: str | None, known: tuple[str | None, int | None], tallies: dict[str, Tally], chosen: Settings
) -> Group:
    name, people = known
    suppressed = people is not None and people < chosen.smallest_group
    return Group(group_id, name, people, suppressed, {} if suppressed else tallies)


def _signals(name: str, group: Group, total: Group, by: By | None, chosen: Settings) -> list[str]:
    """What a group's figure says that somebody should look at."""
    signals: list[str] = []
    match name:
        case "adoption" if by in ("layer", "department") and group is not total:
            own, whole = (value(name, each.tallies.get("person", Tally())) for each in (group, total))
            if own is not None and whole is not None and own < whole * _PARTIAL_BELOW:
                signals.append("partial_roll_out")
        case "balance":
            tally = group.tallies.get("alignment", Tally())
            cascaded = tally.outcomes.get("cascaded", 0)
            stated = cascaded + tally.outcomes.get("laddered", 0)
            if stated >= chosen.over_cascaded_links and cascaded >= chosen.over_cascaded_share * stated:
                signals.append("over_cascaded")
        case "alignment_coverage":
            coverage = value(name, group.tallies.get("objective", Tally()))
            if coverage is not None and coverage < chosen.drifting_coverage:
                signals.append("drifting")
        case _:
            pass
    return signals


async def members(
    connection: Connection,
    moment: Moment,
    name: str,
    part: Part,
    outcome: str | None,
    kind: str | None,
    after: tuple[str, str, int],
    limit: int,
) -> list[Member]:
    """At most *limit* of what the figure *name* counts beyond *after*, by kind, id and place."""
    rows = await connection.fetch(
        _statement("list", moment.schema, name),
        moment.organisation,
        moment.effective_on,
        moment.known_at,
        outcome,
        part.cycle_id,
        part.unit_id,
        part.department_id,
        part.layer,
        kind,
        *after,
        limit,
    )
    return [
        Member(
            row["kind"],
            row["id"],
            row["place"],
            row["cycle_id"],
            row["outcome"],
            row["counted"],
            row["measure"],
            from_json(row["detail"]),
        )
        for row in rows
    ]


async def people(connection: Connection, moment: Moment, part: Part) -> int:
    """How many active people are in *part* of an organisation."""
    clocks = (moment.organisation, moment.effective_on, moment.known_at, "")
    rows = await connection.fetch(
        _statement("people", moment.schema), *clocks, part.unit_id, part.department_id, part.layer
    )
    return rows[0]["people"]


async def settings(connection: Connection, moment: Moment) -> Settings:
    """What the organisation had chosen by then."""
    statement = _statement("settings", moment.schema)
    chosen = await connection.fetchval(statement, moment.organisation, moment.effective_on, moment.known_at)
    return Settings() if chosen is None else Settings.model_validate_json(chosen)


@cache
def _statement(name: str, schema: str, figure: str = "") -> str:
    sql = (_SQL / f"{name}.sql").read_text()
    return in_schema(sql.replace("the_figure", figure), "programme_health", schema)
