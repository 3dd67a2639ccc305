"""
How single attributes and the value of a record are written.

Whoever only hands on what is stored needs no model of any event; they take as much memory as all else of a publisher.
"""

from urllib.parse import quote

from okr_contracts.actor import Actor


def source(organisation: str, epoch: int) -> str:
    """The CloudEvents source of an organisation's events: from the second epoch on it names the epoch."""
    return f"/organisations/{organisation}" if epoch == 1 else f"/organisations/{organisation}/e{epoch}"


def write_actor(actor: Actor) -> str:
    """The actor as a header: ``person/p1``, or ``service/sync?on_behalf_of=p1``."""
    behalf = f"?on_behalf_of={quote(actor.on_behalf_of, safe='')}" if actor.on_behalf_of else ""
    return f"{actor.kind}/{quote(actor.id, safe='')}{behalf}"


def value(data: bytes, text: bytes | None) -> bytes:
    """The record's value: both stored parts, put side by side without encoding them again."""
    return b'{"data":%b,"text":%b}' % (data, text or b"null")
