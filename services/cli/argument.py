"""
An explanation as an argument that one can read: what a number is, what it was made of, and which events say so.

Pure: from the JSON of an explanation (docs/rules/explanation.md) to lines of text.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, cast

JsonObject = Mapping[str, object]

_STAYS: Final = frozenset({"stay_above", "stay_below", "stay_within"})


def argument(explanation: JsonObject) -> list[str]:
    """The lines of one level: the number, its inputs or its check-in, and the status that follows."""
    with_inputs = explanation.get("inputs") is not None
    lines = list(_rolled_up(explanation)) if with_inputs else [_measured(explanation)]
    return [*lines, _pace(explanation)]


def _measured(explanation: JsonObject) -> str:
    progress = _short(explanation["progress"])
    if explanation.get("redacted"):
        return f"{progress}, restricted: how it came about is not shown"
    definition = cast("JsonObject", explanation["definition"])
    value = cast("JsonObject | None", explanation["value"])
    defined = f"defined in event {definition['sequence']}"
    if value is None:
        return f"{progress}, for no check-in has a value yet; {defined}"
    said = f"from the check-in of {value['effective_on']} (event {value['first_sequence']}"
    said += f", corrected in event {value['sequence']})" if value["sequence"] != value["first_sequence"] else ")"
    formula = _formula(definition, value["value"])
    raw = explanation["raw"]
    clamped = "" if raw is None or _number(raw) == _number(explanation["progress"]) else f" = {_short(raw)}, counted as"
    counted = f"{progress} = {formula}" if not clamped else f"{formula}{clamped} {progress}"
    return f"{counted}, {said}; {defined}"


def _formula(definition: JsonObject, value: object) -> str:
    kind = definition["kind"]
    if kind == "achieve":
        return "achieved" if value is True else "not achieved"
    if kind in _STAYS:
        names = ("low", "high", "floor", "target", "ceiling")
        limits = ", ".join(f"{name} {_short(definition[name])}" for name in names if definition[name] is not None)
        return f"{_short(value)} against {limits}"
    reported, baseline, target = (_short(each) for each in (value, definition["baseline"], definition["target"]))
    if kind == "reduce":
        return f"({baseline} − {reported}) ÷ ({baseline} − {target})"
    return f"({reported} − {baseline}) ÷ ({target} − {baseline})"


def _rolled_up(explanation: JsonObject) -> Iterator[str]:
    inputs = cast("Sequence[JsonObject]", explanation["inputs"])
    counting = [each for each in inputs if each["counts"]]
    override = cast("JsonObject | None", explanation.get("override"))
    mean = _mean(counting, explanation["computed"])
    if override is not None:
        yield f"{_short(explanation['progress'])}, an override (event {override['sequence']}); computed: {mean}"
    else:
        yield mean
    for each in inputs:
        numbers = f"{_short(each['progress']):>8}  {each['kind']} {each['id']}"
        if _weight(each) != 1:
            numbers += f", weight {_short(each['weight'])} × share {_short(each['share'])}"
        apart = "" if each["counts"] else f", not counted: {str(each['why_not']).replace('_', ' ')}"
        yield f"  {numbers}{apart}, from {_events(cast('Sequence[int]', each['sequences']))}"


def _mean(counting: Sequence[JsonObject], computed: object) -> str:
    if not counting:
        return f"{_short(computed)}, for nothing counts here"
    summands = " + ".join(f"{_plain(_weight(each))} × {_short(each['progress'])}" for each in counting)
    total = sum((_weight(each) for each in counting), Decimal(0))
    return f"{_short(computed)} = ({summands}) ÷ {_plain(total)}"


def _pace(explanation: JsonObject) -> str:
    period = cast("JsonObject", explanation["period"])
    status = str(explanation["status"]).replace("_", " ")
    expected = f"{_short(explanation['expected'])} expected by {period['on']}"
    days = f"{period['starts_on']} to {period['ends_on']}{', in phases' if explanation.get('phased_targets') else ''}"
    return f"{status}: {expected} ({days}), measured {_short(explanation['measured'])}, {explanation['ambition']}"


def _weight(each: JsonObject) -> Decimal:
    return _number(each["weight"]) * _number(each["share"])


def _events(sequences: Sequence[int]) -> str:
    if not sequences:
        return "no event"
    return f"event{'s' if len(sequences) > 1 else ''} {', '.join(map(str, sequences))}"


def _number(text: object) -> Decimal:
    return Decimal(str(text))


def _short(value: object) -> str:
    """A decimal without the zeros at its end."""
    return value if isinstance(value, str) and not value else _plain(_number(value))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
