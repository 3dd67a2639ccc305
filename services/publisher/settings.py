"""What the publisher is told by its environment."""

from pydantic import Field

from services.chassis.operations import OperationsSettings
from services.chassis.settings import DatabaseSettings, KafkaSettings, LogSettings


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
