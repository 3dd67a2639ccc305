"""
Exact decimal arithmetic with one rounding at the end: half-even, to 6 places (rule progress/1).

Sums and products are exact or raise; only ``quotient`` and ``rounded`` round. The usual decimal context (28 digits,
silently rounding) is never used, so that no caller's context can change a figure.
"""

from decimal import ROUND_05UP, ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from typing import Final

ZERO: Final = Decimal("0.000000")
ONE: Final = Decimal("1.000000")

_PLACES: Final = Decimal("0.000001")

# The widest product of three fields of the ledger (weight × share × progress) has 76 digits; the rest is room for sums.
_EXACT: Final = Context(prec=150, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, Inexact])

# ROUND_05UP leaves a last digit that can never be mistaken for a tie, so that rounding its result again, to fewer
# digits, equals rounding the exact quotient once. Any other rounding here would be a double rounding.
_STICKY: Final = Context(prec=100, rounding=ROUND_05UP, traps=[InvalidOperation, DivisionByZero])

# Narrower than _STICKY on purpose: a quotient too long for its last digit to lie behind the sixth place raises.
_ROUND: Final = Context(prec=90, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])

# The same for what is shorter, as nearly everything is, in less than half of the time: at most 27 digits of 36.
_STICKY_SHORT: Final = Context(prec=36, rounding=ROUND_05UP, traps=[InvalidOperation, DivisionByZero])
_ROUND_SHORT: Final = Context(prec=27, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])

add = _EXACT.add
subtract = _EXACT.subtract
multiply = _EXACT.multiply
multiply_add = _EXACT.fma
"""Exact a + b, a - b, a × b and a × b + c; each raises ``decimal.Inexact`` beyond 150 digits rather than round."""


def quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    """
    *numerator* ÷ *denominator*, rounded once, half-even, to 6 places; never a negative zero.

    Raises ``decimal.DivisionByZero`` or ``decimal.InvalidOperation`` for a denominator of 0, and the latter for a
    result of more than 84 digits before the point.
    """
    try:
        return _ROUND_SHORT.quantize(_STICKY_SHORT.divide(numerator, denominator), _PLACES) or ZERO
    except InvalidOperation:
        return _ROUND.quantize(_STICKY.divide(numerator, denominator), _PLACES) or ZERO


def rounded(number: Decimal) -> Decimal:
    """*number* rounded half-even to 6 places; never a negative zero."""
    return _ROUND.quantize(number, _PLACES) or ZERO


def plain(number: Decimal) -> str:
    """*number* without an exponent, as it travels in JSON: ``Decimal("6.60E+1")`` is ``"66.0"``."""
    return format(number, "f")
