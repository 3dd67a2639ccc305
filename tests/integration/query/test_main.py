"""The query process as it runs in production: its settings, its health, and an answer."""

import asyncio
from pathlib import Path

import httpx
import pytest

from services.chassis import serve, tokens
from services.chassis.settings import TokenSettings, read
from services.query.main import run
from services.query.settings import QuerySettings
from tests.integration.query.conftest import Told


async def test_the_process_answers_and_stops_when_told(told_alone: Told, tmp_path: Path) -> None:
    with serve.listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    key = tmp_path / "key.pem"
    tokens.key_at(key)
    settings = read(QuerySettings, database_url=told_alone.url, token_key_file=key, http_port=port)
    token = tokens.issue_token(TokenSettings(token_key_file=key), "p-ada", ["acme"], [])
    process = asyncio.create_task(run(settings))
    transport = httpx.AsyncHTTPTransport(retries=10)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
        assert (await client.get("/readyz")).json()["checks"] == {"database": "ok"}
        answer = await client.get("/v1/organisations/acme/units", headers={"Authorization": f"Bearer {token}"})
        assert [item["id"] for item in answer.json()["items"]] == ["root", "u-sales"]
        assert "okr_query_answer_seconds_count" in (await client.get("/metrics")).text
        assert (await client.get("/problems/not_there_yet")).status_code == 200
        assert (await client.post("/v1/organisations/acme/units")).status_code == 405
    process.cancel()
    with pytest.raises(asyncio.CancelledError):
        await process
