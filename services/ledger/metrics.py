"""What the ledger counts and times. Children are bound once: finding one by its labels costs more than counting."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)

_COMMANDS: Final = Counter("okr_ledger_commands_total", "Commands answered, by outcome: taken or refused.", ["outcome"])
TAKEN: Final = _COMMANDS.labels("taken")
REFUSED: Final = _COMMANDS.labels("refused")
FULL: Final = Counter(
    "okr_ledger_refused_as_full_total", "Commands refused with 429, because too many waited for their lane."
)
WAITING: Final = Gauge("okr_ledger_queue_commands", "Commands that wait for a lane, an atomic batch as one.", ["lane"])
QUEUE_LIMIT: Final = Gauge("okr_ledger_queue_limit_commands", "Most that may wait for each lane.")
QUEUE_SECONDS: Final = Histogram(
    "okr_ledger_queue_seconds", "How long the first command of a group had waited for its turn.", buckets=_SECONDS
)
GROUP_COMMANDS: Final = Histogram(
    "okr_ledger_group_commands",
    "Commands decided and appended together.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096),
)
GROUP_SECONDS: Final = Histogram(
    "okr_ledger_group_seconds", "Time to decide and append a group, lost races included.", buckets=_SECONDS
)
DECIDE_SECONDS: Final = Histogram(
    "okr_ledger_decide_seconds", "Time to read what a group needs and to decide it once.", buckets=_SECONDS
)
APPEND_SECONDS: Final = Histogram(
    "okr_ledger_append_seconds", "Time to append a group once, the commit included.", buckets=_SECONDS
)
APPENDED_EVENTS: Final = Counter("okr_ledger_events_appended_total", "Events appended.")
LOST_RACES: Final = Counter(
    "okr_ledger_lost_races_total", "Groups of an organisation decided again because its head had moved."
)
LOST_CONNECTIONS: Final = Counter(
    "okr_ledger_lost_connections_total", "Groups whose connection was lost; what became of them is looked up."
)
CACHE_HITS: Final = Counter("okr_ledger_cache_hits_total", "Subjects that a group needed and that were folded already.")
CACHE_MISSES: Final = Counter(
    "okr_ledger_cache_misses_total", "Subjects that a group needed and that were folded from their events."
)
