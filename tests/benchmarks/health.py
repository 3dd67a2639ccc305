"""
Programme health of a large organisation, kept up with its check-ins.

50,000 people in 500 units, each with an objective of their own and three key results; its read model is filled with
all of that first. What is measured is how it keeps up with check-ins that come through Kafka.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Final

import asyncpg

from okr_contracts.envelope import Recorded
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
    UnitAdded,
)
from okr_contracts.fields import MeasureUnit, Owner, Parent, Thresholds
from projections import programme_health
from services.chassis.kafka import Topic, events_topic
from services.chassis.topics import make_and_count
from services.publisher.main import connect_as_publisher, publish
from tests.benchmarks.grown import ACTOR, BEGAN, CYCLE, FIRST_DAY, ORGANISATION, fill_ledger, fill_read_model
from tests.benchmarks.read_models import reading
from tests.benchmarks.row import ROUNDS, Row, in_turn
from tests.benchmarks.servers import kafka_server, ledger_database, postgres_server
from tests.pipeline import wait_until_published

PEOPLE: Final = 50_000
UNITS: Final = 500
KEY_RESULTS_A_PERSON: Final = 3
CHECK_INS: Final = 100_000
_NAME: Final = programme_health.READ_MODEL.name
_PUBLISHED_WITHIN_SECONDS: Final = 300


def history() -> Iterator[Recorded]:
    """The events of the organisation, dense from 1: first what stands, then the check-ins."""
    for place, event in enumerate(_events()):
        yield Recorded(
            organisation=ORGANISATION,
            epoch=1,
            sequence=place + 1,
            # Each subject is named once, but for the cycle.
            version=2 if isinstance(event, CycleOpened) else 1,
            recorded_at=BEGAN + timedelta(milliseconds=place),
            effective_on=FIRST_DAY + timedelta(days=place % 40) if isinstance(event, CheckInRecorded) else FIRST_DAY,
            actor=ACTOR,
            command_id=f"command-{place + 1}",
            correlation_id=None,
            causation_id=None,
            exception=None,
            event=event,
        )


STANDING: Final = 4 + UNITS + PEOPLE * (3 + KEY_RESULTS_A_PERSON)
"""How many events there are before the first check-in."""


def _events() -> Iterator[Event]:
    yield OrganisationRegistered(organisation=ORGANISATION, name="Grown", time_zone="UTC")
    yield UnitAdded(unit_id="root", name="Grown")
    for number in range(UNITS):
        above = "root" if number < 20 else f"u{number % 20}"
        yield UnitAdded(unit_id=f"u{number}", name=f"Unit {number}", parent_id=above)
    last_day = FIRST_DAY + timedelta(days=90)
    yield CyclePlanned(
        cycle_id=CYCLE, name="Q", starts_on=FIRST_DAY, ends_on=last_day, rule_version=1, thresholds=Thresholds()
    )
    yield CycleOpened(cycle_id=CYCLE)
    for number in range(PEOPLE):
        yield from _person(number)
    for number in range(CHECK_INS):
        key_result = number * 7 % (PEOPLE * KEY_RESULTS_A_PERSON)
        yield CheckInRecorded(
            check_in_id=f"c{number}",
            key_result_id=f"k{key_result // KEY_RESULTS_A_PERSON}-{key_result % KEY_RESULTS_A_PERSON}",
            value=Decimal(number % 101),
            confidence=number % 11,
            narrative="Two pilots were signed, one is delayed by the supplier; we go on as planned.",
        )


async def measure() -> list[Row]:
    """The row."""
    topic = events_topic()
    settings = {
        "people": PEOPLE,
        "key results": PEOPLE * KEY_RESULTS_A_PERSON,
        "events before": STANDING,
        "check-ins": CHECK_INS,
        "rounds": ROUNDS,
        "clock": "from the first batch to the last; each reading in a process of its own",
    }
    async with postgres_server() as server, ledger_database(server) as url, kafka_server() as bootstrap:
        newest = await fill_ledger(url, history())
        assert newest == STANDING + CHECK_INS
        await fill_read_model(url, programme_health.READ_MODEL, islice(history(), STANDING))
        await _publish(url, bootstrap, topic)
        compared = await in_turn(
            partial(_kept_up, url, bootstrap, topic.name),
            partial(reading, "consumption", url, bootstrap, topic.name, newest),
        )
    floor_is = "consumption alone: aiokafka, the same poll, nothing decoded"
    return [compared.row("Kafka to programme health of a large organisation", "events/s", 0.2, floor_is, settings)]


async def _publish(url: str, bootstrap: str, topic: Topic) -> None:
    publishing = asyncio.create_task(
        publish(partial(connect_as_publisher, url), bootstrap, topic.name, partial(make_and_count, bootstrap, topic))
    )
    try:
        await wait_until_published(url, topic, _PUBLISHED_WITHIN_SECONDS)
    finally:
        publishing.cancel()
        await asyncio.wait([publishing])


async def _kept_up(url: str, bootstrap: str, topic: str) -> float:
    """The speed of the check-ins; what stood before is there already."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("DELETE FROM programme_health.check_ins WHERE sequence > $1", STANDING)
        await connection.execute("DELETE FROM projections.partition_offsets WHERE projection = $1", _NAME)
        await connection.execute(
            "UPDATE projections.positions SET sequence = $2 WHERE projection = $1", _NAME, STANDING
        )
        await connection.execute("VACUUM ANALYZE programme_health.check_ins")
        return await reading(_NAME, url, bootstrap, topic, CHECK_INS)
    finally:
        await connection.close()


def _person(number: int) -> Iterator[Event]:
    """Somebody with an objective that is aligned with the manager's, and its key results."""
    manager = None if number == 0 else f"p{(number - 1) // 10}"
    yield PersonAdded(person_id=f"p{number}", manager_id=manager, unit_ids=(f"u{number % UNITS}",))
    yield ObjectiveCreated(
        objective_id=f"o{number}",
        cycle_id=CYCLE,
        owner=Owner(kind="person", id=f"p{number}"),
        title=f"Customers of market {number} recommend us",
        ambition="aspirational",
        roll_up="both",
        top_level=number == 0,
    )
    for place in range(KEY_RESULTS_A_PERSON):
        yield KeyResultAdded(
            key_result_id=f"k{number}-{place}",
            objective_id=f"o{number}",
            title="Launch the referral page",
            kind="increase",
            unit=MeasureUnit(kind="number"),
            baseline=Decimal(0),
            target=Decimal(100),
            weight=Decimal(1),
            source="check_ins",
            responsible_id=f"p{number}",
            cadence_days=7,
        )
    if number:
        yield AlignmentLinked(
            child_id=f"o{number}",
            parent=Parent(kind="objective", id=f"o{(number - 1) // 10}"),
            effect="contributes",
            origin="laddered" if number % 3 else "cascaded",
            weight=Decimal(1),
            share=Decimal(1),
        )
    else:
        yield CheckInRecorded(check_in_id="first", key_result_id="k0-0", value=Decimal(1))
