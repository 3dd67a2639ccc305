"""Random commands over one small organisation: every command of the contracts, most of them good, some of them not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

Json = Mapping[str, object]
Made = tuple[str, Json]
Maker = Callable[["World"], Json]

LEADS: Final = ("p0", "p1")
"""Two who run the programme: an exception is granted by the other one."""
_NOWHERE: Final = "nowhere"
_REASON: Final = {"reason": "It is better so."}


@dataclass
class World:
    """What the clients of one organisation know to be there; all clients together share it."""

    name: str
    today: date
    random: Random
    ids: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    links: list[Json] = field(default_factory=list[Json])
    """Pairs that were linked: ``{child_id, parent}``."""
    granted: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    number: int = 0

    def next(self, prefix: str) -> str:
        """An id that nothing else has."""
        self.number += 1
        return f"{prefix}{self.number}"

    def one(self, kind: str) -> str:
        """An id that is there, or, seldom, one that is not; the newest more often, so that commands meet."""
        there = self.ids.get(kind, [])
        if not there or self.random.random() < 0.02:
            return _NOWHERE
        return self.random.choice(there[-8:] + there[:3])

    def day(self, days: int) -> str:
        """So many days from today."""
        return (self.today + timedelta(days=days)).isoformat()

    def past(self) -> str:
        """Today, or a day of the quarter."""
        return self.day(self.random.choice([0, 0, -1, -5, -12, -30]))

    def parent(self) -> Json:
        """An objective, or a key result."""
        kind = self.random.choice(["objective", "objective", "key_result"])
        return {"kind": kind, "id": self.one(kind)}

    def owner(self) -> Json:
        """A person, or a unit."""
        kind = self.random.choice(["person", "unit"])
        return {"kind": kind, "id": self.one(kind)}

    def learn(self, command: str, body: Json, sequence: int) -> None:
        """Remember what an acknowledged command made."""
        for kind, name in _MAKES.get(command, ()):
            if body.get(name) is not None:
                self.ids.setdefault(kind, []).append(str(body[name]))
        match command:
            case "LinkAlignment":
                self.links.append({"child_id": body["child_id"], "parent": body["parent"]})
            case "MoveAlignment":
                self.links.append({"child_id": body["child_id"], "parent": body["to_parent"]})
            case "GrantException":
                self.granted.append((str(body["cycle_id"]), sequence))
            case _:
                pass


_MAKES: Final[Mapping[str, list[tuple[str, str]]]] = {
    "AddUnit": [("unit", "unit_id")],
    "AddPerson": [("person", "person_id")],
    "PlanCycle": [("cycle", "cycle_id")],
    "CreateObjective": [("objective", "objective_id")],
    "CarryOverObjective": [("objective", "successor_id")],
    "AddKeyResult": [("key_result", "key_result_id")],
    "RecordCheckIn": [("check_in", "check_in_id")],
    "Announce": [("announcement", "announcement_id")],
    "PlaceHold": [("hold", "hold_id")],
}


def opening(world: World) -> list[Made]:
    """What the organisation begins with, after its registration."""
    day = world.day
    plans: list[Made] = [
        ("PlanCycle", {"cycle_id": "year", "name": "Year", "starts_on": day(-120), "ends_on": day(200)}),
        (
            "PlanCycle",
            {"cycle_id": "q", "name": "Quarter", "starts_on": day(-40), "ends_on": day(50), "parent_id": "year"},
        ),
        (
            "PlanCycle",
            {"cycle_id": "next", "name": "Next", "starts_on": day(51), "ends_on": day(140), "parent_id": "year"},
        ),
    ]
    return [
        ("AddUnit", {"unit_id": "u1", "name": "Sales"}),
        ("AddUnit", {"unit_id": "u2", "name": "Shops", "parent_id": "u1"}),
        *(("AddPerson", {"person_id": f"p{n}", "name": f"Person {n}", "unit_ids": ["u1"]}) for n in range(4)),
        *plans,
        ("OpenCycle", {"cycle_id": "year"}),
        ("OpenCycle", {"cycle_id": "q"}),
        *(("CreateObjective", _create_objective(world)) for _ in range(5)),
        *(("AddKeyResult", _add_key_result(world)) for _ in range(6)),
    ]


def random_command(world: World, done: float) -> Made:
    """One command; *done* is the part of the organisation's life that is over: what ends something comes late."""
    names = [name for name, (_, _, from_when) in _MAKERS.items() if done >= from_when]
    (name,) = world.random.choices(names, [_MAKERS[each][1] for each in names])
    return name, _MAKERS[name][0](world)


