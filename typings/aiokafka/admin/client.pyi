from collections.abc import Sequence
from ssl import SSLContext
from typing import Any, TypedDict

from aiokafka.abc import AbstractTokenProvider
from aiokafka.admin.config_resource import ConfigResource
from aiokafka.admin.new_partitions import NewPartitions
from aiokafka.admin.new_topic import NewTopic
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import OffsetAndMetadata, TopicPartition

class _TopicErrors:
    # topic, error code, and from protocol version 1 on the message
    topic_errors: Sequence[tuple[str, int, str | None]]

class _DeleteErrors:
    topic_error_codes: Sequence[tuple[str, int]]

class _Configs:
    # error code, message, type and name of the resource, its entries: name, value, and what else the version has
    resources: Sequence[tuple[int, str | None, int, str, Sequence[tuple[str, str | None, *tuple[object, ...]]]]]

class _Partition(TypedDict):
    error_code: int
    partition: int
    leader: int
    replicas: list[int]
    isr: list[int]

class _Topic(TypedDict):
    error_code: int
    topic: str
    partitions: list[_Partition]

class AIOKafkaAdminClient:
    def __init__(
        self,
        *,
        bootstrap_servers: str | list[str] = "localhost",
        client_id: str = ...,
        request_timeout_ms: int = 40000,
        connections_max_idle_ms: int = 540000,
        retry_backoff_ms: int = 100,
        metadata_max_age_ms: int = 300000,
        security_protocol: str = "PLAINTEXT",
        ssl_context: SSLContext | None = None,
        sasl_mechanism: str = "PLAIN",
        sasl_plain_username: str | None = None,
        sasl_plain_password: str | None = None,
        sasl_oauth_token_provider: AbstractTokenProvider | None = None,
    ) -> None: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    async def create_topics(
        self, new_topics: list[NewTopic], timeout_ms: int | None = None, validate_only: bool = False
    ) -> _TopicErrors: ...
    async def delete_topics(self, topics: list[str], timeout_ms: int | None = None) -> _DeleteErrors: ...
    async def list_topics(self) -> list[str]: ...
    async def describe_topics(self, topics: list[str] | None = None) -> list[_Topic]: ...
    async def describe_cluster(self) -> dict[str, Any]: ...
    async def describe_configs(
        self, config_resources: list[ConfigResource], include_synonyms: bool = False
    ) -> list[_Configs]: ...
    async def alter_configs(self, config_resources: list[ConfigResource]) -> list[object]: ...
    async def create_partitions(
        self, topic_partitions: dict[str, NewPartitions], timeout_ms: int | None = None, validate_only: bool = False
    ) -> _TopicErrors: ...
    async def list_consumer_group_offsets(
        self,
        group_id: str,
        group_coordinator_id: int | None = None,
        partitions: list[TopicPartition] | None = None,
    ) -> dict[TopicPartition, OffsetAndMetadata]: ...
    async def delete_records(
        self, records_to_delete: dict[TopicPartition, RecordsToDelete], timeout_ms: int | None = None
    ) -> dict[TopicPartition, int]: ...
