"""The OpenAPI paths of this service, made from the list of queries, so that neither can forget the other."""

import re
from collections.abc import Iterator
from typing import Final

from services.query import parameters, stream
from services.query.answers import JsonObject
from services.query.frame import BASE, Query
from services.query.routes import QUERIES

_SHARED: Final = {
    "limit": f"The most items of a page, 1 to {parameters.MOST_ITEMS}; {parameters.DEFAULT_LIMIT} if left out.",
    "cursor": "Where the page starts: part of next, to be followed as it is.",
    "known_at": "What was known then: digits are a sequence, otherwise an RFC 3339 instant. The newest if left out.",
    "effective_on": "What was true on this day. Today in the organisation's time zone if left out.",
}
_HEADERS: Final = {
    "Okr-Min-Sequence": "The answer is true for this sequence at least, or it is 503.",
    "Prefer": "wait=<seconds> waits for that, 30 seconds at most.",
    "If-None-Match": "The ETag of an earlier answer: 304 if it is still the same.",
}
_REFUSALS: Final = {
    "401": "No token, or none that can be verified.",
    "403": "The token is not for this organisation.",
    "404": "There is no such subject at the time that was asked for.",
    "422": "A parameter cannot be taken; errors says which, why, and what would be.",
    "503": "The read model has not come as far as was asked for; ask again after Retry-After seconds.",
}
_PAGE: Final[JsonObject] = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "next": {"type": ["string", "null"], "description": "Path and query of the next page, null at the end."},
    },
}
_INSIDE: Final = re.compile(r"\{(\w+)\}")
_EXAMPLES: Final = {
    "after": "0",
    "below": "true",
    "cycle": "2026-q1",
    "depth": "2",
    "effective_on": "2026-03-01",
    "explain": "true",
    "from": "2026-01-01",
    "known_at": "4711",
    "limit": "100",
    "list": "orphans",
    "manager": "p1",
    "owner": "unit/sales",
    "q": "customer churn",
    "root": "o1",
    "status": "at_risk",
    "subject": "key-results/k1",
    "to": "2026-03-31",
    "type": "CheckInCorrected",
    "unit": "sales",
    "kind": "objective",
    "organisation": "acme",
    "sequence": "17",
    "objective_id": "o1",
    "key_result_id": "k1",
    "node_id": "o1",
    "person_id": "p1",
    "unit_id": "sales",
    "Okr-Min-Sequence": "4711",
    "Prefer": "wait=5",
}


def openapi_paths() -> dict[str, JsonObject]:
    """The ``paths`` member of an OpenAPI 3.1 document, to be merged with those of the ledger."""
    paths: dict[str, JsonObject] = {_address(query.path): {"get": _operation(query)} for query in QUERIES}
    paths[_address("/events/stream")] = {"get": _stream_operation()}
    return paths


def _address(path: str) -> str:
    # A sequence is read as text first, so that a wrong one is not found rather than not matched.
    return BASE + path.replace("{sequence_text}", "{sequence}")


def _operation(query: Query) -> JsonObject:
    named = {**query.parameters, **{name: _SHARED[name] for name in sorted(query.known() - query.parameters.keys())}}
    schema = _PAGE if query.sorted_by or query.resumed_by else {"type": "object"}
    return {
        "operationId": _operation_id(query.path),
        "summary": query.summary,
        "tags": [query.read_model or "ledger"],
        "parameters": [*_path_parameters(query.path), *_listed("query", named), *_listed("header", _HEADERS)],
        "responses": {
            "200": {
                "description": "True for the event in Okr-Sequence.",
                "headers": {
                    "Okr-Sequence": {"schema": {"type": "integer"}},
                    "Okr-Recorded-At": {"schema": {"type": "string", "format": "date-time"}},
                    "ETag": {"schema": {"type": "string"}},
                },
                "content": {"application/json": {"schema": schema}},
            },
            "304": {"description": "The answer is the one of If-None-Match."},
            **_refusals(),
        },
    }


def _stream_operation() -> JsonObject:
    headers = {"Last-Event-ID": "The id of the last event that was seen."}
    return {
        "operationId": "events_stream",
        "summary": "The ledger as server-sent events: from any past position, then live",
        "tags": ["ledger"],
        "parameters": [
            *_path_parameters(""),
            *_listed("query", stream.PARAMETERS),
            *_listed("header", headers),
        ],
        "responses": {
            "200": {
                "description": "Each event with its sequence as id; comments keep the connection alive.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **_refusals(),
        },
    }


def _refusals() -> JsonObject:
    content = {"application/problem+json": {"schema": {"type": "object"}}}
    return {status: {"description": words, "content": content} for status, words in _REFUSALS.items()}


def _path_parameters(path: str) -> Iterator[JsonObject]:
    for name in _INSIDE.findall(_address(path)):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            **_example(name),
        }


def _listed(place: str, named: dict[str, str]) -> Iterator[JsonObject]:
    for name, words in named.items():
        yield {"name": name, "in": place, "description": words, "schema": {"type": "string"}, **_example(name)}


def _example(name: str) -> JsonObject:
    return {"example": _EXAMPLES[name]} if name in _EXAMPLES else {}


def _operation_id(path: str) -> str:
    return re.sub(r"\W+", "_", path).strip("_")
