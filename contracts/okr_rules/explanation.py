"""
One level of one number, written so that anybody can compute it again (rule explanation/1).

The builders make plain JSON objects, decimals as strings; docs/rules/explanation.md has every field. ``recomputation``
has the other direction. Neither knows titles, owners or narratives.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from okr_rules.exact import plain
from okr_rules.in_force import DefinitionVersion, ValueInForce
from okr_rules.json_reading import Json
from okr_rules.pace import Period, PhasedTarget, expected_of_key_result, expected_of_objective
from okr_rules.progress import RULE_VERSION, Value, key_result_progress
from okr_rules.roll_up import Input, NodeKind, Result, RollUp, roll_up, why_not
from okr_rules.status import Ambition, Thresholds, status


@dataclass(frozen=True, slots=True)
class Pace:
    """What the expected progress and the status word of a node rest on, beside its numbers."""

    days: Period
    ambition: Ambition
    thresholds: Thresholds
    phased: tuple[PhasedTarget, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedInput:
    """An input with what only an explanation shows of it; a redacted one has an opaque id in ``input``."""

    input: Input
    expected: Decimal
    sequences: tuple[int, ...]
    """The events that its reported number and its link rest on."""


@dataclass(frozen=True, slots=True)
class Override:
    """A number, from 0 to 1, that replaces the computed one, and the event that set it."""

    progress: Decimal
    sequence: int


def explain_key_result(
    key_result_id: str, definition: DefinitionVersion, value: ValueInForce | None, pace: Pace
) -> dict[str, Json]:
    """The explanation of a key result with check-ins. Raises ValueDoesNotFit."""
    shown = key_result_progress(definition.definition, None if value is None else value.value)
    expected = expected_of_key_result(definition.definition, pace.days, pace.phased)
    cited = (definition.sequence, *(value.cites if value is not None else ()))
    return {
        **_head("key_result", key_result_id, pace),
        "source": "check_ins",
        "definition": _definition(definition),
        "value": None if value is None else _value_in_force(value),
        "raw": None if shown.raw is None else plain(shown.raw),
        "progress": plain(shown.progress),
        "measured": plain(shown.measured),
        "expected": plain(expected),
        "status": _status(shown.raw, shown.progress, shown.measured, expected, pace),
        "sequences": _sequences(cited),
    }


def explain_objective(
    objective_id: str,
    rule: RollUp,
    inputs: Iterable[CitedInput],
    pace: Pace,
    *,
    override: Override | None = None,
    sequences: Iterable[int] = (),
) -> dict[str, Json]:
    """
    The explanation of an objective from all its inputs, those that do not count included.

    *sequences* are the objective's own events that the number rests on, such as its latest RollUpSet.
    Raises OverrideOutOfRange.
    """
    cited = tuple(inputs)
    result = roll_up(rule, (each.input for each in cited), None if override is None else override.progress)
    expected = expected_of_objective(rule, ((each.input, each.expected) for each in cited), pace.days)
    overridden = () if override is None else (override.sequence,)
    return {
        **_head("objective", objective_id, pace),
        "roll_up": rule,
        "override": None if override is None else {"progress": plain(override.progress), "sequence": override.sequence},
        **_rolled_up(rule, cited, result, expected, pace),
        "sequences": _sequences((*sequences, *overridden, *_of_inputs(cited))),
    }


def explain_fed_key_result(
    key_result_id: str, definition: DefinitionVersion, inputs: Iterable[CitedInput], pace: Pace
) -> dict[str, Json]:
    """The explanation of a key result with source ``children`` from the objectives aligned with it."""
    cited = tuple(inputs)
    result = roll_up("children", (each.input for each in cited))
    expected = expected_of_key_result(definition.definition, pace.days, pace.phased)
    return {
        **_head("key_result", key_result_id, pace),
        "source": "children",
        "definition": _definition(definition),
        **_rolled_up("children", cited, result, expected, pace),
        "sequences": _sequences((definition.sequence, *_of_inputs(cited))),
    }


def _head(kind: NodeKind, node_id: str, pace: Pace) -> dict[str, Json]:
    return {
        "rule_version": RULE_VERSION,
        "kind": kind,
        "id": node_id,
        "ambition": pace.ambition,
        "thresholds": _thresholds(pace.thresholds),
        "period": {
            "on": pace.days.on.isoformat(),
            "starts_on": pace.days.starts_on.isoformat(),
            "ends_on": pace.days.ends_on.isoformat(),
        },
        "phased_targets": [{"on": step.on.isoformat(), "value": plain(step.value)} for step in pace.phased],
    }


def _thresholds(thresholds: Thresholds) -> dict[str, Json]:
    return {
        "aspirational_on_track": plain(thresholds.aspirational_on_track),
        "aspirational_at_risk": plain(thresholds.aspirational_at_risk),
        "committed_on_track": plain(thresholds.committed_on_track),
        "committed_at_risk": plain(thresholds.committed_at_risk),
        "stale_after_days": thresholds.stale_after_days,
    }


def _definition(version: DefinitionVersion) -> dict[str, Json]:
    measured = version.definition
    return {
        "kind": measured.kind,
        "unit": version.unit,
        "baseline": _optional(measured.baseline),
        "target": _optional(measured.target),
        "floor": _optional(measured.floor),
        "ceiling": _optional(measured.ceiling),
        "low": _optional(measured.low),
        "high": _optional(measured.high),
        "effective_on": version.effective_on.isoformat(),
        "sequence": version.sequence,
    }


def _value_in_force(value: ValueInForce) -> dict[str, Json]:
    return {
        "value": _value(value.value),
        "effective_on": value.effective_on.isoformat(),
        "first_sequence": value.first_sequence,
        "sequence": value.sequence,
    }


def _rolled_up(
    rule: RollUp, cited: tuple[CitedInput, ...], result: Result, expected: Decimal, pace: Pace
) -> dict[str, Json]:
    return {
        "inputs": [_input(rule, each) for each in cited],
        "computed": plain(result.computed),
        "no_inputs": result.no_inputs,
        "raw": None,
        "progress": plain(result.progress),
        "measured": plain(result.measured),
        "expected": plain(expected),
        "status": _status(None, result.progress, result.measured, expected, pace),
    }


def _input(rule: RollUp, cited: CitedInput) -> dict[str, Json]:
    shown = cited.input
    reason = why_not(rule, shown)
    return {
        "kind": shown.kind,
        "id": shown.id,
        "progress": plain(shown.progress),
        "measured": plain(shown.measured),
        "expected": plain(cited.expected),
        "weight": plain(shown.weight),
        "share": plain(shown.share),
        "counts": reason is None,
        "why_not": reason,
        "sequences": _sequences(cited.sequences),
    }


def _status(raw: Decimal | None, progress: Decimal, measured: Decimal, expected: Decimal, pace: Pace) -> str:
    return status(
        raw=raw,
        progress=progress,
        measured=measured,
        expected=expected,
        ambition=pace.ambition,
        thresholds=pace.thresholds,
    )


def _of_inputs(cited: tuple[CitedInput, ...]) -> tuple[int, ...]:
    return tuple(sequence for each in cited for sequence in each.sequences)


def _sequences(sequences: Iterable[int]) -> list[Json]:
    return [*sorted(set(sequences))]


def _value(value: Value) -> str | bool:
    return value if isinstance(value, bool) else plain(value)


def _optional(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
