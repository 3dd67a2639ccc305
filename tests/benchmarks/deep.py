"""
What alignment costs: deep and wide graphs against flat ones, earlier days against today, an explanation against a read.

Everything is appended through the ledger's own function and projected as the projector does it, one process, on a
server of its own.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Final

from okr_contracts.envelope import Recorded, encode
from okr_contracts.events import (
    AlignmentLinked,
    CheckInRecorded,
    CycleOpened,
    CyclePlanned,
    Event,
    KeyResultAdded,
    KeyResultRedefined,
    ObjectiveCreated,
    OrganisationRegistered,
    PersonAdded,
)
from okr_contracts.fields import MeasureUnit, Owner, Parent, Thresholds
from projections import progress
from projections.positions import Move, Position, advance
from projections.progress.as_of import Moment, standings
from services.chassis import postgres
from services.ledger.store import Addition, NewEvent, append
from tests.benchmarks.grown import ACTOR, AFTERWARDS, BEGAN, FIRST_DAY, TODAY
from tests.benchmarks.row import Row, in_turn
from tests.benchmarks.servers import ledger_database, postgres_server
from tests.integration.query.reader import reader

LEVELS: Final = 10
PARENTS: Final = 3
_GROUP: Final = 64
_CHECK_INS: Final = 2_048
_REDEFINITIONS: Final = 64
_TREES: Final = (1_000, 10_000)
_FILL: Final = 2_000
_PERCENT: Final = MeasureUnit(kind="percent")


@dataclass
class _Organisation:
    """An organisation that grows: its events are appended and projected, batch after batch."""

    url: str
    name: str
    sequence: int = 0
    versions: dict[str, int] = field(default_factory=dict[str, int])
    check_ins: int = 0

    def recorded(self, events: Sequence[tuple[Event, date]]) -> list[Recorded]:
        """The next events, numbered."""
        made: list[Recorded] = []
        for event, day in events:
            self.sequence += 1
            version = self.versions[event.subject] = self.versions.get(event.subject, 0) + 1
            made.append(
                Recorded(
                    self.name,
                    1,
                    self.sequence,
                    version,
                    BEGAN + timedelta(milliseconds=self.sequence),
                    day,
                    ACTOR,
                    f"{self.name}-{self.sequence}",
                    None,
                    None,
                    None,
                    event,
                )
            )
        return made

    async def add(self, events: Iterator[tuple[Event, date]], batch: int) -> float:
        """Append and project *events*, *batch* at a time, remembering what the projector remembers; events a second."""
        taken = list(events)
        batches = [self.recorded(taken[start : start + batch]) for start in range(0, len(taken), batch)]
        appending = await postgres.connect(self.url, "okr_ledger", command_seconds=None)
        connection = await postgres.connect(self.url, "okr_projector", command_seconds=None)
        applier = progress.READ_MODEL.applier()
        try:
            await connection.execute("SET synchronous_commit = off")
            begun = perf_counter()
            for each in batches:
                first, last = each[0], each[-1]
                addition = Addition(self.name, first.sequence - 1, 1, last.recorded_at)
                addition.events += [NewEvent(event, encode(event)) for event in each]
                assert await append(appending, [addition]) == {self.name: "appended"}
                start = Position(1, first.sequence - 1) if first.sequence > 1 else Position(0, 0)
                async with connection.transaction():
                    move = Move(self.name, start, Position(1, last.sequence), last.recorded_at)
                    await advance(connection, progress.READ_MODEL.name, [move])
                    await applier.apply(connection, progress.READ_MODEL.name, each)
                applier.committed()
            return len(taken) / (perf_counter() - begun)
        finally:
            await connection.close()
            await appending.close()

    def reports(self, key_result_ids: Sequence[str], count: int) -> Iterator[tuple[Event, date]]:
        """Check-ins on the key results in turn, each with another number than the one before."""
        for number in range(count):
            self.check_ins += 1
            yield (
                CheckInRecorded(
                    check_in_id=f"c{self.check_ins}",
                    key_result_id=key_result_ids[number % len(key_result_ids)],
                    value=Decimal(self.check_ins % 100),
                ),
                TODAY,
            )


async def measure() -> list[Row]:
    """The rows."""
    async with postgres_server() as server:
        rows: list[Row] = []
        async with ledger_database(server) as url:
            rows.append(await _deep_against_flat(url))
        async with ledger_database(server) as url:
            rows.append(await _redefined_at_the_root(url))
        for nodes in _TREES:
            async with ledger_database(server) as url:
                rows += await _read(url, nodes)
        return rows


async def _deep_against_flat(url: str) -> Row:
    deep, flat = _Organisation(url, "deep"), _Organisation(url, "flat")
    leaves = [f"k{place}" for place in range(PARENTS)]
    await deep.add(_begun(deep.name, _layered()), _FILL)
    await flat.add(_begun(flat.name, ((event, FIRST_DAY) for event in _flat())), _FILL)

    async def below_ten_levels() -> float:
        return await deep.add(deep.reports(leaves, _CHECK_INS), _GROUP)

    async def below_nothing() -> float:
        return await flat.add(flat.reports(leaves, _CHECK_INS), _GROUP)

    compared = await in_turn(below_ten_levels, below_nothing)
    settings = {"levels": LEVELS, "parents of each objective": PARENTS, "events a group": _GROUP}
    return compared.row(
        "check-in below ten levels of three parents, appended and projected",
        "events/s",
        0.3,
        "the same below one objective",
        settings,
    )


async def _redefined_at_the_root(url: str) -> Row:
    large, small = _Organisation(url, "large"), _Organisation(url, "small")
    await large.add(_begun(large.name, _tree(10_000)), _FILL)
    await small.add(_begun(small.name, _tree(10)), _FILL)

    async def of_many() -> float:
        return await large.add(_redefinitions(large), 1)

    async def of_few() -> float:
        return await small.add(_redefinitions(small), 1)

    compared = await in_turn(of_many, of_few)
    return compared.row(
        "redefinition at the root of 10,000 nodes, appended and projected",
        "events/s",
        0.67,
        "the same at the root of 10 nodes",
        {"key results of the root": 1, "events a transaction": 1},
    )


async def _read(url: str, nodes: int) -> list[Row]:
    grown = _Organisation(url, "read")
    await grown.add(_begun(grown.name, _tree(nodes)), _FILL)
    await grown.add(grown.reports([f"k{place}" for place in range(nodes // 2)], nodes), _FILL)
    connection = await postgres.connect(url, "okr_query", command_seconds=None)
    try:
        await connection.execute("SELECT set_config('okr.organisation', $1, false)", grown.name)
        today, earlier = Moment(TODAY, grown.sequence), Moment(TODAY - timedelta(days=1), grown.sequence)

        async def tree(moment: Moment) -> float:
            begun = perf_counter()
            found = await standings(connection, grown.name, moment, None)
            assert len(found.nodes) == nodes
            return 1 / (perf_counter() - begun)

        compared = await in_turn(lambda: tree(earlier), lambda: tree(today), rounds=7)
        rows = [
            compared.row(
                f"tree of {nodes:,} nodes as of yesterday",
                "trees/s",
                1 / 3,
                "the tree of today",
                {"nodes": nodes},
            )
        ]
        if nodes == min(_TREES):
            rows.append(await _explained(url, grown, nodes // 2))
        return rows
    finally:
        await connection.close()


async def _explained(url: str, grown: _Organisation, objectives: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        async with reader(url, Path(folder), AFTERWARDS) as asking:
            mine = asking.bearing(organisations=[grown.name]).of(grown.name)
            explained: list[float] = []
            read: list[float] = []
            for number in range(2 * objectives):
                begun = perf_counter()
                await mine.get(f"objectives/o{number % objectives}/progress", explain="true")
                between = perf_counter()
                await mine.get(f"events/{number + 1}")
                ended = perf_counter()
                if number >= objectives:
                    explained.append(between - begun)
                    read.append(ended - between)
    value, floor = (quantiles(times, n=100)[98] * 1000 for times in (explained, read))
    return Row(
        row="one level of explanation, p99",
        value=value,
        unit="ms",
        floor=floor,
        ratio=value / floor,
        aim="<= 10 times one event by its key, through the same service",
        met=value <= 10 * floor,
        raw={"values": [value], "floors": [floor]},
        settings={"questions": objectives, "about": "each objective of a tree of that many, three below each"},
    )


def _begun(organisation: str, objectives: Iterator[tuple[Event, date]]) -> Iterator[tuple[Event, date]]:
    yield OrganisationRegistered(organisation=organisation, name="Deep", time_zone="UTC"), FIRST_DAY
    yield PersonAdded(person_id="p", title="Gardener", unit_ids=("root",)), FIRST_DAY
    yield (
        CyclePlanned(
            cycle_id="q2",
            name="Second quarter",
            starts_on=FIRST_DAY,
            ends_on=date(2026, 6, 30),
            rule_version=1,
            thresholds=Thresholds(),
        ),
        FIRST_DAY,
    )
    yield CycleOpened(cycle_id="q2"), FIRST_DAY
    yield from objectives


def _layered() -> Iterator[tuple[Event, date]]:
    """Ten levels of three objectives, each with all three of the level above as its parents; key results below."""
    share = (Decimal(1) / PARENTS).quantize(Decimal("0.000001"))
    for level in range(LEVELS):
        for place in range(PARENTS):
            yield _objective(f"o{level}-{place}", top_level=level == 0), FIRST_DAY
            for parent in range(PARENTS if level else 0):
                yield _link(f"o{level}-{place}", f"o{level - 1}-{parent}", share), FIRST_DAY
    for place in range(PARENTS):
        yield _key_result(f"k{place}", f"o{LEVELS - 1}-{place}"), FIRST_DAY


def _flat() -> Iterator[Event]:
    yield _objective("o", top_level=True)
    for place in range(PARENTS):
        yield _key_result(f"k{place}", "o")


def _tree(nodes: int) -> Iterator[tuple[Event, date]]:
    """Half of *nodes* are objectives, three below each, and each has a key result."""
    for place in range(nodes // 2):
        yield _objective(f"o{place}", top_level=place == 0), FIRST_DAY
        yield _key_result(f"k{place}", f"o{place}"), FIRST_DAY
        if place:
            yield _link(f"o{place}", f"o{(place - 1) // 3}", Decimal(1)), FIRST_DAY


def _redefinitions(organisation: _Organisation) -> Iterator[tuple[Event, date]]:
    for number in range(_REDEFINITIONS):
        target = Decimal(100 + (organisation.sequence + number) % 50)
        redefined = KeyResultRedefined(
            key_result_id="k0", kind="increase", unit=_PERCENT, baseline=Decimal(0), target=target
        )
        yield redefined, TODAY


def _objective(objective_id: str, *, top_level: bool) -> Event:
    return ObjectiveCreated(
        objective_id=objective_id,
        cycle_id="q2",
        owner=Owner(kind="person", id="p"),
        title="Customers recommend us to their neighbours",
        ambition="aspirational",
        roll_up="both",
        top_level=top_level,
    )


def _key_result(key_result_id: str, objective_id: str) -> Event:
    return KeyResultAdded(
        key_result_id=key_result_id,
        objective_id=objective_id,
        title="Recommendations a week",
        kind="increase",
        unit=_PERCENT,
        baseline=Decimal(0),
        target=Decimal(100),
        weight=Decimal(1),
        source="check_ins",
        responsible_id="p",
        cadence_days=7,
    )


def _link(child_id: str, parent_id: str, share: Decimal) -> Event:
    return AlignmentLinked(
        child_id=child_id,
        parent=Parent(kind="objective", id=parent_id),
        effect="contributes",
        origin="laddered",
        weight=Decimal(1),
        share=share,
    )
