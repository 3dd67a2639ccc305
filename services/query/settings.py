"""What the query service is told by its environment."""

from pydantic import Field

from services.chassis.settings import DatabaseSettings, HttpSettings, LogSettings, TokenSettings


class QuerySettings(DatabaseSettings, HttpSettings, TokenSettings, LogSettings):
    """The query service reads; it needs a database, where to listen, and how tokens are verified."""

    query_connections: int = Field(8, ge=1, le=1000)
    """Connections to PostgreSQL that it uses at most; also how many queries are answered at the same time."""
    heartbeat_seconds: float = Field(15.0, gt=0, le=300)
    """The longest silence on a stream of events, in seconds; shorter than the time-out of any proxy before it."""
