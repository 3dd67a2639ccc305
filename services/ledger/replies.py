"""What the command routes read beside the ledger's own answers."""

import asyncio
import json
from collections.abc import Sequence
from time import monotonic
from typing import TypedDict, cast

import asyncpg
import structlog

from services.chassis import postgres
from services.ledger.domain.refusal import Refusal
from services.ledger.request import Request

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_FIRST_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 0.1


class KnownCommand(TypedDict):
    """A command that the ledger has a reply for; the digest is that of the imported record, if there was one."""

    command_id: str
    sequence: int
    source_digest: str | None


class Replies:
    """
    Look-ups over a pool whose connections have the lanes' role.

    *read_models* are the names of those that ``Prefer: wait`` waits for.
    """

    def __init__(self, pool: asyncpg.Pool, read_models: Sequence[str]) -> None:
        self._pool = pool
        self._read_models = list(read_models)

    async def find(self, organisation: str, command_ids: Sequence[str]) -> list[KnownCommand]:
        """Those of *command_ids* that the ledger knows, in no particular order."""
        rows = await self._pool.fetch("SELECT * FROM ledger.find_replies($1, $2)", organisation, command_ids)
        known: list[KnownCommand] = []
        for row in rows:
            words = cast("dict[str, str | None]", json.loads(row["words"])) if row["words"] else {}
            reply = cast("dict[str, int]", json.loads(row["reply"]))
            known.append(
                KnownCommand(
                    command_id=row["command_id"],
                    sequence=reply["sequence"],
                    source_digest=words.get("import_source_digest"),
                )
            )
        return known

    async def note_refused(self, request: Request, refusal: Refusal) -> None:
        """
        Note that somebody tried what is not theirs to do, by command and reason, so that nobody can fill the records.

        Nothing was done: that it could not be noted is a line of the log, and the refusal stands.
        """
        actor = f"{request.actor.kind}/{request.actor.id}"
        if request.actor.on_behalf_of is not None:
            actor = f"{actor} for person/{request.actor.on_behalf_of}"
        told = (request.organisation, actor, refusal.code, [type(request.command).__name__], "/commands")
        try:
            await self._pool.execute("SELECT ledger.note_access($1, $2, $3, $4, $5)", *told)
        except (asyncpg.PostgresError, *postgres.LOST) as lost:
            log.warning("refusal_not_noted", code=refusal.code, cause=type(lost).__name__)

    async def wait_until_read(self, organisation: str, sequence: int, seconds: float) -> bool:
        """Whether all read models have *sequence* within *seconds*."""
        deadline = monotonic() + seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                reached = await self._pool.fetchval(
                    "SELECT ledger.read_positions($1, $2)", organisation, self._read_models
                )
            except (asyncpg.PostgresError, *postgres.LOST) as lost:
                # The command is written: not to know how far the read models are must not hide that.
                log.warning("positions_not_read", cause=type(lost).__name__)
                return False
            if reached is not None and reached >= sequence:
                return True
            left = deadline - monotonic()
            if left <= 0:
                return False
            await asyncio.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def alive(self) -> str | None:
        """A health check: None while the ledger's database answers."""
        await self._pool.fetchval("SELECT 1")
        return None
