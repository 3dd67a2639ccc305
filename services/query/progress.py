"""Objectives, key results, their numbers and why, check-ins, the tree and the cycles."""

from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Final

from okr_contracts.fields import write_instant
from okr_rules import (
    Node,
    NodeKind,
    Value,
    explain_fed_key_result,
    explain_key_result,
    explain_objective,
    plain,
    stale,
)
from projections.progress import as_of, queries
from projections.progress.as_of import Moment, Standing, Standings, standings
from projections.progress.graph import RunsInACircle
from projections.progress.queries import CheckInVersion, Shown, levels, shown
from services.query import parameters
from services.query.answers import Asked, BadParameter, Connection, JsonObject, NotFound, Page, Streamed

STATUSES: Final = ("not_measured", "on_track", "at_risk", "off_track")
_OWNERS: Final = ("person", "unit")
_PLURALS: Final[Mapping[NodeKind, str]] = {"objective": "objectives", "key_result": "key-results"}


async def objectives(connection: Connection, asked: Asked) -> Page:
    """Objectives by id, filtered by cycle, owner, unit and status."""
    wanted_status, owner = _status(asked), _owner(asked)
    cycle_id = asked.parameters.get("cycle")
    after = None if asked.after is None else str(asked.after[0])
    items: list[JsonObject] = []
    while True:
        ids = await queries.objective_ids(
            connection,
            asked.organisation,
            _moment(asked),
            cycle_id=cycle_id,
            owner=owner,
            after=after,
            limit=asked.limit + 1,
        )
        found = await _standings(connection, asked, [Node("objective", objective_id) for objective_id in ids])
        nodes = [node for objective_id in ids if (node := Node("objective", objective_id)) in found.nodes]
        matching = [
            node
            for node in nodes
            if wanted_status in (None, found.nodes[node].status) and not asked.not_to_find.has(*node)
        ]
        details = await shown(connection, asked.organisation, found, matching)
        items += (_objective(found.nodes[node], details[node]) for node in matching)
        if len(items) > asked.limit:
            return Page(items[: asked.limit], (str(items[asked.limit - 1]["id"]),))
        if len(ids) <= asked.limit:
            return Page(items)
        after = ids[-1]


async def objective(connection: Connection, asked: Asked, objective_id: str) -> JsonObject:
    """One objective."""
    standing, details, _ = await _one(connection, asked, Node("objective", objective_id))
    return _objective(standing, details)


async def key_result(connection: Connection, asked: Asked, key_result_id: str) -> JsonObject:
    """One key result, with what it measures and who answers for it."""
    # From the values: the value in force is shown too.
    standing, details, _ = await _one(connection, asked, Node("key_result", key_result_id), from_values=True)
    return _key_result(standing, details)


async def objective_progress(connection: Connection, asked: Asked, objective_id: str) -> JsonObject | Streamed:
    """The numbers of one objective, explained if asked for."""
    return await _progress(connection, asked, Node("objective", objective_id))


async def key_result_progress(connection: Connection, asked: Asked, key_result_id: str) -> JsonObject | Streamed:
    """The numbers of one key result, explained if asked for."""
    return await _progress(connection, asked, Node("key_result", key_result_id))


async def check_ins(connection: Connection, asked: Asked, key_result_id: str) -> Page:
    """The check-ins of a key result in the order in which they were recorded, each with all its versions."""
    await _one(connection, asked, Node("key_result", key_result_id))
    after = 0 if asked.after is None else int(asked.after[0])
    found = await queries.check_ins(
        connection, asked.organisation, key_result_id, _moment(asked), after=after, limit=asked.limit + 1
    )
    page = found[: asked.limit]
    items = [_check_in(key_result_id, versions) for versions in page]
    return Page(items, (page[-1][0].first_sequence,) if len(found) > asked.limit else None)


async def tree(connection: Connection, asked: Asked) -> Page:
    """Objectives and key results, parents first, each once however many parents it has."""
    wanted_status, owner, depth_limit = _status(asked), _owner(asked), _depth(asked)
    cycle_id = asked.parameters.get("cycle")
    root = _root(asked)
    found = await _standings(connection, asked, root)
    top = None if root is None else next((node for node in root if node in found.nodes), None)
    if root is not None and top is None:
        raise NotFound(asked.parameters["root"])
    if root is not None and top is not None and len(root) > 1:
        # One name for both kinds: what hangs below the other must not be shown.
        found = await _standings(connection, asked, [top])
    with _one_order():
        rank, depth = levels(found, top)
    everybody = await shown(connection, asked.organisation, found, list(found.nodes)) if owner else {}
    keys = sorted(
        (rank[node], node)
        for node, standing in found.nodes.items()
        if (depth_limit is None or depth[node] <= depth_limit)
        and cycle_id in (None, standing.cycle_id)
        and wanted_status in (None, standing.status)
        and (owner is None or owner == (everybody[node].owner_kind, everybody[node].owner_id))
        and not asked.not_to_find.has(*node)
    )
    if asked.after is not None:
        keys = [(level, node) for level, node in keys if (level, *node) > asked.after]
    page = [node for _, node in keys[: asked.limit]]
    details = everybody or await shown(connection, asked.organisation, found, page)
    items = [_node(found.nodes[node], details[node]) for node in page]
    return Page(items, (rank[page[-1]], *page[-1]) if len(keys) > asked.limit else None)


