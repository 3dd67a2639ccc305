"""Subjects folded to the newest head that this process knows, within a bound."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from okr_contracts.envelope import Recorded
from services.ledger.domain.decide import fold
from services.ledger.domain.known import Folded

_CHECK_INS = "check-ins/"
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of an organisation's ledger; sequence 0 where there is no ledger yet."""

    sequence: int = 0
    epoch: int = 1
    recorded_at: datetime = _BEFORE_ALL

    def is_at(self, other: "Head") -> bool:
        """Whether both are the same place of the same ledger."""
        return self.sequence == other.sequence and (self.epoch == other.epoch or not self.sequence)


class Cache:
    """
    Folded subjects of many organisations; each is folded exactly up to its organisation's cached head.

    *limit* is the most subjects kept; check-ins go first, then the longest unused. Heads are kept for every
    organisation seen.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._folded: OrderedDict[tuple[str, str], Folded] = OrderedDict()
        self._heads: dict[str, Head] = {}

    def head(self, organisation: str) -> Head | None:
        """The cached head, None where it was not read yet."""
        return self._heads.get(organisation)

    def put_head(self, organisation: str, head: Head) -> None:
        """Start from *head*; the organisation has no folded subjects yet."""
        self._heads[organisation] = head

    def forget(self, organisation: str) -> None:
        """Drop all that is known of an organisation; it is read again when needed. Cost: the size of the cache."""
        self._heads.pop(organisation, None)
        for key in [key for key in self._folded if key[0] == organisation]:
            del self._folded[key]

    def get(self, organisation: str, subject: str) -> Folded | None:
        """The folded subject, None where it is not cached."""
        key = (organisation, subject)
        folded = self._folded.get(key)
        if folded is not None:
            self._folded.move_to_end(key)
        return folded

    def put(self, organisation: str, subject: str, folded: Folded) -> None:
        """Keep a subject that was folded up to the cached head."""
        self._folded[organisation, subject] = folded

    def advance(self, organisation: str, head: Head, events: Iterable[Recorded]) -> None:
        """Fold what somebody else appended into the subjects that are cached, and move the head."""
        for recorded in events:
            for subject in recorded.event.touches:
                before = self._folded.get((organisation, subject))
                if before is not None:
                    self._folded[organisation, subject] = fold(before, subject, recorded)
        self._heads[organisation] = head

    def commit(self, organisation: str, head: Head, view: "View") -> None:
        """Keep what a group saw and decided, now that it is written."""
        for subject, _ in view.unread:
            if subject not in view:
                # It was read after the group had passed it by: without what the group added.
                self._folded.pop((organisation, subject), None)
        for subject, folded in view.items():
            key = (organisation, subject)
            self._folded[key] = folded
            if subject.startswith(_CHECK_INS):
                # Hardly ever asked for again, and the most of all subjects: they would drive out the key results.
                self._folded.move_to_end(key, last=False)
        self._heads[organisation] = head

    def trim(self) -> None:
        """Forget the longest unused subjects beyond the limit; called between groups, never within one."""
        while len(self._folded) > self._limit:
            self._folded.popitem(last=False)


class View(dict[str, Folded]):
    """
    The subjects of one organisation as a group sees them: what it decided itself, over what is cached.

    It holds what it was asked for. *before* is what the group before it sees, if that one is not written yet. Raises
    KeyError for a subject that is not cached either.
    """

    def __init__(self, cache: Cache, organisation: str, before: "View | None" = None) -> None:
        super().__init__()
        self._cache = cache
        self._organisation = organisation
        self._before = before
        self.unread: list[tuple[str, Recorded]] = []
        """Events of the group, each with a collection that it touches and that nobody has asked for."""

    def __missing__(self, subject: str) -> Folded:
        """The cached subject, kept from now on: nothing but the group itself changes it before the group is over."""
        folded = self._before.get(subject) if self._before is not None else None
        if folded is None:
            folded = self._cache.get(self._organisation, subject)
            if folded is None:
                raise KeyError(subject)
            if self._before is not None:
                folded = self._before.with_unread(subject, folded)
        folded = self.with_unread(subject, folded)
        self[subject] = folded
        return folded

    def with_unread(self, subject: str, folded: Folded) -> Folded:
        """A collection with the events that the group added before anybody asked for it."""
        for touched, recorded in self.unread:
            if touched == subject:
                folded = fold(folded, subject, recorded)
        return folded

    def knows(self, subject: str) -> bool:
        """Whether it can say what *subject* is, without reading."""
        try:
            self[subject]
        except KeyError:
            return False
        return True

    def copy(self) -> "View":
        """Another view that starts from what this one holds."""
        copied = View(self._cache, self._organisation, self._before)
        copied.update(self)
        copied.unread = list(self.unread)
        return copied

    def forget_before(self) -> None:
        """The group before this one is written: what it decided is in the cache."""
        self._before = None
