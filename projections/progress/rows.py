"""The rows that a batch of events makes: one list per table, in the order of the statement that writes it."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

Row: TypeAlias = tuple[object, ...]
"""The parameters of one row, its key first."""


class CheckInRow(NamedTuple):
    """
    A check-in as it stands after one event; the next event of the same check-in supersedes it.

    All of it is written out, since of these there are the most: null is empty, but for words.
    """

    organisation: str
    key_result_id: str
    effective_on: str
    first_sequence: str
    sequence: str
    superseded_at: str
    check_in_id: str
    value: str
    forecast: str
    confidence: str
    narrative: str | None
    withdrawn: str
    reason: str | None
    actor_kind: str
    actor_id: str
    recorded_at: str


class LinkRow(NamedTuple):
    """What an event says of an objective and one parent; a later word makes another row the newest."""

    organisation: str
    parent_kind: str
    parent_id: str
    child_id: str
    effective_on: date
    sequence: int
    effect: str | None
    origin: str | None
    weight: str | None
    share: str | None
    acceptance: str | None
    newest: bool


def _rows() -> list[Row]:
    return []


@dataclass(slots=True)
class Rows:
    """
    Named after the tables; ``…_changed`` are rows that may be there already.

    Decimals are written out in plain notation: the statements cast them, which costs less than to encode them here.
    Those of 6 places are left as they are: ``str`` writes them without an exponent.
    """

    organisations: list[Row] = field(default_factory=_rows)
    organisations_changed: list[Row] = field(default_factory=_rows)
    cycles: list[Row] = field(default_factory=_rows)
    cycles_changed: list[Row] = field(default_factory=_rows)
    objectives: list[Row] = field(default_factory=_rows)
    objectives_changed: list[Row] = field(default_factory=_rows)
    key_results: list[Row] = field(default_factory=_rows)
    key_results_changed: list[Row] = field(default_factory=_rows)
    definitions: list[Row] = field(default_factory=_rows)
    check_ins: list[Row] = field(default_factory=_rows)
    check_ins_changed: list[Row] = field(default_factory=_rows)
    links: list[Row] = field(default_factory=_rows)
    links_changed: list[Row] = field(default_factory=_rows)
    roll_ups: list[Row] = field(default_factory=_rows)
    overrides: list[Row] = field(default_factory=_rows)
    words: list[Row] = field(default_factory=_rows)
    responsible: list[Row] = field(default_factory=_rows)
    partners: list[Row] = field(default_factory=_rows)
    decisions: list[Row] = field(default_factory=_rows)
    grades: list[Row] = field(default_factory=_rows)
    objectives_ended_changed: list[Row] = field(default_factory=_rows)
    key_results_weighed_changed: list[Row] = field(default_factory=_rows)
