"""
The next epoch of a ledger: for an operator, after a restore that lost events or may have lost some.

Numbers that were given out before are used again. Under the next epoch, whose CloudEvents source is another one, a
reused number is never mistaken for the lost one.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg

from okr_contracts.actor import Actor
from okr_contracts.envelope import Recorded, encode
from okr_contracts.events import EpochBegun, OrganisationRegistered
from services.ledger import store
from services.ledger.cache import Head


@dataclass(frozen=True, slots=True)
class Begun:
    """The epoch that an organisation's ledger is in now, and the sequence of the event that began it."""

    organisation: str
    epoch: int
    sequence: int


class LedgerIsWrittenTo(Exception):
    """Somebody appends: an epoch is begun while no ledger service runs."""

    def __init__(self, organisation: str) -> None:
        super().__init__(f"The ledger of {organisation} is being written to. Stop every ledger service first.")


async def every_head(connection: asyncpg.Connection) -> dict[str, Head]:
    """The heads of all organisations, by name; *connection* acts as the owner of the ledger."""
    rows = await connection.fetch(
        "SELECT organisation, sequence, epoch, recorded_at FROM ledger.heads WHERE sequence > 0 ORDER BY organisation"
    )
    return {row["organisation"]: Head(row["sequence"], row["epoch"], row["recorded_at"]) for row in rows}


async def begin_epoch(
    connection: asyncpg.Connection,
    organisation: str,
    head: Head,
    *,
    actor: Actor,
    reason: str,
    epoch: int,
    lost_up_to: int | None,
    now: datetime,
) -> Begun:
    """
    Begin *epoch* after *head*, with an EpochBegun by *actor*; *connection* acts as the owner of the ledger.

    *epoch* is later than that of the head, and than every epoch that is known to have been given out. *lost_up_to* is
    the highest sequence that is known to have been given out beyond the head. Raises LedgerIsWrittenTo where the head
    is another one meanwhile; nothing is changed then.
    """
    event = EpochBegun(organisation=organisation, previous_epoch=head.epoch, lost_up_to=lost_up_to, reason=reason)
    version, time_zone = await _organisation(connection, organisation, event.subject, head)
    recorded_at = max(now, head.recorded_at)
    recorded = Recorded(
        organisation=organisation,
        epoch=epoch,
        sequence=head.sequence + 1,
        version=version + 1,
        recorded_at=recorded_at,
        effective_on=recorded_at.astimezone(time_zone).date(),
        actor=actor,
        command_id=f"begin-epoch-{uuid4().hex}",
        correlation_id=None,
        causation_id=None,
        exception=None,
        event=event,
    )
    exact = encode(recorded)
    begun = await connection.fetchval(
        "SELECT ledger.begin_epoch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        organisation,
        head.sequence,
        head.epoch,
        recorded.epoch,
        recorded.recorded_at,
        recorded.subject,
        exact.entry,
        exact.data,
        exact.text,
        exact.data_secret,
        exact.text_secret,
    )
    if not begun:
        raise LedgerIsWrittenTo(organisation)
    return Begun(organisation, recorded.epoch, recorded.sequence)


async def _organisation(
    connection: asyncpg.Connection, organisation: str, subject: str, head: Head
) -> tuple[int, ZoneInfo]:
    """The version of the organisation, and the zone in which its days are counted."""
    found = await store.read_subjects(connection, [(organisation, subject, head.sequence)])
    own = found[organisation, subject]
    zones = [each.event.time_zone for each in own if isinstance(each.event, OrganisationRegistered)]
    return own[-1].version, ZoneInfo(zones[-1])
