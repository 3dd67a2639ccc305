"""The types of single fields, shared by commands and events."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

DECIMAL_PATTERN: Final = r"^-?[0-9]{1,30}(\.[0-9]{1,20})?$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?", re.ASCII)
_MOST_WHOLE_DIGITS: Final = 30
_MOST_PLACES: Final = 20
TEXT_LIMIT: Final = 10_000
_NO_NUL: Final = r"^[^\x00]*$"


@dataclass(frozen=True, slots=True)
class TextPart:
    """
    Marks a field that belongs to the *text* part of an event: words that people wrote.

    The text part can be erased without touching the rest, so that every such field can be None in an event that was
    read, and nothing that decides or counts may depend on it.
    """


@dataclass(frozen=True, slots=True)
class WhereGiven:
    """
    Marks a field of an event that is written only where there is something to write.

    A field that is added to a version that exists has it, so that the bytes of events without it stay what they were.
    """


def _exact_decimal(value: object) -> Decimal:
    """Take a decimal written as a JSON string or number; refuse what would have to be rounded or guessed."""
    match value:
        case str():
            return _decimal_of(value)
        case bool():
            pass
        case Decimal() if value.is_finite():
            # The length is judged before anything is written out: 1e400 must not become 400 digits.
            if value.adjusted() < _MOST_WHOLE_DIGITS and -int(value.as_tuple().exponent) <= _MOST_PLACES:
                return _without_a_negative_zero(value)
            raise PydanticCustomError("decimal_digits", "at most 30 digits before the point and 20 after it")
        case int():
            if abs(value) < 10**_MOST_WHOLE_DIGITS:
                return Decimal(value)
            raise PydanticCustomError("decimal_digits", "at most 30 digits before the point and 20 after it")
        case _:
            pass
    raise _no_decimal()


# Read as often as events are; many report the same. The bound holds the memory.
@lru_cache(maxsize=4_096)
def _decimal_of(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise _no_decimal()
    return _without_a_negative_zero(Decimal(text))


def _no_decimal() -> PydanticCustomError:
    return PydanticCustomError(
        "decimal", 'a decimal is wanted, as a JSON number or a string like "12.5" (30 digits, then at most 20 places)'
    )


def _without_a_negative_zero(value: Decimal) -> Decimal:
    return value or value.copy_abs()


def plain(value: Decimal) -> str:
    """The decimal in plain notation, without an exponent: ``Decimal("6.60E+1")`` is ``"66.0"``."""
    return format(value, "f")


ExactDecimal = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": ["string", "number"], "pattern": DECIMAL_PATTERN}, mode="validation"),
]
"""A decimal that is never rounded: at most 30 digits before the point and 20 after it; a string in every output."""


def _reported_value(value: object) -> Decimal | bool:
    return value if isinstance(value, bool) else _exact_decimal(value)


def _write_reported_value(value: Decimal | bool) -> str | bool:
    return value if isinstance(value, bool) else plain(value)


ReportedValue = Annotated[
    Decimal | bool,
    BeforeValidator(_reported_value),
    PlainSerializer(_write_reported_value),
    WithJsonSchema({"type": ["string", "number", "boolean"], "pattern": DECIMAL_PATTERN}, mode="validation"),
]
"""What a check-in reports: a decimal in the key result's own unit, or true or false for the kind ``achieve``."""


def _calendar_day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as no_such_day:
            raise PydanticCustomError("day", "there is no such day in the calendar") from no_such_day
    raise PydanticCustomError("day", 'a calendar day is wanted, as in "2026-11-22"')


@lru_cache(maxsize=64)  # The events of a group are of one moment.
def write_instant(instant: datetime) -> str:
    """An instant as the ledger writes it: UTC, always six digits of a second, ``2026-11-22T13:48:55.000000Z``."""
    in_utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _written_instant(value: object) -> object:
    if isinstance(value, (str, datetime)):
        return value
    raise PydanticCustomError("instant", 'a moment with its time zone is wanted, as in "2026-11-22T13:48:55Z"')


def _within_the_calendar(instant: datetime) -> datetime:
    """The instant in UTC; its own zone may reach beyond the first or the last year."""
    try:
        return instant.astimezone(UTC)
    except OverflowError as beyond:
        raise PydanticCustomError("instant", "a moment of the years 1 to 9999 in UTC is wanted") from beyond


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("not_negative", "0 or more is wanted")
    return value


