"""The stored bytes of a reply."""

import json

from okr_contracts.envelope import canonical_bytes
from services.ledger.request import Reply
from tests.pipeline import history


def test_a_reply_is_written_in_canonical_form_and_read_back() -> None:
    recorded = history("acme", 2)
    reply = Reply.of("c-1", 2, recorded)
    assert canonical_bytes(json.loads(reply.body)) == reply.body
    assert Reply.stored(reply.body).body == reply.body
    assert list(Reply.stored(reply.body).events) == list(reply.events)
    assert reply.sequence == Reply.stored(reply.body).sequence == 2
