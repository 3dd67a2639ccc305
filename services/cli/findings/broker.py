"""What Apache Kafka says: whether it answers, and whether the topic of events is as it has to be."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from okr_contracts.envelope import VALUE_LIMIT
from services.chassis import kafka, settings
from services.cli.findings.finding import Finding

# A record's headers, key and framing, generously.
_HEADERS_BYTES: Final = 4096
_REQUEST_MS: Final = 10_000
_DAY_MS: Final = 24 * 60 * 60 * 1000
_LEAST_RETENTION_MS: Final = 3 * _DAY_MS


async def of_broker(bootstrap: str, topic: str = kafka.EVENTS_TOPIC) -> AsyncIterator[Finding]:
    """All findings about the broker at *bootstrap* and its *topic* of events."""
    what = f"Apache Kafka {bootstrap}"
    if not await kafka.answers(bootstrap):
        yield Finding(what, "wrong", "does not answer", "Check OKR_KAFKA_BOOTSTRAP, and whether the broker runs.")
        return
    yield Finding(what, "ok", "answers")
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    try:
        await admin.start()
        # Asking for one topic by its name could make it.
        if topic not in await admin.list_topics():
            fix = "Publisher and projector make it when they start."
            yield Finding(f"topic {topic}", "note", "is not there yet", fix)
            return
        (found,) = await admin.describe_topics([topic])
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        configs = {entry[0]: entry[1] for resource in answer.resources for entry in resource[4]}
    except (KafkaError, OSError) as error:
        yield Finding(what, "wrong", f"could not be looked at any further: {type(error).__name__}", "Look at its log.")
        return
    finally:
        await admin.close()
    copies = min((len(each["replicas"]) for each in found["partitions"]), default=0)
    yield _partitions(len(found["partitions"]))
    yield _copies(copies, configs, [each["partition"] for each in found["partitions"] if each["leader"] < 0])
    for finding in _configs(configs):
        yield finding


def _partitions(count: int) -> Finding:
    what, found = "partitions of the topic", f"{count}"
    wanted = settings.read(settings.KafkaSettings, kafka_bootstrap="-").events_partitions
    if count != wanted:
        fix = "Nothing has to be done: the number counts when the topic is made, and never changes after that."
        return Finding(what, "note", f"{found}, and OKR_EVENTS_PARTITIONS says {wanted}", fix)
    return Finding(what, "ok", found)


def _copies(copies: int, configs: Mapping[str, str | None], leaderless: Sequence[int]) -> Finding:
    what, found = "copies of the topic", f"{copies} of each partition"
    needed = int(configs.get("min.insync.replicas") or 1)
    if leaderless:
        return Finding(what, "wrong", f"no broker leads partition {leaderless[0]}", "Start the brokers that hold it.")
    if needed > copies:
        fix = f"Lower min.insync.replicas of the topic to {copies}, or add copies."
        return Finding(what, "wrong", f"{found}, and min.insync.replicas is {needed}: nothing can be published", fix)
    return Finding(what, "ok", f"{found}, {needed} needed for an acknowledgement")


def _configs(configs: Mapping[str, str | None]) -> Iterator[Finding]:
    """What differs from the topic as it would be made; only what does harm is wrong."""
    wanted = kafka.events_topic().configs
    most = int(configs.get("max.message.bytes") or 0)
    if most < VALUE_LIMIT + _HEADERS_BYTES:
        fix = f"Raise max.message.bytes of the topic to {wanted['max.message.bytes']}."
        yield Finding("largest message", "wrong", f"{most} bytes, and an event may have {VALUE_LIMIT}", fix)
    else:
        yield Finding("largest message", "ok", f"{most} bytes")
    if (policy := configs.get("cleanup.policy")) != "delete":
        fix = "Set cleanup.policy of the topic to delete: compaction keeps one event of each organisation."
        yield Finding("cleanup of the topic", "wrong", f"{policy}", fix)
    retention = int(configs.get("retention.ms") or 0)
    days = f"{retention / _DAY_MS:.1f} days" if retention >= 0 else "for ever"
    if 0 <= retention < _LEAST_RETENTION_MS:
        fix = "Raise retention.ms: subscribers that are away for longer than that miss events."
        yield Finding("retention of the topic", "note", days, fix)
    else:
        yield Finding("retention of the topic", "ok", days)
