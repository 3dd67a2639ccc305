"""
Busy histories: many links, check-ins, corrections and changes of rules over one small graph.

The commands are drawn by a seed rather than one by one, so that a history is busy from the first example on; those that
the ledger refuses are left out.
"""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from hypothesis import strategies as st

from okr_contracts.commands import (
    AddKeyResult,
    Command,
    CorrectCheckIn,
    LiftOverride,
    LinkAlignment,
    OpenCycle,
    OverrideProgress,
    RecordCheckIn,
    RedefineKeyResult,
    SetRollUp,
    UnlinkAlignment,
    WithdrawCheckIn,
)
from okr_contracts.events import AlignmentLinked, CheckInRecorded
from okr_contracts.fields import Parent
from services.ledger.domain.refusal import Refusal
from tests.given import NOON, History
from tests.unit.domain.acme import CYCLES, key_result, objective

_OBJECTIVES: Final = ("o0", "o1", "o2", "o3", "year0", "year1")
_KEY_RESULTS: Final = ("k0", "k1", "k2", "k3", "fed", "done")
_FIRST: Final = date(2026, 4, 1)
_STANDING: Final[tuple[Command, ...]] = (
    *CYCLES,
    OpenCycle(cycle_id="y26"),
    *(objective(each, "y26" if each.startswith("year") else "q2") for each in _OBJECTIVES),
    *(key_result(f"k{n}", f"o{n % 3}") for n in range(4)),
    AddKeyResult.model_validate({**key_result("fed", "year0").model_dump(), "source": "children", "weight": "2"}),
    AddKeyResult.model_validate(
        {**key_result("done", "o1").model_dump(), "kind": "achieve", "baseline": None, "target": None}
    ),
)


def _busy(seed: int) -> History:
    random = Random(seed)
    history = History()
    for command in _STANDING:
        history.accept(command)
    opening = random.randrange(60)
    for turn in range(60):
        command = OpenCycle(cycle_id="q2") if turn == opening else _command(random, turn, history)
        # A check-in needs its cycle open; imports do not, and are decided by the same rules otherwise.
        history.may_import = random.random() < 0.5
        try:
            history.accept(command)
        except Refusal:
            continue
    return history


def _command(random: Random, turn: int, history: History) -> Command:
    one_of = random.choice
    events = [recorded.event for recorded in history.recorded]
    reported = [event for event in events if isinstance(event, CheckInRecorded)]
    linked = [event for event in events if isinstance(event, AlignmentLinked)]
    earlier = one_of(reported) if reported else CheckInRecorded(check_in_id="none", key_result_id="none")
    ended = one_of(linked) if linked else None
    pair = _pair(random) if ended is None else {"child_id": ended.child_id, "parent": ended.parent}
    wrong: dict[str, object] = {"check_in_id": earlier.check_in_id, "reason": "wrong"}
    chances: list[tuple[int, type[Command], dict[str, object]]] = [
        (12, RecordCheckIn, {"check_in_id": f"c{turn}", **_on_a_day(random), **_reported(random)}),
        (5, CorrectCheckIn, {**_on_a_day(random), **_value(random, earlier.key_result_id), **wrong}),
        (2, WithdrawCheckIn, wrong),
        (6, LinkAlignment, {**_pair(random), **_counted(random)}),
        (2, UnlinkAlignment, {**pair}),
        (3, SetRollUp, {"objective_id": one_of(_OBJECTIVES), "roll_up": one_of(_ROLL_UPS), "reason": "why not"}),
        (2, OverrideProgress, {"objective_id": one_of(_OBJECTIVES), "progress": _part(random), "reason": "seen"}),
        (2, LiftOverride, {"objective_id": one_of(_OBJECTIVES), "reason": "measured"}),
        (3, RedefineKeyResult, {"key_result_id": one_of(_KEY_RESULTS[:4]), "reason": "other", **_redefined(random)}),
    ]
    (_, command, fields) = random.choices(chances, [chance for chance, _, _ in chances])[0]
    return command.model_validate(fields)


def _on_a_day(random: Random) -> dict[str, object]:
    if random.random() < 0.3:
        return {}
    return {"effective_on": _FIRST + timedelta(days=random.randrange((NOON.date() - _FIRST).days + 1))}


def _reported(random: Random) -> dict[str, object]:
    key_result_id = random.choice(_KEY_RESULTS)
    return {"key_result_id": key_result_id, **_value(random, key_result_id), "confidence": random.randrange(11)}


def _value(random: Random, of: str) -> dict[str, object]:
    if random.random() < 0.1:
        return {"narrative": "slow"}
    return {"value": random.random() < 0.5 if of == "done" else str(random.randrange(-20, 130))}


def _pair(random: Random) -> dict[str, object]:
    above = [("objective", each) for each in _OBJECTIVES] + [("key_result", "fed"), ("key_result", "k0")]
    kind, parent_id = random.choice(above)
    return {"child_id": random.choice(_OBJECTIVES), "parent": Parent.model_validate({"kind": kind, "id": parent_id})}


def _counted(random: Random) -> dict[str, object]:
    effect = random.choice(("contributes", "contributes", "contributes", "supports"))
    share = random.choice(("0.2", "0.333333", "0.5"))
    return {"effect": effect, "share": share, "weight": random.choice(("0", "1", "2.5"))}


def _redefined(random: Random) -> dict[str, object]:
    if random.random() < 0.5:
        return {"target": str(random.randrange(20, 300))}
    unit = {"kind": random.choice(("number", "percent"))}
    restated = {} if random.random() < 0.5 else {"restated_value": str(random.randrange(100))}
    return {"unit": unit, **restated}


def _part(random: Random) -> Decimal:
    return Decimal(random.randrange(101)) / 100


_ROLL_UPS: Final = ("key_results", "children", "both", "both")

HISTORIES: Final[st.SearchStrategy[History]] = st.integers(0, 2**32).map(_busy)
"""Of some 60 events each; the seed is what a failure shows."""
