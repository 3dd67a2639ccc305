"""Events of people; names and addresses are in none of them, they live in the directory vault."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Identifier, Text


class PersonEvent(Event):
    """An event of one person."""

    person_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.person(self.person_id)


class PersonAdded(PersonEvent):
    """A person or a placeholder was added; the first of ``unit_ids`` is the primary unit."""

    title: Text = None
    manager_id: Identifier | None = None
    unit_ids: tuple[Identifier, ...] = ()
    placeholder: bool = False

    @property
    @override
    def related(self) -> tuple[str, ...]:
        manager = (subjects.person(self.manager_id),) if self.manager_id else ()
        return (*manager, *map(subjects.unit, self.unit_ids))


class ManagerChanged(PersonEvent):
    """A person has another manager, or none."""

    manager_id: Identifier | None

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.manager_id),) if self.manager_id else ()


class UnitJoined(PersonEvent):
    """A person is in one more unit, or an earlier unit became the primary one."""

    unit_id: Identifier
    primary: bool

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.unit(self.unit_id),)


class PersonRevised(PersonEvent):
    """The job title of a person changed, or their name or address, which are in the vault alone."""

    title: Text = None
    placeholder: bool


class UnitLeft(PersonEvent):
    """A person is in a unit no longer; ``primary_unit_id`` is their primary unit from then on."""

    unit_id: Identifier
    primary_unit_id: Identifier | None

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.unit(self.unit_id),)


class PersonDeactivated(PersonEvent):
    """A person left; ``responsible_for`` are the key results that they answered for, for others to take over."""

    responsible_for: tuple[Identifier, ...] = ()


class PersonReactivated(PersonEvent):
    """A person who had left is back."""


class PersonErased(PersonEvent):
    """The name, the address and the words about a person were erased; the id remains as a pseudonym."""
