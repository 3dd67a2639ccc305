"""What the publisher is told by its environment."""

from typing import Self

from pydantic import Field, model_validator

from services.chassis.settings import DatabaseSettings, KafkaSettings, LogSettings, OperationsSettings


class PublisherSettings(DatabaseSettings, KafkaSettings, LogSettings, OperationsSettings):
    """Settings of `okr run publisher`."""

    instance_id: str | None = None
    """Name of this process among all living ones, the same after a restart. Default: none, which waits for leases."""
    lease_seconds: float = Field(10.0, ge=1, le=300)
    """Seconds for which a partition belongs to one publisher; another takes over so long after it died."""
    publish_busy_seconds: float = Field(0.005, gt=0, le=1)
    """Seconds between two looks at the heads while there is something to publish."""
    publish_idle_seconds: float = Field(0.05, gt=0, le=60)
    """Seconds between two looks at the heads while there is nothing. Longer: less load, later events after a pause."""

    @model_validator(mode="after")
    def idle_is_no_busier(self) -> Self:
        """Raises ValueError if it would look more often while there is nothing."""
        if self.publish_busy_seconds > self.publish_idle_seconds:
            raise ValueError("OKR_PUBLISH_BUSY_SECONDS is longer than OKR_PUBLISH_IDLE_SECONDS: exchange them")
        return self
