"""The ledger itself: every event, oldest first, as the bytes that were stored."""

from services.query.answers import Asked, BadParameter, Connection, NotFound, Page
from services.query.event_json import event_json
from services.query.parameters import sequence
from services.query.statements import statement


async def events(connection: Connection, asked: Asked) -> Page:
    """The events after a sequence; the next page is asked for by the last one seen, as any reader may do."""
    after = sequence("after", asked.parameters.get("after", "0"))
    rows = await connection.fetch(statement("events_after"), asked.organisation, after, asked.known_at, asked.limit + 1)
    shown = rows[: asked.limit]
    items = [event_json(row["entry"], row["data"], row["words"]) for row in shown]
    return Page(items, (shown[-1]["sequence"],) if len(rows) > asked.limit else None)


async def event(connection: Connection, asked: Asked, sequence_text: str) -> bytes:
    """One event."""
    try:
        wanted = sequence("sequence", sequence_text)
    except BadParameter as no_number:
        raise NotFound(f"event {sequence_text}") from no_number
    row = None
    if 0 < wanted <= asked.known_at:
        row = await connection.fetchrow(statement("events_after"), asked.organisation, wanted - 1, wanted, 1)
    if row is None:
        raise NotFound(f"event {wanted}")
    return event_json(row["entry"], row["data"], row["words"])
