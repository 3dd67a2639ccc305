"""What the ledger counts and times."""

from prometheus_client import Counter, Histogram

COMMANDS = Counter("okr_ledger_commands", "Commands answered, by outcome: taken or refused.", ["outcome"])
APPENDED_EVENTS = Counter("okr_ledger_events_appended", "Events appended.")
LOST_RACES = Counter("okr_ledger_lost_races", "Groups of an organisation decided again because its head had moved.")
GROUP_SECONDS = Histogram(
    "okr_ledger_group_seconds",
    "Time to decide and append a group.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
