"""Every refusal has its HTTP status, its stable code and its page."""

from collections.abc import Iterator

from services.ledger.domain.refusal import Refusal
from services.ledger.meanings import MEANINGS
from services.ledger.statuses import STATUSES


def every(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for narrower in kind.__subclasses__():
        yield narrower
        yield from every(narrower)


def test_every_refusal_has_a_status():
    assert set(every(Refusal)) == set(STATUSES)
    assert set(STATUSES.values()) <= {403, 404, 409, 412, 413, 422}


def test_every_code_is_one_refusals_own_and_has_a_meaning():
    codes = [refusal.code for refusal in STATUSES]
    assert len(set(codes)) == len(codes)
    assert all(MEANINGS[code].strip() for code in codes)
