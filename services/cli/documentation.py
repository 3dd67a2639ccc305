"""
The OpenAPI document as a page at ``/docs``, written here and not by a script, so that it loads nothing from elsewhere.

``/`` leads there.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from typing import Final, NotRequired, TypeAlias, TypedDict, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from services.cli import openapi

PATH: Final = "/docs"

# No browser loads anything for this page, whatever words come into it.
_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}
_CODE: Final = re.compile(r"`+([^`]+)`+")


class Choice(TypedDict):
    """What of a parameter's schema is shown."""

    enum: NotRequired[list[str]]


# As a call, since no class body can name a member "in".
Parameter = TypedDict(
    "Parameter",
    {
        "name": str,
        "in": str,
        "schema": Choice,
        "description": NotRequired[str],
        "required": NotRequired[bool],
        "example": NotRequired[object],
    },
)


class Media(TypedDict):
    """A body of one media type."""

    schema: NotRequired[Mapping[str, object]]
    example: NotRequired[object]


class Body(TypedDict):
    """What is sent, or one of the answers."""

    description: NotRequired[str]
    content: NotRequired[Mapping[str, Media]]


class Operation(TypedDict):
    """A method of a path."""

    operationId: str
    summary: str
    description: NotRequired[str]
    tags: list[str]
    parameters: list[Parameter]
    requestBody: NotRequired[Body]
    responses: Mapping[str, Body]


_Addressed: TypeAlias = tuple[str, str, Operation]  # method and path before it


class Info(TypedDict):
    """What the whole is."""

    title: str
    version: str
    description: str


class Components(TypedDict):
    """What the schemas of bodies refer to."""

    schemas: Mapping[str, object]


class Document(TypedDict):
    """What of an OpenAPI document is shown."""

    info: Info
    components: Components
    paths: Mapping[str, Mapping[str, Operation]]


def routes() -> list[Route]:
    """The page, and the way from ``/`` to it; both without a token, since they hold no data."""

    async def show(_request: Request) -> Response:
        return HTMLResponse(_page(), headers=_HEADERS)

    async def lead(_request: Request) -> Response:
        return RedirectResponse(PATH)

    return [Route(PATH, show, methods=["GET"]), Route("/", lead, methods=["GET"])]


@cache
def _page() -> str:
    return page(cast("Document", openapi.document()))


def page(document: Document) -> str:
    """The whole page: the operations of *document*, in its order, grouped by their first tag."""
    by_tag: dict[str, list[_Addressed]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append((method, path, operation))
    info, shared = document["info"], document["components"]["schemas"]
    return _PAGE.format(
        title=escape(info["title"]),
        version=escape(info["version"]),
        description=_words(info["description"]),
        contents="".join(_contents(tag, group) for tag, group in by_tag.items()),
        sections="".join(_section(tag, group) for tag, group in by_tag.items()),
        shared="".join(_folded(f"<code>{escape(name)}</code>", each) for name, each in shared.items()),
    )


def _contents(tag: str, group: Iterable[_Addressed]) -> str:
    lines = "".join(
        f'<li><a href="#{escape(each["operationId"])}">{_address(method, path)}</a></li>'
        for method, path, each in group
    )
    return f"<details><summary>{escape(tag)}</summary><ul>{lines}</ul></details>\n"


def _section(tag: str, group: Iterable[_Addressed]) -> str:
    articles = "".join(_article(method, path, each) for method, path, each in group)
    return f"<section><h2>{escape(tag)}</h2>\n{articles}</section>\n"


def _article(method: str, path: str, operation: Operation) -> str:
    parts = [
        f"<h3>{_address(method, path)}</h3>",
        f"<p><strong>{_words(operation['summary'])}</strong></p>",
        f"<p>{_words(operation['description'])}</p>" if "description" in operation else "",
        _parameters(operation["parameters"]),
        _body(operation["requestBody"]) if "requestBody" in operation else "",
        _responses(operation["responses"]),
    ]
    return f'<article id="{escape(operation["operationId"])}">{"".join(parts)}</article>\n'


def _address(method: str, path: str) -> str:
    return f"<code><b>{escape(method.upper())}</b> {escape(path)}</code>"


def _parameters(parameters: Iterable[Parameter]) -> str:
    rows = [
        (
            f"<code>{escape(each['name'])}</code>",
            escape(each["in"]) + (", required" if each.get("required") else ""),
            _words(each.get("description", "")) + _choice(each["schema"]),
            f"<code>{escape(str(each['example']))}</code>" if "example" in each else "",
        )
        for each in parameters
    ]
    return _table(("parameter", "in", "meaning", "example"), rows) if rows else ""


def _choice(schema: Choice) -> str:
    names = ", ".join(f"<code>{escape(each)}</code>" for each in schema.get("enum", []))
    return f"<p>One of {names}</p>" if names else ""


def _body(body: Body) -> str:
    return "".join(
        f"<h4>Body: <code>{escape(media_type)}</code></h4>{_example(media)}{_schema(media)}"
        for media_type, media in body.get("content", {}).items()
    )


def _example(media: Media) -> str:
    if "example" not in media:
        return ""
    example = media["example"]
    return f"<pre>{escape(example if isinstance(example, str) else _json(example))}</pre>"


def _schema(media: Media) -> str:
    # A schema of a type alone says nothing that the example does not.
    if "properties" not in media.get("schema", {}):
        return ""
    return _folded("Schema", media.get("schema"))


def _folded(summary: str, schema: object) -> str:
    return f"<details><summary>{summary}</summary><pre>{escape(_json(schema))}</pre></details>"


def _responses(responses: Mapping[str, Body]) -> str:
    rows = [
        (
            escape(status),
            _words(each.get("description", "")),
            ", ".join(f"<code>{escape(media_type)}</code>" for media_type in each.get("content", {})),
        )
        for status, each in responses.items()
    ]
    table = _table(("status", "meaning", "media type"), rows)
    return f"<details><summary>Responses: {escape(', '.join(responses))}</summary>{table}</details>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _words(text: str) -> str:
    """Text of a description as HTML; what stands in backticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root{{color-scheme:light dark}}
body{{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
code,pre{{font:.9em/1.4 ui-monospace,monospace}} h3 code{{overflow-wrap:anywhere}}
pre{{overflow-x:auto;padding:.75rem;background:#8882;border-radius:.25rem}}
article{{border-top:1px solid #8886;padding-top:.5rem;margin-top:2rem}}
h3{{margin:.5rem 0;font-weight:normal}} h4{{margin:1rem 0 .5rem}} summary{{cursor:pointer}}
table{{border-collapse:collapse;width:100%;margin:.5rem 0}}
th,td{{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884}}
</style></head><body>
<h1>{title} <small>{version}</small></h1>
<p>{description}</p>
<p>Everything below <code>/v1</code> needs the header <code>Authorization: Bearer TOKEN</code>.
The same for programs: <a href="/openapi.json">/openapi.json</a>.</p>
<nav>{contents}</nav>
{sections}<section><h2>components/schemas</h2>
<p>What a <code>$ref</code> points to.
A refusal is a <code>Problem</code>, the answer to a command a <code>Reply</code>.</p>
{shared}</section></body></html>
"""
