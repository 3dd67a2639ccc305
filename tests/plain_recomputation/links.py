"""Which objective is aligned with what on a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

from tests.plain_recomputation.event import Event, Json, number_of, part, word
from tests.plain_recomputation.node import NodeKey, NodeKind, WhyNot


@dataclass(frozen=True, slots=True)
class Link:
    """A live link; ``unaccepted`` says why it does not count although it contributes."""

    child: NodeKey
    parent: NodeKey
    effect: str
    origin: str
    weight: Fraction
    share: Fraction
    unaccepted: WhyNot | None
    sequence: int
    """The event that said so last."""


def live_links(events: Sequence[Event], on: date) -> list[Link]:
    """The links in force on a day, in the order of the events that made them so."""
    told: dict[tuple[str, NodeKey], list[tuple[Event, Json | None]]] = {}
    for event in events:
        if event.effective_on <= on:
            for pair, said in _words(event):
                told.setdefault(pair, []).append((event, said))
    live = (_in_force(child_id, parent, words) for (child_id, parent), words in told.items())
    return sorted((link for link in live if link is not None), key=lambda link: link.sequence)


def _words(event: Event) -> Iterator[tuple[tuple[str, NodeKey], Json | None]]:
    """What an event says of each pair: the link as it is from then on, an answer, or None for its end."""
    match event.type:
        case "AlignmentLinked" | "AlignmentChanged" | "AlignmentAccepted" | "AlignmentDeclined":
            yield (word(event.data, "child_id"), _node(event.data, "parent")), event.data
        case "AlignmentUnlinked":
            yield (word(event.data, "child_id"), _node(event.data, "parent")), None
        case "AlignmentMoved":
            yield (word(event.data, "child_id"), _node(event.data, "parent")), None
            yield (word(event.data, "child_id"), _node(event.data, "to_parent")), event.data
        case _:
            return


def _in_force(child_id: str, parent: NodeKey, words: list[tuple[Event, Json | None]]) -> Link | None:
    link: Link | None = None
    for event, said in sorted(words, key=lambda told: (told[0].effective_on, told[0].sequence)):
        if said is None:
            link = None
        elif event.type in ("AlignmentAccepted", "AlignmentDeclined"):
            assert link is not None
            unaccepted: WhyNot | None = "declined" if event.type == "AlignmentDeclined" else None
            link = _answered(link, unaccepted, event.sequence)
        else:
            link = Link(
                ("objective", child_id),
                parent,
                word(said, "effect"),
                word(said, "origin"),
                number_of(said, "weight"),
                number_of(said, "share"),
                "not_accepted" if said.get("awaits_acceptance") else None,
                event.sequence,
            )
    return link


def _answered(link: Link, unaccepted: WhyNot | None, sequence: int) -> Link:
    said = (link.child, link.parent, link.effect, link.origin, link.weight, link.share)
    return Link(*said, unaccepted, sequence)


def _node(data: Json, name: str) -> NodeKey:
    parent = part(data, name)
    return cast("NodeKind", parent["kind"]), word(parent, "id")
