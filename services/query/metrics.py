"""What the query service counts and times."""

from prometheus_client import Gauge, Histogram

ANSWER_SECONDS = Histogram(
    "okr_query_answer_seconds",
    "Time to answer a query, by its address; waiting for a sequence included, sending a streamed answer not.",
    ["query"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)
STREAM_READERS = Gauge("okr_query_stream_readers", "Readers that follow a stream of events.")