def ending(world: World) -> Iterator[Made]:
    """Grades for everything in the quarter, so that it can be closed; then the end of the organisation."""
    yield "LockCycle", {"cycle_id": "q"}
    yield "GrantException", _grant(world, "q")
    yield "RevokeException", _revoked(world)
    for each in world.ids["key_result"]:
        yield "GradeKeyResult", {"key_result_id": each, **_grade(world)}
    for each in world.ids["objective"]:
        yield "GradeObjective", {"objective_id": each, **_grade(world)}
    yield "CorrectGrade", {"objective_id": world.one("objective"), **_grade(world)}
    yield "CloseCycle", {"cycle_id": "q"}
    yield "ReopenCycle", {"cycle_id": "q", "to": "locked", **_REASON}
    yield "CloseOrganisation", _REASON


def _create_objective(world: World) -> Json:
    return {
        "objective_id": world.next("o"),
        "cycle_id": world.random.choice(["q"] * 6 + ["year"] * 2 + ["next"]),
        "owner": {"kind": "person", "id": world.random.choice(LEADS)} if world.random.random() < 0.5 else world.owner(),
        "title": f"{world.random.choice(['Win the north', 'Grow by 20 %', 'Be kind'])}",
        "roll_up": world.random.choice(["key_results", "children", "both"]),
        "ambition": world.random.choice(["aspirational", "committed"]),
        "top_level": world.random.random() < 0.2,
    }


_MEASURED: Final[list[Json]] = [
    {"kind": "increase", "baseline": "0", "target": "100"},
    {"kind": "increase", "baseline": "-12.5", "target": "33.333333"},
    {"kind": "reduce", "baseline": "90", "target": "7"},
    {"kind": "stay_above", "target": "40", "floor": "10"},
    {"kind": "stay_above", "target": "40"},
    {"kind": "stay_below", "target": "40", "ceiling": "90"},
    {"kind": "stay_within", "low": "20", "high": "60", "floor": "0", "ceiling": "99"},
    {"kind": "achieve"},
]


def _add_key_result(world: World) -> Json:
    key_result_id = world.next("k")
    measured = world.random.choice(_MEASURED)
    if measured["kind"] == "achieve":
        world.ids.setdefault("yes_or_no", []).append(key_result_id)
    return {
        "key_result_id": key_result_id,
        "objective_id": world.one("objective") if world.ids.get("objective") else "o1",
        "title": world.random.choice(["Launch it", "Customers a week", "Reach 40 shops"]),
        "responsible_id": world.one("person") if world.ids.get("person") else "p0",
        "weight": world.random.choice(["1", "1", "2", "0", "0.3"]),
        "source": world.random.choice(["check_ins"] * 6 + ["children"]),
        "cadence_days": world.random.choice([7, 7, 14]),
        **measured,
    }


def _value(world: World, key_result_id: str) -> object:
    if key_result_id in world.ids.get("yes_or_no", []):
        return world.random.random() < 0.5
    return f"{world.random.randint(-200, 12_000) / 100:.2f}"


def _check_in(world: World) -> Json:
    key_result_id = world.one("key_result")
    return {
        "check_in_id": world.next("c"),
        "key_result_id": key_result_id,
        "value": _value(world, key_result_id),
        "confidence": world.random.randint(0, 10),
        "narrative": world.random.choice(["So far, so good.", "“Better” — ½ way", None]),
        "effective_on": world.past(),
    }


