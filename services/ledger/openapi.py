"""The OpenAPI paths of the command routes, made from the contracts, so that neither can forget the other."""

from typing import Final

from okr_contracts.commands import COMMANDS, Command
from okr_contracts.commands.examples import EXAMPLES
from services.ledger import batch
from services.ledger.api import BASE
from services.ledger.policies import roles_for

_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS: Final = {
    "400": "Not JSON, or JSON that readers understand differently.",
    "401": "No token, or none that can be verified.",
    "403": "The token is not for this organisation, or lacks the role.",
    "404": "The subject does not exist.",
    "409": "The command id has another content, or the command contradicts what is recorded.",
    "412": "The subject is at another version than If-Match says.",
    "413": "The body, or the event that it would make, is too large.",
    "415": "Another media type is wanted.",
    "422": "Fields or rules: 'errors' points to each field, with the rule and the fix.",
    "429": "Too many commands wait; come again after Retry-After seconds.",
    "503": "The ledger did not answer in time; repeat with the same Idempotency-Key.",
}
_HEADERS: Final = (
    ("Idempotency-Key", "The command id: a repetition gets the stored reply. Made where it is left out."),
    ("If-Match", 'The version of the subject that the command expects, in quotes: "3".'),
    ("Prefer", "wait=<seconds>: answer when the read models have it; 202 when the time ran out."),
    ("traceparent", "The W3C trace context of the request: it stands with the events and on their Kafka records."),
)

SCHEMAS: Final[dict[str, object]] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457: what was wrong, where, and what to do.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "instance": {"type": "string"},
            "current_version": {"type": "integer"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "rule", "message"],
                    "properties": {name: {"type": "string"} for name in ("pointer", "rule", "message")},
                },
            },
        },
    },
    "Reply": {
        "type": "object",
        "description": "The events that answer a command, and the sequence of the last; no events: it was already so.",
        "required": ["command_id", "sequence", "events"],
        "properties": {
            "command_id": {"type": "string"},
            "sequence": {"type": "integer"},
            "events": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["sequence", "type", "subject", "version"],
                    "properties": {
                        "sequence": {"type": "integer"},
                        "type": {"type": "string"},
                        "subject": {"type": "string"},
                        "version": {"type": "integer"},
                    },
                },
            },
        },
    },
}
"""What the paths refer to, for ``components.schemas``; the commands' own schemas stand in the paths."""


def openapi_paths() -> dict[str, object]:
    """The ``paths`` member of an OpenAPI 3.1 document, to be merged with that of the query service."""
    paths: dict[str, object] = {
        f"{BASE}/commands/{name}": {"post": _operation(name, kind)} for name, kind in COMMANDS.items()
    }
    paths["/v1/organisations"] = {"post": _operation("RegisterOrganisation", COMMANDS["RegisterOrganisation"], "new_")}
    paths[f"{BASE}/commands"] = {"post": _batch_operation()}
    paths[f"{BASE}/replies/lookup"] = {"post": _lookup_operation()}
    return paths


def _operation(name: str, kind: type[Command], prefix: str = "") -> dict[str, object]:
    schema = kind.model_json_schema(ref_template=f"#/components/schemas/{name}.{{model}}")
    schema.pop("$defs", None)
    parameters: list[dict[str, object]] = [
        {"name": header, "in": "header", "description": words, "schema": {"type": "string"}}
        for header, words in _HEADERS
    ]
    if not prefix:
        parameters.insert(0, _ORGANISATION)
    return {
        "operationId": f"{prefix}{name}",
        "summary": (kind.__doc__ or name).strip().splitlines()[0],
        "description": f"For the roles {', '.join(sorted(roles_for(kind)))}.",
        "tags": ["commands"],
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": EXAMPLES[name]}},
        },
        "responses": {
            "200": _taken("Taken; no events where it was already so."),
            "201": _taken("Taken, and the subject created; Location says where it is read."),
            "202": _taken("Taken, and not yet in all read models within the time of Prefer: wait."),
            **_refusals(),
        },
    }


_ORGANISATION: Final[dict[str, object]] = {
    "name": "organisation",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": "acme",
}


def definitions() -> dict[str, object]:
    """The parts of the commands' schemas that several fields share, by the names that the paths use."""
    return {
        f"{name}.{part}": schema
        for name, kind in COMMANDS.items()
        for part, schema in kind.model_json_schema(ref_template=f"#/components/schemas/{name}.{{model}}")
        .get("$defs", {})
        .items()
    }


def _batch_operation() -> dict[str, object]:
    atomic = {
        "name": "atomic",
        "in": "query",
        "schema": {"type": "boolean", "default": False},
        "description": f"All lines or none; at most {batch.ATOMIC_LIMIT} lines.",
    }
    example = '{"type": "AddUnit", "command_id": "c1", "data": {"unit_id": "sales", "name": "Sales"}}\n'
    return {
        "operationId": "commands",
        "summary": f"Up to {batch.LINES_LIMIT} commands, a line each, decided in order",
        "description": "A line is {type, command_id, expected_version, data}; the answer has a line"
        " {command_id, status, body} for each.",
        "tags": ["commands"],
        "parameters": [_ORGANISATION, atomic],
        "requestBody": {
            "required": True,
            "content": {batch.MEDIA_TYPE: {"schema": {"type": "string"}, "example": example}},
        },
        "responses": {
            "200": {
                "description": "A line each, in order.",
                "content": {batch.MEDIA_TYPE: {"schema": {"type": "string"}}},
            },
            **_refusals(),
        },
    }


def _lookup_operation() -> dict[str, object]:
    example = {"command_ids": ["c1", "c2"]}
    return {
        "operationId": "replies_lookup",
        "summary": "Which of these command ids the ledger knows",
        "tags": ["commands"],
        "parameters": [_ORGANISATION],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}, "example": example}},
        },
        "responses": {
            "200": {
                "description": "The known ones, with the sequence and the digest of the imported record.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **_refusals(),
        },
    }


def _taken(words: str) -> dict[str, object]:
    return {
        "description": words,
        "headers": {"Okr-Sequence": {"schema": {"type": "integer"}}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reply"}}},
    }


def _refusals() -> dict[str, object]:
    return {status: {"description": words, "content": _PROBLEM} for status, words in _REFUSALS.items()}
