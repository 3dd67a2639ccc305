"""Apache Kafka: waited for, its topics made with explicit settings, its client's log kept short."""

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from services.chassis.patience import Patience
from services.chassis.seldom import Seldom

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

EVENTS_TOPIC = "okr.events.v1"
_DAY_MS = 24 * 60 * 60 * 1000
_REQUEST_MS = 10_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic to be made, with *replication* copies of each partition: 1 on one machine, 3 in production."""

    name: str
    partitions: int
    replication: int = 1
    configs: Mapping[str, str] = field(default_factory=dict[str, str])


def events_topic(partitions: int = 4, replication: int = 1) -> Topic:
    """Every event of every organisation, kept for 30 days; whatever is older comes from the ledger."""
    return Topic(
        EVENTS_TOPIC,
        partitions,
        replication,
        {
            "cleanup.policy": "delete",
            "retention.ms": str(30 * _DAY_MS),
            "segment.ms": str(_DAY_MS),
            # A value has at most 256 KiB, refused when decided; a batch of several may be larger than one value.
            "max.message.bytes": str(1 << 20),
            # The publisher compresses; a broker that did it again would only burn time.
            "compression.type": "producer",
        },
    )


async def wait_for_broker(bootstrap: str) -> None:
    """Returns once a broker at *bootstrap* answers Metadata, however long that takes."""
    patience = Patience()
    seldom = Seldom(log)
    while not await answers(bootstrap):
        seldom.warning("broker_not_reached", bootstrap=bootstrap)
        await patience.wait()


async def answers(bootstrap: str) -> bool:
    """Whether a broker at *bootstrap* answers Metadata now. An open port would prove nothing."""
    # A new object each time: one that failed to start does not recover.
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except (KafkaError, OSError):
        return False
    finally:
        with contextlib.suppress(KafkaError, OSError):
            await client.close()


async def make_topics(bootstrap: str, topics: Sequence[Topic]) -> list[str]:
    """Makes those of *topics* that are missing; their names. One that exists is left as it is. Waits for the broker."""
    await wait_for_broker(bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in existing]
        if not missing:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=dict(topic.configs))
                for topic in missing
            ]
        )
    finally:
        await admin.close()
    made: list[str] = []
    for name, code, *_ in answer.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:  # somebody may have made it a moment ago
            raise for_code(code)(f"topic {name} could not be made")
        if not code:
            made.append(name)
            log.info("topic_made", topic=name)
    return made


class _Seldom(logging.Handler):
    """Passes each sentence of a logger on to the root's handlers at most once in *every* seconds."""

    def __init__(self, every: float) -> None:
        super().__init__()
        self._every = every
        self._last: dict[tuple[str, str], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        key = (record.name, str(record.msg))  # the sentence before its values are filled in
        now = time.monotonic()
        if now - self._last.get(key, -self._every) >= self._every:
            self._last[key] = now
            logging.getLogger().handle(record)


def calm_client_log(every: float = 10.0, client: str = "aiokafka") -> None:
    """Limits a client's log: that of Kafka's writes ten warnings a second in each process without a broker."""
    logger = logging.getLogger(client)
    logger.propagate = False
    logger.handlers = [_Seldom(every)]
