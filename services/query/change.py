"""What changed between two moments, and how a node went on from day to day."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from okr_rules import Node, plain
from projections.progress.as_of import Moment, Standing, Standings, standings
from projections.progress.queries import Shown, shown
from services.query import parameters
from services.query.answers import Asked, BadParameter, Connection, JsonObject, NotFound, Page

MOST_POINTS: Final = 400
_NOTHING: Final[Mapping[str, object]] = {}


async def difference(connection: Connection, asked: Asked) -> Page:
    """
    What is different at the moment asked about from an earlier one: nodes that came, went or changed, field by field.

    The earlier moment is ``since_effective_on`` and ``since_known_at``; what is left out is that of the later one. Each
    page costs both trees: the size of the organisation, twice.
    """
    later = Moment(asked.effective_on, asked.known_at, asked.generation)
    earlier = _earlier(asked, later)
    cycle_id = asked.parameters.get("cycle")
    after = "" if asked.after is None else str(asked.after[0])
    before, now = await _told(connection, asked, earlier), await _told(connection, asked, later)
    items: list[JsonObject] = []
    for node in sorted(before.keys() | now.keys(), key=_key):
        old, new = before.get(node, _NOTHING), now.get(node, _NOTHING)
        if _key(node) <= after or cycle_id not in (None, (new or old)["cycle_id"]) or old == new:
            continue
        items.append(_changed(node, old, new))
        if len(items) > asked.limit:
            page = items[: asked.limit]
            return Page(page, (f"{page[-1]['kind']}/{page[-1]['id']}",))
    return Page(items)


async def objective_series(connection: Connection, asked: Asked, objective_id: str) -> JsonObject:
    """The numbers of an objective day by day."""
    return await _series(connection, asked, Node("objective", objective_id))


async def key_result_series(connection: Connection, asked: Asked, key_result_id: str) -> JsonObject:
    """The numbers of a key result day by day."""
    return await _series(connection, asked, Node("key_result", key_result_id))


def _earlier(asked: Asked, later: Moment) -> Moment:
    given = asked.parameters
    on = given.get("since_effective_on")
    known = given.get("since_known_at")
    if on is None and known is None:
        raise BadParameter(
            "since_known_at", "Say since when: since_effective_on is a day, since_known_at a sequence.", "since"
        )
    known_at = later.known_at if known is None else parameters.sequence("since_known_at", known)
    if known_at > later.known_at:
        raise BadParameter("since_known_at", f"Only {later.known_at} events are known yet.", "since")
    day = later.effective_on if on is None else parameters.day("since_effective_on", on)
    return Moment(day, known_at, later.schema)


async def _told(connection: Connection, asked: Asked, moment: Moment) -> dict[Node, dict[str, object]]:
    found = await standings(connection, asked.organisation, moment, None)
    words = await shown(connection, asked.organisation, found, list(found.nodes))
    return {node: _fields(standing, words[node]) for node, standing in found.nodes.items()}


def _fields(standing: Standing, words: Shown) -> dict[str, object]:
    """What of a node can differ, flat."""
    numbers, definition = standing.numbers, standing.definition
    fields: dict[str, object] = {
        "title": words.title,
        "owner": f"{words.owner_kind}/{words.owner_id}",
        "cycle_id": standing.cycle_id,
        "state": standing.state,
        "progress": plain(numbers.progress),
        "measured": plain(numbers.measured),
        "expected": plain(standing.expected),
        "status": standing.status,
        "confidence": words.confidence,
        "parents": [f"{each.node.kind}/{each.node.id}" for each in words.parents],
    }
    if standing.node.kind == "objective":
        override = standing.override
        fields |= {
            "ambition": standing.ambition,
            "roll_up": standing.rule,
            "top_level": words.top_level,
            "labels": None if words.labels is None else list(words.labels),
            "override": None if override is None else plain(override.progress),
        }
    else:
        assert standing.weight is not None
        fields |= {
            "weight": plain(standing.weight),
            "cadence_days": standing.cadence_days,
            "partner_ids": list(words.partner_ids),
        }
        if definition is not None:
            measured = definition.definition
            fields |= {"measured_as": measured.kind, "measure_unit": definition.unit}
            names = ("baseline", "target", "floor", "ceiling", "low", "high")
            numbers_of = {name: getattr(measured, name) for name in names}
            fields |= {name: None if number is None else plain(number) for name, number in numbers_of.items()}
    return fields


def _changed(node: Node, before: Mapping[str, object], now: Mapping[str, object]) -> JsonObject:
    what = "changed" if before and now else "added" if now else "removed"
    fields = [
        {"field": name, "before": before.get(name), "after": now.get(name)}
        for name in dict.fromkeys((*before, *now))
        if before.get(name) != now.get(name)
    ]
    return {"kind": node.kind, "id": node.id, "what": what, "changes": fields}


def _key(node: Node) -> str:
    return f"{node.kind}/{node.id}"


async def _series(connection: Connection, asked: Asked, node: Node) -> JsonObject:
    """
    A point a day from the node's creation, or ``from``, to its cycle's end, ``to`` or the day asked about.

    Each point is the answer that the day would have got, as known at the moment asked about, and costs as much.
    """
    found = await _at(connection, asked, node, asked.effective_on)
    standing = found.nodes.get(node)
    if standing is None:
        raise NotFound(f"{'objectives' if node.kind == 'objective' else 'key-results'}/{node.id}")
    days = standing.pace.days
    first = _day(asked, "from") or days.starts_on
    last = min(_day(asked, "to") or asked.effective_on, asked.effective_on)
    count = (last - first).days + 1
    if count > MOST_POINTS:
        raise BadParameter("from", f"A series has at most {MOST_POINTS} days. Ask for a part of it.", "series")
    points: list[JsonObject] = []
    for number in range(max(count, 0)):
        day = first + timedelta(days=number)
        point = (await _at(connection, asked, node, day)).nodes.get(node)
        if point is not None:
            points.append(_point(day, point))
    return {"id": node.id, "kind": node.kind, "points": points}


def _point(day: date, standing: Standing) -> JsonObject:
    return {
        "on": day.isoformat(),
        "progress": plain(standing.numbers.progress),
        "measured": plain(standing.numbers.measured),
        "expected": plain(standing.expected),
        "status": standing.status,
        "state": standing.state,
    }


async def _at(connection: Connection, asked: Asked, node: Node, day: date) -> Standings:
    return await standings(connection, asked.organisation, Moment(day, asked.known_at, asked.generation), [node])


def _day(asked: Asked, name: str) -> date | None:
    given = asked.parameters.get(name)
    return None if given is None else parameters.day(name, given)
