"""Commands over HTTP: plain routes with an exact parser, problem documents with the fix, replies by the ledger."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, cast

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from okr_contracts.actor import Actor
from okr_contracts.commands import Command, RegisterOrganisation
from okr_contracts.fields import ORGANISATION_PATTERN
from services.chassis import logging, postgres, tracing
from services.chassis.auth import Identity
from services.chassis.limits import BODY_LIMIT
from services.chassis.observed import traceparent
from services.chassis.problems import FieldError, Problem
from services.ledger import batch, exact_json, reading, refusals
from services.ledger.domain.decide import OrganisationUnknown
from services.ledger.domain.refusal import Refusal
from services.ledger.exact_json import NotJson, TooDeep
from services.ledger.lane import LaneIsFull
from services.ledger.ledger import Ledger
from services.ledger.policies import PASS_RESTRICTIONS, roles_for
from services.ledger.reading import CommandUnknown, FieldsInvalid, IdInvalid
from services.ledger.replies import Replies
from services.ledger.request import Reply, Request

BASE: Final = "/v1/organisations/{organisation}"
LOOKUP_LIMIT: Final = 1_000
_ANSWER_SECONDS: Final = 30.0
_FORBIDDEN: Final = 403
_LONGEST_WAIT_SECONDS: Final = 60
_ORGANISATION: Final = re.compile(ORGANISATION_PATTERN)
_VERSION: Final = re.compile(r'"([0-9]{1,18})"', re.ASCII)
_WAIT: Final = re.compile(r"\bwait=([0-9]{1,6})\b", re.ASCII)
# The subjects that have an address of their own; any other is found by the event that created it.
_ADDRESSED: Final = ("objectives", "key-results")


@dataclass(frozen=True, slots=True)
class CommandApi:
    """The command routes over one ledger; *identify* verifies the token and raises the refusal 401."""

    ledger: Ledger
    replies: Replies
    identify: Callable[[HttpRequest], Awaitable[Identity]]

    def routes(self) -> list[Route]:
        """The routes of the ledger service."""
        return [
            # First what is asked for most: routes are tried one after the other.
            Route(f"{BASE}/commands/{{command}}", self.take, methods=["POST"]),
            Route(f"{BASE}/commands", self.take_batch, methods=["POST"]),
            Route("/v1/organisations", self.register, methods=["POST"]),
            Route(f"{BASE}/replies/lookup", self.look_up, methods=["POST"]),
        ]

    async def register(self, http: HttpRequest) -> Response:
        """Open the ledger of a new organisation: the one command whose organisation is in its body."""
        identity = await self.identify(http)
        fields = await _json_body(http)
        command = _command("RegisterOrganisation", fields)
        organisation = cast("RegisterOrganisation", command).organisation
        return await self._answer(http, identity, organisation, command)

    async def take(self, http: HttpRequest) -> Response:
        """Take one command."""
        identity = await self.identify(http)
        organisation = _organisation(http, identity)
        fields = await _json_body(http)
        return await self._answer(http, identity, organisation, _command(http.path_params["command"], fields))

    async def take_batch(self, http: HttpRequest) -> Response:
        """Take many commands, a line each; answer a line each."""
        identity = await self.identify(http)
        organisation = _organisation(http, identity)
        require_media_type(http, batch.MEDIA_TYPE)
        atomic = _flag(http, "atomic")
        trace = _trace(http)

        def request_of(line: batch.Line) -> Request:
            require_operator(line.command, organisation, identity)
            return _request(organisation, line.command, line.command_id, identity, line.expected_version, trace)

        async def note(request: Request, refusal: Refusal) -> None:
            if refusals.of_refusal(refusal).status == _FORBIDDEN:
                await self.replies.note_refused(request, refusal)

        response = await batch.take(await http.body(), self.ledger, request_of, note, atomic=atomic)
        await self._wait_as_preferred(http, organisation, response)
        return response

    async def look_up(self, http: HttpRequest) -> Response:
        """Say which command ids the ledger knows: an import sends only the others."""
        identity = await self.identify(http)
        organisation = _organisation(http, identity)
        fields = await _json_body(http)
        wanted = cast("dict[str, object]", fields).get("command_ids") if isinstance(fields, dict) else None
        ids = cast("list[object]", wanted) if isinstance(wanted, list) else []
        if not ids or len(ids) > LOOKUP_LIMIT or not all(isinstance(each, str) for each in ids):
            message = f"A list of 1 to {LOOKUP_LIMIT} command ids is wanted."
            raise Problem(
                422, "fields_invalid", "Fields are not valid", message, [FieldError("/command_ids", "list", message)]
            )
        checked = [_checked_id(cast("str", each)) for each in ids]
        try:
            return JSONResponse({"items": await self.replies.find(organisation, checked)})
        except postgres.UNAVAILABLE as away:
            raise Problem(
                503,
                "database_not_reached",
                "Database not reached",
                "The database does not answer. Ask again in a moment.",
                headers={"Retry-After": "1"},
            ) from away

    async def _answer(self, http: HttpRequest, identity: Identity, organisation: str, command: Command) -> Response:
        require_operator(command, organisation, identity)
        sent_id = http.headers.get("idempotency-key")
        command_id = _checked_id(sent_id) if sent_id is not None else uuid.uuid4().hex
        with tracing.span(
            type(command).__name__, {"okr.organisation": organisation, "okr.command_id": command_id}
        ) as span:
            request = _request(organisation, command, command_id, identity, _expected_version(http), _trace(http))
            reply = await self._decided(request)
            if span is not None:
                span.set_attributes({"okr.sequence": reply.sequence, "okr.events": len(reply.events)})
        return await self._reply(http, organisation, reply)

    async def _decided(self, request: Request) -> Reply:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self.ledger.answer(request)
        except Refusal as refusal:
            problem = refusals.of_refusal(refusal)
            if problem.status == _FORBIDDEN:
                await self.replies.note_refused(request, refusal)
            raise problem from refusal
        except LaneIsFull as full:
            raise busy() from full
        except TimeoutError as late:
            raise unknown_outcome(request.command_id) from late

    async def _reply(self, http: HttpRequest, organisation: str, reply: Reply) -> Response:
        headers = {"Okr-Sequence": str(reply.sequence)}
        status = 200
        if reply.created:
            status = 201
            headers["Location"] = location(organisation, reply)
        response = Response(reply.body, status, headers, "application/json")
        await self._wait_as_preferred(http, organisation, response)
        return response

    async def _wait_as_preferred(self, http: HttpRequest, organisation: str, response: Response) -> None:
        """Hold *response* back until the read models have its sequence; 202 where the time ran out."""
        wait = _WAIT.search(http.headers.get("prefer", ""))
        sequence = response.headers.get("okr-sequence")
        if wait is None or sequence is None:
            return
        seconds = min(int(wait[1]), _LONGEST_WAIT_SECONDS)
        response.headers["Preference-Applied"] = f"wait={seconds}"
        with tracing.span("wait for the read models", {"okr.sequence": int(sequence)}):
            if not await self.replies.wait_until_read(organisation, int(sequence), seconds):
                response.status_code = 202


def body_limit(scope: Scope) -> int:
    """The most bytes that a body may have: batches are larger than anything else. For ``limits.Limited``."""
    return batch.BODY_LIMIT if str(scope["path"]).endswith("/commands") else BODY_LIMIT


def location(organisation: str, reply: Reply) -> str:
    """Where the subject that a command created can be read."""
    subject = reply.events[0]["subject"]
    base = f"/v1/organisations/{organisation}"
    if subject.partition("/")[0] in _ADDRESSED:
        return f"{base}/{subject}"
    return f"{base}/events/{reply.events[0]['sequence']}"


def require_operator(command: Command, organisation: str, identity: Identity) -> None:
    """Refuse to register an organisation for anybody but an operator, or under another name than the address says."""
    if isinstance(command, RegisterOrganisation):
        if not identity.everywhere:
            raise Problem(
                403,
                "operator_only",
                "Only an operator registers organisations",
                "Registering an organisation needs a token whose 'okr_organisations' is '*'.",
            )
        if command.organisation != organisation:
            message = f"The address says {organisation}. Send the same organisation here and there."
            raise Problem(
                422,
                "fields_invalid",
                "Fields are not valid",
                message,
                [FieldError("/organisation", "same_as_address", message)],
            )


def require_media_type(http: HttpRequest, wanted: str) -> None:
    """Refuse a body of another media type than the one that the route reads."""
    if http.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise Problem(
            415, "media_type", "Not that media type", f"Send the body as {wanted}, and say so in Content-Type."
        )


def busy() -> Problem:
    """More commands wait than the service takes."""
    return Problem(
        429,
        "too_many_commands",
        "Too many commands at once",
        "More commands wait than this service takes. Send it again in a second, with the same Idempotency-Key.",
        headers={"Retry-After": "1"},
    )


def unknown_outcome(command_id: str) -> Problem:
    """The ledger did not answer in time: whether the command was taken is not known."""
    return Problem(
        503,
        "no_answer_in_time",
        "The ledger did not answer in time",
        f"Whether the command was taken is not known. Send it again with Idempotency-Key {command_id}:"
        " it is applied once, however often it is sent.",
        headers={"Retry-After": "2"},
        command_id=command_id,
    )


def _request(
    organisation: str,
    command: Command,
    command_id: str,
    identity: Identity,
    expected_version: int | None,
    trace: str | None,
) -> Request:
    actor = Actor(identity.actor_kind, identity.actor_id, identity.on_behalf_of)
    return Request(
        organisation,
        command,
        command_id,
        actor,
        may_send=not roles_for(type(command)).isdisjoint(identity.roles),
        may_import="import" in identity.roles,
        reads_all=not PASS_RESTRICTIONS.isdisjoint(identity.roles),
        expected_version=expected_version,
        traceparent=trace,
    )


def _trace(http: HttpRequest) -> str | None:
    """What the events carry on: the span around this code, or the caller where no spans are made."""
    return tracing.current() or traceparent(http.scope)


def _organisation(http: HttpRequest, identity: Identity) -> str:
    organisation: str = http.path_params["organisation"]
    identity.enter(organisation)
    # An operator may enter everything: what cannot be the name of an organisation is none.
    if not _ORGANISATION.fullmatch(organisation):
        raise refusals.of_refusal(OrganisationUnknown("of that name"))
    logging.bound({"organisation": organisation})
    return organisation


def _command(name: str, fields: object) -> Command:
    try:
        return reading.command(reading.command_type(name), fields)
    except (CommandUnknown, FieldsInvalid) as fault:
        raise refusals.of_document(fault) from fault


def _checked_id(text: str) -> str:
    try:
        return reading.command_id(text)
    except IdInvalid as invalid:
        raise refusals.of_document(invalid) from invalid


def _expected_version(http: HttpRequest) -> int | None:
    sent = http.headers.get("if-match")
    if sent is None:
        return None
    match = _VERSION.fullmatch(sent.strip())
    if match is None:
        raise Problem(
            400, "version_invalid", "Not a version", 'If-Match takes the version of the subject in quotes, as in "3".'
        )
    return int(match[1])


def _flag(http: HttpRequest, name: str) -> bool:
    unknown = sorted(set(http.query_params) - {name})
    value = http.query_params.get(name, "false")
    if unknown or value not in ("true", "false"):
        raise Problem(400, "parameter_invalid", "Not a parameter", f"The one parameter is {name}=true or {name}=false.")
    return value == "true"


async def _json_body(http: HttpRequest) -> object:
    require_media_type(http, "application/json")
    try:
        return exact_json.read(await http.body())
    except (NotJson, TooDeep) as fault:
        raise refusals.of_document(fault) from fault
