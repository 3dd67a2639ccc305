"""Many commands in one body: newline-delimited JSON, a line each in and a line each out, in order."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, cast
from uuid import uuid4

from pydantic_core import to_json
from starlette.responses import Response

from okr_contracts.commands import Command
from services.chassis.problems import Problem
from services.ledger import exact_json, reading, refusals
from services.ledger.domain.refusal import Refusal
from services.ledger.exact_json import NotJson, TooDeep
from services.ledger.ledger import Ledger
from services.ledger.reading import CommandUnknown, FieldsInvalid, IdInvalid
from services.ledger.request import NotApplied, Reply, Request

MEDIA_TYPE: Final = "application/x-ndjson"
BODY_LIMIT: Final = 16_000_000
LINES_LIMIT: Final = 10_000
ATOMIC_LIMIT: Final = 1_000
_LINE_LIMIT: Final = 1_000_000
_READ_AT_ONCE: Final = 100
_DATA: Final = "/data"
_FIELDS: Final = frozenset({"type", "command_id", "expected_version", "data"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a batch: a command, under which id, on which version of its subject."""

    command: Command
    command_id: str
    expected_version: int | None


async def take(
    body: bytes,
    ledger: Ledger,
    request_of: Callable[[Line], Request],
    refused: Callable[[Request, Refusal], Awaitable[None]],
    *,
    atomic: bool,
) -> Response:
    """
    Decide the commands of all lines, in order, and answer a line each: ``{command_id, status, body}``.

    Refusals by the ledger are told to *refused* before they are answered.

    A line that is wrong is answered with its problem and harms no other; where *atomic*, nothing is applied then.
    """
    lines = [line for line in body.split(b"\n") if line.strip()]
    limit = ATOMIC_LIMIT if atomic else LINES_LIMIT
    if not lines or len(lines) > limit:
        raise Problem(
            422, "batch_size", "Not that many lines", f"A batch has 1 to {limit} lines{' if it is atomic' * atomic}."
        )
    read: list[tuple[str | None, Request | Problem]] = []
    for place, line in enumerate(lines):
        read.append(_read(line, request_of))
        if place % _READ_AT_ONCE == 0:
            # Reading ten thousand lines takes a while: nobody else's command has to wait for all of it.
            await asyncio.sleep(0)
    requests = [each for _, each in read if isinstance(each, Request)]
    wrong = next((place for place, (_, each) in enumerate(read) if isinstance(each, Problem)), None)
    if atomic and wrong is not None:
        answers: list[Reply | Refusal] = [NotApplied(wrong) for _ in requests]
    else:
        answers = await ledger.answer_all(requests, atomic=atomic) if requests else []
    # One for each command and reason: ten thousand lines that may not be sent are one attempt.
    kinds = {
        (type(request.command), answer.code): (request, answer)
        for request, answer in zip(requests, answers, strict=True)
        if isinstance(answer, Refusal)
    }
    for request, answer in kinds.values():
        await refused(request, answer)
    settled = iter(answers)
    written = [_line(command_id, each if isinstance(each, Problem) else next(settled)) for command_id, each in read]
    newest = max((answer.sequence for answer in answers if isinstance(answer, Reply)), default=None)
    headers = {} if newest is None else {"Okr-Sequence": str(newest)}
    return Response(b"".join(written), 200, headers, MEDIA_TYPE)


def _read(line: bytes, request_of: Callable[[Line], Request]) -> tuple[str | None, Request | Problem]:
    command_id: str | None = None
    try:
        if len(line) > _LINE_LIMIT:
            raise Problem(413, "body_too_large", "Line too long", f"A line may have {_LINE_LIMIT} bytes.")
        document = exact_json.read(line)
        if not isinstance(document, dict):
            raise FieldsInvalid([{"pointer": "", "rule": "object", "message": "A JSON object is wanted."}])
        fields = cast("dict[str, object]", document)
        command_id = _command_id(fields)
        return command_id, request_of(_parsed(fields, command_id))
    except (NotJson, TooDeep, CommandUnknown, FieldsInvalid, IdInvalid) as fault:
        return command_id, refusals.of_document(fault)
    except Problem as problem:
        return command_id, problem


def _command_id(fields: dict[str, object]) -> str:
    sent = fields.get("command_id")
    if sent is None:
        return uuid4().hex
    if not isinstance(sent, str):
        raise IdInvalid
    return reading.command_id(sent)


def _parsed(fields: dict[str, object], command_id: str) -> Line:
    errors = [
        {"pointer": f"/{name}", "rule": "unknown_field", "message": f"A line has {', '.join(sorted(_FIELDS))}."}
        for name in sorted(fields.keys() - _FIELDS)
    ]
    errors += [
        {"pointer": f"/{name}", "rule": "missing", "message": "The field is required."}
        for name in ("type", "data")
        if name not in fields
    ]
    name, version = fields.get("type"), fields.get("expected_version")
    if "type" in fields and not isinstance(name, str):
        errors.append({"pointer": "/type", "rule": "string", "message": "The name of a command is wanted."})
    if version is not None and (isinstance(version, bool) or not isinstance(version, int) or version < 0):
        errors.append({"pointer": "/expected_version", "rule": "version", "message": "A whole number is wanted."})
    if errors:
        raise FieldsInvalid(errors)
    kind = reading.command_type(cast("str", name))
    return Line(reading.command(kind, fields["data"], _DATA), command_id, cast("int | None", version))


def _line(command_id: str | None, answer: Reply | Refusal | Problem) -> bytes:
    if isinstance(answer, Reply):
        # The stored bytes of the reply stand in the line as they are.
        status = 201 if answer.created else 200
        return b'{"command_id":%s,"status":%d,"body":%s}\n' % (to_json(command_id), status, answer.body)
    problem = refusals.of_refusal(answer, _DATA) if isinstance(answer, Refusal) else answer
    return to_json({"command_id": command_id, "status": problem.status, "body": problem.document()}) + b"\n"
