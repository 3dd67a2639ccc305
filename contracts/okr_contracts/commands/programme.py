"""Commands about the programme: what people were told, and what they saw and did."""

from typing import Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.commands.command import Command
from okr_contracts.fields import AnnouncementKind, Audience, Identifier, Title, View


class Announce(Command):
    """Record that news, a training or a reminder went out; ``sent`` and ``delivered`` count messages."""

    id_field: ClassVar[str | None] = "announcement_id"

    announcement_id: Identifier | None = None
    kind: AnnouncementKind
    title: Title
    audience: Audience = Audience()
    sent: Annotated[int, Field(ge=0, le=10_000_000, strict=True)] | None = None
    delivered: Annotated[int, Field(ge=0, le=10_000_000, strict=True)] | None = None

    @property
    @override
    def subject(self) -> str:
        return subjects.announcement(self.announcement_id or "")


class _OfAnnouncement(Command):
    announcement_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.announcement(self.announcement_id)


class RecordViews(_OfAnnouncement):
    """Record who saw an announcement, when and where; the same views again are news."""

    views: Annotated[tuple[View, ...], Field(min_length=1, max_length=1000)]


class RecordAction(_OfAnnouncement):
    """Record that a person did what the ledger itself cannot see, such as ``training_finished``."""

    id_field: ClassVar[str | None] = "action_id"

    action_id: Identifier | None = None
    person_id: Identifier
    action: Identifier

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return (self.subject, subjects.person(self.person_id))