def _correction(world: World) -> Json:
    moved = {"effective_on": world.past()} if world.random.random() < 0.3 else {}
    value = world.random.choice([f"{world.random.randint(0, 9_900) / 100:.2f}", None])
    return {"check_in_id": world.one("check_in"), "value": value, "confidence": 5, **moved, **_REASON}


def _grade(world: World) -> Json:
    return {"grade": world.random.choice(["0", "0.4", "0.7", "1"]), "reflection": "We learnt.", **_REASON}


def _link(world: World) -> Json:
    return {
        "child_id": world.one("objective"),
        "parent": world.parent(),
        "effect": world.random.choice(["contributes", "contributes", "supports"]),
        "origin": world.random.choice(["cascaded", "laddered", "unstated"]),
        "weight": world.random.choice(["1", "2", "0", "0.7"]),
        "share": world.random.choice(["1", "0.5", "0.333333", "0.1"]),
    }


def _linked(world: World) -> Json:
    return world.random.choice(world.links[-8:]) if world.links else {"child_id": _NOWHERE, "parent": world.parent()}


def _redefinition(world: World) -> Json:
    key_result_id = world.one("key_result")
    if world.random.random() < 0.6:
        return {"key_result_id": key_result_id, "target": f"{world.random.randint(41, 150)}", **_REASON}
    measured = world.random.choice(_MEASURED)
    restated = {"restated_value": "30"} if measured["kind"] != "achieve" and world.random.random() < 0.5 else {}
    return {"key_result_id": key_result_id, **measured, **restated, **_REASON}


def _phased(world: World) -> Json:
    steps = [{"on": world.day(day), "value": value} for day, value in ((-10, "20"), (20, "60"))]
    return {"key_result_id": world.one("key_result"), "phased_targets": steps[: world.random.randint(0, 2)], **_REASON}


def _views(world: World) -> Json:
    at = f"{world.past()}T00:00:00Z"
    view = {"person_id": world.one("person"), "seen_at": at, "channel": "mail"}
    return {"announcement_id": world.one("announcement"), "views": [view]}


def _audience(world: World) -> Json:
    return world.random.choice([{}, {"unit_ids": [world.one("unit")]}, {"person_ids": [world.one("person")]}])


def _grant(world: World, cycle_id: str) -> Json:
    key_result = f"key-results/{world.one('key_result')}"
    return {"cycle_id": cycle_id, "command": "RecordCheckIn", "on": key_result, **_REASON}


def _revoked(world: World) -> Json:
    cycle_id, sequence = world.granted[-1] if world.granted else ("q", 1)
    return {"cycle_id": cycle_id, "granted": sequence, **_REASON}


def _of(kind: str, field_name: str, **more: object) -> Maker:
    """A command about one thing, with the same other fields each time."""
    return lambda world: {field_name: world.one(kind), **more}


