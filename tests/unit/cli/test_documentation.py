"""What `okr up` says about itself: without a token, whole, and with nothing from elsewhere."""

import json
import re
from html.parser import HTMLParser
from typing import cast

import httpx
import pytest
from starlette.applications import Starlette

from okr_contracts.cloud_events import headers
from okr_contracts.commands import COMMANDS
from okr_contracts.events import EVENTS
from services.chassis import problems
from services.cli import documentation, openapi, schemas
from services.cli.documentation import Document
from tests.unit.contracts.golden_examples import FIELDS, new_examples
from tests.unit.docs.test_documents import ROOT

# What makes a browser fetch, and what runs.
LOADING = {"src", "srcset", "data", "poster", "background", "action", "ping"}
RUNNING = {"script", "link", "iframe", "object", "embed", "img", "base", "form"}


class Elements(HTMLParser):
    """Every element that was begun, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.begun: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.begun.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, attribute: str) -> list[str | None]:
        return [attributes[attribute] for _, attributes in self.begun if attribute in attributes]


async def get(path: str) -> httpx.Response:
    app = Starlette(
        routes=[openapi.route(), schemas.route(), *documentation.routes()],
        exception_handlers=problems.exception_handlers(),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as here:
        return await here.get(path)


async def test_the_address_itself_leads_to_the_page() -> None:
    answer = await get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


async def test_the_page_loads_nothing() -> None:
    answer = await get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    elements = Elements(answer.text)
    assert {tag for tag, _ in elements.begun} & RUNNING == set()
    assert {name for _, attributes in elements.begun for name in attributes} & LOADING == set()
    assert re.search(r"@import|url\(|https?://", answer.text) is None


async def test_the_page_has_every_operation_and_every_link_on_it_leads_somewhere() -> None:
    elements = Elements((await get("/docs")).text)
    assert elements.open == []
    ids = elements.values("id")
    paths = cast("Document", openapi.document())["paths"]
    assert sorted(ids, key=str) == sorted(
        each["operationId"] for methods in paths.values() for each in methods.values()
    )
    for target in elements.values("href"):
        assert target is not None
        assert target[1:] in ids if target.startswith("#") else (await get(target)).status_code == 200


def test_an_operation_shows_its_address_parameters_example_and_responses_as_they_were_written() -> None:
    document: Document = {
        "info": {"title": "okr", "version": "1", "description": "What it does."},
        "components": {"schemas": {"Reply": {"type": "object"}}},
        "paths": {
            "/v1/{organisation}/commands": {
                "post": {
                    "operationId": "say",
                    "summary": "Say ``<b>``",
                    "tags": ["commands"],
                    "parameters": [
                        {
                            "name": "how",
                            "in": "query",
                            "description": "a < b",
                            "schema": {"enum": ["low"]},
                            "example": 3,
                        }
                    ],
                    "requestBody": {"content": {"application/json": {"example": {"words": "<script>"}}}},
                    "responses": {"422": {"description": "Not so."}},
                }
            }
        },
    }
    page = documentation.page(document)
    assert "<h2>commands</h2>" in page
    assert "<b>POST</b> /v1/{organisation}/commands" in page
    assert "Say <code>&lt;b&gt;</code>" in page
    assert "<td>a &lt; b<p>One of <code>low</code></p></td><td><code>3</code></td>" in page
    assert "&quot;words&quot;: &quot;&lt;script&gt;&quot;" in page
    assert "<summary><code>Reply</code></summary>" in page
    assert "<td>422</td><td>Not so.</td>" in page


@pytest.mark.parametrize(
    "path",
    [f"events/{name}.v{version}.json" for name, version in EVENTS] + [f"commands/{name}.json" for name in COMMANDS],
)
async def test_a_schema_is_served_as_it_is_published(path: str) -> None:
    answer = await get(f"/schemas/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
    assert answer.content == (ROOT / "contracts" / "schemas" / path).read_bytes()


@pytest.mark.parametrize("event_type", FIELDS)
async def test_the_dataschema_of_a_record_is_the_schema_of_its_type(event_type: str) -> None:
    named = dict(headers(next(new_examples(event_type)).recorded))
    answer = await get(named["ce_dataschema"].decode())
    assert (answer.status_code, answer.json()["title"]) == (200, named["ce_type"].decode())


@pytest.mark.parametrize("path", ["events/Nothing.v1.json", "events/CheckInRecorded.v2.json", "events/", "events"])
async def test_there_is_no_other_schema(path: str) -> None:
    answer = await get(f"/schemas/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_the_openapi_document_names_every_schema() -> None:
    paths = cast("Document", (await get("/openapi.json")).json())["paths"]
    named = {
        f"{folder}/{name}"
        for folder in ("events", "commands")
        for name in paths[f"/schemas/{folder}/{{name}}"]["get"]["parameters"][0]["schema"].get("enum", [])
    }
    assert named == schemas.schemas().keys()
    assert all(json.loads(each)["type"] == "object" for each in schemas.schemas().values())
