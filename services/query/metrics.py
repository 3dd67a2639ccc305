"""What the query service counts and times."""

from prometheus_client import Gauge, Histogram

ANSWER_SECONDS = Histogram(
    "okr_query_answer_seconds",
    "Time to answer a query, by its address; waiting for a sequence included, sending a streamed answer not.",
    ["query"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)
CONNECTION_SECONDS = Histogram(
    "okr_query_connection_seconds",
    "Time until a connection of the pool was free; after 5 s the reader is asked to come back.",
    buckets=(0.0001, 0.001, 0.01, 0.1, 0.5, 1, 5),
)
_WAIT_SECONDS = Histogram(
    "okr_query_wait_seconds",
    "Time that readers waited for a read model to reach the sequence that they asked for; only of those who had to."
    " outcome: reached, or gave_up.",
    ["outcome"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
REACHED_SECONDS = _WAIT_SECONDS.labels("reached")
GAVE_UP_SECONDS = _WAIT_SECONDS.labels("gave_up")
STREAM_READERS = Gauge("okr_query_stream_readers", "Readers that follow a stream of events.")
