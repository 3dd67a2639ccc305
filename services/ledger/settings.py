"""What the ledger service is told by its environment."""

from pydantic import Field

from services.chassis.settings import DatabaseSettings, HttpSettings, LogSettings, TokenSettings


class LedgerSettings(DatabaseSettings, HttpSettings, TokenSettings, LogSettings):
    """Settings of `okr run ledger`."""

    kafka_bootstrap: str | None = None
    """Brokers as `host:9092`, only so that /readyz says whether they answer: commands are taken without them."""
    lanes: int = Field(default=2, ge=1, le=64)
    """Connections that append, each with one group in flight. More help only where the database has cores to spare."""
    group_limit: int = Field(default=256, ge=1, le=4096)
    """Most commands decided and appended together; 1 appends each alone. Larger: more a second, later first answer."""
    queue_limit: int = Field(default=2048, ge=1, le=100_000)
    """Most commands that wait for one lane; beyond it senders get 429 with Retry-After."""
    cached_subjects: int = Field(default=4_000, ge=100)
    """Most subjects that each lane keeps folded, 2 to 4 KB each; the others are folded again when needed."""
