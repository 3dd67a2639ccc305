"""Events of alignments."""

from typing import Annotated

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Effect, Identifier, Origin, Parent, Share, Weight, WhereGiven


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
    def changes(self) -> tuple[str, ...]:
        # The child's links are what circles and shares are judged by; the parent's own decisions need none of it.
        return (self.subject, subjects.objective(self.child_id))

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.node(self.parent.kind, self.parent.id),)


class AlignmentLinked(AlignmentEvent):
    """
    An objective is aligned with a parent; contributing ones count with weight × share.

    With ``awaits_acceptance`` it counts from when the parent's owner accepted it.
    """

    effect: Effect
    origin: Origin
    weight: Weight
    share: Share
    awaits_acceptance: Annotated[bool | None, WhereGiven()] = None


class AlignmentUnlinked(AlignmentEvent):
    """An alignment ended."""


class AlignmentChanged(AlignmentLinked):
    """An alignment says something else from here on; all of it is carried."""


class AlignmentMoved(AlignmentEvent):
    """
    An objective that was aligned with ``parent`` is aligned with ``to_parent`` instead, in one step.

    The alignment with ``parent`` ends; the other fields are those of the new one.
    """

    to_parent: Parent
    effect: Effect
    origin: Origin
    weight: Weight
    share: Share
    awaits_acceptance: Annotated[bool | None, WhereGiven()] = None

    @property
    @override
    def changes(self) -> tuple[str, ...]:
        return (self.subject, subjects.alignment(self.child_id, self.to_parent), subjects.objective(self.child_id))

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return tuple(subjects.node(parent.kind, parent.id) for parent in (self.parent, self.to_parent))


class AlignmentAccepted(AlignmentEvent):
    """The parent's owner accepted an alignment: it counts from here on."""


class AlignmentDeclined(AlignmentEvent):
    """The parent's owner declined an alignment: it is shown and does not count."""
