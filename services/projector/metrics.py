"""What the projector counts, for Prometheus; each by read model."""

from typing import Final

from prometheus_client import Counter, Gauge

APPLIED: Final = Counter("okr_projector_applied_events_total", "Events applied.", ["projection"])
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
LAG_EVENTS: Final = Gauge("okr_projector_lag_events", "Events in the ledger that are not applied.", ["projection"])
LAG_SECONDS: Final = Gauge(
    "okr_projector_lag_seconds",
    "How long ago the oldest head that is not reached was recorded.",
    ["projection"],
)
LAST_POLL: Final = Gauge(
    "okr_projector_last_poll_timestamp_seconds", "When Kafka was last asked with success.", ["projection"]
)
