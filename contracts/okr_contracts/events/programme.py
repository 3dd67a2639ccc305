"""Events of the programme: what people were told, and what they saw and did."""

from typing import Annotated

from pydantic import Field
from typing_extensions import override

from okr_contracts import subjects
from okr_contracts.events.event import Event
from okr_contracts.fields import AnnouncementKind, Audience, Identifier, Text, Views


class AnnouncementEvent(Event):
    """An event of one announcement."""

    announcement_id: Identifier

    @property
    @override
    def subject(self) -> str:
        return subjects.announcement(self.announcement_id)


class Announced(AnnouncementEvent):
    """News, a training or a reminder went out to an audience; ``sent`` and ``delivered`` count messages."""

    kind: AnnouncementKind
    title: Text = None
    audience: Audience
    sent: Annotated[int, Field(ge=0)] | None = None
    delivered: Annotated[int, Field(ge=0)] | None = None


class ViewsRecorded(AnnouncementEvent):
    """A batch of views of an announcement; who saw it can be erased, ``count`` remains."""

    count: Annotated[int, Field(ge=1)]
    views: Views = None


class ActionRecorded(AnnouncementEvent):
    """Somebody did what the ledger itself cannot see, such as to finish a training."""

    action_id: Identifier
    person_id: Identifier
    action: Identifier

    @property
    @override
    def related(self) -> tuple[str, ...]:
        return (subjects.person(self.person_id),)
