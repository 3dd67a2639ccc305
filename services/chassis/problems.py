"""Refusals over HTTP: RFC 9457 problem documents that say what to do, and never how we are built."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a JSON *pointer* into the body, a stable *rule*, a *message* with the fix."""

    pointer: str
    rule: str
    message: str


class Problem(Exception):
    """
    A refusal, raised anywhere below a route; *code* is stable and names its page, *detail* says what to do.

    *extra* members, such as `current_version`, stand beside the ordinary ones.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra

    def document(self, instance: str | None = None) -> dict[str, object]:
        """The problem document; *instance* is the path of the request that was refused."""
        document: dict[str, object] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if instance is not None:
            document["instance"] = instance
        if self.errors:
            document["errors"] = [asdict(error) for error in self.errors]
        return document | self.extra

    def response(self, instance: str | None = None) -> Response:
        """The answer to the request whose path is *instance*."""
        body = json.dumps(self.document(instance), ensure_ascii=False).encode()
        return Response(body, self.status, self.headers, MEDIA_TYPE)


def problem(
    status: int, code: str, title: str, detail: str, errors: Sequence[FieldError] = (), **extra: object
) -> Response:
    """The answer for a refusal that is returned rather than raised."""
    return Problem(status, code, title, detail, errors, None, **extra).response()


def exception_handlers() -> dict[type[Exception] | int, ExceptionHandler]:
    """For `Starlette(exception_handlers=…)`: every exception becomes a problem document."""
    return {
        Problem: _refused,
        HTTPException: _http_exception,
        ClientDisconnect: _gone,
        Exception: _unforeseen,
    }


def page(meanings: Mapping[str, str]) -> Route:
    """The pages at `/problems/{code}` that the `type` of a problem points to: *meanings* by code, beside ours."""
    known = {**_OURS, **meanings}

    async def show(request: Request) -> Response:
        code: str = request.path_params["code"]
        if code not in known:
            return _nowhere().response(request.url.path)
        return HTMLResponse(_PAGE.format(code=html.escape(code), meaning=html.escape(known[code])))

    return Route("/problems/{code}", show, methods=["GET"], name="problem", include_in_schema=False)


_OURS = {
    "not_found": "There is nothing at this address.",
    "method_not_allowed": "The address exists, but not for this method; the header Allow names the ones that it takes.",
    "http_error": "The request cannot be taken as it is; the detail says why.",
    "too_many_bytes": "The service holds as many bodies as it can. Send it again a little later, with the same"
    " Idempotency-Key.",
    "body_too_slow": "The body came too slowly, and nothing was done. Send it again over a better line, or less at a"
    " time.",
    "not_http": "What was sent is not a valid HTTP/1.1 request.",
    "body_too_large": "The body is larger than this address takes. Send less at a time.",
    "internal_error": "The fault is ours. Nothing was changed by a request that is answered so, unless its reply was"
    " lost: send it again with the same Idempotency-Key.",
    "token_missing": "Every request needs the header Authorization: Bearer TOKEN.",
    "token_malformed": "What follows Bearer is not a signed JSON Web Token.",
    "token_expired": "The token was good until a moment that has passed. Get a new one.",
    "token_not_valid": "The token is not signed by the issuer that this service trusts, or not meant for it.",
    "token_claims": "The token lacks a claim that this service needs: sub, exp, okr_organisations, okr_roles.",
    "issuer_not_reached": "The keys of the token issuer could not be fetched. Try again in a moment.",
    "organisation_not_yours": "The token does not name this organisation, whether it exists or not.",
}

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{code}</title><style>body{{font:1rem/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}}</style>
<h1><code>{code}</code></h1><p>{meaning}</p></html>
"""


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(request.url.path)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 404:
            refusal = _nowhere()
        case 405:
            refusal = Problem(
                405, "method_not_allowed", "Not for this method", _OURS["method_not_allowed"], headers=error.headers
            )
        case status:
            refusal = Problem(status, "http_error", "Not possible", error.detail, headers=error.headers)
    return refusal.response(request.url.path)


async def _gone(request: Request, _error: Exception) -> Response:
    """Whoever sent it went away before the body was complete: nothing was done, and nobody reads this."""
    log.info("sender_left", method=request.method, path=request.url.path)
    return Response(status_code=400)


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return Problem(500, "internal_error", "The fault is ours", _OURS["internal_error"]).response(request.url.path)


def _nowhere() -> Problem:
    return Problem(404, "not_found", "Nothing here", "There is nothing at this address. /openapi.json lists what is.")
