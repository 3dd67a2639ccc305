"""What is above and below a node, and how well goals meet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from okr_contracts.fields import plain
from okr_rules.credit import Credit
from projections.alignment import queries
from projections.alignment.balance import Contradiction, UnitBalance, ratio
from projections.alignment.graph import KeyResult, Objective
from projections.alignment.queries import Direction, Edge, Moment, Neighbour, NodeKey, Report
from services.query.answers import Answer, Asked, BadParameter, Connection, JsonObject, Key, NotFound, Page
from services.query.paging import next_page
from services.query.parameters import one_of

_KINDS = {
    "objective": "objective",
    "objectives": "objective",
    "key_result": "key_result",
    "key-result": "key_result",
    "key-results": "key_result",
}


async def ancestors(connection: Connection, asked: Asked, kind: str, node_id: str) -> Page:
    """All that the node contributes to, over any links, nearest first, each once."""
    return await _neighbours(connection, asked, kind, node_id, "ancestors")


async def descendants(connection: Connection, asked: Asked, kind: str, node_id: str) -> Page:
    """All that contributes to the node, over any links, nearest first, each once."""
    return await _neighbours(connection, asked, kind, node_id, "descendants")


async def _neighbours(connection: Connection, asked: Asked, kind: str, node_id: str, direction: Direction) -> Page:
    if kind not in _KINDS:
        raise NotFound(f"alignment/{kind}/{node_id}; the kind is objective or key_result")
    start = cast("NodeKey", (_KINDS[kind], node_id))
    moment = _moment(asked)
    found = await queries.neighbours(connection, moment, start, direction)
    if found is None:
        raise NotFound(f"{kind} {node_id}")
    following = [node for node in found if asked.after is None or _place(node) > asked.after]
    shown = following[: asked.limit]
    above = await queries.parents(connection, moment, [node.key for node in shown])
    items = [_neighbour(node, above.get(node.key, [])) for node in shown]
    return Page(items, _place(shown[-1]) if len(following) > asked.limit else None)


def _place(node: Neighbour) -> Key:
    return (node.depth, node.kind, node.id)


def _neighbour(node: Neighbour, above: Sequence[Edge]) -> JsonObject:
    return {
        "id": node.id,
        "kind": node.kind,
        "title": node.title,
        "owner": {"kind": node.owner_kind, "id": node.owner_id},
        "cycle_id": node.cycle_id,
        "state": node.ended or "live",
        "depth": node.depth,
        "parents": [{"id": edge.parent[1], "kind": edge.parent[0], **_link(edge)} for edge in above],
        "links": [
            {"child": _node(edge.child), "parent": _node(edge.parent), **_link(edge), "sequence": edge.sequence}
            for edge in node.links
        ],
    }


def _node(key: NodeKey) -> JsonObject:
    return {"kind": key[0], "id": key[1]}


def _link(edge: Edge) -> JsonObject:
    return {
        "effect": edge.effect,
        "origin": edge.origin,
        "weight": plain(edge.weight),
        "share": plain(edge.share),
        **({} if edge.acceptance is None else {"acceptance": edge.acceptance}),
    }


@dataclass(frozen=True, slots=True)
class _ReportList:
    """One of the lists behind the report's figures, in the order of its keys."""

    keys: Sequence[str]
    item: Callable[[int], JsonObject]

    def page(self, after: str | None, limit: int) -> tuple[list[JsonObject], str | None]:
        places = [place for place, key in enumerate(self.keys) if after is None or key > after]
        shown = [self.item(place) for place in places[:limit]]
        return shown, self.keys[places[limit - 1]] if len(places) > limit else None


REPORT_LISTS = ("orphans", "units", "contradictions", "credit")


async def report(connection: Connection, asked: Asked) -> Answer:
    """
    Coverage, balance and credit, each with the list behind it.

    A list shows its first items, as many as ``limit``, with the address of the rest; ``?list=`` answers one list alone,
    in pages. Each answer reads the whole graph: its cost grows with the organisation, not with the page.
    """
    cycle_id = asked.parameters.get("cycle")
    wanted = one_of(asked.parameters, "list", REPORT_LISTS)
    if asked.after is not None and wanted is None:
        raise BadParameter("cursor", "A cursor belongs to one list. Follow next as it is.", "cursor")
    made = await queries.report(connection, _moment(asked), cycle_id)
    if made is None:
        raise NotFound(f"cycles/{cycle_id}")
    lists = _lists(made)
    if wanted is not None:
        after = None if asked.after is None else str(asked.after[0])
        items, last = lists[wanted].page(after, asked.limit)
        return Page(items, None if last is None else (last,))
    return _whole(made, asked, lists)


