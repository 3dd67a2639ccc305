"""Numbers as the ledger takes them, and the same arithmetic in fractions: slow, plain, and without okr_rules."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st


def in_six_places(exact: Fraction) -> Decimal:
    """*exact* rounded once, half-even, to 6 places; Python rounds fractions exactly and ties to even."""
    return Decimal(f"{round(exact * 10**6)}E-6")


def mean(terms: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """The weighted mean of pairs of weight and number, in six places."""
    pairs = [(Fraction(weight), Fraction(number)) for weight, number in terms]
    return in_six_places(sum((w * n for w, n in pairs), Fraction(0)) / sum((w for w, _ in pairs), Fraction(0)))


def decimals(whole_digits: int = 30, places: int = 20) -> st.SearchStrategy[Decimal]:
    """Any decimal of at most so many digits before and after the point; short and round ones often."""
    longest = 10 ** (whole_digits + places) - 1
    return st.one_of(
        st.integers(-1000, 1000).map(Decimal),
        st.integers(-100_000, 100_000).map(lambda n: Decimal(n) / 1000),
        st.integers(-longest, longest).map(lambda n: Decimal(f"{n}E-{places}")),
    )


def shown() -> st.SearchStrategy[Decimal]:
    """A number that a node shows: from 0 to 1, six places."""
    return st.integers(0, 10**6).map(lambda n: Decimal(f"{n}E-6"))


def weights() -> st.SearchStrategy[Decimal]:
    """A weight that counts, of up to 30 + 20 digits."""
    return decimals().map(Decimal.copy_abs).filter(bool)


def shares() -> st.SearchStrategy[Decimal]:
    """A share: more than 0, at most 1, up to 20 places."""
    return st.one_of(
        st.just(Decimal(1)),
        st.integers(1, 100).map(lambda n: Decimal(n) / 100),
        st.integers(1, 10**20).map(lambda n: Decimal(f"{n}E-20")),
    )
