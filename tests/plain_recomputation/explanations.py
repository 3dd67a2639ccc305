"""
Every number of an explanation computed again from the JSON of one answer, by no code but this file.

It reads the answer of ``GET …/progress?explain=true`` or ``?explain=all``, was written from the pages in docs/rules
alone, and imports the standard library alone, not even its neighbours here: it agrees only where page and answer agree.
``python explanations.py < answer.json`` says what does not follow, and ends with 1 if anything does not.

Taken as it stands, because one answer does not hold it: which value and which definition are in force, days, ambition
and thresholds, and why an input is left out that neither rule nor weight leaves out. Where levels say such a thing
twice, they say the same. The events that are cited for it are in the ledger. ``stale`` is a flag, no number: what a key
result with check-ins has it from is not in its explanation. Of a redacted node only what is left of it is judged.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from typing import Final, cast

Json = Mapping[str, object]
Key = tuple[str, str]

RULE_VERSION: Final = 1
_SHOWN: Final = ("progress", "measured", "expected")
_TAKES: Final[Mapping[str, Sequence[str]]] = {
    "key_results": ("key_result",),
    "children": ("objective",),
    "both": ("key_result", "objective"),
}
# What the ledger knows of an input; that the rule leaves it out or that it weighs nothing is found here.
_STATED: Final = frozenset(
    [
        "supports",
        "abandoned",
        "dropped",
        "carried_over",
        "declined",
        "not_accepted",
        "cycle_not_open",
        "no_inputs",
    ]
)


class Unreadable(ValueError):
    """A field is missing, or is not what the page says that it is."""


def read(answer: bytes) -> Json:
    """An answer as JSON; a number that is no whole one stays exact, and is none that an explanation may have."""
    return cast("Json", json.loads(answer, parse_float=Decimal, parse_constant=Decimal))


def levels(answer: Json) -> list[Json]:
    """The explanations in an answer: one, or with ``explain=all`` that of every node below it too, parents first."""
    if "explanations" in answer:
        return [cast("Json", each) for each in cast("Sequence[object]", answer["explanations"])]
    return [cast("Json", answer["explanation"])] if "explanation" in answer else []


def differences(answer: Json, on: date | None = None, known_at: int | None = None) -> list[str]:
    """
    All that does not follow from what *answer* itself says, in words; empty when everything does.

    *on* and *known_at* are what was asked for, if known: no explanation is of another day or cites a later event.
    """
    explained = levels(answer)
    if not explained:
        return ["nothing is explained"]
    found = [f"{_name(level)}: {each}" for level in explained for each in _readable(_of_level(level, on, known_at))]
    found += (f"the answer: {each}" for each in _readable(_of_head(answer, explained[0])))
    if "explanations" in answer:
        found += _readable(_between(explained))
    return found


def _readable(found: Iterator[str]) -> Iterator[str]:
    """What was found, up to what cannot be read."""
    try:
        yield from found
    except KeyError as missing:
        yield f"{missing} is missing"
    except (Unreadable, ZeroDivisionError) as unreadable:
        yield f"cannot be computed again: {unreadable}"


def _of_level(level: Json, on: date | None, known_at: int | None) -> Iterator[str]:
    if level["rule_version"] != RULE_VERSION:
        yield f"rule version {level['rule_version']}, known is {RULE_VERSION}"
        return
    yield from _of_moment(level, on, known_at)
    yield from _of_inputs(level)
    again = _left_of_redacted(level) if _redacted(level) else _again(level)
    for name, number in again.items():
        if level[name] != number or isinstance(level[name], bool) != isinstance(number, bool):
            yield f"{name} is {level[name]}, computed again {number}"


def _again(level: Json) -> dict[str, object]:
    """What the members of a level have to be."""
    objective, inputs = level["kind"] == "objective", _inputs(level)
    if inputs is None:
        raw = _raw(_part(level, "definition"), _optional_part(level, "value"))
        progress = Fraction(0) if raw is None else _clamped(raw)
        measured = Fraction(0 if raw is None else 1)
        again: dict[str, object] = {}
    else:
        counted = [given for given in inputs if _why_not(level, given) is None]
        raw, computed, measured = None, _mean(counted, "progress"), _mean(counted, "measured")
        override = _optional_part(level, "override") if objective else None
        progress = computed
        if override is not None:
            progress, measured = _rounded(_between_0_and_1(override, "progress")), Fraction(1)
        again = {"computed": _written(computed), "no_inputs": not counted and override is None}
    expected = _expected_of_objective(level) if objective else _expected_of_key_result(level)
    return again | {
        "raw": None if raw is None else _written(raw),
        "progress": _written(progress),
        "measured": _written(measured),
        "expected": _written(expected),
        "status": _status(level, raw, progress, measured, expected),
    }


def _left_of_redacted(level: Json) -> dict[str, object]:
    """The same of a node that the reader may not read: no definition, value or override is told, nor raw."""
    again: dict[str, object] = {name: None for name in ("definition", "value", "override", "raw") if name in level}
    progress, measured, expected = (_between_0_and_1(level, name) for name in _SHOWN)
    inputs = _inputs(level)
    if inputs is not None:
        counted = [given for given in inputs if _why_not(level, given) is None]
        again["computed"] = _written(_mean(counted, "progress"))
        if measured != 1:
            # No override, which would be measured whole.
            again |= {
                "no_inputs": not counted,
                "progress": again["computed"],
                "measured": _written(_mean(counted, "measured")),
            }
        if level["kind"] == "objective":
            again["expected"] = _written(_expected_of_objective(level))
    if measured == 0 or expected >= Fraction("0.1"):
        # Else a step back, which raw would tell, decides.
        again["status"] = _status(level, None, progress, measured, expected)
    return again


def _raw(definition: Json, in_force: Json | None) -> Fraction | None:
    """docs/rules/progress.md, rounded; None without a value."""
    if in_force is None:
        return None
    kind, value = definition["kind"], in_force["value"]
    if isinstance(value, bool) != (kind == "achieve"):
        raise Unreadable(f"{value} is no value of {kind}")
    if kind == "achieve":
        return Fraction(1 if value else 0)
    v = _number(in_force, "value")
    match kind:
        case "increase":
            b, t = _number(definition, "baseline"), _number(definition, "target")
            return _rounded((v - b) / (t - b))
        case "reduce":
            b, t = _number(definition, "baseline"), _number(definition, "target")
            return _rounded((b - v) / (b - t))
        case "stay_above":
            return _above(v, _number(definition, "target"), _optional_number(definition, "floor"))
        case "stay_below":
            return _below(v, _number(definition, "target"), _optional_number(definition, "ceiling"))
        case "stay_within":
            low, high = _number(definition, "low"), _number(definition, "high")
            if v < low:
                return _above(v, low, _optional_number(definition, "floor"))
            return _below(v, high, _optional_number(definition, "ceiling"))
        case _:
            raise Unreadable(f"no such kind: {kind}")


def _above(v: Fraction, limit: Fraction, floor: Fraction | None) -> Fraction:
    if v >= limit:
        return Fraction(1)
    return Fraction(0) if floor is None else _rounded(max((v - floor) / (limit - floor), Fraction(0)))


def _below(v: Fraction, limit: Fraction, ceiling: Fraction | None) -> Fraction:
    if v <= limit:
        return Fraction(1)
    return Fraction(0) if ceiling is None else _rounded(max((ceiling - v) / (ceiling - limit), Fraction(0)))


def _why_not(level: Json, given: Json) -> str | None:
    """docs/rules/roll-up.md: why an input does not count; what the rule and the weight say is judged here."""
    stated = given["why_not"]
    if stated in _STATED:
        return str(stated)
    if given["kind"] not in _TAKES[_rule(level)]:
        return "not_in_roll_up"
    return None if _number(given, "weight") else "weight_zero"


def _inputs(level: Json) -> list[Json] | None:
    """None for a key result with check-ins."""
    if level["kind"] == "objective" or level["source"] == "children":
        _rule(level)
        return _parts(level, "inputs")
    if level["source"] != "check_ins" and not _redacted(level):
        raise Unreadable(f"no such source: {level['source']}")
    # Of a redacted key result only this tells what its source is.
    return _parts(level, "inputs") if "inputs" in level and _redacted(level) else None


def _rule(level: Json) -> str:
    rule = "children" if level["kind"] == "key_result" else str(level["roll_up"])
    if rule not in _TAKES:
        raise Unreadable(f"no such roll-up: {rule}")
    return rule


def _mean(counted: Sequence[Json], name: str) -> Fraction:
    """The weighted mean of a number of the inputs that count, rounded once; 0 where nothing does."""
    weights = [_number(given, "weight") * _number(given, "share") for given in counted]
    if not weights:
        return Fraction(0)
    numbers = [_number(given, name) for given in counted]
    total = sum((weight * number for weight, number in zip(weights, numbers, strict=True)), Fraction(0))
    return _rounded(total / sum(weights, Fraction(0)))


def _expected_of_objective(level: Json) -> Fraction:
    counted = [given for given in _inputs(level) or () if _why_not(level, given) is None]
    return _mean(counted, "expected") if counted else _rounded(_straight_line(*_period(level)))


def _expected_of_key_result(level: Json) -> Fraction:
    """docs/rules/pace.md."""
    on, start, end = _period(level)
    definition = _part(level, "definition")
    kind = definition["kind"]
    if kind in ("stay_above", "stay_below", "stay_within"):
        return Fraction(1)
    if kind == "achieve":
        return Fraction(1 if on >= end else 0)
    steps = {_day(step, "on"): _number(step, "value") for step in _parts(level, "phased_targets")}
    if not steps or start > end:
        return _rounded(_straight_line(on, start, end))
    baseline, target = _number(definition, "baseline"), _number(definition, "target")
    # The day before the start is day 0.
    line = {0: baseline, (end - start).days + 1: target}
    line |= {(day - start).days + 1: value for day, value in steps.items() if start <= day <= end}
    value = _on_line(line, max((min(on, end) - start).days + 1, 0))
    return _rounded(_clamped((value - baseline) / (target - baseline)))


def _on_line(line: Mapping[int, Fraction], day: int) -> Fraction:
    for (before, low), (after, high) in pairwise(sorted(line.items())):
        if before <= day <= after:
            return low + (high - low) * Fraction(day - before, after - before)
    raise Unreadable(f"day {day} is on no line")


def _straight_line(on: date, start: date, end: date) -> Fraction:
    if on < start or on >= end:
        return Fraction(1 if on >= end else 0)
    return _clamped(Fraction((on - start).days + 1, (end - start).days + 1))


def _status(level: Json, raw: Fraction | None, progress: Fraction, measured: Fraction, expected: Fraction) -> str:
    """docs/rules/status.md."""
    thresholds, ambition = _part(level, "thresholds"), level["ambition"]
    if ambition not in ("aspirational", "committed"):
        raise Unreadable(f"no such ambition: {ambition}")
    if measured == 0:
        return "not_measured"
    if expected < Fraction("0.1"):
        return "off_track" if raw is not None and raw < 0 else "on_track"
    ratio = progress / expected
    if ratio >= _number(thresholds, f"{ambition}_on_track"):
        return "on_track"
    return "at_risk" if ratio >= _number(thresholds, f"{ambition}_at_risk") else "off_track"


def _of_moment(level: Json, on: date | None, known_at: int | None) -> Iterator[str]:
    """That everything is of the day asked about, known then, and cited."""
    about, _, _ = _period(level)
    if on is not None and about != on:
        yield f"on {about}, asked about {on}"
    for name in ("definition", "value"):
        held = _optional_part(level, name) if name in level else None
        if held is not None and _day(held, "effective_on") > about:
            yield f"the {name} is of {held['effective_on']}, after {about}"
    sequences, cited = _sequences(level), _cited(level)
    if known_at is not None and any(sequence > known_at for sequence in sequences):
        yield f"sequences {sequences} reach beyond {known_at}"
    # Of an objective the event that says its rule is cited too, which nothing else names.
    unnamed = 1 if level["kind"] == "objective" and not _redacted(level) else 0
    if _redacted(level):
        cited, unnamed = cited & set(sequences), len(sequences)
    if not cited <= set(sequences) or len(set(sequences) - cited) > unnamed:
        yield f"sequences are {sequences}, what is shown cites {sorted(cited)}"


def _of_inputs(level: Json) -> Iterator[str]:
    """That every input says rightly whether it counts, and lies within its bounds."""
    for place, given in enumerate(_inputs(level) or ()):
        reason = _why_not(level, given)
        if given["why_not"] != reason or given["counts"] is not (reason is None):
            yield f"inputs/{place}/why_not is {given['why_not']}, computed again {reason}"
        for name in _SHOWN:
            _between_0_and_1(given, name)
        share = _number(given, "share")
        if _number(given, "weight") < 0 or not 0 < share <= 1 or (given["kind"] == "key_result" and share != 1):
            yield f"inputs/{place} has weight {given['weight']} and share {given['share']}"


def _of_head(answer: Json, top: Json) -> Iterator[str]:
    """That the numbers beside an explanation are the explained ones."""
    for name in ("kind", "id", "raw", "status", *_SHOWN):
        if answer[name] != top[name]:
            yield f"{name} is {answer[name]}, explained is {top[name]}"
    if answer["no_inputs"] is not top.get("no_inputs", False):
        yield f"no_inputs is {answer['no_inputs']}"
    if _inputs(top) is not None and answer["stale"]:
        yield "stale is true of a node that has no check-ins"


def _between(explained: Sequence[Json]) -> Iterator[str]:
    """That every number of an input is that of its own level, further below in the same answer."""
    place = {_key(level): number for number, level in enumerate(explained)}
    if len(place) != len(explained):
        yield "a level is there twice"
    entered: set[Key] = {_key(explained[0])}
    for number, level in enumerate(explained):
        if _period(level)[0] != _period(explained[0])[0]:
            yield f"{_name(level)}: another day than {_name(explained[0])}"
        for given in _inputs(level) or ():
            entered.add(_key(given))
            if place.get(_key(given), 0) <= number:
                yield f"{_name(level)}: its input {_name(given)} has no level below it"
                continue
            yield from (
                f"{_name(level)}: of its input {_name(given)} {each}"
                for each in _of_edge(level, given, explained[place[_key(given)]])
            )
    for level in explained:
        # What is aligned with a key result that takes check-ins is shown, and is nobody's input.
        if level["kind"] == "key_result" and _key(level) not in entered:
            yield f"{_name(level)}: is nobody's input"


def _of_edge(level: Json, given: Json, below: Json) -> Iterator[str]:
    for name in _SHOWN:
        if given[name] != below[name]:
            yield f"{name} is {given[name]}, on its own level {below[name]}"
    empty = below.get("no_inputs", False)
    # Reasons before that one in the order of the page say nothing of it.
    if given["why_not"] in (None, "no_inputs", "not_in_roll_up", "weight_zero") and (
        empty is not (given["why_not"] == "no_inputs")
    ):
        yield f"why_not is {given['why_not']}, on its own level no_inputs {empty}"
    further = {sequence for each in _inputs(below) or () for sequence in _sequences(each)}
    own = {sequence for sequence in _sequences(below) if sequence not in further}
    if not own <= set(_sequences(given)):
        yield f"sequences are {_sequences(given)}, its own level rests on {sorted(own)}"
    if given["kind"] == "key_result":
        for name in ("ambition", "thresholds"):
            if below[name] != level[name]:
                yield f"{name} is {level[name]}, on its own level {below[name]}"
        if _period(below)[2] != _period(level)[2]:
            yield f"the cycle ends on {_period(level)[2]}, on its own level on {_period(below)[2]}"


def _cited(level: Json) -> set[int]:
    held = [_optional_part(level, name) for name in ("definition", "value", "override") if name in level]
    cited = {_whole(each, "sequence") for each in held if each is not None}
    cited |= {_whole(each, "first_sequence") for each in held if each is not None and "first_sequence" in each}
    for given in _inputs(level) or ():
        cited.update(_sequences(given))
    return cited


def _sequences(given: Json) -> list[int]:
    found = given["sequences"]
    if not isinstance(found, list):
        raise Unreadable("sequences is no list")
    numbers = [each for each in cast("list[object]", found) if isinstance(each, int) and each > 0]
    if sorted(set(numbers)) != found:
        raise Unreadable(f"sequences {found} are not whole numbers in order")
    return numbers


def _redacted(given: Json) -> bool:
    return given.get("redacted") is True


def _key(given: Json) -> Key:
    return str(given["kind"]), str(given["id"])


def _name(given: Json) -> str:
    return f"{given.get('kind')} {given.get('id')}"


def _period(level: Json) -> tuple[date, date, date]:
    """The day asked about, the first day and the last."""
    period = _part(level, "period")
    return _day(period, "on"), _day(period, "starts_on"), _day(period, "ends_on")


def _part(given: Json, name: str) -> Json:
    found = given[name]
    if not isinstance(found, Mapping):
        raise Unreadable(f"{name} is no object")
    return cast("Json", found)


def _optional_part(given: Json, name: str) -> Json | None:
    return None if given[name] is None else _part(given, name)


def _parts(given: Json, name: str) -> list[Json]:
    found = given[name]
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in cast("list[object]", found)):
        raise Unreadable(f"{name} is no list of objects")
    return cast("list[Json]", found)


def _whole(given: Json, name: str) -> int:
    found = given[name]
    if not isinstance(found, int) or isinstance(found, bool):
        raise Unreadable(f"{name} is no whole number")
    return found


def _day(given: Json, name: str) -> date:
    try:
        day = date.fromisoformat(str(given[name]))
    except ValueError as no_day:
        raise Unreadable(f"{name} is no day: {given[name]}") from no_day
    if day.isoformat() != given[name]:
        raise Unreadable(f"{name} is no day: {given[name]}")
    return day


def _number(given: Json, name: str) -> Fraction:
    """A decimal, which is a string in plain notation, exactly."""
    found = given[name]
    try:
        number = Decimal(found) if isinstance(found, str) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or format(number, "f") != found:
        raise Unreadable(f"{name} is no decimal: {found!r}")
    return Fraction(number)


def _optional_number(given: Json, name: str) -> Fraction | None:
    return None if given[name] is None else _number(given, name)


def _between_0_and_1(given: Json, name: str) -> Fraction:
    number = _number(given, name)
    if not 0 <= number <= 1:
        raise Unreadable(f"{name} is {given[name]}, which is not from 0 to 1")
    return number


def _clamped(number: Fraction) -> Fraction:
    return min(max(number, Fraction(0)), Fraction(1))


def _rounded(number: Fraction) -> Fraction:
    """To 6 places, half to even: the one rounding that docs/rules/README.md has, once for each number of a node."""
    return round(number, 6)


def _written(number: Fraction) -> str:
    """A rounded number as an explanation writes it: 6 places, and zero without a sign."""
    return f"{Decimal(f'{round(number * 10**6)}E-6'):f}"


if __name__ == "__main__":
    said = differences(read(sys.stdin.buffer.read()))
    print("\n".join(said) or "everything follows")
    sys.exit(bool(said))
