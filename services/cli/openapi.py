"""The description of all HTTP interfaces together, as `okr up` serves them at one address."""

from functools import cache
from importlib.metadata import version
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.cli import schemas
from services.ledger import openapi as ledger
from services.query import openapi as query

_SCHEMA_EXAMPLES: Final = {"events": "CheckInRecorded.v1.json", "commands": "RecordCheckIn.json"}


@cache
def document() -> dict[str, object]:
    """The OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "okr-ledger",
            "version": version("okr-ledger"),
            "description": "Commands are decided by the ledger; queries are answered from read models.",
        },
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {**ledger.SCHEMAS, **ledger.definitions()},
        },
        "paths": {
            **ledger.openapi_paths(),
            **query.openapi_paths(),
            **{f"/schemas/{folder}/{{name}}": {"get": _schema_operation(folder)} for folder in _SCHEMA_EXAMPLES},
        },
    }


def _schema_operation(folder: str) -> dict[str, object]:
    paths = (path.partition("/") for path in schemas.schemas())
    return {
        "operationId": f"schemas_{folder}",
        "summary": f"The JSON Schemas of {folder}",
        "description": "Without a token."
        + (" The ce_dataschema of an event on Kafka is such an address." if folder == "events" else ""),
        "tags": ["schemas"],
        "security": [],
        "parameters": [
            {
                "name": "name",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "enum": [name for each, _, name in paths if each == folder]},
                "example": _SCHEMA_EXAMPLES[folder],
            }
        ],
        "responses": {
            "200": {
                "description": "The schema, in the dialect 2020-12.",
                "content": {"application/schema+json": {"schema": {"type": "object"}}},
            },
            "404": {
                "description": "There is no such schema.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }


def route() -> Route:
    """The route ``/openapi.json``."""

    async def show(_request: Request) -> Response:
        return JSONResponse(document())

    return Route("/openapi.json", show, methods=["GET"])
