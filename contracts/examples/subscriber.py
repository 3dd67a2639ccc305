"""
A subscriber in forty lines: prints each event of every organisation once and in order, whatever Kafka delivers twice.

``python subscriber.py localhost:9092`` with ``okr-contracts`` and ``aiokafka`` installed.
"""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from okr_contracts.cloud_events import TOPIC, NotAnEvent, UnknownEvent, decode_record
from okr_contracts.envelope import Recorded
from okr_contracts.events import EpochBegun

# The last epoch and sequence done per organisation. Keep it where you keep what you make of the events and write both
# in one transaction: then a crash between them can neither lose an event nor do it twice.
done: dict[str, tuple[int, int]] = {}


def take(record: ConsumerRecord[bytes, bytes]) -> Recorded | None:
    """The event that *record* brings if it is the next one of its organisation; None for what was there before."""
    try:
        recorded = decode_record(record.headers, record.value)
    except NotAnEvent as why:
        print(f"offset {record.offset} is no event of the ledger: {why}", file=sys.stderr)
        return None
    organisation, sequence, event = recorded.organisation, recorded.sequence, recorded.event
    epoch, last = done.get(organisation, (1, 0))
    if recorded.epoch < epoch or (recorded.epoch == epoch and sequence <= last):
        return None
    begins = isinstance(event, EpochBegun) and event.previous_epoch <= epoch
    if sequence > last + 1 or (recorded.epoch > epoch and not begins):
        # Kafka keeps 30 days, the ledger everything: read GET …/events?after=<last done> up to here, then go on.
        raise LookupError(f"{organisation}: events between {last} and {sequence} are missing")
    if sequence <= last:
        # A restore lost them after you did them. The ledger goes on without: undo what you made of them, or say so.
        print(f"{organisation}: events {sequence} to {last} of epoch {epoch} were lost", file=sys.stderr)
    done[organisation] = (recorded.epoch, sequence)
    return recorded


async def subscribe(bootstrap_servers: str) -> None:
    """Read from the beginning; an UnknownEvent stops it, since skipping what one cannot read is losing it."""
    async with AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest") as consumer:
        async for record in consumer:
            if recorded := take(record):
                print(recorded.organisation, recorded.sequence, recorded.effective_on, recorded.event)


if __name__ == "__main__":
    try:
        asyncio.run(subscribe(sys.argv[1]))
    except UnknownEvent as newer:
        sys.exit(f"{newer}: install a newer okr-contracts and start again, nothing was lost")
