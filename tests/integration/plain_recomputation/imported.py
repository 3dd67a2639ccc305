"""Random histories from the import role: many inputs that count, on days that do not run with the sequences."""

from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from okr_contracts.commands import (
    AddKeyResult,
    Command,
    CorrectCheckIn,
    ImportSource,
    LiftOverride,
    LinkAlignment,
    OverrideProgress,
    RecordCheckIn,
    RedefineKeyResult,
    SetRollUp,
    UnlinkAlignment,
    WithdrawCheckIn,
)
from okr_contracts.fields import MeasureUnit, Parent
from services.ledger.domain.refusal import Refusal
from tests.given import NOON, History
from tests.unit.domain.acme import CYCLES, OPEN_QUARTER, OPEN_YEAR, key_result, objective

TODAY: Final = NOON.date()
DAYS: Final = st.dates(date(2026, 3, 28), TODAY)
_SOURCE: Final = ImportSource(system="csv", record="1")
_REASON: Final = st.just("as it says in the source")
_OBJECTIVES: Final = 6

_objective = st.integers(0, _OBJECTIVES - 1).map(lambda number: f"o{number}")
# Key results 0 to 5 are of the objective of the same number; those of 4 and 5 are fed by children.
_measured = st.integers(0, 3).map(lambda number: f"k{number}")
_check_in = st.integers(0, 9).map(lambda number: f"c{number}")
_value = st.decimals(-20, 120, places=1)
_weight = st.sampled_from([Decimal(text) for text in ("0", "1", "1", "2.5")])
_share = st.sampled_from([Decimal(text) for text in ("0.2", "0.333333", "0.5")])
# Links lead to a higher number, so that most are taken; what leads back comes from a few that do not.
_ends = st.tuples(st.integers(0, _OBJECTIVES - 1), st.integers(0, _OBJECTIVES - 1)).map(
    lambda two: (min(two), max(two)) if sum(two) % 5 else two
)


def _parent(number: int, is_key_result: bool) -> Parent:
    fed = is_key_result and number in (4, 5)
    return Parent(kind="key_result", id=f"k{number}") if fed else Parent(kind="objective", id=f"o{number}")


def _link(ends: tuple[int, int], is_key_result: bool, weight: Decimal, share: Decimal, supports: bool) -> Command:
    return LinkAlignment(
        child_id=f"o{ends[0]}",
        parent=_parent(ends[1], is_key_result),
        effect="supports" if supports else "contributes",
        weight=weight,
        share=share,
    )


def _unlink(ends: tuple[int, int], is_key_result: bool) -> Command:
    return UnlinkAlignment(child_id=f"o{ends[0]}", parent=_parent(ends[1], is_key_result))


def _correct(check_in_id: str, value: Decimal | None) -> Command:
    return CorrectCheckIn(check_in_id=check_in_id, value=value, reason="wrong")


_rarely = st.sampled_from([False, False, False, True])
_check_ins = st.builds(RecordCheckIn, check_in_id=_check_in, key_result_id=_measured, value=_value)
_links = st.builds(_link, _ends, st.booleans(), _weight, _share, _rarely)
_COMMANDS: Final[st.SearchStrategy[Command]] = st.one_of(
    _check_ins,
    _check_ins,
    _links,
    _links,
    st.builds(_correct, _check_in, st.none() | _value),
    st.builds(WithdrawCheckIn, check_in_id=_check_in, reason=_REASON),
    st.builds(_unlink, _ends, st.booleans()),
    st.builds(
        SetRollUp, objective_id=_objective, roll_up=st.sampled_from(["key_results", "children", "both"]), reason=_REASON
    ),
    st.builds(OverrideProgress, objective_id=_objective, progress=st.decimals(0, 1, places=7), reason=_REASON),
    st.builds(LiftOverride, objective_id=_objective, reason=_REASON),
    st.builds(RedefineKeyResult, key_result_id=_measured, target=st.decimals(110, 130, places=0), reason=_REASON),
    st.builds(
        RedefineKeyResult,
        key_result_id=_measured,
        unit=st.builds(MeasureUnit, kind=st.sampled_from(["number", "percent"])),
        restated_value=_value,
        reason=_REASON,
    ),
)


def _standing(number: int) -> list[Command]:
    """An objective with its key result; the last two live in the year and take their number from children too."""
    late = number in (4, 5)
    own = objective(f"o{number}", "y26" if late else "q2")
    measured = key_result(f"k{number}", f"o{number}")
    if late:
        return [own.model_copy(update={"roll_up": "both"}), measured.model_copy(update={"source": "children"})]
    ambition = "committed" if number % 2 else "aspirational"
    roll_up = "both" if number else "key_results"
    return [own.model_copy(update={"roll_up": roll_up, "ambition": ambition}), measured]


def _told(created: list[date], opened: date, commands: list[tuple[Command, date]]) -> History:
    standing = [(command, created[number]) for number in range(_OBJECTIVES) for command in _standing(number)]
    history = History(may_import=True)
    for command in CYCLES:
        history.accept(command)
    newest_definition: dict[str, date] = {}
    for command, drawn in ((OPEN_YEAR, date(2026, 3, 28)), (OPEN_QUARTER, opened), *standing, *commands):
        day = drawn
        if isinstance(command, AddKeyResult | RedefineKeyResult):
            # Whether a unit that was recorded later for an earlier day was changed on that day, or had been changed
            # already, is open: two readings differ, and no import writes such a thing.
            day = max(day, newest_definition.get(command.subject, day))
            newest_definition[command.subject] = day
        try:
            history.accept(command.model_copy(update={"effective_on": day, "import_source": _SOURCE}))
        except Refusal:
            continue
    return history


IMPORTED_HISTORIES: Final[st.SearchStrategy[History]] = st.builds(
    _told,
    st.lists(st.dates(date(2026, 3, 28), date(2026, 4, 10)), min_size=_OBJECTIVES, max_size=_OBJECTIVES),
    DAYS,
    st.lists(st.tuples(_COMMANDS, DAYS), min_size=20, max_size=70),
)
"""Histories of up to 70 commands after six objectives with a key result each, the refused ones left out."""
