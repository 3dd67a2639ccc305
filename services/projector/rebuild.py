"""
A read model built anew beside the live one, from the ledger, while commands keep coming; then the two are switched.

The new generation never goes beyond the live one, so that both can be compared, and a switch never shows anybody an
older answer. All that is known of a rebuild is in the database, moved in the transactions that write its rows: whoever
is killed is followed by the next one, where it was.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Final, Literal

import asyncpg
import structlog

from okr_contracts.envelope import Recorded
from projections import generations
from projections.positions import Move, Position, PositionMoved, advance
from projections.read_model import ReadModel
from projections.verify import Verification, compare
from services.chassis import postgres
from services.chassis.faults import NO_FAULTS, Faults
from services.chassis.patience import Patience
from services.chassis.seldom import Seldom
from services.projector.failures import is_of_the_moment, reason_of
from services.projector.ledger_pages import PAGE_EVENTS, Ignored, LedgerPages, Page, read

_SQL: Final = Path(__file__).parent / "sql"
_LOST: Final = (_SQL / "rebuild_lost.sql").read_text()
_BEHIND: Final = (_SQL / "rebuild_behind.sql").read_text()

# Another attempt goes on where this one was: nothing is kept but in the database.
_PASSING: Final = (*postgres.LOST, asyncpg.TransactionRollbackError, asyncpg.LockNotAvailableError)
# With fewer events to go, waiting for the rest no longer holds anybody up.
_NEARLY_THERE: Final = 1_000
_NAMED_AT_MOST: Final = 10

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_Event = Recorded | Ignored
Stage = Literal["reading", "comparing", "switching", "waiting"]
Tell = Callable[[Stage, int, int], None]
"""``(stage, events applied, events to apply)``, called often."""


class RebuildRefused(Exception):
    """What was asked for cannot be done now; *fix* says what would help."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Stopped:
    """An event that the new generation cannot apply: its organisation cannot be switched."""

    organisation: str
    sequence: int
    event_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a rebuild, or a way back, ended. ``compared`` is None for a way back, which compares nothing."""

    projection: str
    generation: str
    switched: bool
    kept: str
    """The generation that was live before, or still is."""
    events: int
    """Events that this process applied."""
    compared: Verification | None
    stopped: tuple[Stopped, ...] = ()


def quiet(stage: Stage, done: int, total: int) -> None:
    """Tells nobody."""
    del stage, done, total


class Rebuild:
    """
    Builds the next generation of *read_model*, or goes on with the one that was left unfinished.

    *database_url* is that of a role which may make schemas, as the one that migrates; rows are written by the
    projector's role.
    """

    def __init__(
        self,
        read_model: ReadModel,
        database_url: str,
        *,
        accept_differences: bool = False,
        tell: Tell = quiet,
        page_events: int = PAGE_EVENTS,
        faults: Faults = NO_FAULTS,
    ) -> None:
        self._read_model = read_model
        self._url = database_url
        self._accept_differences = accept_differences
        self._tell = tell
        self._page_events = page_events
        self._faults = faults
        self._seldom = Seldom(_log)
        self._returning = ""
        """The kept generation that is on its way back; empty in a rebuild."""
        self._generation = ""
        self._left = ""
        self._applier = read_model.applier()
        self._stopped: dict[str, Stopped] = {}
        self._applied = 0
        self._done = 0
        self._total = 0

    async def run(self) -> Rebuilt:
        """Build, compare and switch; through as many losses of the database as it takes. Raises RebuildRefused."""
        patience = Patience()
        while True:
            try:
                return await self._attempt()
            except _PASSING as lost:
                if not self._generation:
                    # Nothing was begun: a person wants to hear that the address is wrong.
                    raise
                self._seldom.warning("database_lost", projection=self._read_model.name, cause=type(lost).__name__)
                self._tell("waiting", self._done, self._total)
            await patience.wait()

    async def back_to(self, generation: str) -> Rebuilt:
        """Bring *generation*, which is kept, to where the live one is, and make it the live one. Raises as `run`."""
        self._returning = generation
        return await self.run()

    async def _attempt(self) -> Rebuilt:
        async with _opened(_as_projector(self._url)) as writer, _opened(_as_projector(self._url)) as reader:
            name = self._read_model.name
            self._applier.forget()
            if not await generations.lock_generations(writer, name):
                raise RebuildRefused(
                    f"Another process is rebuilding or dropping a generation of {name} now.", "Wait for it to end."
                )
            live = await generations.live_generation(writer, name)
            if self._generation == live:
                # The answer to the switch was lost, not the switch.
                return self._outcome(switched=True, compared=None)
            self._left = live
            found = await generations.list_generations(writer, [name])
            under_way = next((one for one in found if one.state in ("building", "returning")), None)
            if under_way is not None and not self._is_this(under_way):
                raise _another_under_way(under_way)
            await (self._go_back(writer) if self._returning else self._find_or_begin(writer, under_way))
            return await self._build(reader, writer)

    async def _build(self, reader: asyncpg.Connection, writer: asyncpg.Connection) -> Rebuilt:
        await self._fill(reader, writer)
        async with _opened(_as_owner(self._url)) as owner:
            await generations.analyze_generation(owner, self._generation)
        compared = None
        if not self._stopped and not self._returning:
            compared = await self._compare(writer)
            self._faults.reached("rebuild.compared")
        if compared is None or compared.agrees or self._accept_differences:
            await self._fill(reader, writer)
            switched = not self._stopped and await self._switch(writer)
            return self._outcome(switched=switched, compared=compared)
        return self._outcome(switched=False, compared=compared)

    def _outcome(self, *, switched: bool, compared: Verification | None) -> Rebuilt:
        return Rebuilt(
            self._read_model.name,
            self._generation,
            switched,
            self._left,
            self._applied,
            compared,
            tuple(self._stopped[organisation] for organisation in sorted(self._stopped)),
        )

    def _is_this(self, under_way: generations.Generation) -> bool:
        if self._returning:
            return under_way.generation == self._returning
        return under_way.state == "building"

    async def _find_or_begin(self, writer: asyncpg.Connection, under_way: generations.Generation | None) -> None:
        """Go on with the generation that is *under_way*, or begin a new one where that cannot be gone on with."""
        name = self._read_model.name
        async with _opened(_as_owner(self._url)) as owner:
            if under_way is not None and (reason := await self._why_anew(writer, under_way)):
                _log.warning("rebuild_begun_anew", projection=name, left=under_way.generation, cause=reason)
                await generations.drop_generation(owner, under_way.generation)
                under_way = None
            if under_way is None:
                self._generation = await generations.begin_generation(owner, self._read_model)
                self._faults.reached("rebuild.begun")
            else:
                self._generation = under_way.generation

    async def _why_anew(self, writer: asyncpg.Connection, found: generations.Generation) -> str | None:
        if found.code != generations.code_of(self._read_model):
            return "it was begun by a release that folds otherwise"
        if await writer.fetch(_LOST, found.generation):
            return "a restore lost events that it has applied"
        return None

    async def _go_back(self, writer: asyncpg.Connection) -> None:
        if not await generations.return_generation(writer, self._returning):
            raise RebuildRefused(
                f"{self._returning} is not a generation of {self._read_model.name} that is kept.",
                "`okr projection list` shows which ones are.",
            )
        if lost := await writer.fetch(_LOST, self._returning):
            raise RebuildRefused(
                f"A restore lost events that {self._returning} has applied, in {_named(row[0] for row in lost)}.",
                f"Build it anew with `okr projection rebuild {self._read_model.name}`.",
            )
        self._generation = self._returning

    async def _fill(self, reader: asyncpg.Connection, writer: asyncpg.Connection) -> None:
        """Apply what the live generation has applied, pass by pass, until hardly anything is left."""
        listed = await generations.list_generations(writer, [self._read_model.name])
        this = next(one for one in listed if one.generation == self._generation)
        self._done, self._total = this.events, max(this.events, this.live_events)
        self._tell("reading", self._done, self._total)
        while await self._one_pass(reader, writer) > _NEARLY_THERE:
            pass

    async def _one_pass(self, reader: asyncpg.Connection, writer: asyncpg.Connection) -> int:
        """Every organisation once: the next page is read while this one is applied. How many events that were."""
        pages = self._pages(reader)
        before = self._applied
        reading = asyncio.create_task(pages.next())
        try:
            while page := await reading:
                reading = asyncio.create_task(pages.next())
                await self._apply(writer, page)
                self._applier.committed()
                self._tell("reading", self._done, max(self._done, self._total))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return self._applied - before

    def _pages(self, connection: asyncpg.Connection) -> LedgerPages:
        return LedgerPages(connection, self._read_model.name, self._generation, self._page_events)

    async def _rest(self, connection: asyncpg.Connection) -> None:
        """The same in the caller's transaction, on its one connection."""
        pages = self._pages(connection)
        while page := await pages.next():
            await self._apply(connection, page)

    async def _apply(self, writer: asyncpg.Connection, page: Page) -> None:
        events: list[_Event] = []
        for organisation, rows in groupby(page.rows, key=itemgetter("organisation")):
            if organisation not in self._stopped:
                events += self._decoded(organisation, page.starts[organisation], list(rows))
        if not events:
            return
        try:
            await self._write(writer, events, page.starts)
        except PositionMoved as moved:
            raise _two_at_once(self._read_model.name) from moved
        except Exception as failure:
            if is_of_the_moment(failure):
                raise
            for _, of_one in groupby(events, key=attrgetter("organisation")):
                await self._apart(writer, list(of_one), page.starts)

    async def _apart(self, writer: asyncpg.Connection, events: list[_Event], starts: dict[str, Position]) -> None:
        """Apply the events of one organisation in one go, or up to the one that cannot be applied."""
        organisation = events[0].organisation
        try:
            await self._write(writer, events, starts)
        except PositionMoved as moved:
            raise _two_at_once(self._read_model.name) from moved
        except Exception as failure:
            if is_of_the_moment(failure):
                raise
            if len(events) == 1:
                self._stop(Stopped(organisation, events[0].sequence, events[0].type, reason_of(failure)))
                return
            half = len(events) // 2
            await self._apart(writer, events[:half], starts)
            if organisation not in self._stopped:
                reached = Position(events[half - 1].epoch, events[half - 1].sequence)
                await self._apart(writer, events[half:], {**starts, organisation: reached})

    async def _write(self, writer: asyncpg.Connection, events: Sequence[_Event], starts: dict[str, Position]) -> None:
        """Rows and positions, in one transaction, or in a part of the caller's."""
        last = {recorded.organisation: recorded for recorded in events}
        moves = [
            Move(organisation, starts[organisation], Position(end.epoch, end.sequence), end.recorded_at)
            for organisation, end in last.items()
        ]
        async with writer.transaction():
            await advance(writer, self._generation, moves)
            if handled := [one for one in events if isinstance(one, Recorded)]:
                await self._applier.apply(writer, self._generation, handled)
            self._faults.reached("rebuild.before_commit")
        self._faults.reached("rebuild.after_commit")
        self._applied += len(events)
        self._done += len(events)

    def _decoded(self, organisation: str, start: Position, rows: Sequence[asyncpg.Record]) -> list[_Event]:
        """The events of one organisation, up to one that is missing or cannot be read."""
        events: list[_Event] = []
        for sequence, row in enumerate(rows, start.sequence + 1):
            if row["sequence"] != sequence:
                self._stop(Stopped(organisation, sequence, "", "the ledger does not have it"))
                break
            try:
                events.append(read(row, self._read_model.ignores))
            except (ValueError, KeyError, TypeError) as broken:
                self._stop(Stopped(organisation, sequence, "", reason_of(broken)))
                break
        return events

    def _stop(self, stopped: Stopped) -> None:
        self._stopped[stopped.organisation] = stopped
        _log.error(
            "organisation_not_rebuilt",
            projection=self._read_model.name,
            organisation=stopped.organisation,
            sequence=stopped.sequence,
            cause=stopped.reason,
        )

    async def _compare(self, writer: asyncpg.Connection) -> Verification:
        """
        Compare both generations as they are at the live one's positions, on one snapshot.

        The live one may go on meanwhile: what the new one still lacks in this snapshot is applied in it.
        """
        self._tell("comparing", self._done, self._total)
        async with writer.transaction(isolation="repeatable_read"):
            await self._rest(writer)
            return await compare(writer, self._read_model.name, self._left, self._generation, self._done)

    async def _switch(self, writer: asyncpg.Connection) -> bool:
        """
        Apply the very last events and make this generation the live one, in one transaction; whether it is.

        Nobody moves a position meanwhile, and whoever waits to do so sees that the generation it knew is kept.
        """
        self._tell("switching", self._done, self._total)
        async with writer.transaction():
            # On the rows' way to the disk others may be lost with a crash and come again; a switch must not be undone.
            await writer.execute("SET LOCAL synchronous_commit = on")
            # Behind a lock that is waited for others wait too: a projector that stands still must not stop them all.
            await writer.execute("SET LOCAL lock_timeout = '2s'")
            await writer.execute("LOCK TABLE projections.positions IN SHARE ROW EXCLUSIVE MODE")
            await writer.execute("SET LOCAL lock_timeout = 0")
            await self._rest(writer)
            if await writer.fetch(_BEHIND, self._read_model.name, self._generation, "", 1):
                return False
            await generations.make_live(writer, self._read_model.name, self._generation)
            self._faults.reached("rebuild.before_switch")
        self._faults.reached("rebuild.after_switch")
        _log.info("generation_switched", projection=self._read_model.name, live=self._generation, kept=self._left)
        return True


