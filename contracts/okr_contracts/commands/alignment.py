"""Commands about alignment: which objective contributes to what."""

from decimal import Decimal

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import Effect, Identifier, Origin, Parent, Share, Weight


class LinkAlignment(Command):
    """
    Align an objective with an objective or a key result above it.

    ``contributes`` counts in the parent's progress with weight × share; ``supports`` is shown and does not count.
    """

    child_id: Identifier
    parent: Parent
    effect: Effect = "contributes"
    origin: Origin = "unstated"
    weight: Weight = Decimal(1)
    share: Share = Decimal(1)

    @property
    @override
    def subject(self) -> str:
        return subjects.alignment(self.child_id, self.parent)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.objective(self.child_id), subjects.node(self.parent.kind, self.parent.id))


class UnlinkAlignment(Command):
    """End an alignment; what it was stays readable."""

    child_id: Identifier
    parent: Parent

    @property
    @override
    def subject(self) -> str:
        return subjects.alignment(self.child_id, self.parent)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.objective(self.child_id))


class _OfAlignment(Command):
    child_id: Identifier
    parent: Parent

    @property
    @override
    def subject(self) -> str:
        return subjects.alignment(self.child_id, self.parent)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.objective(self.child_id), subjects.node(self.parent.kind, self.parent.id))


class ChangeAlignment(_OfAlignment):
    """Change how an objective is aligned with a parent; what is left out stays. In an open cycle it needs a reason."""

    effect: Effect | None = None
    origin: Origin | None = None
    weight: Weight | None = None
    share: Share | None = None


class MoveAlignment(ChangeAlignment):
    """Align an objective with ``to_parent`` instead of ``parent``, in one step; what is left out stays."""

    to_parent: Parent

    @property
    @override
    def names(self) -> tuple[str, ...]:
        to = self.to_parent
        return (*super().names, subjects.alignment(self.child_id, to), subjects.node(to.kind, to.id))


class AcceptAlignment(_OfAlignment):
    """Accept, as the parent's owner, that an objective contributes."""


class DeclineAlignment(_OfAlignment):
    """Decline, as the parent's owner and with a reason, that an objective contributes."""
