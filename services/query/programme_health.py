"""Whether the programme works: each figure as a whole and by group, the list behind it, and how it went day by day."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, cast

from okr_contracts.fields import plain
from projections.programme_health import queries
from projections.programme_health.figure import FIGURES
from projections.programme_health.queries import By, Group, Member, Moment, Part, Tally
from services.query import parameters
from services.query.answers import Asked, BadParameter, Connection, JsonObject, NotAllowed, NotFound, Page, Streamed

MOST_POINTS: Final = 400
_RUNS_THE_PROGRAMME: Final = frozenset({"programme_lead", "administrator", "auditor"})
_BY: Final = ("unit", "layer", "department", "cycle")


async def overview(connection: Connection, asked: Asked) -> JsonObject:
    """Every figure as a whole. Costs as much as all of them."""
    figures: list[JsonObject] = []
    for name in FIGURES:
        answer = await queries.figure(connection, _moment(asked), name, None, _part(asked))
        figures.append({"figure": name, "rule": FIGURES[name].rule, "total": _group(name, answer.total)})
    return {"figures": figures}


async def figure(connection: Connection, asked: Asked, figure: str) -> JsonObject:
    """One figure as a whole and by group, with what its outcomes mean."""
    spec = FIGURES[_known(figure)]
    by = cast("By | None", parameters.one_of(asked.parameters, "by", _BY))
    answer = await queries.figure(connection, _moment(asked), figure, by, _part(asked))
    return {
        "figure": figure,
        "rule": spec.rule,
        "outcomes": dict(spec.outcomes),
        "measure": spec.measure,
        "total": _group(figure, answer.total),
        "by": by,
        "groups": [_group(figure, group) for group in answer.groups],
    }


async def members(connection: Connection, asked: Asked, figure: str) -> Page:
    """The list behind a figure, or the part of it that has one outcome."""
    spec = FIGURES[_known(figure)]
    outcome = parameters.one_of(asked.parameters, "outcome", tuple(spec.outcomes))
    if spec.personal and asked.roles.isdisjoint(_RUNS_THE_PROGRAMME):
        raise NotAllowed(
            "Who saw what is shown to a programme_lead, an administrator and an auditor. Ask for the figure itself."
        )
    moment, part = _moment(asked), _part(asked)
    if not part.is_whole:
        chosen = await queries.settings(connection, moment)
        if await queries.people(connection, moment, part) < chosen.smallest_group:
            raise BadParameter(
                "unit",
                f"Groups of fewer than {chosen.smallest_group} people are not listed. Ask for a larger one.",
                "group_too_small",
            )
    after = ("", "", 0) if asked.after is None else (str(asked.after[0]), str(asked.after[1]), int(asked.after[2]))
    found = await queries.members(
        connection, moment, figure, part, outcome, asked.parameters.get("kind"), after, asked.limit + 1
    )
    shown = found[: asked.limit]
    last = shown[-1] if len(found) > asked.limit else None
    return Page([_member(each) for each in shown], None if last is None else (last.kind, last.id, last.place))


async def series(connection: Connection, asked: Asked, figure: str) -> Streamed:
    """
    A figure as a whole day by day: each point is the answer of its day, as known at the moment asked about.

    From ``from`` (30 days before the last) to ``to`` (the day asked about). Each point costs what the figure costs.
    """
    _known(figure)
    given = asked.parameters
    last = min(parameters.day("to", given["to"]), asked.effective_on) if "to" in given else asked.effective_on
    first = parameters.day("from", given["from"]) if "from" in given else last - timedelta(days=30)
    if (last - first).days >= MOST_POINTS:
        raise BadParameter("from", f"A series has at most {MOST_POINTS} days. Ask for a part of it.", "series")
    part = _part(asked)

    async def points() -> AsyncIterator[JsonObject]:
        for place in range((last - first).days + 1):
            day = first + timedelta(days=place)
            answer = await queries.figure(connection, _moment(asked, day), figure, None, part)
            yield {"on": day.isoformat(), **_group(figure, answer.total)}

    return Streamed({"figure": figure, "rule": FIGURES[figure].rule}, "points", points())


def _known(name: str) -> str:
    if name not in FIGURES:
        raise NotFound(f"programme-health/{name}; the figures are {', '.join(FIGURES)}")
    return name


def _moment(asked: Asked, day: date | None = None) -> Moment:
    return Moment(asked.organisation, day or asked.effective_on, asked.known_at, asked.generation)


def _part(asked: Asked) -> Part:
    given = asked.parameters
    layer = given.get("layer")
    if layer is not None and not (layer.isascii() and layer.isdigit() and len(layer) <= 3):
        raise BadParameter("layer", "layer is a depth in the organisation chart: 0 is the root unit.", "layer")
    return Part(given.get("cycle"), given.get("unit"), given.get("department"), None if layer is None else int(layer))


def _group(figure: str, group: Group) -> JsonObject:
    own = {} if group.id is None else {"group": group.id, "name": group.name}
    return {
        **own,
        "people": None if group.suppressed else group.people,
        "suppressed": group.suppressed,
        "members": {kind: _tally(figure, tally) for kind, tally in group.tallies.items()},
        "signals": group.signals,
    }


def _tally(figure: str, tally: Tally) -> JsonObject:
    part = queries.value(figure, tally)
    return {
        "value": None if part is None else plain(part),
        "outcomes": tally.outcomes,
        **({"median": _numbers(tally.medians), "greatest": _numbers(tally.greatest)} if tally.medians else {}),
    }


def _numbers(numbers: dict[str, Decimal]) -> JsonObject:
    return {outcome: plain(number) for outcome, number in numbers.items()}


def _member(member: Member) -> JsonObject:
    return {
        "kind": member.kind,
        "id": member.id,
        "cycle_id": member.cycle_id,
        "outcome": member.outcome,
        "count": member.counted,
        "measure": None if member.measure is None else plain(member.measure),
        "detail": member.detail,
    }
