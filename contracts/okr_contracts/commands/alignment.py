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
