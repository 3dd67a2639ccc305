"""Answers of the query service against the plain recomputation of the events that they say they are true for."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import cast

from tests.faults.journal import Answer, Json
from tests.faults.readers import items_as_written
from tests.plain_recomputation import (
    Alignment,
    Circle,
    NodeKey,
    Nodes,
    Outcomes,
    recompute,
    recompute_alignment,
    recompute_changes,
    recompute_health,
    shown,
)

_CREDIT_WITHIN = Fraction(1, 10**6)


def differences(written: Sequence[bytes], answers: Sequence[Answer]) -> tuple[int, list[str]]:
    """
    How many of *answers* were compared, and each that is not what the events, as *written*, make of it.

    Runs in a process of its own: recomputing takes time, and the run goes on meanwhile.
    """
    plain = Plain(written)
    found: list[str] = []
    for answer in answers:
        where = f"{answer.path} on {answer.effective_on or 'any day'} at {answer.sequence}"
        try:
            found += (f"{where}: {each}" for each in plain.compare(answer))
        except Circle as circle:
            found.append(f"{where}: {circle}")
    return len(answers), found


class Plain:
    """What the events of one organisation make, computed once for each moment that is asked for."""

    def __init__(self, written: Sequence[bytes]) -> None:
        self._written = written
        self._events = [cast("Json", json.loads(each)) for each in written]
        self._nodes: dict[tuple[str, int], Nodes] = {}
        self._alignment: dict[tuple[str, int], Alignment] = {}
        self._health_of: dict[tuple[str, int], dict[str, Outcomes]] = {}
        self._changes = recompute_changes(self._events)

    def compare(self, answer: Answer) -> Iterator[str]:
        """What differs."""
        document = cast("Json", json.loads(answer.body))
        match answer.path.split("/"):
            case ["tree"]:
                yield from self._tree(answer, _items(document))
            case ["objectives" | "key-results", _, "progress"]:
                nodes = self._nodes_at(answer)
                yield from _figures(nodes, document)
            case ["alignment", "report"]:
                yield from self._report(answer, document)
            case ["alignment", _, node_id, direction]:
                yield from self._neighbours(answer, ("objective", node_id), direction, _items(document))
            case ["audit"]:
                yield from self._audit(answer, _items(document))
            case ["programme-health", figure, "list"]:
                yield from self._health(answer, figure, _items(document))
            case ["events"]:
                if items_as_written(answer.body) != list(self._written[: answer.sequence])[:500]:
                    yield "not the events of the ledger, byte for byte"
            case _:
                yield "nobody compares this"

    def _nodes_at(self, answer: Answer) -> Nodes:
        moment = (answer.effective_on, answer.sequence)
        if moment not in self._nodes:
            self._nodes[moment] = recompute(self._events, date.fromisoformat(answer.effective_on), answer.sequence)
        return self._nodes[moment]

    def _alignment_at(self, answer: Answer) -> Alignment:
        moment = (answer.effective_on, answer.sequence)
        if moment not in self._alignment:
            on = date.fromisoformat(answer.effective_on)
            self._alignment[moment] = recompute_alignment(self._events, on, answer.sequence)
        return self._alignment[moment]

    def _tree(self, answer: Answer, items: Sequence[Json]) -> Iterator[str]:
        nodes = self._nodes_at(answer)
        keys = [_key(item) for item in items]
        if sorted(keys) != sorted(nodes):
            yield f"nodes {sorted(keys)}, recomputed {sorted(nodes)}"
            return
        for item in items:
            yield from _figures(nodes, item)

    def _report(self, answer: Answer, document: Json) -> Iterator[str]:
        alignment = self._alignment_at(answer)
        coverage, credit = cast("Json", document["coverage"]), cast("Json", document["credit"])
        orphans = {str(each["id"]) for each in _items(cast("Json", coverage["orphans"]))}
        if orphans != set(alignment.orphans):
            yield f"orphans {sorted(orphans)}, recomputed {sorted(alignment.orphans)}"
        if coverage["top_level"] != len(alignment.top_level):
            yield f"{coverage['top_level']} top-level objectives, recomputed {len(alignment.top_level)}"
        if credit["not_computed_because"] is not None or not self._all_cycles_open(answer):
            return
        shown_credit = {str(each["id"]): Fraction(str(each["attributed"])) for each in _items(_part(credit, "items"))}
        plain = {key_result: each.attributed for key_result, each in alignment.credit.items()}
        if shown_credit.keys() != plain.keys():
            yield f"credit of {sorted(shown_credit)}, recomputed of {sorted(plain)}"
            return
        for key_result, amount in plain.items():
            if abs(shown_credit[key_result] - amount) > _CREDIT_WITHIN:
                yield f"credit of {key_result} {shown_credit[key_result]}, recomputed {amount}"

    def _all_cycles_open(self, answer: Answer) -> bool:
        """A report of planned cycles leaves out what the plain one counts."""
        known = self._events[: answer.sequence]
        types = [each["type"] for each in known if str(each["effective_on"]) <= answer.effective_on]
        return types.count("CycleOpened") == 2

    def _neighbours(self, answer: Answer, node: NodeKey, direction: str, items: Sequence[Json]) -> Iterator[str]:
        alignment = self._alignment_at(answer)
        found = {_key(item) for item in items}
        plain = set((alignment.ancestors if direction == "ancestors" else alignment.descendants)[node]) - {node}
        if found != plain:
            yield f"{sorted(found)}, recomputed {sorted(plain)}"

    def _audit(self, answer: Answer, items: Sequence[Json]) -> Iterator[str]:
        sequences = [item["sequence"] for item in items]
        if sequences != list(range(1, min(answer.sequence, 500) + 1)):
            yield f"events {sequences}"
            return
        for item in items:
            plain = self._changes[cast("int", item["sequence"])]
            changes = [{"field": each.field, "before": each.before, "after": each.after} for each in plain]
            if item["changes"] != changes:
                yield f"event {item['sequence']} changed {item['changes']}, recomputed {changes}"

    def _health(self, answer: Answer, figure: str, items: Sequence[Json]) -> Iterator[str]:
        moment = (answer.effective_on, answer.sequence)
        if moment not in self._health_of:
            on = date.fromisoformat(answer.effective_on)
            self._health_of[moment] = recompute_health(self._events, on, answer.sequence)
        found: dict[tuple[str, str], list[str]] = {}
        for item in items:
            found.setdefault(_key(item), []).append(str(item["outcome"]))
        told = {key: sorted(outcomes) for key, outcomes in found.items()}
        plain = self._health_of[moment][figure]
        if told != plain:
            keys = sorted(key for key in {*told, *plain} if told.get(key) != plain.get(key))
            yield f"{[(key, told.get(key)) for key in keys]}, recomputed {[plain.get(key) for key in keys]}"


def _figures(nodes: Nodes, item: Json) -> Iterator[str]:
    node = nodes.get(_key(item))
    if node is None:
        yield f"{_key(item)} is not there"
        return
    plain = {
        "progress": shown(node.progress),
        "raw": shown(node.raw),
        "measured": shown(node.measured),
        "expected": shown(node.expected),
        "status": node.status,
        "stale": node.stale,
        "no_inputs": node.no_inputs,
    }
    told = {name: _six_places(item[name]) if name in _DECIMALS else item[name] for name in plain}
    if told != plain:
        yield f"{_key(item)} {told}, recomputed {plain}"


_DECIMALS = ("progress", "raw", "measured", "expected")


def _six_places(number: object) -> str | None:
    return None if number is None else shown(Fraction(str(number)))


def _key(item: Json) -> NodeKey:
    return cast("NodeKey", (item["kind"], item["id"]))


def _part(document: Json, name: str) -> Json:
    """A list with its items, whether or not it is inside of one."""
    return {"items": document[name]} if isinstance(document[name], list) else cast("Json", document[name])


def _items(document: Json) -> Sequence[Json]:
    return cast("Sequence[Json]", document["items"])
