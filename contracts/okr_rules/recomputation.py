"""
Computes a number again from its explanation alone: no ledger, no network, no clock (rule explanation/1).

The first thing that an auditor runs, and the last word on what an explanation means.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from okr_rules.exact import plain
from okr_rules.json_reading import (
    ExplanationUnreadable,
    Json,
    day,
    decimal,
    member,
    one_of,
    optional_decimal,
    optional_table,
    table,
    tables,
    text,
    whole,
)
from okr_rules.pace import Period, PhasedTarget, expected_of_key_result, expected_of_objective
from okr_rules.progress import (
    RULE_VERSION,
    Definition,
    DefinitionDoesNotFit,
    Kind,
    Value,
    ValueDoesNotFit,
    key_result_progress,
)
from okr_rules.roll_up import Input, NodeKind, OverrideOutOfRange, Result, RollUp, WhyNot, roll_up, why_not
from okr_rules.status import Ambition, Status, Thresholds, status

_KINDS: Final[tuple[Kind, ...]] = ("increase", "reduce", "stay_above", "stay_below", "stay_within", "achieve")
_NODES: Final[tuple[NodeKind, ...]] = ("key_result", "objective")
_ROLL_UPS: Final[tuple[RollUp, ...]] = ("key_results", "children", "both")
_AMBITIONS: Final[tuple[Ambition, ...]] = ("aspirational", "committed")
_REASONS: Final[tuple[WhyNot, ...]] = (
    "supports",
    "abandoned",
    "dropped",
    "declined",
    "not_accepted",
    "cycle_not_open",
    "carried_over",
    "no_inputs",
    "not_in_roll_up",
    "weight_zero",
)


class UnknownRuleVersion(ExplanationUnreadable):
    """The explanation was made by rules that this package does not have; a newer release may."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The numbers of one node, computed again; decimal strings of 6 places, as the explanation writes them."""

    raw: str | None
    progress: str
    measured: str
    expected: str
    status: Status
    computed: str | None = None
    """The weighted mean of a node with inputs, also under an override."""
    no_inputs: bool | None = None
    """Whether a node with inputs leaves its parent's mean because nothing counts there."""


def recompute(explanation: dict[str, Json]) -> Recomputed:
    """
    The numbers that *explanation* should show, from what it rests on; the numbers that it does show are not read.

    Raises ExplanationUnreadable, and UnknownRuleVersion for another rule version than 1.
    """
    version = whole(explanation, "rule_version")
    if version != RULE_VERSION:
        raise UnknownRuleVersion(f"rule version {version} is not known here; known: {RULE_VERSION}")
    try:
        if one_of(explanation, "kind", _NODES) == "objective":
            return _objective(explanation)
        if one_of(explanation, "source", ("check_ins", "children")) == "children":
            return _fed_key_result(explanation)
        return _key_result(explanation)
    except (DefinitionDoesNotFit, ValueDoesNotFit, OverrideOutOfRange) as wrong:
        raise ExplanationUnreadable(str(wrong)) from wrong


def differences(explanation: dict[str, Json]) -> tuple[str, ...]:
    """
    The fields of *explanation* that do not follow from what it rests on; empty when everything holds.

    An input that says it counts and does not, or the other way round, is named as ``inputs/<index>/why_not``.
    Raises as ``recompute`` does.
    """
    again = recompute(explanation)
    follows: dict[str, Json] = {
        "raw": again.raw,
        "progress": again.progress,
        "measured": again.measured,
        "expected": again.expected,
        "status": again.status,
    }
    if again.computed is not None:
        follows |= {"computed": again.computed, "no_inputs": again.no_inputs}
    differing = [name for name, number in follows.items() if member(explanation, name) != number]
    if again.computed is not None:
        rule = _rule(explanation)
        for index, given in enumerate(tables(explanation, "inputs")):
            reason = why_not(rule, _input(given))
            if member(given, "why_not") != reason or member(given, "counts") is not (reason is None):
                differing.append(f"inputs/{index}/why_not")
    return tuple(differing)


def _key_result(explanation: dict[str, Json]) -> Recomputed:
    definition = _definition(table(explanation, "definition"))
    in_force = optional_table(explanation, "value")
    shown = key_result_progress(definition, None if in_force is None else _value(in_force))
    expected = expected_of_key_result(definition, _period(explanation), _phased(explanation))
    return _recomputed(explanation, shown.raw, shown.progress, shown.measured, expected)


