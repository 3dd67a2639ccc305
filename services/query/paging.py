"""
Pages of a list, by key: a page starts after the key that ended the one before.

The address of the next page names the moment that the first page was answered for, so that all pages together are one
list, whatever is written meanwhile. A cursor belongs to one question; with another one it is refused.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

from services.query.answers import BadParameter, Key


def next_page(path: str, parameters: Mapping[str, str], key: Key) -> str:
    """Path and query of the page after *key*; *parameters* are those of the question, ``known_at`` among them."""
    return f"{path}?{urlencode({**parameters, 'cursor': _write(path, parameters, key)})}"


def read_cursor(path: str, parameters: Mapping[str, str], cursor: str, shape: tuple[type, ...]) -> Key:
    """The key of a cursor that ``next_page`` made for the same question; *shape* has the types of its parts."""
    try:
        fingerprint, *key = cast("list[str | int]", json.loads(base64.urlsafe_b64decode(cursor.encode("ascii"))))
    except (ValueError, TypeError, binascii.Error) as broken:
        raise BadParameter("cursor", "This cursor was not made here. Follow next as it is.", "cursor") from broken
    fits = tuple(map(type, key)) == shape and all(_is_text(part) for part in key if isinstance(part, str))
    if fingerprint != _fingerprint(path, parameters) or not fits:
        raise BadParameter("cursor", "This cursor is that of another question. Follow next as it is.", "cursor")
    return tuple(key)


def _is_text(part: str) -> bool:
    # What PostgreSQL cannot take as text: it was never the key of an item.
    return not any(each == "\x00" or "\ud800" <= each <= "\udfff" for each in part)


def _write(path: str, parameters: Mapping[str, str], key: Key) -> str:
    content = json.dumps([_fingerprint(path, parameters), *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode()


def _fingerprint(path: str, parameters: Mapping[str, str]) -> str:
    # The size of a page may change on the way.
    question = sorted((name, value) for name, value in parameters.items() if name not in ("limit", "cursor"))
    return hashlib.sha256(json.dumps([path, question]).encode()).hexdigest()[:16]
