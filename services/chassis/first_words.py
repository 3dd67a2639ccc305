"""HTTP connections that are not held for those who say nothing: uvicorn's protocol with a limit on the head."""

import asyncio
from typing import ClassVar

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from services.chassis.problems import MEDIA_TYPE, Problem


class FirstWords(HttpToolsProtocol):
    """
    Closes a connection whose next request has no complete head *head_seconds* after it was made, or after the first
    byte of the request, or after an answer that did not wait for the body.

    uvicorn itself limits only the pause between two requests: without this, a connection that says nothing, or a byte
    a second, is held for ever.
    """

    head_seconds: ClassVar[float] = 10.0
    _head_deadline: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._await_head()

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_deadline is None:
            self._await_head()

    @override
    def on_headers_complete(self) -> None:
        self._head_is_there()
        super().on_headers_complete()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        # A refusal that needed no body: nobody reads the rest, so that no limit on bodies holds for it. Its first byte
        # ends uvicorn's own wait for the next request.
        if self.cycle.response_complete and self.cycle.more_body and self._head_deadline is None:
            self._await_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    @override
    def send_400_response(self, msg: str) -> None:
        """What is not HTTP is answered like every other refusal, unless that would look like another's answer."""
        if self.pipeline or (
            self.cycle
            and not self.cycle.response_complete
            and (self.cycle.response_started or not self.cycle.more_body)
        ):
            # An earlier request is whole and not answered yet: whoever sent it must not read this as its answer.
            self.transport.close()
            return
        problem = Problem(
            400, "not_http", "Not HTTP", "The request is not valid HTTP/1.1. Send it with an HTTP client."
        )
        body = problem.response().body
        head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
        self.transport.write(STATUS_LINE[400] + head + bytes(body))
        self.transport.close()

    def _await_head(self) -> None:
        self._head_deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def _give_up(self) -> None:
        if self.cycle and not self.cycle.response_complete:
            # An earlier request on this connection is still being answered.
            self._await_head()
        else:
            self.transport.close()

    def _head_is_there(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None
