"""
Which organisations have events that are not published: looked for in the ledger, remembered in between.

A look reads the heads that changed since the last one: of every transaction which that one did not see, in whatever
order they committed. So it costs what happened, not how many organisations there are. What it relies on is that nobody
else moves what is published in the partitions that are held. Whenever that may have failed (a lease changed hands, the
connection is a new one), and every half minute in any case, a look reads all heads.
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from services.chassis.partitions import partition_of
from services.publisher import metrics

_SQL: Final = Path(__file__).parent / "sql"
_ALL: Final = (_SQL / "behind.sql").read_text()
_SINCE: Final = (_SQL / "behind_since.sql").read_text()

_ALL_EVERY_SECONDS: Final = 30.0
# With so many organisations that reading all heads takes long, it is done more seldom.
_SHARE_OF_THE_TIME: Final = 0.005


@dataclass(slots=True)
class Stretch:
    """The events of one organisation that are not published: beyond *after*, up to *head* as far as is known."""

    after: int
    head: int


class Behind:
    """What is behind in the partitions that are held; on one connection, made anew with it."""

    def __init__(self, topic: str, partitions: int) -> None:
        self._topic = topic
        self._partitions = partitions
        self._held: Mapping[int, int] = {}
        self._seen: str | None = None
        self._all_at = 0.0
        self._stretches: dict[int, dict[str, Stretch]] = defaultdict(dict)
        self._under_way: set[str] = set()
        self.asked_seconds = 0.0
        """What the last look cost."""

    async def look(self, connection: asyncpg.Connection, held: Mapping[int, int]) -> None:
        """Find what became due since the last look, in the partitions *held* (partition → epoch of the lease)."""
        started = time.monotonic()
        if held != self._held:
            self.forget()
            self._held = held
        if self._seen is None or started >= self._all_at:
            rows = await connection.fetch(_ALL, self._topic)
            took = time.monotonic() - started
            self._all_at = time.monotonic() + max(_ALL_EVERY_SECONDS, took / _SHARE_OF_THE_TIME)
        else:
            rows = await connection.fetch(_SINCE, self._topic, self._seen)
        self._seen = str(rows[0]["seen"])
        for _, organisation, after, head in rows:
            if organisation is not None and (partition := partition_of(organisation, self._partitions)) in held:
                self._note(partition, organisation, after, head)
        self.asked_seconds = time.monotonic() - started
        metrics.LOOK_SECONDS.observe(self.asked_seconds)

    def forget(self) -> None:
        """Trust nothing that was seen: the next look reads all heads."""
        self._seen = None
        self._stretches.clear()

    def is_due(self, partition: int) -> bool:
        """Whether anything is due in *partition*, whoever is held up."""
        return bool(self._stretches.get(partition))

    def partitions(self, held_up: Mapping[str, float]) -> set[int]:
        """The partitions in which something is due, but for organisations that are *held_up* until a time to come."""
        now = time.monotonic()
        return {
            partition
            for partition, stretches in self._stretches.items()
            if any(held_up.get(organisation, 0) <= now for organisation in stretches)
        }

    def turn(self, partition: int, wanted: int, held_up: Mapping[str, float]) -> dict[str, int]:
        """
        The organisations of *partition* that are served next, at most *wanted*, each with the sequence to go on after.

        Until `reached` is called for them, a look does not change from where they go on. Those that are *held_up* until
        a time yet to come are left out.
        """
        now = time.monotonic()
        turn: dict[str, int] = {}
        for organisation, stretch in self._stretches[partition].items():
            if len(turn) == wanted:
                break
            if held_up.get(organisation, 0) <= now:
                turn[organisation] = stretch.after
        self._under_way |= turn.keys()
        return turn

    def reached(self, partition: int, turn: Mapping[str, int], published: Mapping[str, int]) -> None:
        """The organisations of *turn* are *published* up to these sequences; where there is none, no further."""
        self._under_way -= turn.keys()
        stretches = self._stretches[partition]
        for organisation in turn:
            # Those served go to the end: busy ones must not starve the others.
            stretch = stretches.pop(organisation, None)
            if stretch is None:
                continue
            stretch.after = published.get(organisation, stretch.after)
            if stretch.after < stretch.head:
                stretches[organisation] = stretch

    def events(self) -> int:
        """How many events are due."""
        return sum(each.head - each.after for stretches in self._stretches.values() for each in stretches.values())

    def _note(self, partition: int, organisation: str, after: int, head: int) -> None:
        stretches = self._stretches[partition]
        known = stretches.get(organisation)
        if known is None:
            stretches[organisation] = Stretch(after, head)
            return
        known.head = head
        if organisation not in self._under_way:
            known.after = after
