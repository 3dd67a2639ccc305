"""Commands about units of the organisation chart."""

from typing import ClassVar

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import Identifier, Title


class AddUnit(Command):
    """Add a unit below another one; without ``parent_id`` below the root unit."""

    back_datable: ClassVar[bool] = True
    id_field: ClassVar[str | None] = "unit_id"

    unit_id: Identifier | None = None
    name: Title
    parent_id: Identifier = "root"

    @property
    @override
    def subject(self) -> str:
        return subjects.unit(self.unit_id or "")

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.unit(self.parent_id))


class _OfUnit(Command):
    back_datable: ClassVar[bool] = True

    unit_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.unit(self.unit_id)


class RenameUnit(_OfUnit):
    """Give a unit another name."""

    name: Title


class MoveUnit(_OfUnit):
    """Hang a unit, with all below it, below another one."""

    parent_id: Identifier

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.unit(self.parent_id))


class NameUnitLead(_OfUnit):
    """Name the lead of a unit, or nobody (null)."""

    person_id: Identifier | None

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.person_id)) if self.person_id else (self.subject,)


class CloseUnit(_OfUnit):
    """Close a unit below which no other is open."""
