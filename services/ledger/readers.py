"""A new event type is written only once everybody who keeps a read model can read it."""

from typing import Final

from okr_contracts.events import EVENT_TYPES
from services.chassis import postgres
from services.chassis.schema import TooOld

# Several times as long as projectors take between two signs of life.
_ALIVE_SECONDS: Final = 30.0


class ReadersTooOld(TooOld):
    """A living projector cannot read an event that this release may write."""

    def __init__(self, projection: str, instance: str, unknown: list[str]) -> None:
        super().__init__(
            f"The projector {instance} ({projection}) cannot read {', '.join(unknown)}: it is of an earlier release."
            " Deploy the projectors first, then the ledger. One that was stopped counts for half a minute."
        )


async def refuse_old_readers(database_url: str) -> None:
    """
    Raises ReadersTooOld where a projector that said so lately knows less than this release may write.

    Waits for the database.
    """
    await postgres.wait_for_database(database_url, "okr_ledger")
    connection = await postgres.connect(database_url, "okr_ledger", application="okr ledger")
    try:
        row = await connection.fetchrow(
            "SELECT * FROM ledger.unprepared_readers($1, $2) LIMIT 1", EVENT_TYPES, _ALIVE_SECONDS
        )
    finally:
        await connection.close()
    if row is not None:
        raise ReadersTooOld(row["projection"], row["instance"], row["unknown"])
