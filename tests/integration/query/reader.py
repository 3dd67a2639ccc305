"""A reader of the query API: the real application over a real database, asked over HTTP."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import cast

import httpx
from starlette.applications import Starlette

from services.chassis import auth, postgres, tokens
from services.chassis.settings import TokenSettings
from services.query.api import query_api
from tests.given import NOON

# Short, so that a test need not wait long for one.
_HEARTBEAT_SECONDS = 0.1
Json = dict[str, object]


@dataclass(frozen=True)
class Reader:
    """Asks as one person with a token for some organisations."""

    app: Starlette
    settings: TokenSettings
    token: str
    stopping: asyncio.Event
    """Ends the streams of events when set."""
    organisation: str = "acme"

    def bearing(
        self, person: str = "p-ada", organisations: Sequence[str] = ("acme",), roles: Sequence[str] = ()
    ) -> "Reader":
        """The same reader with another token."""
        token = tokens.issue_token(self.settings, person, list(organisations), list(roles))
        return replace(self, token=token)

    def of(self, organisation: str) -> "Reader":
        """The same token, asking about another organisation."""
        return replace(self, organisation=organisation)

    async def ask(
        self, path: str, headers: Mapping[str, str] | None = None, /, **parameters: str | int
    ) -> httpx.Response:
        """The answer at *path* below the organisation; a path from ``next`` is asked as it is."""
        address = path if path.startswith("/v1/") else f"/v1/organisations/{self.organisation}/{path}"
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False), base_url="http://okr"
        ) as client:
            return await client.get(
                address,
                params=parameters or None,
                headers={"Authorization": f"Bearer {self.token}", **(headers or {})},
            )

    async def get(self, path: str, headers: Mapping[str, str] | None = None, /, **parameters: str | int) -> Json:
        """The document of a successful answer."""
        answer = await self.ask(path, headers, **parameters)
        assert answer.status_code == 200, answer.text
        return cast("Json", answer.json())

    async def pages(self, path: str, **parameters: str | int) -> list[Json]:
        """All items of a list, page after page."""
        page = await self.get(path, **parameters)
        items = list(cast("list[Json]", page["items"]))
        while page["next"] is not None:
            page = await self.get(cast("str", page["next"]))
            items += cast("list[Json]", page["items"])
        return items


@asynccontextmanager
async def reader(url: str, folder: Path, now: datetime = NOON) -> AsyncGenerator[Reader]:
    """A reader of the database at *url* who may enter the organisation acme; *folder* takes the key of the tokens."""
    tokens.key_at(folder / "key.pem")
    settings = TokenSettings(token_key_file=folder / "key.pem")
    async with postgres.pool(url, "okr_query", size=4) as pool:
        stopping = asyncio.Event()
        app = query_api(
            pool, auth.verifier(settings), now=lambda: now, stopping=stopping, heartbeat_seconds=_HEARTBEAT_SECONDS
        )
        yield Reader(app, settings, tokens.issue_token(settings, "p-ada", ["acme"], []), stopping)
