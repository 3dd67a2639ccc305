"""
The word for where a node stands against what is expected of it (rule status/1).

Judged on the numbers shown, by multiplication, so that no division rounds a node over a threshold. Confidence has no
part in it. docs/rules/status.md has the rules with examples.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias, assert_never

from okr_rules.exact import multiply

Ambition: TypeAlias = Literal["aspirational", "committed"]
Status: TypeAlias = Literal["not_measured", "on_track", "at_risk", "off_track"]

EARLY: Final = Decimal("0.1")
"""While less than this is expected, nothing but a step back is off track."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the status words of a cycle rest on, as CyclePlanned recorded it: ratios of progress to expected."""

    aspirational_on_track: Decimal = Decimal("0.7")
    aspirational_at_risk: Decimal = Decimal("0.4")
    committed_on_track: Decimal = Decimal("0.9")
    committed_at_risk: Decimal = Decimal("0.7")
    stale_after_days: int = 3
    """Days beyond the cadence after which a key result without a check-in is stale."""


DEFAULT_THRESHOLDS: Final = Thresholds()


def status(
    *,
    raw: Decimal | None,
    progress: Decimal,
    measured: Decimal,
    expected: Decimal,
    ambition: Ambition = "aspirational",
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Status:
    """The status word of a node; *raw* is None for one with inputs, *ambition* its objective's for a key result."""
    if measured == 0:
        return "not_measured"
    if expected < EARLY:
        return "off_track" if raw is not None and raw < 0 else "on_track"
    match ambition:
        case "aspirational":
            on_track, at_risk = thresholds.aspirational_on_track, thresholds.aspirational_at_risk
        case "committed":
            on_track, at_risk = thresholds.committed_on_track, thresholds.committed_at_risk
        case _:
            assert_never(ambition)
    if progress >= multiply(on_track, expected):
        return "on_track"
    return "at_risk" if progress >= multiply(at_risk, expected) else "off_track"
