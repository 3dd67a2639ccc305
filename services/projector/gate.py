"""Which of the events that arrived are next, which were seen before, and what is missing in between."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from okr_contracts.cloud_events import Heading
from okr_contracts.envelope import Recorded
from projections.positions import Position


@dataclass(slots=True)
class Gated:
    """
    ``events`` continue the positions, dense per organisation and in the order in which they arrived; of those that the
    read model ignores the heading is there. ``gaps`` names the organisations whose next event did not arrive: the
    ledger has it. ``seen`` counts what was applied before.
    """

    events: list[Recorded | Heading] = field(default_factory=list[Recorded | Heading])
    gaps: set[str] = field(default_factory=set[str])
    seen: int = 0


def gate(arrived: Iterable[Recorded | Heading], positions: Mapping[str, Position], parked: Set[str]) -> Gated:
    """Sort out what *arrived*; *positions* has every organisation in it. Events of *parked* ones are left alone."""
    gated = Gated()
    passed, gaps = gated.events, gated.gaps
    reached: dict[str, Recorded | Heading] = {}
    for one in arrived:
        organisation = one.organisation
        if organisation in parked or organisation in gaps:
            continue
        position = reached.get(organisation) or positions[organisation]
        if one.epoch < position.epoch:
            gated.seen += 1
        elif one.sequence == position.sequence + 1:
            passed.append(one)
            reached[organisation] = one
        elif one.sequence <= position.sequence and one.epoch == position.epoch:
            gated.seen += 1
        else:
            # Beyond the next one; or of a later epoch and not beyond: a restore lost events that were applied here.
            gaps.add(organisation)
    return gated
