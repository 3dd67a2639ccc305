"""The rows that events make: one NamedTuple per table, its fields in the order of the statement that inserts it."""

from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

NodeKind: TypeAlias = Literal["objective", "key_result"]


class Unit(NamedTuple):
    """A unit of the organisation chart."""

    organisation: str
    unit_id: str
    sequence: int
    effective_on: date
    parent_id: str | None
    name: str | None


class Person(NamedTuple):
    """A person or a placeholder."""

    organisation: str
    person_id: str
    sequence: int
    effective_on: date
    title: str | None
    placeholder: bool


class Manager(NamedTuple):
    """Whom a person reports to from here on."""

    organisation: str
    person_id: str
    sequence: int
    effective_on: date
    manager_id: str | None


class Membership(NamedTuple):
    """A unit that a person joined."""

    organisation: str
    person_id: str
    sequence: int
    unit_id: str
    effective_on: date
    is_primary: bool
    place: int
    left: bool = False
    """The person left the unit; ``is_primary`` says nothing then."""


class Cycle(NamedTuple):
    """A cycle and the one that contains it."""

    organisation: str
    cycle_id: str
    sequence: int
    effective_on: date
    parent_id: str | None


class Opening(NamedTuple):
    """A cycle is open from here on."""

    organisation: str
    cycle_id: str
    sequence: int
    effective_on: date


class Objective(NamedTuple):
    """An objective: its place among cycles and owners."""

    organisation: str
    objective_id: str
    sequence: int
    effective_on: date
    cycle_id: str
    owner_kind: str
    owner_id: str
    declared_top_level: bool


class KeyResult(NamedTuple):
    """A key result of an objective."""

    organisation: str
    key_result_id: str
    sequence: int
    effective_on: date
    objective_id: str
    source: str
    weight: Decimal


class Responsible(NamedTuple):
    """Who is responsible for a key result from here on."""

    organisation: str
    key_result_id: str
    sequence: int
    effective_on: date
    person_id: str


class Title(NamedTuple):
    """What a node is called from here on."""

    organisation: str
    kind: NodeKind
    id: str
    sequence: int
    effective_on: date
    title: str | None


class RollUpRule(NamedTuple):
    """What an objective takes the mean of from here on."""

    organisation: str
    objective_id: str
    sequence: int
    effective_on: date
    roll_up: str


class Override(NamedTuple):
    """Whether an objective's number is an override from here on."""

    organisation: str
    objective_id: str
    sequence: int
    effective_on: date
    overridden: bool


class Decision(NamedTuple):
    """
    What was decided about something after it was made, by name.

    Of objectives ``owner`` (``person/p1``), ``top_level`` and ``ended``; of key results ``ended`` and ``weight``; of
    alignments, whose id is ``child~kind~parent``, ``acceptance``; of units ``parent``, ``name``, ``lead`` and
    ``closed``; of people ``state``, ``title`` and ``placeholder``; of the organisation ``settings``. The value is a
    word, a decimal in plain notation or JSON; None for nothing, or where it was erased.
    """

    organisation: str
    kind: str
    id: str
    what: str
    sequence: int
    effective_on: date
    value: str | None


class Link(NamedTuple):
    """An alignment from here on; what it says is None where it ended."""

    organisation: str
    child_id: str
    parent_kind: str
    parent_id: str
    sequence: int
    effective_on: date
    linked: bool
    effect: str | None
    origin: str | None
    weight: Decimal | None
    share: Decimal | None
    awaits: bool
    """It waits for the parent's owner, unless a later decision says what that owner answered."""
    drawn_by: str | None
    """The person who acted, or on whose behalf it was done; None for a service of its own accord."""


Row: TypeAlias = (
    Unit
    | Person
    | Manager
    | Membership
    | Cycle
    | Opening
    | Objective
    | KeyResult
    | Responsible
    | Title
    | RollUpRule
    | Override
    | Decision
    | Link
)
