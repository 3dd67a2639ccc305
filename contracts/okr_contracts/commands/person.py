"""Commands about people: the directory as far as it is on the record."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import Flag, Identifier, Words

PersonalName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
EmailAddress = Annotated[str, StringConstraints(max_length=320, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]


class AddPerson(Command):
    """
    Add a person, or a placeholder: a post that nobody holds yet.

    ``name`` and ``email`` go to the directory vault, where they can be changed and erased, and into no event.
    ``title`` is the job title. The first of ``unit_ids`` is the primary unit.
    """

    back_datable: ClassVar[bool] = True
    id_field: ClassVar[str | None] = "person_id"

    person_id: Identifier | None = None
    name: PersonalName | None = None
    email: EmailAddress | None = None
    title: Words = None
    manager_id: Identifier | None = None
    unit_ids: Annotated[tuple[Identifier, ...], Field(max_length=100)] = ()
    placeholder: Flag = False

    @property
    @override
    def subject(self) -> str:
        return subjects.person(self.person_id or "")

    @property
    @override
    def names(self) -> tuple[str, ...]:
        manager = (subjects.person(self.manager_id),) if self.manager_id else ()
        return (self.subject, *manager, *map(subjects.unit, self.unit_ids))


class ChangeManager(Command):
    """Name the manager of a person, or nobody (null)."""

    back_datable: ClassVar[bool] = True

    person_id: Identifier
    manager_id: Identifier | None

    @property
    @override
    def subject(self) -> str:
        return subjects.person(self.person_id)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.manager_id)) if self.manager_id else (self.subject,)


class JoinUnit(Command):
    """Put a person into one more unit; ``primary`` makes it the primary one."""

    back_datable: ClassVar[bool] = True

    person_id: Identifier
    unit_id: Identifier
    primary: Flag = False

    @property
    @override
    def subject(self) -> str:
        return subjects.person(self.person_id)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.unit(self.unit_id))
