"""What the projector is told by its environment."""

from pydantic import Field

from services.chassis.settings import DatabaseSettings, KafkaSettings, LogSettings, OperationsSettings


class ProjectorSettings(DatabaseSettings, KafkaSettings, LogSettings, OperationsSettings):
    """Settings of `okr run projector`."""

    instance_id: str | None = None
    """Name of this process among all living ones, the same after a restart. Default: none, which waits a session."""
    projections: tuple[str, ...] = ()
    """Read models kept by this process, as a JSON list. Default: all of them."""
    session_seconds: float = Field(10.0, ge=6, le=300)
    """Seconds after which Kafka gives the partitions of a silent process to another."""
    projection_check_seconds: float = Field(5.0, ge=0.1, le=300)
    """Seconds between two comparisons of positions with the heads of the ledger."""
