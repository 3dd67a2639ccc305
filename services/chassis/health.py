"""Whether a process lives, is ready, and what it counts: `/livez`, `/readyz`, `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[str | None]]
"""None if all is well, otherwise what is wrong, in words that may be shown to anybody."""

_CHECK_SECONDS = 2.0


def routes(checks: Mapping[str, Check], registry: CollectorRegistry = REGISTRY) -> list[Route]:
    """
    The three addresses; ready means that every one of *checks* is well within two seconds.

    Alive means that requests are answered at all: what else could be wrong does not heal by a restart.
    """

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_request: Request) -> Response:
        answers = await asyncio.gather(*(_in_time(check) for check in checks.values()), return_exceptions=True)
        findings = [_shown(answer) for answer in answers]
        wrong = {name: finding for name, finding in zip(checks, findings, strict=True) if finding}
        document = {
            "status": "not ready" if wrong else "ready",
            "checks": {name: wrong.get(name, "ok") for name in checks},
        }
        return JSONResponse(document, 503 if wrong else 200, {"Cache-Control": "no-store"})

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/livez", live, methods=["GET"]),
        Route("/readyz", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def _in_time(check: Check) -> str | None:
    async with asyncio.timeout(_CHECK_SECONDS):
        return await check()


def _shown(answer: str | BaseException | None) -> str | None:
    if isinstance(answer, TimeoutError):
        return f"no answer within {_CHECK_SECONDS:.0f} s"
    # Only the type: the message of an exception may hold a password.
    return type(answer).__name__ if isinstance(answer, BaseException) else answer
