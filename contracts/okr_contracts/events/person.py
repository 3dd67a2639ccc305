"""Events of people; names and addresses are in none of them, they live in the directory vault."""

from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import Identifier, Text


class PersonAdded(Event):
    """A person or a placeholder was added; the first of ``unit_ids`` is the primary unit."""

    person_id: Identifier
    title: Text = None
    manager_id: Identifier | None = None
    unit_ids: tuple[Identifier, ...] = ()
    placeholder: bool = False

    @property
    @override
    def subject(self) -> str:
        return subjects.person(self.person_id)

    @property
    @override
    def related(self) -> tuple[str, ...]:
        manager = (subjects.person(self.manager_id),) if self.manager_id else ()
        return (*manager, *map(subjects.unit, self.unit_ids))


class ManagerChanged(Event):
    """A person has another manager, or none."""

    person_id: Identifier
    manager_id: Identifier | None

    @property
    @override
    def subject(self) -> str:
        return subjects.person(self.person_id)

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.manager_id),) if self.manager_id else ()


class UnitJoined(Event):
    """A person is in one more unit, or an earlier unit became the primary one."""

    person_id: Identifier
    unit_id: Identifier
    primary: bool

    @property
    @override
    def subject(self) -> str:
        return subjects.person(self.person_id)

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.unit(self.unit_id),)
