from decimal import Decimal, DivisionByZero, Inexact, InvalidOperation, getcontext
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okr_rules import plain, quotient, rounded
from okr_rules.exact import add
from tests.unit.rules.given_numbers import decimals, in_six_places

D = Decimal


@given(decimals(), decimals().filter(bool))
def test_a_quotient_is_the_exact_one_rounded_once(numerator: Decimal, denominator: Decimal):
    assert quotient(numerator, denominator) == in_six_places(Fraction(numerator) / Fraction(denominator))


# Beyond 27 digits a quotient takes the longer way.
@given(st.integers(-(10**9), 10**9) | st.integers(10**30, 10**60), st.integers(1, 10**140))
@example(10**40, 10**140)
@example(0, 10**140)
@example(-1, 10**140)
@example(1, 10**140)
def test_a_quotient_next_to_a_tie_falls_on_its_own_side(half: int, far: int):
    tie = Fraction(2 * half + 1, 2 * 10**6)
    for hair in (Fraction(0), Fraction(1, 10**6 * far), Fraction(-1, 10**6 * far)):
        exact = tie + hair
        assert quotient(D(exact.numerator), D(exact.denominator)) == in_six_places(exact)


# Quotients with few digits take another way than those with many.
_FEW_AND_MANY = pytest.mark.parametrize("whole", [D(0), D(10**10), D(10**40)], ids=["none", "few", "many"])


@_FEW_AND_MANY
def test_a_tie_goes_to_its_even_neighbour_however_many_digits_there_are(whole: Decimal):
    assert quotient(add(whole, D("0.0000005")), D(1)) == whole
    assert quotient(add(whole, D("0.0000015")), D(1)) == add(whole, D("0.000002"))
    assert rounded(add(whole, D("0.0000005"))) == whole


@_FEW_AND_MANY
def test_a_hair_beyond_a_tie_is_never_rounded_away_first(whole: Decimal):
    above, below = add(whole, D("0.00000050000000000000000001")), add(whole, D("0.00000149999999999999999999"))
    assert quotient(above, D(1)) == quotient(below, D(1)) == add(whole, D("0.000001"))


def test_a_zero_has_no_sign():
    assert str(quotient(D("-0.0000001"), D(1))) == "0.000000"
    assert str(rounded(D("-0.0000001"))) == "0.000000"


def test_what_has_no_quotient_or_too_long_a_one_raises():
    with pytest.raises(DivisionByZero):
        quotient(D(1), D(0))
    with pytest.raises(InvalidOperation):
        quotient(D("1E90"), D(1))


def test_a_sum_that_would_have_to_be_rounded_raises():
    with pytest.raises(Inexact):
        add(D("1E100"), D("1E-100"))


def test_the_callers_decimal_context_sees_nothing_of_it():
    before = getcontext().copy()
    quotient(D(1), D(3))
    assert getcontext().flags == before.flags


@pytest.mark.parametrize(
    ("number", "text"), [(D("6.60E+1"), "66.0"), (D("1E-20"), "0.00000000000000000001"), (D("1E+3"), "1000")]
)
def test_decimals_travel_without_an_exponent(number: Decimal, text: str):
    assert plain(number) == text
