"""Who did what, when, why, and what it was before."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from okr_contracts.events import EVENTS
from projections.audit import queries
from projections.audit.queries import AuditedEvent, Filter
from services.query import parameters
from services.query.answers import Asked, BadParameter, Connection, Page
from services.query.event_json import event_json, words
from services.query.freshness import sequence_at

_DAY_LENGTH: Final = len("2026-11-22")
_TYPES: Final = sorted({name for name, _ in EVENTS})


async def audit(connection: Connection, asked: Asked) -> Page:
    """Events with what each changed, in the order of recording."""
    wanted = _filter(asked.parameters)
    after, up_to = await _range(connection, asked)
    if asked.after is not None:
        after = max(after, int(asked.after[0]))
    found: list[tuple[int, bytes]] = []
    limit = asked.limit + 1
    while len(found) < limit:
        some = await queries.events(connection, asked.organisation, wanted, after, up_to, limit, asked.generation)
        items = ((each.sequence, _item(each)) for each in some)
        found += ((sequence, item) for sequence, item in items if not _is_left_out(asked, item))
        if len(some) < limit:
            break
        after = some[-1].sequence
    shown = found[: asked.limit]
    return Page([item for _, item in shown], (shown[-1][0],) if len(found) > asked.limit else None)


def _is_left_out(asked: Asked, item: bytes) -> bool:
    return bool(asked.not_to_find) and asked.not_to_find.has_event(item)


def _filter(given: Mapping[str, str]) -> Filter:
    actor_kind, _, actor_id = given.get("actor", "").rpartition("/")
    return Filter(
        subject=given.get("subject"),
        type=parameters.one_of(given, "type", _TYPES),
        actor_kind=actor_kind or None,
        actor_id=actor_id or None,
        words=given.get("q", "").split(),
    )


async def _range(connection: Connection, asked: Asked) -> tuple[int, int]:
    """The sequences that were recorded from ``from`` to ``to``, both included; a day is all of it."""
    after, up_to = 0, asked.known_at
    if text := asked.parameters.get("from"):
        start = _moment("from", text, asked.time_zone, days_later=0)
        after = await sequence_at(connection, asked.organisation, start, asked.known_at, before=True)
    if text := asked.parameters.get("to"):
        end = _moment("to", text, asked.time_zone, days_later=1)
        whole_day = len(text) == _DAY_LENGTH
        up_to = await sequence_at(connection, asked.organisation, end, asked.known_at, before=whole_day)
    return after, up_to


def _moment(name: str, text: str, time_zone: ZoneInfo, days_later: int) -> datetime:
    """An instant, or the first moment of a day in the organisation's time zone, or of one some days later."""
    if len(text) > _DAY_LENGTH:
        return parameters.instant(name, text)
    try:
        return datetime.combine(parameters.day(name, text) + timedelta(days=days_later), time.min, time_zone)
    except OverflowError as too_late:
        raise BadParameter(name, f"{name} is beyond the calendar.", "day") from too_late


def _item(each: AuditedEvent) -> bytes:
    changes = [{"field": change.field, "before": change.before, "after": change.after} for change in each.changes]
    return event_json(each.entry, each.data, each.text, {"reason": words(each.text).get("reason"), "changes": changes})
