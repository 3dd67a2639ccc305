"""What the publisher counts, for Prometheus."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30)

PUBLISHED: Final = Counter("okr_publisher_published_events_total", "Events acknowledged by Kafka.")
BATCHES: Final = Counter("okr_publisher_batches_total", "Batches acknowledged by Kafka.")
BATCH_EVENTS: Final = Histogram(
    "okr_publisher_batch_events", "Events in a batch.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
)
BATCH_SECONDS: Final = Histogram(
    "okr_publisher_batch_seconds", "Time from handing a batch to Kafka until it was acknowledged.", buckets=_SECONDS
)
ACKNOWLEDGED: Final = Gauge(
    "okr_publisher_last_acknowledged_timestamp_seconds", "When Kafka last acknowledged a batch; 0: not yet."
)
LOOK_SECONDS: Final = Histogram(
    "okr_publisher_look_seconds", "Time to look at the heads for what is not published yet.", buckets=_SECONDS
)
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
