"""
The id of a topic: a topic that was deleted and made anew has the same name and another id.

aiokafka asks for metadata in versions that have no ids, so the one version that is needed stands here: Metadata v12,
as in the protocol guide of Apache Kafka.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Final, Protocol, cast
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_REQUEST_MS: Final = 10_000


class _Uuid(AbstractType[UUID]):
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


class _MetadataResponse(Response):
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequestStruct(RequestStruct):
    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[_MetadataRequestStruct]):
    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(self, request_struct_class: type[_MetadataRequestStruct]) -> _MetadataRequestStruct:
        no_tags: dict[int, bytes] = {}
        return request_struct_class([(UUID(int=0), self._topic, no_tags)], False, False, no_tags)


async def topic_id(bootstrap: str, topic: str) -> str | None:
    """The id of *topic*, None where there is no such topic. Raises KafkaError while no broker answers."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    try:
        await client.bootstrap()
        answer = cast("_Answer", await client.send(client.get_random_node(), _MetadataRequest(topic)))
    finally:
        await client.close()
    for _error_code, name, found, *_ in answer.topics:
        # A topic that was made a moment ago has an id and may still say that it has no leader.
        if name == topic and found.int:
            return str(found)
    return None


class _Answer(Protocol):
    """What is read of the answer: of each topic its error code, name and id, and more."""

    topics: Sequence[tuple[int, str, UUID, bool, object, int, object]]