def _objective(explanation: dict[str, Json]) -> Recomputed:
    rule = _rule(explanation)
    inputs = tables(explanation, "inputs")
    override = optional_table(explanation, "override")
    result = roll_up(rule, map(_input, inputs), None if override is None else decimal(override, "progress"))
    pairs = ((_input(each), decimal(each, "expected")) for each in inputs)
    expected = expected_of_objective(rule, pairs, _period(explanation))
    return _rolled_up(explanation, result, expected)


def _fed_key_result(explanation: dict[str, Json]) -> Recomputed:
    result = roll_up("children", map(_input, tables(explanation, "inputs")))
    definition = _definition(table(explanation, "definition"))
    expected = expected_of_key_result(definition, _period(explanation), _phased(explanation))
    return _rolled_up(explanation, result, expected)


def _rolled_up(explanation: dict[str, Json], result: Result, expected: Decimal) -> Recomputed:
    again = _recomputed(explanation, None, result.progress, result.measured, expected)
    return replace(again, computed=plain(result.computed), no_inputs=result.no_inputs)


def _recomputed(
    explanation: dict[str, Json], raw: Decimal | None, progress: Decimal, measured: Decimal, expected: Decimal
) -> Recomputed:
    word = status(
        raw=raw,
        progress=progress,
        measured=measured,
        expected=expected,
        ambition=one_of(explanation, "ambition", _AMBITIONS),
        thresholds=_thresholds(table(explanation, "thresholds")),
    )
    return Recomputed(None if raw is None else plain(raw), plain(progress), plain(measured), plain(expected), word)


def _rule(explanation: dict[str, Json]) -> RollUp:
    """The roll-up of an objective; a key result that has inputs is fed by children and names no rule."""
    if one_of(explanation, "kind", _NODES) == "key_result":
        return "children"
    return one_of(explanation, "roll_up", _ROLL_UPS)


def _input(given: dict[str, Json]) -> Input:
    weight, share = decimal(given, "weight"), decimal(given, "share")
    if weight < 0 or not 0 < share <= 1:
        raise ExplanationUnreadable("a weight is 0 or more, a share more than 0 and at most 1")
    return Input(
        one_of(given, "kind", _NODES),
        text(given, "id"),
        decimal(given, "progress"),
        decimal(given, "measured"),
        weight,
        share,
        _stated_reason(given),
    )


def _stated_reason(given: dict[str, Json]) -> WhyNot | None:
    if member(given, "why_not") is None:
        return None
    reason: WhyNot = one_of(given, "why_not", _REASONS)
    # Judged again from the rule and the weight: an explanation cannot leave an input out by saying so.
    return None if reason in ("not_in_roll_up", "weight_zero") else reason


def _definition(given: dict[str, Json]) -> Definition:
    return Definition(
        one_of(given, "kind", _KINDS),
        baseline=optional_decimal(given, "baseline"),
        target=optional_decimal(given, "target"),
        floor=optional_decimal(given, "floor"),
        ceiling=optional_decimal(given, "ceiling"),
        low=optional_decimal(given, "low"),
        high=optional_decimal(given, "high"),
    )


def _value(in_force: dict[str, Json]) -> Value:
    value = member(in_force, "value")
    return value if isinstance(value, bool) else decimal(in_force, "value")


def _period(explanation: dict[str, Json]) -> Period:
    given = table(explanation, "period")
    return Period(day(given, "on"), day(given, "starts_on"), day(given, "ends_on"))


def _phased(explanation: dict[str, Json]) -> list[PhasedTarget]:
    return [PhasedTarget(day(step, "on"), decimal(step, "value")) for step in tables(explanation, "phased_targets")]


def _thresholds(given: dict[str, Json]) -> Thresholds:
    return Thresholds(
        aspirational_on_track=decimal(given, "aspirational_on_track"),
        aspirational_at_risk=decimal(given, "aspirational_at_risk"),
        committed_on_track=decimal(given, "committed_on_track"),
        committed_at_risk=decimal(given, "committed_at_risk"),
        stale_after_days=whole(given, "stale_after_days"),
    )
