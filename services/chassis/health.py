"""Whether a process lives, is ready, and what it counts: `/livez`, `/readyz`, `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[str | None]]
"""None if all is well, otherwise what is wrong, in words that may be shown to anybody."""

_CHECK_SECONDS = 2.0
_UP: Final = Gauge(
    "okr_dependency_up",
    "1 where what a process depends on answers, as /readyz says it; asked at each scrape.",
    ["dependency"],
)
_NO_PARTS: Final[Mapping[str, Collection[str]]] = {}
_NO_CHECKS: Final[Mapping[str, Check]] = {}


def routes(
    needed: Mapping[str, Check],
    beside: Mapping[str, Check] = _NO_CHECKS,
    parts: Mapping[str, Collection[str]] = _NO_PARTS,
    registry: CollectorRegistry = REGISTRY,
) -> list[Route]:
    """
    The three addresses; each check has two seconds.

    Ready means that every one of *needed* is well; where one of *beside* is not, the process is ready and says that it
    is degraded. *parts* are the services of a process that has several, each with the checks that it needs itself.
    Alive means that requests are answered at all: what else could be wrong does not heal by a restart.
    """
    checks = {**needed, **beside}

    async def findings() -> dict[str, str | None]:
        answers = await asyncio.gather(*(_in_time(check) for check in checks.values()), return_exceptions=True)
        return dict(zip(checks, map(_shown, answers), strict=True))

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_request: Request) -> Response:
        found = await findings()
        wrong = {name for name, finding in found.items() if finding}
        unready = not wrong.isdisjoint(needed)
        document: dict[str, object] = {
            "status": "not ready" if unready else "degraded" if wrong else "ready",
            "checks": {name: finding or "ok" for name, finding in found.items()},
        }
        if parts:
            document["parts"] = {
                part: "ready" if wrong.isdisjoint(its) else f"not ready: {', '.join(sorted(wrong.intersection(its)))}"
                for part, its in parts.items()
            }
        return JSONResponse(document, 503 if unready else 200, {"Cache-Control": "no-store"})

    async def metrics(_request: Request) -> Response:
        for name, finding in (await findings()).items():
            _UP.labels(name).set(0 if finding else 1)
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
