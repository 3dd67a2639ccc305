"""Events of alignments."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Effect, Identifier, Origin, Parent, Share, Weight


class AlignmentEvent(Event):
    """An event of the alignment between one objective and one parent."""

    child_id: Identifier
    parent: Parent

    @property
    @override
    def subject(self) -> str:
        return subjects.alignment(self.child_id, self.parent)

    @property
    @override
    def touches(self) -> tuple[str, ...]:
        # The child's links are what circles and shares are judged by; the parent's own decisions need none of it.
        return (self.subject, subjects.objective(self.child_id))

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.node(self.parent.kind, self.parent.id),)


class AlignmentLinked(AlignmentEvent):
    """An objective is aligned with a parent; contributing ones count with weight × share."""

    effect: Effect
    origin: Origin
    weight: Weight
    share: Share


class AlignmentUnlinked(AlignmentEvent):
    """An alignment ended."""
