"""
Organisations of a given size, and databases filled with them: for benchmarks of what grows.

Every tree has ten objectives on three levels and a key result for each, so that however many trees there are, one
check-in changes as many figures above it. The events are of the contracts' own encoding; they are copied into the
ledger's tables, as appending a million of them would take longer than the benchmark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Final

import asyncpg

from okr_contracts.actor import Actor
from okr_contracts.envelope import Recorded, encode
from okr_contracts.events import (
    AlignmentLinked,
    CheckInRecorded,
    CycleOpened,
    CyclePlanned,
    Event,
    KeyResultAdded,
    ObjectiveCreated,
    OrganisationRegistered,
    PersonAdded,
)
from okr_contracts.fields import MeasureUnit, Owner, Parent, Thresholds
from projections.positions import START, Move, Position, advance
from projections.read_model import ReadModel
from services.chassis import postgres
from services.ledger.request import Reply

ORGANISATION: Final = "grown"
ACTOR: Final = Actor("service", "grower")
CYCLE: Final = "q2"
FIRST_DAY: Final = date(2026, 4, 1)
TODAY: Final = date(2026, 5, 20)
BEGAN: Final = datetime(2026, 5, 20, 6, 0, tzinfo=UTC)
AFTERWARDS: Final = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
"""Later than every event here, on the same day: what the ledger and readers take for now."""

_OBJECTIVES_A_TREE: Final = 10
_PAGE: Final = 20_000
_BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Size:
    """*trees* of ten objectives and ten key results, and *check_ins* spread evenly over the key results."""

    trees: int
    check_ins: int

    @property
    def objectives(self) -> int:
        """How many objectives there are."""
        return self.trees * _OBJECTIVES_A_TREE

    @property
    def events(self) -> int:
        """How many events there are."""
        return 4 + self.trees * (3 * _OBJECTIVES_A_TREE - 1) + self.check_ins


def key_result_ids(trees: int) -> Iterator[str]:
    """The key results of so many trees, those of the leaves first of all: the ones with most figures above them."""
    for place in range(_OBJECTIVES_A_TREE - 1, -1, -1):
        for tree in range(trees):
            yield f"k{tree}-{place}"


def history(size: Size) -> Iterator[Recorded]:
    """The events of the organisation, dense from 1."""
    versions: dict[str, int] = {}
    for place, (event, day) in enumerate(_events(size)):
        # A check-in is a subject that is named once: remembering a million of them would be needless.
        version = 1
        if not isinstance(event, CheckInRecorded):
            version = versions[event.subject] = versions.get(event.subject, 0) + 1
        yield Recorded(
            organisation=ORGANISATION,
            epoch=1,
            sequence=place + 1,
            version=version,
            recorded_at=BEGAN + timedelta(milliseconds=place),
            effective_on=day,
            actor=ACTOR,
            command_id=f"command-{place + 1}",
            correlation_id=None,
            causation_id=None,
            exception=None,
            event=event,
        )


def _events(size: Size) -> Iterator[tuple[Event, date]]:
    yield OrganisationRegistered(organisation=ORGANISATION, name="Grown", time_zone="UTC"), TODAY
    yield PersonAdded(person_id="p", title="Gardener", unit_ids=("root",)), TODAY
    yield (
        CyclePlanned(
            cycle_id=CYCLE,
            name="Second quarter",
            starts_on=FIRST_DAY,
            ends_on=date(2026, 6, 30),
            rule_version=1,
            thresholds=Thresholds(),
        ),
        FIRST_DAY,
    )
    yield CycleOpened(cycle_id=CYCLE), FIRST_DAY
    for tree in range(size.trees):
        yield from ((event, FIRST_DAY) for event in _tree(tree))
    ids = list(key_result_ids(size.trees))
    for number in range(size.check_ins):
        # As time goes by: every key result is reported on again and again, from the first day of the cycle to today.
        day = FIRST_DAY + (TODAY - FIRST_DAY) * number // max(size.check_ins, 1)
        check_in = CheckInRecorded(
            check_in_id=f"c{number}",
            key_result_id=ids[number % len(ids)],
            value=Decimal(number % 101),
            confidence=number % 11,
            narrative="Two pilots were signed, one is delayed by the supplier; we go on as planned.",
        )
        yield check_in, day


def _tree(tree: int) -> Iterator[Event]:
    for place in range(_OBJECTIVES_A_TREE):
        yield ObjectiveCreated(
            objective_id=f"o{tree}-{place}",
            cycle_id=CYCLE,
            owner=Owner(kind="person", id="p"),
            title="Customers recommend us to their neighbours",
            ambition="aspirational",
            roll_up="both",
            top_level=place == 0,
        )
        yield KeyResultAdded(
            key_result_id=f"k{tree}-{place}",
            objective_id=f"o{tree}-{place}",
            title="Recommendations a week",
            kind="increase",
            unit=MeasureUnit(kind="number"),
            baseline=Decimal(0),
            target=Decimal(100),
            weight=Decimal(1),
            source="check_ins",
            responsible_id="p",
            cadence_days=7,
        )
        if place:
            yield AlignmentLinked(
                child_id=f"o{tree}-{place}",
                parent=Parent(kind="objective", id=f"o{tree}-{(place - 1) // 3}"),
                effect="contributes",
                origin="laddered",
                weight=Decimal(1),
                share=Decimal(1),
            )


async def fill_ledger(url: str, events: Iterator[Recorded]) -> int:
    """Copy *events* of one organisation into an empty ledger, as superuser; the newest sequence."""
    connection = await asyncpg.connect(url)
    last: Recorded | None = None
    try:
        while page := list(islice(events, _PAGE)):
            last = page[-1]
            await _copy(connection, page)
        assert last is not None, "there is at least one event"
        await connection.execute(
            "INSERT INTO ledger.heads (organisation, epoch, sequence, recorded_at) VALUES ($1, $2, $3, $4)",
            last.organisation,
            last.epoch,
            last.sequence,
            last.recorded_at,
        )
    finally:
        await connection.close()
    return last.sequence


async def _copy(connection: asyncpg.Connection, page: list[Recorded]) -> None:
    stored = [(recorded, encode(recorded)) for recorded in page]
    await connection.copy_records_to_table(
        "events",
        schema_name="ledger",
        columns=("organisation", "sequence", "epoch", "entry", "data", "text", "data_secret", "text_secret"),
        records=[
            (r.organisation, r.sequence, r.epoch, e.entry, e.data, e.text, e.data_secret, e.text_secret)
            for r, e in stored
        ],
    )
    await connection.copy_records_to_table(
        "event_subjects",
        schema_name="ledger",
        columns=("organisation", "subject", "sequence"),
        records=[(r.organisation, subject, r.sequence) for r in page for subject in r.event.touches],
    )
    await connection.copy_records_to_table(
        "replies",
        schema_name="ledger",
        columns=("organisation", "command_id", "content_salt", "content_hash", "reply"),
        records=[
            (r.organisation, r.command_id, bytes(16), bytes(32), Reply.of(r.command_id, r.sequence, [r]).body)
            for r in page
        ],
    )


async def fill_read_model(url: str, read_model: ReadModel, events: Iterator[Recorded]) -> None:
    """Fold *events* of one organisation into an empty read model, remembering what the projector remembers."""
    connection = await postgres.connect(url, "okr_projector", command_seconds=None)
    applier, start = read_model.applier(), START
    try:
        await connection.execute("SET synchronous_commit = off")
        while batch := list(islice(events, _BATCH)):
            last = batch[-1]
            end = Position(last.epoch, last.sequence)
            async with connection.transaction():
                await advance(connection, read_model.name, [Move(ORGANISATION, start, end, last.recorded_at)])
                await applier.apply(connection, read_model.name, batch)
            applier.committed()
            start = end
    finally:
        await connection.close()
