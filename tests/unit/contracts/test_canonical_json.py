"""Exact bytes: the form of RFC 8785, compared with a serializer written from the RFC, character by character."""

import json
import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_contracts.envelope import canonical_bytes
from okr_contracts.events import EVENTS
from tests.unit.contracts.golden_examples import FIELDS, new_examples

SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def by_the_rfc(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return '"' + "".join(map(escaped, value)) + '"'
        case list():
            return "[" + ",".join(by_the_rfc(item) for item in cast("list[object]", value)) + "]"
        case dict():
            items = cast("dict[str, object]", value).items()
            # RFC 8785 section 3.2.3: names are sorted by their UTF-16 code units.
            ordered = sorted(items, key=lambda item: item[0].encode("utf-16-be"))
            return "{" + ",".join(f"{by_the_rfc(name)}:{by_the_rfc(item)}" for name, item in ordered) + "}"
        case _:
            raise TypeError(type(value))


def escaped(character: str) -> str:
    # RFC 8785 section 3.2.2.2: the short forms, \u and lower-case hexadecimal for other controls, all else as it is.
    if character in SHORT:
        return SHORT[character]
    return f"\\u{ord(character):04x}" if ord(character) < 0x20 else character


names = st.text(st.characters(max_codepoint=0x7E))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(names, inner),
)


@given(json_values)
def test_every_value_has_the_bytes_of_the_rfc(value: object) -> None:
    written = canonical_bytes(value)
    assert written == by_the_rfc(value).encode()
    assert json.loads(written) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (
            {"b": 1, "a": [True, None, "€$\x0f\nA'B\"\\/"]},
            b'{"a":[true,null,"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\/"],"b":1}',
        ),
        ({"peach": "\x7f\x80", "Peach": "\u2028"}, b'{"Peach":"\xe2\x80\xa8","peach":"\x7f\xc2\x80"}'),
        ({"10": "", "1": "", "": ""}, b'{"":"","1":"","10":""}'),
    ],
)
def test_vectors_written_by_hand(value: object, written: bytes) -> None:
    assert canonical_bytes(value) == written


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "\ud800", {"a": "\udfff"}])
def test_what_has_no_exact_bytes_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        canonical_bytes(wrong)


def test_all_names_are_ascii_so_that_both_orders_of_names_are_the_same() -> None:
    names_used = {name for event in EVENTS.values() for name in event.model_fields}
    assert all(name.isascii() for name in names_used)


@pytest.mark.parametrize("event_type", FIELDS)
def test_entries_and_parts_are_canonical_and_without_floats(event_type: str) -> None:
    for example in new_examples(event_type):
        for part in (example.stored.entry, example.stored.data, example.stored.text):
            if part is not None:
                assert canonical_bytes(json.loads(part, parse_float=refuse_float)) == part
                assert not re.search(rb"[:\[,]-?[0-9]+[.eE]", re.sub(rb'"(\\.|[^"\\])*"', b'""', part))


def refuse_float(text: str) -> float:
    raise AssertionError(f"a float: {text}")
