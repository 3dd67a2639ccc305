"""What the events of an alignment change: whether an objective counts in its parent, and how much."""

from dataclasses import replace

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    AlignmentAccepted,
    AlignmentDeclined,
    AlignmentLinked,
    AlignmentMoved,
    AlignmentUnlinked,
)
from okr_contracts.events.alignment import AlignmentEvent
from okr_contracts.fields import Parent, plain
from okr_rules import Node
from projections.progress.folding import Folding
from projections.progress.graph import Link
from projections.progress.inputs import Acceptance
from projections.progress.rows import LinkRow


def fold(folding: Folding, recorded: Recorded, event: AlignmentEvent) -> None:
    """Folds one event of an alignment; a move is a word on each of its two pairs."""
    parent = _node(event.parent)
    match event:
        case AlignmentLinked():
            _say(folding, event.child_id, parent, _linked(recorded, event))
        case AlignmentMoved():
            _say(folding, event.child_id, parent, _unlinked(recorded))
            _say(folding, event.child_id, _node(event.to_parent), _linked(recorded, event))
        case AlignmentUnlinked():
            _say(folding, event.child_id, parent, _unlinked(recorded))
        case AlignmentAccepted():
            _answered(folding, recorded, event, "accepted")
        case AlignmentDeclined():
            _answered(folding, recorded, event, "declined")
        case _:
            return


def _node(parent: Parent) -> Node:
    return Node(parent.kind, parent.id)


def _linked(recorded: Recorded, event: AlignmentLinked | AlignmentMoved) -> Link:
    awaited: Acceptance | None = "awaited" if event.awaits_acceptance else None
    said = (event.effect, event.origin, event.weight, event.share, awaited)
    return Link(recorded.effective_on, recorded.sequence, *said)


def _unlinked(recorded: Recorded) -> Link:
    return Link(recorded.effective_on, recorded.sequence, None, None, None, None)


def _answered(folding: Folding, recorded: Recorded, event: AlignmentEvent, acceptance: Acceptance) -> None:
    parent = _node(event.parent)
    linked = folding.graph.links[event.child_id, parent]
    dated = {"effective_on": recorded.effective_on, "sequence": recorded.sequence}
    _say(folding, event.child_id, parent, replace(linked, acceptance=acceptance, **dated))


def _say(folding: Folding, child_id: str, parent: Node, link: Link) -> None:
    links = folding.graph.links
    before = links.get((child_id, parent))
    # Dated before the latest word, it was never in force on the newest day.
    newest = before is None or link.effective_on >= before.effective_on
    folding.links[link.sequence, parent] = LinkRow(
        folding.organisation,
        parent.kind,
        parent.id,
        child_id,
        link.effective_on,
        link.sequence,
        link.effect,
        link.origin,
        None if link.weight is None else plain(link.weight),
        None if link.share is None else plain(link.share),
        link.acceptance,
        newest,
    )
    if newest:
        if before is not None:
            _replaced(folding, child_id, parent, before)
        links[child_id, parent] = link
        folding.graph.link_changed(child_id, parent)


def _replaced(folding: Folding, child_id: str, parent: Node, before: Link) -> None:
    made_now = folding.links.get((before.sequence, parent))
    if made_now is not None:
        folding.links[before.sequence, parent] = made_now._replace(newest=False)
        return
    folding.rows.links_changed.append(
        (folding.organisation, parent.kind, parent.id, child_id, before.effective_on, before.sequence)
    )
