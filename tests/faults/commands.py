"""What clients ask for: random commands over one small organisation, good ones and bad ones."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

from tests.faults.journal import Json, Sent, World

TODAY_MINUS = 40
_NOWHERE = "nowhere"

Made = tuple[str, Json]


def opening(world: World, today: date) -> list[Made]:
    """What every organisation begins with, after its registration."""
    year = {"cycle_id": "year", "name": "Year", "starts_on": _day(today, -120), "ends_on": _day(today, 200)}
    quarter = {"cycle_id": "q", "name": "Quarter", "starts_on": _day(today, -TODAY_MINUS), "ends_on": _day(today, 50)}
    people = [("AddPerson", {"person_id": f"p{n}", "name": f"Person {n}"}) for n in range(3)]
    objectives = [
        ("CreateObjective", {"objective_id": f"o{n}", "cycle_id": cycle, "owner": owner, "title": f"Goal {n}", **more})
        for n, (cycle, owner, more) in enumerate(
            [
                ("year", {"kind": "unit", "id": "root"}, {"top_level": True, "roll_up": "both"}),
                ("year", {"kind": "unit", "id": "u0"}, {"roll_up": "children"}),
                ("q", {"kind": "person", "id": "p0"}, {}),
                ("q", {"kind": "person", "id": "p1"}, {"roll_up": "both", "ambition": "committed"}),
            ]
        )
    ]
    key_results = [
        ("AddKeyResult", {"key_result_id": f"k{n}", "objective_id": f"o{on}", "responsible_id": "p0", **measured})
        for n, (on, measured) in enumerate(
            [
                (2, {"title": "More", "kind": "increase", "baseline": "0", "target": "100"}),
                (3, {"title": "Less", "kind": "reduce", "baseline": "90", "target": "7"}),
                (3, {"title": "Done", "kind": "achieve"}),
            ]
        )
    ]
    world.ids |= {
        "unit": ["root", "u0"],
        "person": ["p0", "p1", "p2"],
        "cycle": ["q", "year"],
        "objective": ["o0", "o1", "o2", "o3"],
        "key_result": ["k0", "k1", "k2"],
        "check_in": [],
    }
    return [
        ("AddUnit", {"unit_id": "u0", "name": "Unit 0"}),
        *people,
        ("PlanCycle", year),
        ("PlanCycle", {**quarter, "parent_id": "year"}),
        ("OpenCycle", {"cycle_id": "year"}),
        ("OpenCycle", {"cycle_id": "q"}),
        *objectives,
        *key_results,
        _link("o1", "objective", "o0"),
        _link("o2", "objective", "o1"),
    ]


def random_command(world: World, random: Random, today: date) -> Made:
    """One command; about a sixth of them will be refused."""
    makers, weights = zip(*_MAKERS, strict=True)
    (maker,) = random.choices(makers, weights)
    return maker(world, random, today)


def other_content(sent: Sent) -> Json:
    """The fields of another command that could be sent under the same id by mistake."""
    return {**sent.body, "correlation_id": f"{sent.command_id}-other"}


def learn(world: World, sent: Sent, events: Sequence[Json]) -> None:
    """Remember what an acknowledged command made."""
    for kind, field in _MADE.get(sent.type, ()):
        if events and field in sent.body:
            world.ids[kind].append(str(sent.body[field]))
    for event in events:
        world.versions[str(event["subject"])] = int(str(event["version"]))


_MADE = {
    "AddUnit": [("unit", "unit_id")],
    "AddPerson": [("person", "person_id")],
    "CreateObjective": [("objective", "objective_id")],
    "AddKeyResult": [("key_result", "key_result_id")],
    "RecordCheckIn": [("check_in", "check_in_id")],
}


def _day(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()


def _one(world: World, random: Random, kind: str) -> str:
    """An id that is there, or, seldom, one that is not."""
    there = world.ids[kind]
    # The newest are asked for more often: commands about the same things meet.
    return _NOWHERE if not there or random.random() < 0.03 else random.choice(there[-6:] + there[:2])


def _value(random: Random) -> str:
    return f"{random.randint(-500, 12000) / 100:.2f}"


def _check_in(world: World, random: Random, today: date) -> Made:
    key_result = _one(world, random, "key_result")
    days = random.choice([0, 0, 0, -1, -7, -TODAY_MINUS + 1, -300 if random.random() < 0.1 else 0])
    return "RecordCheckIn", {
        "check_in_id": f"c{world.next_number()}",
        "key_result_id": key_result,
        "value": random.random() < 0.5 if key_result == "k2" else _value(random),
        "effective_on": _day(today, days),
        "confidence": random.randint(0, 10),
        "narrative": random.choice(["So far, so good.", "“Better” — ½ way", '\u0001\\ "quoted"\nand more', "ünï"]),
    }


def _correct(world: World, random: Random, today: date) -> Made:
    return "CorrectCheckIn", {
        "check_in_id": _one(world, random, "check_in"),
        "value": _value(random),
        "reason": "counted twice",
        **({"effective_on": _day(today, -random.randint(0, 30))} if random.random() < 0.3 else {}),
    }


def _withdraw(world: World, random: Random, today: date) -> Made:
    return "WithdrawCheckIn", {"check_in_id": _one(world, random, "check_in"), "reason": "not ours"}


def _create(world: World, random: Random, today: date) -> Made:
    owner = random.choice(["unit", "person"])
    return "CreateObjective", {
        "objective_id": f"o{world.next_number()}x",
        "cycle_id": random.choice(["q", "q", "q", "year", _NOWHERE]),
        "owner": {"kind": owner, "id": _one(world, random, owner)},
        "title": "Win",
        "roll_up": random.choice(["key_results", "children", "both"]),
        "ambition": random.choice(["aspirational", "committed"]),
    }


def _add(world: World, random: Random, today: date) -> Made:
    measured = random.choice(
        [
            {"kind": "increase", "baseline": "0", "target": "100"},
            {"kind": "increase", "baseline": "-10", "target": "30.5"},
            {"kind": "reduce", "baseline": "90", "target": "7"},
            {"kind": "increase", "baseline": "5", "target": "5"},
        ]
    )
    return "AddKeyResult", {
        "key_result_id": f"k{world.next_number()}x",
        "objective_id": _one(world, random, "objective"),
        "title": "Customers",
        "responsible_id": _one(world, random, "person"),
        "weight": random.choice(["1", "2", "0.7", "0"]),
        "source": random.choice(["check_ins", "check_ins", "check_ins", "children"]),
        **measured,
    }


def _link(child: str, kind: str, above: str, **more: object) -> Made:
    return "LinkAlignment", {"child_id": child, "parent": {"kind": kind, "id": above}, **more}


def _align(world: World, random: Random, today: date) -> Made:
    kind = random.choice(["objective", "objective", "key_result"])
    return _link(
        _one(world, random, "objective"),
        kind,
        _one(world, random, kind),
        effect=random.choice(["contributes", "contributes", "supports"]),
        origin=random.choice(["cascaded", "laddered", "unstated"]),
        weight=random.choice(["1", "2", "0.3"]),
        share=random.choice(["1", "0.5", "0.333333"]),
    )


def _unlink(world: World, random: Random, today: date) -> Made:
    child, above = random.choice([("o1", "o0"), ("o2", "o1"), (_one(world, random, "objective"), "o0")])
    return "UnlinkAlignment", {"child_id": child, "parent": {"kind": "objective", "id": above}}


def _revise(world: World, random: Random, today: date) -> Made:
    return "ReviseObjective", {
        "objective_id": _one(world, random, "objective"),
        "title": f"Goal, revised {random.randint(0, 99)}",
    }


def _roll_up(world: World, random: Random, today: date) -> Made:
    return "SetRollUp", {
        "objective_id": _one(world, random, "objective"),
        "roll_up": random.choice(["key_results", "children", "both"]),
        **({"reason": "agreed"} if random.random() < 0.8 else {}),
    }


def _override(world: World, random: Random, today: date) -> Made:
    return "OverrideProgress", {
        "objective_id": _one(world, random, "objective"),
        "progress": f"{random.randint(0, 105) / 100:.2f}",
        "reason": "seen",
    }


def _lift(world: World, random: Random, today: date) -> Made:
    return "LiftOverride", {"objective_id": _one(world, random, "objective"), "reason": "measured"}


def _redefine(world: World, random: Random, today: date) -> Made:
    return "RedefineKeyResult", {
        "key_result_id": _one(world, random, "key_result"),
        "target": f"{random.randint(101, 200)}",
        "reason": "another market",
    }


def _responsible(world: World, random: Random, today: date) -> Made:
    type_ = random.choice(["AssignResponsible", "NameKeyPartner"])
    return type_, {"key_result_id": _one(world, random, "key_result"), "person_id": _one(world, random, "person")}


def _directory(world: World, random: Random, today: date) -> Made:
    person, number = _one(world, random, "person"), world.next_number()
    return random.choice(
        [
            ("AddUnit", {"unit_id": f"u{number}x", "name": "Unit", "parent_id": _one(world, random, "unit")}),
            ("AddPerson", {"person_id": f"p{number}x", "name": "Somebody", "manager_id": person}),
            ("ChangeManager", {"person_id": person, "manager_id": _one(world, random, "person")}),
            ("JoinUnit", {"person_id": person, "unit_id": _one(world, random, "unit"), "primary": False}),
        ]
    )


def _nonsense(world: World, random: Random, today: date) -> Made:
    return random.choice(
        [
            ("RecordCheckIn", {"key_result_id": "k0", "value": "many"}),
            ("RecordCheckIn", {"key_result_id": "k0"}),
            ("CreateObjective", {"title": "nobody's"}),
            ("MakeMoney", {"much": True}),
            ("ReviseObjective", {"objective_id": "o0", "titel": "mistyped"}),
            ("PlanCycle", {"name": "back", "starts_on": _day(today, 9), "ends_on": _day(today, -9)}),
        ]
    )


_MAKERS: list[tuple[Callable[[World, Random, date], Made], int]] = [
    (_check_in, 40),
    (_correct, 9),
    (_withdraw, 4),
    (_create, 5),
    (_add, 7),
    (_align, 9),
    (_unlink, 3),
    (_revise, 4),
    (_roll_up, 3),
    (_override, 3),
    (_lift, 2),
    (_redefine, 3),
    (_responsible, 3),
    (_directory, 5),
    (_nonsense, 4),
]
