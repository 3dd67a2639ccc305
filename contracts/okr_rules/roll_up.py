"""
The progress of an objective, or of a key result fed by objectives, from its inputs' reported numbers (rule roll_up/1).

Each node adds the numbers that its inputs show, not what lies behind them: what you see is what is added. Inputs and
results are NamedTuples because a projector makes them by the ten thousand per second, and a frozen dataclass takes
three times as long to make. docs/rules/roll-up.md has the rules with examples.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias

from okr_rules.exact import ONE, ZERO, add, multiply, multiply_add, quotient, rounded, subtract

NodeKind: TypeAlias = Literal["key_result", "objective"]

RollUp: TypeAlias = Literal["key_results", "children", "both"]
"""What an objective takes the mean of. A key result with source ``children`` has the rule ``children``."""

WhyNot: TypeAlias = Literal[
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
]
"""
Why an input is shown and not counted, a stable code.

``supports``: its link does not contribute. ``abandoned``, ``dropped``, ``carried_over``: it, or what it belongs to,
ended. ``declined``, ``not_accepted``: its link was refused, or still waits where acceptance is asked for.
``cycle_not_open``: its own cycle has not opened. ``no_inputs``: nothing counts below it. ``not_in_roll_up``: the
parent's rule leaves inputs of this kind out. ``weight_zero``: its weight is 0. The first eight are the caller's to
state, the last two are found by ``why_not``.
"""


_TAKES: Final[Mapping[RollUp, tuple[NodeKind, ...]]] = {
    "key_results": ("key_result",),
    "children": ("objective",),
    "both": ("key_result", "objective"),
}


class NothingToWeigh(ArithmeticError):
    """A mean of nothing, or of weights that add up to 0."""


class OverrideOutOfRange(ValueError):
    """An override is a number from 0 to 1."""


class Input(NamedTuple):
    """One input of a node, with the numbers that it reports itself."""

    kind: NodeKind
    id: str
    progress: Decimal
    measured: Decimal
    weight: Decimal = ONE
    """The key result's weight, or the weight of the child's link: 0 or more."""
    share: Decimal = ONE
    """The part of the child that this parent claims, in (0, 1]; 1 for a key result of the objective itself."""
    why_not: WhyNot | None = None
    """Why it does not count, as far as the caller knows; None leaves it to the parent's rule and the weight."""


class Result(NamedTuple):
    """Where a node with inputs stands; decimals of 6 places."""

    progress: Decimal
    """What is shown and what counts above, in [0, 1]: the override where there is one, else ``computed``."""
    measured: Decimal
    """How much of it rests on values: the weighted mean of the inputs' own, 1 under an override."""
    computed: Decimal
    """The weighted mean of the inputs' progress, also under an override; 0 when nothing counts."""
    no_inputs: bool
    """Nothing counts here and nothing overrides it: the node leaves its parent's mean, for the reason ``no_inputs``."""


# Half of what Result(…) costs.
_new: Final = tuple[object, ...].__new__
NO_INPUTS: Final = Result(ZERO, ZERO, ZERO, True)


def weighted_mean(terms: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """
    The mean of *terms*, pairs of weight and number: the exact sums divided once and rounded once, to 6 places.

    Weights are 0 or more. Raises NothingToWeigh if they add up to 0.
    """
    total = numerator = ZERO
    for weight, number in terms:
        total = add(total, weight)
        numerator = multiply_add(weight, number, numerator)
    if not total:
        raise NothingToWeigh("nothing counts, so that there is no mean: see no_inputs")
    return quotient(numerator, total)


def why_not(rule: RollUp, given: Input) -> WhyNot | None:
    """Why *given* does not count under a parent with *rule*; None when it counts."""
    if given.why_not is not None:
        return given.why_not
    if not takes(rule, given.kind):
        return "not_in_roll_up"
    return None if given.weight else "weight_zero"


def takes(rule: RollUp, kind: NodeKind) -> bool:
    """Whether a node with *rule* takes the mean of inputs of *kind*."""
    return kind in _TAKES[rule]


@dataclass(slots=True)
class Term:
    """What an input that counts brings into the mean of its parent, as it is now."""

    weight: Decimal
    """Its weight times its share, more than 0."""
    progress: Decimal
    measured: Decimal


def term(rule: RollUp, given: Input) -> Term | None:
    """What *given* brings into the mean of a parent with *rule*; None where it does not count."""
    if why_not(rule, given) is not None:
        return None
    return Term(multiply(given.weight, given.share), given.progress, given.measured)


class Sums:
    """
    The sums behind the mean of one node, exact, while terms come, change and go.

    A change costs the same however many terms there are, and nothing is rounded before `result` divides: it equals the
    mean of the terms that are there, digit for digit, whatever was there before.
    """

    __slots__ = ("_divided", "_measured", "_progress", "_total")

    def __init__(self) -> None:
        self._total = self._progress = self._measured = ZERO
        # The mean of what is measured, until that or the weights change: most changes are of progress alone.
        self._divided: Decimal | None = None

    def add(self, new: Term) -> None:
        """One more term."""
        self._divided = None
        self._total = add(self._total, new.weight)
        self._progress = multiply_add(new.weight, new.progress, self._progress)
        self._measured = multiply_add(new.weight, new.measured, self._measured)

    def remove(self, old: Term) -> None:
        """One term less; it was added before."""
        self._divided = None
        self._total = subtract(self._total, old.weight)
        self._progress = subtract(self._progress, multiply(old.weight, old.progress))
        self._measured = subtract(self._measured, multiply(old.weight, old.measured))

    def change(self, there: Term, progress: Decimal, measured: Decimal) -> None:
        """Other numbers in a term that is there, with the same weight: *there* is changed, too."""
        self._progress = multiply_add(there.weight, subtract(progress, there.progress), self._progress)
        there.progress = progress
        # Mostly the very same object.
        if measured is not there.measured and measured != there.measured:
            self._divided = None
            self._measured = multiply_add(there.weight, subtract(measured, there.measured), self._measured)
            there.measured = measured

    def result(self, override: Decimal | None = None) -> Result:
        """Where the node stands, under *override* if there is one. Raises OverrideOutOfRange."""
        total = self._total
        computed = quotient(self._progress, total) if total else ZERO
        if override is not None:
            if not 0 <= override <= 1:
                raise OverrideOutOfRange(f"an override is a number from 0 to 1, not {override}")
            return Result(rounded(override), ONE, computed, False)
        if not total:
            return NO_INPUTS
        if self._divided is None:
            self._divided = quotient(self._measured, total)
        return _new(Result, (computed, self._divided, computed, False))


def roll_up(rule: RollUp, inputs: Iterable[Input], override: Decimal | None = None) -> Result:
    """
    The progress of a node with *rule* from all its *inputs*, those that do not count included.

    *override*, from 0 to 1, replaces the number and stands beside the computed one. Raises OverrideOutOfRange.
    """
    sums = Sums()
    for given in inputs:
        if (counted := term(rule, given)) is not None:
            sums.add(counted)
    return sums.result(override)
