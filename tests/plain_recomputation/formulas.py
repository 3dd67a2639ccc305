"""How far a value is, for each kind of key result."""

from fractions import Fraction

from tests.plain_recomputation.event import Json, number, number_of, word

NOTHING = Fraction(0)
ALL = Fraction(1)


def raw_progress(definition: Json, value: Fraction | bool) -> Fraction:
    """The raw progress of *value* under *definition*: exact, not clamped, not rounded."""
    kind = word(definition, "kind")
    if kind == "achieve":
        return ALL if value else NOTHING
    v = Fraction(value)
    if kind == "increase":
        b, t = number_of(definition, "baseline"), number_of(definition, "target")
        return (v - b) / (t - b)
    if kind == "reduce":
        b, t = number_of(definition, "baseline"), number_of(definition, "target")
        return (b - v) / (b - t)
    if kind == "stay_above":
        return _above(v, number_of(definition, "target"), number(definition, "floor"))
    if kind == "stay_below":
        return _below(v, number_of(definition, "target"), number(definition, "ceiling"))
    if kind == "stay_within":
        low, high = number_of(definition, "low"), number_of(definition, "high")
        # Inside, both are 1; outside, one of them is the share that is left.
        return min(_above(v, low, number(definition, "floor")), _below(v, high, number(definition, "ceiling")))
    raise ValueError(f"no such kind: {kind}")


def _above(v: Fraction, limit: Fraction, floor: Fraction | None) -> Fraction:
    if v >= limit:
        return ALL
    return NOTHING if floor is None else max((v - floor) / (limit - floor), NOTHING)


def _below(v: Fraction, limit: Fraction, ceiling: Fraction | None) -> Fraction:
    if v <= limit:
        return ALL
    return NOTHING if ceiling is None else max((ceiling - v) / (ceiling - limit), NOTHING)
