"""What the publisher counts, for Prometheus."""

from typing import Final

from prometheus_client import Counter, Gauge

PUBLISHED: Final = Counter("okr_publisher_published_events_total", "Events acknowledged by Kafka.")
BATCHES: Final = Counter("okr_publisher_batches_total", "Batches acknowledged by Kafka.")
FAILURES: Final = Counter("okr_publisher_failures_total", "Rounds that failed and were tried again.", ["cause"])
BACKLOG: Final = Gauge("okr_publisher_backlog_events", "Events in the ledger that are not published yet.")
OLDEST: Final = Gauge("okr_publisher_oldest_unpublished_seconds", "Age of the oldest event that is not published yet.")
REFUSED: Final = Gauge(
    "okr_publisher_refused_organisations", "Organisations whose next event Kafka refuses as too large; alarm above 0."
)
LEASES: Final = Gauge("okr_publisher_leases_held", "Partitions that this process publishes.")
OUTRUN: Final = Counter(
    "okr_publisher_refused_advances_total",
    "Partitions published after the lease had gone to another process; alarm above 3 a minute.",
)
