"""Who read what is restricted, and who tried what they may not: noted before the answer is given, and shown to few."""

from collections.abc import Collection
from datetime import date
from typing import Final

import asyncpg

from okr_contracts.fields import write_instant
from services.chassis.auth import Identity
from services.query.answers import Asked, Connection, NotAllowed, Page
from services.query.statements import statement
from services.query.visibility import READS_EVERYTHING

_WAIT_SECONDS: Final = 5.0


def actor_of(identity: Identity) -> str:
    """Who asks, and on whose behalf, as the records name them."""
    own = f"{identity.actor_kind}/{identity.actor_id}"
    return own if identity.on_behalf_of is None else f"{own} for person/{identity.on_behalf_of}"


async def note(
    pool: asyncpg.Pool, organisation: str, identity: Identity, what: str, subjects: Collection[str], address: str
) -> None:
    """
    Note that *subjects* were read, or refused (*what*), at *address*; nothing where there are none.

    Raises what asyncpg raises where the database does not answer: what cannot be noted must not be shown.
    """
    if subjects:
        told = (organisation, actor_of(identity), what, sorted(subjects), address)
        # Whoever streams holds a connection of the same pool: rather cut off than wait for each other.
        async with pool.acquire(timeout=_WAIT_SECONDS) as connection:
            await connection.execute(statement("note_access"), *told)


async def records(connection: Connection, asked: Asked) -> Page:
    """What is on record, newest day first; for auditors and administrators."""
    if READS_EVERYTHING.isdisjoint(asked.roles):
        raise NotAllowed("Who read what is shown to an auditor and to an administrator.")
    after = asked.after or ("9999-12-31", "", "", "", "")
    day = date.fromisoformat(str(after[0]))
    given = asked.parameters
    rows = await connection.fetch(
        statement("access_records"),
        asked.organisation,
        given.get("actor"),
        given.get("subject"),
        day,
        *map(str, after[1:]),
        asked.limit + 1,
    )
    items = [
        {
            "on": row["on_day"].isoformat(),
            "actor": row["actor"],
            "what": row["what"],
            "subject": row["subject"],
            "address": row["address"],
            "first_at": write_instant(row["first_at"]),
            "last_at": write_instant(row["last_at"]),
            "times": row["times"],
        }
        for row in rows[: asked.limit]
    ]
    last = items[-1] if len(rows) > asked.limit else None
    names = ("on", "actor", "what", "subject", "address")
    return Page(items, None if last is None else tuple(str(last[name]) for name in names))