def _as_owner(url: str) -> Awaitable[asyncpg.Connection]:
    return postgres.connect(url, application="okr rebuild", command_seconds=None)


async def _as_projector(url: str) -> asyncpg.Connection:
    connection = await postgres.connect(url, "okr_projector", application="okr rebuild", command_seconds=None)
    # Rows and positions may be lost together with a crash, and come again. Plans made while the tables were empty would
    # be kept, and read them from end to end for each page.
    await connection.execute("SET synchronous_commit = off; SET plan_cache_mode = force_custom_plan")
    return connection


@asynccontextmanager
async def _opened(opening: Awaitable[asyncpg.Connection]) -> AsyncGenerator[asyncpg.Connection]:
    """A connection; after a failure nobody knows what it is in the middle of, and it is cut off."""
    connection = await opening
    try:
        yield connection
    except BaseException:
        connection.terminate()
        raise
    await connection.close()


def _another_under_way(found: generations.Generation) -> RebuildRefused:
    finish = f"rebuild {found.projection}" if found.state == "building" else f"switch {found.generation}"
    return RebuildRefused(
        f"{found.generation}, another generation of {found.projection}, is under way.",
        f"Finish it with `okr projection {finish}`, or give it up with `okr projection drop {found.generation}`.",
    )


def _two_at_once(name: str) -> RebuildRefused:
    return RebuildRefused(f"Another process moved a position of the generation of {name} under way.", "Start it again.")


def _named(organisations: Iterable[str]) -> str:
    listed = list(organisations)
    more = len(listed) - _NAMED_AT_MOST
    return ", ".join(listed[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
