"""The services over HTTP, as the commands of this program need them."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, cast

import httpx

from services.cli.address import segment
from services.cli.connection import Connection
from services.cli.failures import Failure, Refused, Unreachable

JsonObject = dict[str, object]

# An import's batch may be decided in many groups; anything longer is no longer an answer.
_TIMEOUT: Final = httpx.Timeout(120, connect=5)
# Whoever changes something at a terminal looks at it next.
_UNTIL_READ: Final = "wait=5"
_NOT_FOUND: Final = 404
_BUSY: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command of a batch."""

    command_id: str
    status: int
    body: JsonObject

    @property
    def refused(self) -> bool:
        """Whether it was refused; *body* is a problem then."""
        return self.status >= httpx.codes.BAD_REQUEST


class NotThere(Refused):
    """There is nothing of that name."""


class Client:
    """One connection to the services; use it as a context manager. Everything that fails is a Failure."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._http = httpx.Client(
            base_url=connection.url, headers={"authorization": f"Bearer {connection.token}"}, timeout=_TIMEOUT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def command(self, name: str, body: Mapping[str, object], command_id: str | None = None) -> JsonObject:
        """Sends one command; the ledger's answer ``{command_id, sequence, events}``."""
        # The id is made here, so that a request that is sent again after a broken connection changes nothing.
        headers = {"idempotency-key": command_id or str(uuid.uuid4()), "prefer": _UNTIL_READ}
        path = f"{self.connection.base}/commands/{segment(name)}"
        return _object(self._send("POST", path, json=body, headers=headers))

    def register(self, organisation: str, name: str, time_zone: str, command_id: str | None = None) -> JsonObject:
        """Registers an organisation."""
        body = {"organisation": organisation, "name": name, "time_zone": time_zone}
        headers = {"idempotency-key": command_id or str(uuid.uuid4())}
        return _object(self._send("POST", "/v1/organisations", json=body, headers=headers))

    def batch(self, lines: Sequence[bytes]) -> list[Reply]:
        """Sends commands, one JSON object a line; their answers in the same order."""
        response = self._send(
            "POST",
            f"{self.connection.base}/commands",
            content=b"\n".join(lines) + b"\n",
            headers={"content-type": "application/x-ndjson"},
        )
        replies = [cast("JsonObject", json.loads(line)) for line in response.text.splitlines() if line]
        if len(replies) != len(lines):
            raise Unreachable(
                f"{len(lines)} commands were sent and {len(replies)} answers came back.",
                "Run it again: what was taken is not taken twice.",
            )
        return [
            Reply(str(reply["command_id"]), cast("int", reply["status"]), cast("JsonObject", reply["body"]))
            for reply in replies
        ]

    def known_replies(self, command_ids: Sequence[str]) -> dict[str, str | None]:
        """Which of these commands the ledger knows, each with the digest of the record that it came from."""
        body = {"command_ids": list(command_ids)}
        answer = _object(self._send("POST", f"{self.connection.base}/replies/lookup", json=body))
        items = cast("list[dict[str, str | None]]", answer["items"])
        return {str(item["command_id"]): item.get("source_digest") for item in items}

    def get(self, path: str, /, **parameters: str | int | None) -> JsonObject:
        """
        The answer to a query; *path* begins after the organisation, and each id in it is a `segment`.

        Raises NotThere for 404.
        """
        return _object(self._send("GET", f"{self.connection.base}/{path}", params=_given(parameters)))

    def pages(self, path: str, /, **parameters: str | int | None) -> Iterator[JsonObject]:
        """All items of a list, read page by page."""
        page = self.get(path, **parameters)
        while True:
            yield from cast("list[JsonObject]", page["items"])
            following = page.get("next")
            if not following:
                return
            page = _object(self._send("GET", str(following)))

    def outside(self, path: str) -> JsonObject | str:
        """What a path outside any organisation answers, such as ``/readyz``, be it ready or not."""
        try:
            response = self._http.get(path)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(self.connection.url, error) from error
        is_json = "json" in response.headers.get("content-type", "")
        return _object(response) if is_json else response.text

    def _send(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            # Only given parameters are passed: an empty mapping would cut the query off a page's address.
            response = self._http.request(
                method, path, json=json, content=content, params=params or None, headers=headers
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(self.connection.url, error) from error
        if response.is_error:
            raise _failure(response)
        return response


def _failure(response: httpx.Response) -> Failure:
    problem = _problem(response)
    title, detail = str(problem.get("title", "")), str(problem.get("detail", ""))
    errors = cast("list[dict[str, str]]", problem.get("errors") or [])
    fields = [
        f"{error.get('pointer', '')}: {error.get('message', '')}" for error in errors if error.get("message") != detail
    ]
    what = title or f"The service answered {response.status_code}."
    fix = "\n".join([detail, *fields]).strip()
    if response.status_code in _BUSY:
        return Unreachable(what, fix or "Try again in a moment.", problem)
    return (NotThere if response.status_code == _NOT_FOUND else Refused)(what, fix, problem)


def _problem(response: httpx.Response) -> JsonObject:
    try:
        return _object(response)
    except (ValueError, Unreachable):
        return {"title": f"The service answered {response.status_code}.", "status": response.status_code}


def _object(response: httpx.Response) -> JsonObject:
    try:
        answer: object = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Unreachable(
            f"{response.url} answered something that is no JSON object.", "Is this the address of an okr-ledger?"
        )
    return cast("JsonObject", answer)


def _unreachable(url: str, error: Exception) -> Unreachable:
    return Unreachable(
        f"{url} cannot be reached: {error}.", "Is it running? `okr up` starts it, --url or OKR_URL names another one."
    )


def _given(parameters: Mapping[str, str | int | None]) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items() if value is not None}