async def cycles(connection: Connection, asked: Asked) -> Page:
    """The cycles, by id."""
    moment = _moment(asked)
    known = await as_of.cycles(connection, asked.organisation, moment)
    after = "" if asked.after is None else str(asked.after[0])
    left = [cycle for cycle_id, cycle in sorted(known.items()) if cycle_id > after]
    page = left[: asked.limit]
    items: list[JsonObject] = [
        {
            "id": cycle.cycle_id,
            "name": cycle.name,
            "starts_on": cycle.starts_on.isoformat(),
            "ends_on": cycle.ends_on.isoformat(),
            "parent_id": cycle.parent_id,
            "state": cycle.state,
            "rule_version": cycle.rule_version,
            "thresholds": cycle.thresholds,
        }
        for cycle in page
    ]
    return Page(items, (page[-1].cycle_id,) if len(left) > asked.limit else None)


async def _progress(connection: Connection, asked: Asked, node: Node) -> JsonObject | Streamed:
    explain = parameters.one_of(asked.parameters, "explain", ("true", "false", "all"))
    explained = explain in ("true", "all")
    standing, details, found = await _one(connection, asked, node, from_values=explained)
    answer = _node(standing, details)
    match explain:
        case "all":
            with _one_order():
                rank, _ = levels(found, node)
            ordered = sorted(rank, key=lambda each: (rank[each], each))
            return Streamed(answer, "explanations", _explanations([found.nodes[each] for each in ordered]))
        case "true":
            return {**answer, "explanation": _explanation(standing)}
        case _:
            return answer


async def _explanations(ordered: Sequence[Standing]) -> AsyncIterator[JsonObject]:
    for standing in ordered:
        yield _explanation(standing)


def _explanation(standing: Standing) -> JsonObject:
    node, inputs = standing.node, standing.inputs.values()
    if node.kind == "objective":
        assert standing.rule is not None
        assert standing.rule_sequence is not None
        return explain_objective(
            node.id,
            standing.rule,
            inputs,
            standing.pace,
            override=standing.override,
            sequences=(standing.rule_sequence,),
        )
    assert standing.definition is not None
    if standing.rule is None:
        return explain_key_result(node.id, standing.definition, standing.value, standing.pace)
    return explain_fed_key_result(node.id, standing.definition, inputs, standing.pace)


async def _one(
    connection: Connection, asked: Asked, node: Node, *, from_values: bool = False
) -> tuple[Standing, Shown, Standings]:
    found = await _standings(connection, asked, [node], from_values=from_values)
    if node not in found.nodes:
        raise NotFound(f"{_PLURALS[node.kind]}/{node.id}")
    details = await shown(connection, asked.organisation, found, [node])
    return found.nodes[node], details[node], found


async def _standings(
    connection: Connection, asked: Asked, nodes: Sequence[Node] | None, *, from_values: bool = False
) -> Standings:
    with _one_order():
        return await standings(connection, asked.organisation, _moment(asked), nodes, from_values=from_values)


@contextmanager
def _one_order() -> Generator[None]:
    """Refuses a day on which links, as imports dated them, ran in a circle: then nothing comes first."""
    try:
        yield
    except RunsInACircle as circle:
        raise BadParameter("effective_on", f"There is no answer for this day: {circle}. Ask for another.") from circle


def _node(standing: Standing, details: Shown) -> JsonObject:
    numbers = standing.numbers
    return {
        "id": standing.node.id,
        "kind": standing.node.kind,
        "title": details.title,
        "owner": {"kind": details.owner_kind, "id": details.owner_id},
        "parents": [
            {
                "id": above.node.id,
                "kind": above.node.kind,
                "effect": above.effect,
                "origin": above.origin,
                "weight": plain(above.weight),
                "share": plain(above.share),
                **({} if above.acceptance is None else {"acceptance": above.acceptance}),
            }
            for above in details.parents
        ],
        "cycle_id": standing.cycle_id,
        "state": standing.state,
        "progress": plain(numbers.progress),
        "raw": _decimal(numbers.raw),
        "measured": plain(numbers.measured),
        "expected": plain(standing.expected),
        "status": standing.status,
        "stale": _is_stale(standing, details),
        "confidence": details.confidence,
        "no_inputs": numbers.no_inputs,
    }


