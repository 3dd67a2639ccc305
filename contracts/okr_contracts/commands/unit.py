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
