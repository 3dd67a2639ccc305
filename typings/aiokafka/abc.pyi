from abc import ABC, abstractmethod
from collections.abc import Awaitable, Iterable

from aiokafka.structs import TopicPartition

class ConsumerRebalanceListener(ABC):
    @abstractmethod
    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> Awaitable[None] | None: ...
    @abstractmethod
    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> Awaitable[None] | None: ...

class AbstractTokenProvider(ABC):
    @abstractmethod
    async def token(self) -> str: ...
    def extensions(self) -> dict[str, str]: ...