def _whole(made: Report, asked: Asked, lists: dict[str, _ReportList]) -> JsonObject:
    def listed(name: str) -> JsonObject:
        items, last = lists[name].page(None, asked.limit)
        question = {
            **asked.parameters,
            "list": name,
            "limit": str(asked.limit),
            "known_at": str(asked.known_at),
            "effective_on": asked.effective_on.isoformat(),
        }
        path = f"/v1/organisations/{asked.organisation}/alignment/report"
        return {
            "count": len(lists[name].keys),
            "items": items,
            "next": None if last is None else next_page(path, question, (last,)),
        }

    covered = len(made.objectives) - len(made.orphans)
    coverage = ratio(covered, len(made.objectives))
    whole = [credit for _, credit in made.credit]
    return {
        "cycle": asked.parameters.get("cycle"),
        "coverage": {
            "objectives": len(made.objectives),
            "top_level": made.top_level,
            "covered": covered,
            "coverage": None if coverage is None else plain(coverage),
            "orphans": listed("orphans"),
        },
        "balance": {
            **{origin: sum(unit.origins[origin] for unit in made.units) for origin in _ORIGINS},
            "longest_cascade": made.longest_cascade,
            "over_cascaded": [unit.unit_id for unit in made.units if unit.over_cascaded],
            "drifting": [unit.unit_id for unit in made.units if unit.drifting],
            "units": listed("units"),
            "contradictions": listed("contradictions"),
        },
        "credit": {
            "key_results": len(whole),
            "attributed_fully": sum(credit.attributed == 1 for credit in whole),
            "attributed_partly": sum(0 < credit.attributed < 1 for credit in whole),
            "not_attributed": sum(credit.attributed == 0 for credit in whole),
            "not_computed_because": made.no_credit_because,
            "items": listed("credit"),
        },
    }


_ORIGINS = ("cascaded", "laddered", "unstated")


def _lists(made: Report) -> dict[str, _ReportList]:
    return {
        "orphans": _ReportList([each.id for each in made.orphans], lambda place: _orphan(made.orphans[place])),
        "units": _ReportList([each.unit_id or "" for each in made.units], lambda place: _unit(made.units[place])),
        "contradictions": _ReportList(
            [f"{each.link.child_id}~{'~'.join(each.link.parent)}" for each in made.contradictions],
            lambda place: _contradiction(made.contradictions[place]),
        ),
        "credit": _ReportList([each.id for each, _ in made.credit], lambda place: _credit(*made.credit[place])),
    }


def _orphan(objective: Objective) -> JsonObject:
    return {
        "kind": "objective",
        "id": objective.id,
        "title": objective.title,
        "owner": {"kind": objective.owner_kind, "id": objective.owner_id},
        "cycle_id": objective.cycle_id,
        "unit_id": objective.unit_id,
    }


def _unit(unit: UnitBalance) -> JsonObject:
    coverage = unit.coverage
    return {
        "unit_id": unit.unit_id,
        **{origin: unit.origins[origin] for origin in _ORIGINS},
        "objectives": unit.objectives,
        "covered": unit.covered,
        "coverage": None if coverage is None else plain(coverage),
        "over_cascaded": unit.over_cascaded,
        "drifting": unit.drifting,
    }


def _contradiction(each: Contradiction) -> JsonObject:
    return {
        "child": {"kind": "objective", "id": each.link.child_id},
        "parent": _node(each.link.parent),
        "origin": each.link.origin,
        "drawn_by": each.drawn_by,
    }


def _credit(key_result: KeyResult, credit: Credit) -> JsonObject:
    return {
        "id": key_result.id,
        "objective_id": key_result.objective_id,
        "attributed": plain(credit.attributed),
        "reached": [{"objective_id": each, "amount": plain(amount)} for each, amount in credit.reached],
        "not_attributed": [
            {
                "at": {"kind": loss.at.kind, "id": loss.at.id},
                "parent": None if loss.parent is None else {"kind": loss.parent.kind, "id": loss.parent.id},
                "reason": loss.reason,
                "amount": plain(loss.amount),
            }
            for loss in credit.lost
        ],
    }


def _moment(asked: Asked) -> Moment:
    return Moment(asked.organisation, asked.effective_on, asked.known_at, asked.generation)
