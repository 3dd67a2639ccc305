"""Grades with what was proposed, and how a cycle closes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from okr_contracts.fields import write_instant
from okr_rules import Node, plain
from projections.progress import as_of
from projections.progress.as_of import Cycle, Moment, Standing, Standings, standings
from projections.progress.grades import Grade, Proposal, band, basis_changed, grades, proposal
from projections.progress.queries import Shown, shown
from services.query.answers import Asked, Connection, JsonObject, NotFound


async def objective_grade(connection: Connection, asked: Asked, objective_id: str) -> JsonObject:
    """The grade of an objective, and what would be proposed now."""
    return await _grade(connection, asked, Node("objective", objective_id))


async def key_result_grade(connection: Connection, asked: Asked, key_result_id: str) -> JsonObject:
    """The grade of a key result, and what would be proposed now."""
    return await _grade(connection, asked, Node("key_result", key_result_id))


async def closing(connection: Connection, asked: Asked, cycle_id: str) -> JsonObject:
    """
    How a cycle closes: what is missing, and every objective with its key results, grades and what was learnt.

    Costs the size of the organisation.
    """
    moment = _moment(asked)
    cycle = (await as_of.cycles(connection, asked.organisation, moment)).get(cycle_id)
    if cycle is None:
        raise NotFound(f"cycles/{cycle_id}")
    found = await standings(connection, asked.organisation, _at_the_end(moment, cycle), None)
    nodes = [node for node, standing in found.nodes.items() if standing.cycle_id == cycle_id]
    given = await grades(connection, asked.organisation, moment, nodes)
    words = await shown(connection, asked.organisation, found, nodes)
    own: dict[str, list[Node]] = {}
    for node in sorted(nodes):
        if node.kind == "key_result":
            own.setdefault(found.nodes[node].objective_id, []).append(node)
    closed = {node: _closed(node, found, given, words[node]) for node in nodes}
    objectives = sorted(node for node in nodes if node.kind == "objective")
    items = [{**closed[node], "key_results": [closed[each] for each in own.get(node.id, ())]} for node in objectives]
    return {
        "cycle": {
            "id": cycle.cycle_id,
            "name": cycle.name,
            "starts_on": cycle.starts_on.isoformat(),
            "ends_on": cycle.ends_on.isoformat(),
            "state": cycle.state,
        },
        "missing": [
            {"kind": node.kind, "id": node.id, "title": words[node].title}
            for node in sorted(nodes)
            if _is_missing(found.nodes[node], found, given)
        ],
        "without_reflection": [
            {"kind": node.kind, "id": node.id, "title": words[node].title}
            for node in sorted(nodes)
            if closed[node]["asks_for_reflection"]
        ],
        "objectives": items,
    }


def _is_missing(standing: Standing, found: Standings, given: Mapping[Node, Sequence[Grade]]) -> bool:
    objective = found.nodes.get(Node("objective", standing.objective_id))
    ended = standing.state != "live" or (objective is not None and objective.state != "live")
    return not ended and standing.node not in given


def _closed(node: Node, found: Standings, given: Mapping[Node, Sequence[Grade]], words: Shown) -> dict[str, object]:
    standing = found.nodes[node]
    history, now = given.get(node, ()), proposal(standing, given)
    meaning = band(history[-1].grade, standing) if history else None
    reflected = any(each.reflection for each in history)
    return {
        "id": node.id,
        "kind": node.kind,
        "title": words.title,
        "owner": {"kind": words.owner_kind, "id": words.owner_id},
        "state": standing.state,
        "ambition": standing.ambition,
        "progress": plain(standing.numbers.progress),
        "proposed_now": plain(now.grade),
        "grade": None if not history else _given(history[-1]),
        "band": meaning,
        "basis_changed": basis_changed(history, now),
        # A committed one that was missed is what one learns from.
        "asks_for_reflection": node.kind == "objective" and meaning == "miss" and not reflected,
    }


async def _grade(connection: Connection, asked: Asked, node: Node) -> JsonObject:
    moment = _moment(asked)
    found = await standings(connection, asked.organisation, moment, [node])
    if node not in found.nodes:
        raise NotFound(f"{'objectives' if node.kind == 'objective' else 'key-results'}/{node.id}")
    cycle = found.cycles[found.nodes[node].cycle_id]
    ended = await standings(connection, asked.organisation, _at_the_end(moment, cycle), [node])
    standing = ended.nodes[node]
    given = await grades(connection, asked.organisation, moment, [node, *standing.inputs])
    history, now = given.get(node, []), proposal(standing, given)
    return {
        "id": node.id,
        "kind": node.kind,
        "ambition": standing.ambition,
        "grade": None if not history else _given(history[-1]),
        "band": None if not history else band(history[-1].grade, standing),
        "basis_changed": basis_changed(history, now),
        "proposed_now": _proposed(now, standing),
        "history": [_given(each) for each in history],
    }


def _given(grade: Grade) -> JsonObject:
    return {
        "grade": plain(grade.grade),
        "proposed": None if grade.proposed is None else plain(grade.proposed),
        "reflection": grade.reflection,
        "reason": grade.reason,
        "corrected": grade.corrected,
        "effective_on": grade.effective_on.isoformat(),
        "sequence": grade.sequence,
        "recorded_at": write_instant(grade.recorded_at),
        "by": {"kind": grade.actor_kind, "id": grade.actor_id},
    }


def _proposed(now: Proposal, standing: Standing) -> JsonObject:
    return {
        "grade": plain(now.grade),
        "on": standing.pace.days.on.isoformat(),
        "inputs": [
            {
                "kind": each.node.kind,
                "id": each.node.id,
                "number": plain(each.number),
                "graded": each.graded,
                "weight": plain(each.weight),
                "share": plain(each.share),
            }
            for each in now.inputs
        ],
    }


def _at_the_end(moment: Moment, cycle: Cycle) -> Moment:
    """The last day of the cycle, as known at the moment that is asked about."""
    return replace(moment, effective_on=cycle.ends_on)


def _moment(asked: Asked) -> Moment:
    return Moment(asked.effective_on, asked.known_at, asked.generation)