# Name: its maker, how often it comes, from which part of an organisation's life on.
_MAKERS: Final[Mapping[str, tuple[Maker, float, float]]] = {
    "ChangeSettings": (
        lambda w: {
            "alignment_acceptance": w.random.choice(["none", "other_owner", "other_owner"]),
            "smallest_group": w.random.randint(1, 3),
        },
        1.5,
        0,
    ),
    "AssignRole": (lambda w: {"person_id": w.one("person"), "role": "auditor"}, 0.5, 0),
    "RevokeRole": (lambda w: {"person_id": w.one("person"), "role": "auditor"}, 0.4, 0),
    "PlaceHold": (lambda w: {"hold_id": w.next("h"), "person_id": w.one("person"), **_REASON}, 0.4, 0),
    "ReleaseHold": (_of("hold", "hold_id", **_REASON), 0.5, 0),
    "AddUnit": (lambda w: {"unit_id": w.next("u"), "name": "New", "parent_id": w.one("unit")}, 1, 0),
    "RenameUnit": (_of("unit", "unit_id", name="Renamed"), 0.5, 0),
    "MoveUnit": (lambda w: {"unit_id": w.one("unit"), "parent_id": w.one("unit")}, 1, 0),
    "NameUnitLead": (lambda w: {"unit_id": w.one("unit"), "person_id": w.one("person")}, 0.7, 0),
    "CloseUnit": (_of("unit", "unit_id"), 1.5, 0.4),
    "AddPerson": (
        lambda w: {
            "person_id": w.next("p"),
            "name": "New",
            "manager_id": w.one("person"),
            "unit_ids": [w.one("unit")],
            "placeholder": w.random.random() < 0.2,
        },
        1.5,
        0,
    ),
    "RevisePerson": (_of("person", "person_id", title="Lead", name="Renamed"), 0.6, 0),
    "ChangeManager": (
        lambda w: {"person_id": w.one("person"), "manager_id": w.one("person"), "effective_on": w.past()},
        1,
        0,
    ),
    "JoinUnit": (
        lambda w: {"person_id": w.one("person"), "unit_id": w.one("unit"), "primary": w.random.random() < 0.5},
        1.5,
        0,
    ),
    "LeaveUnit": (lambda w: {"person_id": w.one("person"), "unit_id": w.one("unit")}, 1, 0),
    "DeactivatePerson": (_of("person", "person_id"), 0.5, 0.3),
    "ReactivatePerson": (_of("person", "person_id"), 0.7, 0.3),
    "ErasePerson": (_of("person", "person_id", **_REASON), 0.4, 0.4),
    "PlanCycle": (
        lambda w: {
            "cycle_id": w.next("cycle"),
            "name": "Later",
            "starts_on": w.day(60),
            "ends_on": w.day(90),
            "parent_id": "year",
        },
        0.2,
        0,
    ),
    "ReviseCycle": (_of("cycle", "cycle_id", name="Renamed", thresholds={"stale_after_days": 1}, **_REASON), 0.3, 0),
    "OpenCycle": (_of("cycle", "cycle_id"), 0.4, 0),
    "LockCycle": (_of("cycle", "cycle_id"), 0.3, 0.7),
    "CloseCycle": (_of("cycle", "cycle_id"), 0.2, 0.8),
    "ReopenCycle": (_of("cycle", "cycle_id", to="open", **_REASON), 0.3, 0.7),
    "GrantException": (lambda w: _grant(w, w.one("cycle")), 0.4, 0.6),
    "RevokeException": (_revoked, 0.4, 0.6),
    "CreateObjective": (_create_objective, 3, 0),
    "ReviseObjective": (_of("objective", "objective_id", title="Win the north, kindly"), 1, 0),
    "ReassignObjective": (lambda w: {"objective_id": w.one("objective"), "owner": w.owner()}, 1, 0),
    "DeclareTopLevel": (
        lambda w: {"objective_id": w.one("objective"), "top_level": w.random.random() < 0.5},
        0.7,
        0,
    ),
    "SetAmbition": (
        lambda w: {
            "objective_id": w.one("objective"),
            "ambition": w.random.choice(["committed", "aspirational"]),
            **_REASON,
        },
        0.7,
        0,
    ),
    "SetLabels": (_of("objective", "objective_id", labels=["one", "two"]), 0.5, 0),
    "RestrictObjective": (
        lambda w: {"objective_id": w.one("objective"), "readers": [w.owner()], **_REASON},
        0.7,
        0,
    ),
    "OpenObjective": (_of("objective", "objective_id"), 0.7, 0),
    "SetRollUp": (
        lambda w: {
            "objective_id": w.one("objective"),
            "roll_up": w.random.choice(["key_results", "children", "both"]),
            **_REASON,
        },
        1.5,
        0,
    ),
    "OverrideProgress": (
        lambda w: {"objective_id": w.one("objective"), "progress": f"0.{w.random.randint(0, 99):02}", **_REASON},
        1,
        0,
    ),
    "LiftOverride": (_of("objective", "objective_id", **_REASON), 1, 0),
    "AbandonObjective": (_of("objective", "objective_id", **_REASON), 0.7, 0.2),
    "ReinstateObjective": (_of("objective", "objective_id", **_REASON), 0.9, 0.2),
    "CarryOverObjective": (
        lambda w: {"objective_id": w.one("objective"), "cycle_id": "next", "successor_id": w.next("o")},
        0.6,
        0.3,
    ),
    "DismissSignal": (
        lambda w: {"objective_id": w.one("objective"), "code": "objective_states_a_number", **_REASON},
        0.6,
        0,
    ),
    "AddKeyResult": (_add_key_result, 3, 0),
    "ReviseKeyResult": (_of("key_result", "key_result_id", title="Guests a week"), 0.8, 0),
    "RedefineKeyResult": (_redefinition, 2.5, 0),
    "ReweighKeyResult": (
        lambda w: {"key_result_id": w.one("key_result"), "weight": w.random.choice(["0", "1", "3"]), **_REASON},
        1,
        0,
    ),
    "SetCadence": (
        lambda w: {"key_result_id": w.one("key_result"), "cadence_days": w.random.choice([5, 7, 14])},
        0.7,
        0,
    ),
    "SetPhasedTargets": (_phased, 1, 0),
    "AssignResponsible": (lambda w: {"key_result_id": w.one("key_result"), "person_id": w.one("person")}, 1, 0),
    "NameKeyPartner": (lambda w: {"key_result_id": w.one("key_result"), "person_id": w.one("person")}, 1.5, 0),
    "ReleaseKeyPartner": (lambda w: {"key_result_id": w.one("key_result"), "person_id": w.one("person")}, 1.5, 0),
    "DropKeyResult": (_of("key_result", "key_result_id", **_REASON), 0.7, 0.2),
    "ReinstateKeyResult": (_of("key_result", "key_result_id", **_REASON), 0.9, 0.2),
    "GradeKeyResult": (lambda w: {"key_result_id": w.one("key_result"), **_grade(w)}, 0.7, 0.5),
    "GradeObjective": (lambda w: {"objective_id": w.one("objective"), **_grade(w)}, 0.7, 0.5),
    "CorrectGrade": (lambda w: {"objective_id": w.one("objective"), **_grade(w)}, 0.7, 0.6),
    "LinkAlignment": (_link, 6, 0),
    "ChangeAlignment": (
        lambda w: {**_linked(w), "share": w.random.choice(["0.2", "0.5", "1"]), **_REASON},
        1.2,
        0,
    ),
    "MoveAlignment": (lambda w: {**_linked(w), "to_parent": w.parent(), **_REASON}, 1.2, 0),
    "UnlinkAlignment": (lambda w: {**_linked(w), **_REASON}, 0.8, 0),
    "AcceptAlignment": (_linked, 2, 0),
    "DeclineAlignment": (lambda w: {**_linked(w), **_REASON}, 1.5, 0),
    "RecordCheckIn": (_check_in, 14, 0),
    "CorrectCheckIn": (_correction, 3, 0),
    "WithdrawCheckIn": (_of("check_in", "check_in_id", **_REASON), 1, 0),
    "AcknowledgeCheckIn": (lambda w: {"check_in_id": w.one("check_in"), "person_id": w.one("person")}, 0.8, 0),
    "Announce": (
        lambda w: {
            "announcement_id": w.next("a"),
            "kind": w.random.choice(["news", "training", "reminder"]),
            "title": "How to write a key result",
            "audience": _audience(w),
            "sent": 4,
        },
        0.6,
        0,
    ),
    "RecordViews": (_views, 1, 0),
    "RecordAction": (
        lambda w: {
            "action_id": w.next("x"),
            "announcement_id": w.one("announcement"),
            "person_id": w.one("person"),
            "action": "finished",
        },
        0.5,
        0,
    ),
}
