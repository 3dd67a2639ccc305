"""The ledger's routes over running lanes, without a port."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from services.chassis import auth, problems, tokens
from services.chassis.limits import Limited
from services.ledger.api import body_limit
from services.ledger.main import api
from services.ledger.settings import LedgerSettings


@asynccontextmanager
async def over_http(settings: LedgerSettings) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a ledger in which the organisation acme is registered; it sends no token of its own."""
    async with api(settings, auth.verifier(settings), []) as commands:
        app = Starlette(routes=commands.routes(), exception_handlers=problems.exception_handlers())
        transport = httpx.ASGITransport(Limited(app, body_limit))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            operator = tokens.issue_token(settings, "operator", "*", ["administrator"])
            registered = await client.post(
                "/v1/organisations",
                json={"organisation": "acme", "name": "Acme"},
                headers={"Authorization": f"Bearer {operator}"},
            )
            assert registered.status_code == 201, registered.text
            yield client
