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


class _OfPerson(Command):
    back_datable: ClassVar[bool] = True

    person_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.person(self.person_id)


class RevisePerson(_OfPerson):
    """
    Change the name, the address or the job title; what is left out stays, null clears.

    A placeholder becomes a person by ``placeholder`` false.
    """

    name: PersonalName | None = None
    email: EmailAddress | None = None
    title: Words = None
    placeholder: Flag | None = None


class LeaveUnit(_OfPerson):
    """Take a person out of a unit; where it was the primary one, the first of the others becomes it."""

    unit_id: Identifier

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.unit(self.unit_id))


class DeactivatePerson(_OfPerson):
    """Say that a person left; what they are responsible for is listed in the event."""

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.responsibilities(self.person_id))


class ReactivatePerson(_OfPerson):
    """Say that a person who had left is back."""


class ErasePerson(_OfPerson):
    """
    Erase the name and the address of a person everywhere, with a reason; history stays, under the id.

    Refused while a hold is in place, and while they are responsible for a key result.
    """

    back_datable: ClassVar[bool] = False

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.responsibilities(self.person_id))
