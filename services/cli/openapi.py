"""The description of all HTTP interfaces together, as `okr up` serves them at one address."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.ledger import openapi as ledger
from services.query import openapi as query


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
        "paths": {**ledger.openapi_paths(), **query.openapi_paths()},
    }


def route() -> Route:
    """The route ``/openapi.json``."""

    async def show(_request: Request) -> Response:
        return JSONResponse(document())

    return Route("/openapi.json", show, methods=["GET"])