def _is_stale(standing: Standing, details: Shown) -> bool:
    if standing.rule is not None or standing.cadence_days is None:
        return False
    patience = standing.pace.thresholds.stale_after_days
    return stale(standing.pace.days, details.last_check_in_on, standing.cadence_days, patience)


def _objective(standing: Standing, details: Shown) -> JsonObject:
    override = standing.override
    return {
        **_node(standing, details),
        "description": details.description,
        "labels": None if details.labels is None else list(details.labels),
        "ambition": standing.ambition,
        "roll_up": standing.rule,
        "top_level": details.top_level,
        "successor_id": None if (successor := standing.decided.get("successor")) is None else successor.value,
        "computed": plain(standing.numbers.computed),
        "override": None if override is None else {"progress": plain(override.progress), "sequence": override.sequence},
    }


def _key_result(standing: Standing, details: Shown) -> JsonObject:
    version, value = standing.definition, standing.value
    assert version is not None
    assert standing.weight is not None
    measured = version.definition
    unit_kind, _, code = version.unit.partition("/")
    numbers = ("baseline", "target", "floor", "ceiling", "low", "high")
    return {
        **_node(standing, details),
        "objective_id": standing.objective_id,
        "source": "check_ins" if standing.rule is None else "children",
        "weight": plain(standing.weight),
        "cadence_days": standing.cadence_days,
        "responsible_id": details.owner_id,
        "partner_ids": list(details.partner_ids),
        "definition": {
            "kind": measured.kind,
            "unit": {"kind": unit_kind, "code": code or None},
            **{name: _decimal(getattr(measured, name)) for name in numbers},
            "effective_on": version.effective_on.isoformat(),
            "sequence": version.sequence,
        },
        "value": None
        if value is None
        else {
            "value": _reported(value.value),
            "effective_on": value.effective_on.isoformat(),
            "first_sequence": value.first_sequence,
            "sequence": value.sequence,
        },
    }


def _check_in(key_result_id: str, versions: Sequence[CheckInVersion]) -> JsonObject:
    first, newest = versions[0], versions[-1]
    # A withdrawal has no content of its own: what was taken back stays readable.
    content = versions[-2] if newest.withdrawn and len(versions) > 1 else newest
    return {
        "id": first.check_in_id,
        "key_result_id": key_result_id,
        **_content(content),
        "withdrawn": newest.withdrawn,
        "corrected": any(version is not first and not version.withdrawn for version in versions),
        "sequence": first.first_sequence,
        "recorded_at": write_instant(first.recorded_at),
        "actor": {"kind": first.actor_kind, "id": first.actor_id},
        "versions": [
            {
                "sequence": version.sequence,
                "type": _type(version),
                **_content(version),
                "reason": version.reason,
                "recorded_at": write_instant(version.recorded_at),
                "actor": {"kind": version.actor_kind, "id": version.actor_id},
            }
            for version in versions
        ],
    }


def _content(version: CheckInVersion) -> JsonObject:
    return {
        "effective_on": version.effective_on.isoformat(),
        "value": _reported(version.value),
        "confidence": version.confidence,
        "forecast": _reported(version.forecast),
        "narrative": version.narrative,
    }


def _type(version: CheckInVersion) -> str:
    if version.withdrawn:
        return "CheckInWithdrawn"
    return "CheckInRecorded" if version.sequence == version.first_sequence else "CheckInCorrected"


def _moment(asked: Asked) -> Moment:
    return Moment(asked.effective_on, asked.known_at, asked.generation)


def _status(asked: Asked) -> str | None:
    return parameters.one_of(asked.parameters, "status", STATUSES)


def _owner(asked: Asked) -> tuple[str, str] | None:
    given, unit = asked.parameters.get("owner"), asked.parameters.get("unit")
    if given is None:
        return None if unit is None else ("unit", unit)
    kind, slash, owner_id = given.partition("/")
    if kind not in _OWNERS or not slash or not owner_id:
        raise BadParameter("owner", "owner is person/<id> or unit/<id>.", "owner")
    if unit is not None and (kind, owner_id) != ("unit", unit):
        raise BadParameter("unit", "owner and unit name two different owners. Give one of them.", "owner")
    return kind, owner_id


def _depth(asked: Asked) -> int | None:
    given = asked.parameters.get("depth")
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= 9):
        raise BadParameter("depth", "depth is a whole number from 0.", "depth")
    return int(given)


def _root(asked: Asked) -> list[Node] | None:
    """The node that is named; without its kind, an objective of that id comes before a key result."""
    given = asked.parameters.get("root")
    if given is None:
        return None
    for kind, plural in _PLURALS.items():
        for prefix in (f"{plural}/", f"{kind}/"):
            if given.startswith(prefix):
                return [Node(kind, given.removeprefix(prefix))]
    return [Node("objective", given), Node("key_result", given)]


def _decimal(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def _reported(value: Value | None) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else plain(value)
