"""JSON is read exactly, or not at all."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger import exact_json
from services.ledger.exact_json import NotJson, TooDeep


def test_no_digit_is_lost():
    assert exact_json.read(b'{"n": 1.2345678901234567890123456789}') == {"n": Decimal("1.2345678901234567890123456789")}
    assert exact_json.read(b"0.1") == Decimal("0.1")
    assert exact_json.read(b"12345678901234567890123") == 12345678901234567890123


@pytest.mark.parametrize(
    "body", [b'{"a":1,"a":1}', b"NaN", b"Infinity", b"", b"{", b"1 2", b'"\xff"', b"\xef\xbb\xbf{}"]
)
def test_what_readers_would_read_differently_is_refused(body: bytes):
    with pytest.raises(NotJson):
        exact_json.read(body)


def test_sixteen_levels_are_read_and_seventeen_refused():
    assert exact_json.read(b"[" * 16 + b"]" * 16)
    with pytest.raises(TooDeep):
        exact_json.read(b"[" * 17 + b"]" * 17)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_what_is_written_is_read(document: object):
    assert exact_json.read(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")) == document


@given(st.binary())
def test_bytes_are_json_or_refused(body: bytes):
    try:
        exact_json.read(body)
    except (NotJson, TooDeep):
        return
