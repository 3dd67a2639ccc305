"""
Reading JSON exactly.

The usual parsers lose digits of numbers, take the last of two equal keys and accept NaN; a ledger does none of it.
"""

from typing import cast

import jiter

DEPTH_LIMIT = 16


class NotJson(ValueError):
    """The bytes are not JSON, or JSON that different readers would read differently; the message says where."""


class TooDeep(ValueError):
    """The document is nested deeper than 16 levels."""


def read(body: bytes) -> object:
    """
    The document in *body*: numbers with a point or an exponent as Decimal, equal keys refused.

    Raises NotJson and TooDeep.
    """
    try:
        document = jiter.from_json(
            body, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal", cache_mode="keys"
        )
    except ValueError as broken:
        raise NotJson(str(broken)) from broken
    _check_depth(document)
    return document


def _check_depth(document: object) -> None:
    level: list[object] = [document]
    for _ in range(DEPTH_LIMIT + 1):
        inner: list[object] = []
        containers = 0
        for each in level:
            if isinstance(each, dict):
                containers += 1
                inner += cast("dict[str, object]", each).values()
            elif isinstance(each, list):
                containers += 1
                inner += cast("list[object]", each)
        if not containers:
            return
        level = inner
    raise TooDeep(f"the document is nested deeper than {DEPTH_LIMIT} levels")
