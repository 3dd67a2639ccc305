"""
The JSON Schemas of all commands and events, written from the contracts.

``python -m services.cli.schemas`` writes them; ``--check`` fails where a committed one is not what the contracts say.
`okr up` serves the same at ``/schemas``, where the ``ce_dataschema`` of a record points to.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_contracts.commands import COMMANDS
from okr_contracts.events import EVENTS
from okr_contracts.fields import seldom_fields_of, text_fields_of

_FOLDER: Final = Path(__file__).parents[2] / "contracts" / "schemas"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@cache
def schemas() -> Mapping[str, str]:
    """File name → content of every schema, relative to the folder of schemas."""
    files: dict[str, str] = {}
    for name, command in COMMANDS.items():
        files[f"commands/{name}.json"] = _written({"$schema": _DIALECT, **command.model_json_schema()})
    for (name, version), event in EVENTS.items():
        schema = event.model_json_schema(mode="serialization")
        properties = schema["properties"]
        text = text_fields_of(event)
        # On the wire the two parts stand apart: the text can be erased, then it is null.
        parts = {
            "data": {
                "type": "object",
                "properties": {field: each for field, each in properties.items() if field not in text},
                "required": sorted(set(schema.get("required", [])) - text - seldom_fields_of(event)),
            },
            "text": {
                "type": ["object", "null"],
                "properties": {field: each for field, each in properties.items() if field in text},
            },
        }
        files[f"events/{name}.v{version}.json"] = _written(
            {
                "$schema": _DIALECT,
                "title": f"okr.{name}.v{version}",
                "description": schema["description"],
                "type": "object",
                "properties": parts,
                "required": ["data", "text"],
                **({"$defs": schema["$defs"]} if "$defs" in schema else {}),
            }
        )
    return files


def _written(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def route() -> Route:
    """The route ``/schemas/{path}``, with the same paths as the folder; without a token, since it holds no data."""

    async def show(request: Request) -> Response:
        path: str = request.path_params["path"]
        if path not in schemas():
            raise HTTPException(404)
        return Response(schemas()[path], media_type="application/schema+json")

    return Route("/schemas/{path:path}", show, methods=["GET"])


def main() -> int:
    """Write or check the schemas; 1 where a check finds a difference."""
    wanted = schemas()
    found = {str(path.relative_to(_FOLDER)): path for path in sorted(_FOLDER.rglob("*.json"))}
    if "--check" in sys.argv[1:]:
        wrong = sorted(
            name
            for name in wanted.keys() | found.keys()
            if name not in found or wanted.get(name) != found[name].read_text(encoding="utf-8")
        )
        for name in wrong:
            print(f"contracts/schemas/{name} is not what the contracts say: run 'python -m services.cli.schemas'")
        return 1 if wrong else 0
    for name in found.keys() - wanted.keys():
        found[name].unlink()
    for name, content in wanted.items():
        path = _FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
