"""Commands in, answers out: the ledger and the queries over HTTP on one database, folded when a test says so."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import asyncpg
import httpx

from okr_contracts.envelope import decode
from services.chassis import tokens
from services.ledger.settings import LedgerSettings
from tests.integration.ledger.over_http import over_http
from tests.integration.query.reader import Json, Reader, reader
from tests.ledger_writer import project

_EVERY_ROLE = ("member", "programme_lead", "administrator")


@dataclass
class Whole:
    """The organisation acme, as one person with every role sees it."""

    client: httpx.AsyncClient
    reader: Reader
    database: asyncpg.Connection
    url: str
    headers: Mapping[str, str]
    folded: int = field(default=0, init=False)
    """The newest event that the read models have."""

    async def send(self, command: str, body: bytes) -> httpx.Response:
        """The answer to a command, whose body is these very bytes."""
        return await self.client.post(
            f"/v1/organisations/acme/commands/{command}",
            content=body,
            headers={**self.headers, "Content-Type": "application/json"},
        )

    async def tell(self, command: str, **fields: object) -> int:
        """The sequence after a command that is taken."""
        answer = await self.client.post(f"/v1/organisations/acme/commands/{command}", json=fields, headers=self.headers)
        assert answer.status_code in (200, 201), f"{command}: {answer.text}"
        return cast("int", answer.json()["sequence"])

    async def fold(self) -> None:
        """Fold what is new into every read model."""
        rows = await self.database.fetch(
            "SELECT entry, data, text FROM ledger.events WHERE sequence > $1 ORDER BY sequence", self.folded
        )
        await project(self.url, [decode(row["entry"], row["data"], row["text"]) for row in rows])
        self.folded += len(rows)

    async def get(self, path: str, **parameters: str | int) -> Json:
        """The document of a successful answer."""
        return await self.reader.get(path, **parameters)


@asynccontextmanager
async def whole(url: str, folder: Path) -> AsyncGenerator[Whole]:
    """The ledger and the queries on *url*; *folder* takes the key of the tokens."""
    async with reader(url, folder, datetime.now(UTC)) as asking:
        settings = LedgerSettings(database_url=url, token_key_file=folder / "key.pem")
        token = tokens.issue_token(settings, "p-ada", ["acme"], _EVERY_ROLE)
        database = await asyncpg.connect(url)
        async with over_http(settings) as client:
            everything = asking.bearing("p-ada", ["acme"], _EVERY_ROLE)
            yield Whole(client, everything, database, url, {"Authorization": f"Bearer {token}"})
        await database.close()
