"""A topic that is there, and how many partitions it has."""

from typing import Final

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from services.chassis.kafka import Topic, make_topics
from services.chassis.patience import Patience
from services.chassis.seldom import Seldom

_REQUEST_MS: Final = 10_000

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


async def make_and_count(bootstrap: str, topic: Topic) -> int:
    """The number of partitions of *topic*, which is made where it is missing. Waits for the broker, however long."""
    patience, seldom = Patience(), Seldom(_log)
    while True:
        try:
            await make_topics(bootstrap, [topic])
            if partitions := await count_partitions(bootstrap, topic.name):
                return partitions
        except (KafkaError, OSError) as failed:
            seldom.warning("topic_not_ready", topic=topic.name, cause=type(failed).__name__)
        await patience.wait()


async def count_partitions(bootstrap: str, topic: str) -> int:
    """How many partitions *topic* has, 0 where there is no such topic. Raises KafkaError, OSError."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    try:
        await client.bootstrap()
        await client.add_topic(topic)
        return len(client.cluster.partitions_for_topic(topic) or ())
    finally:
        await client.close()