def _share(value: Decimal) -> Decimal:
    if not 0 < value <= 1:
        raise PydanticCustomError("share", "more than 0 and at most 1 is wanted")
    return value


def _unit_interval(value: Decimal) -> Decimal:
    if not 0 <= value <= 1:
        raise PydanticCustomError("unit_interval", "a number from 0 to 1 is wanted")
    return value


Weight = Annotated[ExactDecimal, AfterValidator(_not_negative)]
"""How much an input counts among its siblings: 0 or more; 0 is shown and not counted."""

Share = Annotated[ExactDecimal, AfterValidator(_share)]
"""The part of a child that one parent may claim: more than 0, at most 1."""

UnitInterval = Annotated[ExactDecimal, AfterValidator(_unit_interval)]
"""A progress or a grade from 0 to 1."""

IDENTIFIER_PATTERN: Final = r"^[A-Za-z0-9_-]{1,64}$"
ORGANISATION_PATTERN: Final = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"

Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER_PATTERN)]
"""An opaque id: letters, digits, ``_`` and ``-``, at most 64; never a name or an address."""

OrganisationId = Annotated[str, StringConstraints(pattern=ORGANISATION_PATTERN)]
"""The slug of an organisation, fixed for ever: lower-case letters, digits and inner hyphens, at most 63."""

TimeZoneName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]
"""A name of the IANA time zone database, as in ``Europe/Berlin``."""

CommandName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{1,63}$")]
"""The name of a command, as in ``RecordCheckIn``."""

SubjectName = Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,32}/[A-Za-z0-9_~-]{1,160}$")]
"""What an event is of: ``<plural>/<id>``, as in ``key-results/k-1``."""

SourceRecord = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,128}$")]
"""The id of a record in the system that it was imported from."""

Text = Annotated[str | None, StringConstraints(max_length=TEXT_LIMIT, pattern=_NO_NUL), TextPart()]
"""Words that people wrote, at most 10,000 characters; None where there are none or where they were erased."""

Words = Annotated[
    str | None, StringConstraints(max_length=TEXT_LIMIT, pattern=_NO_NUL, strip_whitespace=True), TextPart()
]
"""Words in a command, without the blanks around them: a reason of blanks is none."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT, strip_whitespace=True, pattern=_NO_NUL)]
"""A title in a command: at least one character that is not white space."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_NO_NUL)]
Labels = Annotated[tuple[Label, ...] | None, Field(max_length=50), TextPart()]
"""Free labels of an objective, in the order given; None where they were erased."""

Ambition = Literal["aspirational", "committed"]
AlignmentAcceptance = Literal["none", "other_owner"]
AnnouncementKind = Literal["news", "training", "reminder"]
Role = Literal["member", "unit_lead", "programme_lead", "auditor", "administrator", "import", "service"]
ReopenedTo = Literal["locked", "open"]
RollUp = Literal["key_results", "children", "both"]
KeyResultKind = Literal["increase", "reduce", "stay_above", "stay_below", "stay_within", "achieve"]
InputSource = Literal["check_ins", "children"]
Effect = Literal["contributes", "supports"]
Origin = Literal["cascaded", "laddered", "unstated"]
EffectiveBasis = Literal["stated", "assumed"]

