"""What Kafka was given of each ledger: after a restore it may know of events that the ledger has lost."""

from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from okr_contracts.cloud_events import NotAnEvent, identity
from services.chassis.topics import count_partitions

_POLL_MS: Final = 1_000


async def given_out(bootstrap: str, topic: str) -> dict[tuple[str, int], int]:
    """
    The highest sequence on *topic* by organisation and epoch; nothing where there is no such topic.

    Reads the topic from its beginning to where it ends now, by headers alone: the cost is its size. Raises KafkaError.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    highest: dict[tuple[str, int], int] = {}
    try:
        if topic not in await consumer.topics():
            return highest
        partitions = [TopicPartition(topic, each) for each in range(await count_partitions(bootstrap, topic))]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(each) < end for each, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                for record in records:
                    try:
                        organisation, epoch, sequence = identity(record.headers)
                    except NotAnEvent:
                        continue  # no event of any ledger, so none that could be missing from one
                    key = (organisation, epoch)
                    highest[key] = max(sequence, highest.get(key, 0))
    finally:
        await consumer.stop()
    return highest
