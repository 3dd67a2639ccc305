"""What the projector counts, for Prometheus; each by read model."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

APPLIED: Final = Counter("okr_projector_applied_events_total", "Events applied.", ["projection"])
BATCH_SECONDS: Final = Histogram(
    "okr_projector_batch_seconds",
    "Time to apply what one poll brought, retries included.",
    ["projection"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)
BATCH_RECORDS: Final = Histogram(
    "okr_projector_batch_records",
    "Records that one poll brought.",
    ["projection"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
)
SEEN: Final = Counter("okr_projector_seen_events_total", "Events that came again and were skipped.", ["projection"])
FROM_LEDGER: Final = Counter(
    "okr_projector_events_from_ledger_total", "Events that Kafka did not deliver, read from the ledger.", ["projection"]
)
SET_ASIDE: Final = Counter(
    "okr_projector_set_aside_total", "Records that are no events of the ledger.", ["projection", "reason"]
)
REFUSED: Final = Counter(
    "okr_projector_refused_commits_total",
    "Transactions refused because another process had moved a position; alarm above 3 a minute.",
    ["projection"],
)
RETRIED: Final = Counter(
    "okr_projector_retries_total", "Attempts that failed and are repeated.", ["projection", "cause"]
)
PARKED: Final = Gauge("okr_projector_parked_organisations", "Organisations that stopped at an event.", ["projection"])
LAG_EVENTS: Final = Gauge(
    "okr_projector_lag_events",
    "Events in the ledger that are not applied, by partition of the topic, parked organisations apart. Every process"
    " sees all partitions.",
    ["projection", "partition"],
)
LAG_SECONDS: Final = Gauge(
    "okr_projector_lag_seconds",
    "How long ago the oldest head that is not reached was recorded, by partition, parked organisations apart.",
    ["projection", "partition"],
)
LAST_POLL: Final = Gauge(
    "okr_projector_last_poll_timestamp_seconds", "When Kafka was last asked with success.", ["projection"]
)