Day = Annotated[
    date,
    BeforeValidator(_calendar_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A calendar day, ISO 8601: ``2026-11-22``."""

Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_instant),
    AfterValidator(_within_the_calendar),
    PlainSerializer(write_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment with its time zone, RFC 3339; written in UTC with six digits of a second."""

Flag = Annotated[bool, Strict()]
"""JSON true or false, nothing that merely looks like it."""

SequenceNumber = Annotated[int, Field(ge=1, le=2**53 - 1, strict=True)]
"""The number of an event within its organisation, from 1, without gaps."""

Confidence = Annotated[int, Field(ge=0, le=10, strict=True)]
"""How sure its author is of reaching the target: a whole number from 0 to 10."""

CadenceDays = Annotated[int, Field(ge=1, le=366, strict=True)]
"""Days between two check-ins."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Owner(_Value):
    """Who owns an objective: a person or a unit."""

    kind: Literal["person", "unit"]
    id: Identifier


class Parent(_Value):
    """What an alignment points at: an objective or a key result."""

    kind: Literal["objective", "key_result"]
    id: Identifier


class MeasureUnit(_Value):
    """
    The unit of a key result's numbers.

    ``percent`` is in points: 66 means 66 %. ``money`` names an ISO 4217 code; ``custom`` is the organisation's own
    word; ``number`` and ``percent`` have no code.
    """

    kind: Literal["number", "percent", "money", "custom"] = "number"
    code: Annotated[str, StringConstraints(pattern=r"^[\w%°/.+ -]{1,32}$")] | None = None


class Thresholds(_Value):
    """The numbers that a cycle's figures rest on, fixed when it is planned; the ratios are progress to expected."""

    aspirational_on_track: UnitInterval = Decimal("0.7")
    aspirational_at_risk: UnitInterval = Decimal("0.4")
    committed_on_track: UnitInterval = Decimal("0.9")
    committed_at_risk: UnitInterval = Decimal("0.7")
    stale_after_days: Annotated[int, Field(ge=0, le=366)] = 3
    check_in_grace_days: Annotated[int, Field(ge=0, le=366)] = 7


class ThresholdsChange(_Value):
    """Thresholds of which those left out stay as they are."""

    aspirational_on_track: UnitInterval | None = None
    aspirational_at_risk: UnitInterval | None = None
    committed_on_track: UnitInterval | None = None
    committed_at_risk: UnitInterval | None = None
    stale_after_days: Annotated[int, Field(ge=0, le=366)] | None = None
    check_in_grace_days: Annotated[int, Field(ge=0, le=366)] | None = None


class Settings(_Value):
    """
    What an organisation may choose; a change is an event and rewrites no past quarter.

    ``alignment_acceptance`` says whose links wait for the parent's owner. ``thresholds`` are those of cycles planned
    from here on, ``cadence_days`` those of key results that name none. The others are the limits from which the
    programme's health speaks of a signal: ``most_objectives`` of one owner, ``most_key_results`` of one objective,
    over-cascaded from ``over_cascaded_links`` stated links of which a part of ``over_cascaded_share`` was handed down,
    drifting below a coverage of ``drifting_coverage``. Groups of fewer than ``smallest_group`` people are suppressed.
    """

    alignment_acceptance: AlignmentAcceptance = "none"
    cadence_days: CadenceDays = 7
    thresholds: Thresholds = Thresholds()
    smallest_group: Annotated[int, Field(ge=1, le=1000)] = 5
    most_objectives: Annotated[int, Field(ge=1, le=1000)] = 5
    most_key_results: Annotated[int, Field(ge=1, le=1000)] = 5
    over_cascaded_links: Annotated[int, Field(ge=1, le=1000)] = 3
    over_cascaded_share: UnitInterval = Decimal("0.8")
    drifting_coverage: UnitInterval = Decimal("0.5")
    punctual_within_days: Annotated[int, Field(ge=0, le=366)] = 3
    reach_within_days: Annotated[int, Field(ge=0, le=366)] = 7
    views_kept_days: Annotated[int, Field(ge=1, le=366)] = 90


class PhasedTarget(_Value):
    """The value that a key result should have reached on a day within its cycle."""

    on: Day
    value: ExactDecimal


PhasedTargets = Annotated[tuple[PhasedTarget, ...], Field(max_length=100)]
"""In the order of their days, each day once."""


class CarriedKeyResult(_Value):
    """A key result of an objective that was carried over, and its successor in the next cycle."""

    key_result_id: Identifier
    successor_id: Identifier


class Audience(_Value):
    """
    Who is concerned: everybody in the named units and below, and the named people; nobody named means everybody.
    """

    unit_ids: Annotated[tuple[Identifier, ...], Field(max_length=1000)] = ()
    person_ids: Annotated[tuple[Identifier, ...], Field(max_length=1000)] = ()


class View(_Value):
    """Who saw an announcement, when, and where (``mail``, ``chat``, …)."""

    person_id: Identifier
    seen_at: Instant
    channel: Identifier


Views = Annotated[tuple[View, ...] | None, Field(max_length=1000), TextPart()]
"""Views of one announcement; who saw what can be erased: None where it was."""


def text_fields_of(model: type[BaseModel]) -> frozenset[str]:
    """The names of the fields of *model* that belong to the text part."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if any(isinstance(marker, TextPart) for marker in field.metadata)
    )


def seldom_fields_of(model: type[BaseModel]) -> frozenset[str]:
    """The names of the fields of *model* that are written only where there is something to write."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if any(isinstance(marker, WhereGiven) for marker in field.metadata)
    )
