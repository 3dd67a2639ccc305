"""
An event as the query API shows it.

Data and text are the stored bytes, put into the answer as they are: decoding and encoding them again could change
what was hashed.
"""

import json
from collections.abc import Mapping
from typing import cast

from pydantic_core import from_json

from services.query.answers import JsonObject

_BEFORE_SOURCE = (
    ("organisation", "organisation"),
    ("epoch", "epoch"),
    ("sequence", "sequence"),
    ("type", "type"),
    ("schema_version", "schema_version"),
    ("subject", "subject"),
    ("version", "subject_version"),
    ("recorded_at", "recorded_at"),
    ("effective_on", "effective_on"),
    ("actor", "actor"),
    ("command_id", "command_id"),
    ("correlation_id", "correlation_id"),
    ("causation_id", "causation_id"),
    ("exception", "exception"),
)


def event_json(entry: bytes, data: bytes | None, text: bytes | None, more: JsonObject | None = None) -> bytes:
    """The JSON object of one event, with the members of *more* at its end."""
    envelope = cast("Mapping[str, object]", from_json(entry))
    shown = {name: envelope[stored] for name, stored in _BEFORE_SOURCE}
    shown["source"] = _source(data, text)
    tail = b"," + json_bytes(more)[1:] if more else b"}"
    return json_bytes(shown)[:-1] + b',"data":' + (data or b"null") + b',"text":' + (text or b"null") + tail


def json_bytes(value: object) -> bytes:
    """*value* as compact JSON in UTF-8; no floats."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def words(text: bytes | None) -> Mapping[str, object]:
    """The text part of an event, parsed; empty where there is none or where it was erased."""
    return cast("Mapping[str, object]", from_json(text)) if text else {}


def _source(data: bytes | None, text: bytes | None) -> JsonObject | None:
    # Few events are imported: the rest need not be parsed.
    if data is None or b'"import_source"' not in data:
        return None
    source = cast("Mapping[str, object] | None", from_json(data).get("import_source"))
    if source is None:
        return None
    said = words(text)
    return {**source, "actor": said.get("import_source_actor"), "digest": said.get("import_source_digest")}
