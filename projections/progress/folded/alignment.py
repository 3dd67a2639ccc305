"""What the events of an alignment change: whether an objective counts in its parent, and how much."""

from okr_contracts.envelope import Recorded
from okr_contracts.events import AlignmentLinked, AlignmentUnlinked
from okr_contracts.events.alignment import AlignmentEvent
from okr_contracts.fields import plain
from okr_rules import Node
from projections.progress.folding import Folding
from projections.progress.graph import Link
from projections.progress.rows import LinkRow


def fold(folding: Folding, recorded: Recorded, event: AlignmentEvent) -> None:
    """Folds one event of an alignment."""
    link = Link(recorded.effective_on, recorded.sequence, None, None, None, None)
    match event:
        case AlignmentLinked():
            link.effect, link.origin, link.weight, link.share = event.effect, event.origin, event.weight, event.share
        case AlignmentUnlinked():
            pass
        case _:
            return
    parent = Node(event.parent.kind, event.parent.id)
    links = folding.graph.links
    before = links.get((event.child_id, parent))
    # Dated before the latest word, it was never in force on the newest day.
    newest = before is None or link.effective_on >= before.effective_on
    folding.links[link.sequence] = LinkRow(
        folding.organisation,
        parent.kind,
        parent.id,
        event.child_id,
        link.effective_on,
        link.sequence,
        link.effect,
        link.origin,
        None if link.weight is None else plain(link.weight),
        None if link.share is None else plain(link.share),
        newest,
    )
    if newest:
        if before is not None:
            _replaced(folding, event.child_id, parent, before)
        links[event.child_id, parent] = link
        folding.graph.link_changed(event.child_id, parent)


def _replaced(folding: Folding, child_id: str, parent: Node, before: Link) -> None:
    made_now = folding.links.get(before.sequence)
    if made_now is not None:
        folding.links[before.sequence] = made_now._replace(newest=False)
        return
    folding.rows.links_changed.append(
        (folding.organisation, parent.kind, parent.id, child_id, before.effective_on, before.sequence)
    )
