"""What events say of objectives and key results."""

import hashlib
from collections.abc import Iterator

from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    CadenceSet,
    KeyPartnerNamed,
    KeyPartnerReleased,
    KeyResultAdded,
    KeyResultDropped,
    KeyResultRedefined,
    KeyResultReinstated,
    KeyResultRevised,
    ObjectiveAbandoned,
    ObjectiveCarriedOver,
    ObjectiveCreated,
    ObjectiveOpened,
    ObjectiveReassigned,
    ObjectiveReinstated,
    ObjectiveRestricted,
    ObjectiveRevised,
    ResponsibleAssigned,
    SignalDismissed,
    TopLevelDeclared,
)
from okr_contracts.events.key_result import KeyResultEvent
from okr_contracts.events.objective import ObjectiveEvent
from okr_rules import quality
from projections.programme_health.folded_facts import fact, instant, json, person_of
from projections.programme_health.rows import Fact

_DEFINITION = {"kind", "unit", "baseline", "target", "floor", "ceiling", "low", "high"}


def of_objective(recorded: Recorded) -> Iterator[Fact]:
    """The facts of an event of an objective."""
    event = recorded.event
    assert isinstance(event, ObjectiveEvent)
    objective_id = event.objective_id
    match event:
        case ObjectiveCreated() as made:
            yield fact(recorded, "objective", objective_id, "cycle", made.cycle_id)
            yield fact(recorded, "objective", objective_id, "owner", f"{made.owner.kind}/{made.owner.id}")
            yield fact(recorded, "objective", objective_id, "top_level", "true" if made.top_level else "false")
            yield from _words(recorded, "objective", objective_id, made.title)
            person_id = person_of(recorded)
            if person_id is not None:
                yield fact(recorded, "act", person_id, "objective", instant(recorded))
        case ObjectiveRevised(title=title):
            yield from _words(recorded, "objective", objective_id, title)
        case ObjectiveReassigned(owner=owner):
            yield fact(recorded, "objective", objective_id, "owner", f"{owner.kind}/{owner.id}")
        case TopLevelDeclared(top_level=top_level):
            yield fact(recorded, "objective", objective_id, "top_level", "true" if top_level else "false")
        case ObjectiveAbandoned() | ObjectiveCarriedOver():
            ended = "abandoned" if isinstance(event, ObjectiveAbandoned) else "carried_over"
            yield fact(recorded, "objective", objective_id, "ended", ended)
        case ObjectiveReinstated():
            yield fact(recorded, "objective", objective_id, "ended", None)
        case ObjectiveRestricted():
            yield fact(recorded, "objective", objective_id, "restricted", instant(recorded))
        case ObjectiveOpened():
            yield fact(recorded, "objective", objective_id, "restricted", None)
        case SignalDismissed(key_result_id=key_result_id, code=code):
            node = f"key_result/{key_result_id}" if key_result_id else f"objective/{objective_id}"
            yield fact(recorded, "dismissal", node, code, "dismissed")
        case _:
            return


def of_key_result(recorded: Recorded) -> Iterator[Fact]:
    """The facts of an event of a key result."""
    event = recorded.event
    assert isinstance(event, KeyResultEvent)
    key_result_id = event.key_result_id
    match event:
        case KeyResultAdded() as added:
            yield fact(recorded, "key_result", key_result_id, "objective", added.objective_id)
            yield fact(recorded, "key_result", key_result_id, "responsible", added.responsible_id)
            yield fact(recorded, "key_result", key_result_id, "definition", definition_of(added))
            if added.source == "children":
                yield fact(recorded, "key_result", key_result_id, "source", "children")
            yield fact(recorded, "cadence", key_result_id, "", str(added.cadence_days))
            yield from _words(recorded, "key_result", key_result_id, added.title)
            for person_id in added.partner_ids:
                yield fact(recorded, "partner", key_result_id, person_id, "named")
        case KeyResultRevised(title=title):
            yield from _words(recorded, "key_result", key_result_id, title)
        case KeyResultRedefined() as redefined:
            yield fact(recorded, "key_result", key_result_id, "definition", definition_of(redefined))
        case ResponsibleAssigned(person_id=person_id):
            yield fact(recorded, "key_result", key_result_id, "responsible", person_id)
        case KeyPartnerNamed(person_id=person_id):
            yield fact(recorded, "partner", key_result_id, person_id, "named")
        case KeyPartnerReleased(person_id=person_id):
            yield fact(recorded, "partner", key_result_id, person_id, None)
        case CadenceSet(cadence_days=cadence_days):
            yield fact(recorded, "cadence", key_result_id, "", str(cadence_days))
        case KeyResultDropped():
            yield fact(recorded, "key_result", key_result_id, "ended", "dropped")
        case KeyResultReinstated():
            yield fact(recorded, "key_result", key_result_id, "ended", None)
        case _:
            return


def definition_of(event: KeyResultAdded | KeyResultRedefined) -> str:
    """What a key result measures from here on, as JSON."""
    return json(event.model_dump(mode="json", include=_DEFINITION, exclude_none=True))


def _words(recorded: Recorded, kind: str, node_id: str, title: str | None) -> Iterator[Fact]:
    """What a title gives away, and a mark that equal words have in common; never the title itself."""
    if title is None:
        yield fact(recorded, kind, node_id, "signals", None)
        yield fact(recorded, kind, node_id, "words", None)
        return
    # Which of them apply depends on what is measured, too: all that the words alone could give are kept.
    signals = quality.of_objective(title) if kind == "objective" else quality.of_key_result(title, "achieve")
    found = [{"code": signal.code, "words": signal.words} for signal in signals]
    yield fact(recorded, kind, node_id, "signals", json(found) if found else None)
    mark = hashlib.blake2b(quality.same_words(title).encode(), digest_size=12).hexdigest()
    yield fact(recorded, kind, node_id, "words", mark)
