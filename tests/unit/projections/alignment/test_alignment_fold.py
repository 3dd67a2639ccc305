"""The rows that events make."""

from decimal import Decimal

import pytest

from okr_contracts.commands import Command, LinkAlignment, MoveAlignment, OverrideProgress, UnlinkAlignment
from okr_contracts.events import EVENTS
from okr_contracts.fields import Parent
from projections.alignment import READ_MODEL, rows
from projections.alignment.fold import fold
from projections.alignment.rows import Row
from tests.given import NOON
from tests.histories import accepted

TODAY = NOON.date()
ABOVE = Parent(kind="objective", id="o2")


def rows_of_the_last_event(*commands: Command) -> list[Row]:
    history = accepted(list(commands))
    return list(fold(history.recorded[-1]))


def test_every_event_type_is_handled_or_ignored() -> None:
    names = {name for name, _ in EVENTS}
    assert READ_MODEL.handles | READ_MODEL.ignores == names
    assert not READ_MODEL.handles & READ_MODEL.ignores


@pytest.mark.parametrize("name", sorted(READ_MODEL.handles))
def test_a_handled_event_makes_rows_and_an_ignored_one_none(name: str) -> None:
    history = accepted(
        [
            LinkAlignment(child_id="o1", parent=ABOVE),
            UnlinkAlignment(child_id="o1", parent=ABOVE),
            OverrideProgress.model_validate({"objective_id": "o1", "progress": "0.5", "reason": "seen"}),
        ]
    )
    found = [recorded for recorded in history.recorded if recorded.type == name]
    assert all(list(fold(recorded)) for recorded in found)
    assert not any(list(fold(recorded)) for recorded in history.recorded if recorded.type in READ_MODEL.ignores)


def test_a_link_says_all_of_itself_and_who_drew_it() -> None:
    made = rows_of_the_last_event(LinkAlignment(child_id="o1", parent=ABOVE, origin="laddered", share=Decimal("0.5")))
    (link,) = made
    assert isinstance(link, rows.Link)
    assert link[1:4] == ("o1", "objective", "o2")
    assert link[6:] == (True, "contributes", "laddered", Decimal(1), Decimal("0.5"), False, "p-ada")


def test_an_ended_link_says_nothing_more() -> None:
    made = rows_of_the_last_event(
        LinkAlignment(child_id="o1", parent=ABOVE), UnlinkAlignment(child_id="o1", parent=ABOVE)
    )
    (link,) = made
    assert isinstance(link, rows.Link)
    assert link[6:] == (False, None, None, None, None, False, "p-ada")


def test_a_link_that_moves_ends_where_it_was_and_says_all_of_itself_where_it_is() -> None:
    to_parent = Parent(kind="objective", id="o0")
    linked = LinkAlignment(child_id="o1", parent=ABOVE, origin="laddered", share=Decimal("0.5"))
    ended, begun = rows_of_the_last_event(
        linked, MoveAlignment(child_id="o1", parent=ABOVE, to_parent=to_parent, reason="another priority")
    )
    assert isinstance(ended, rows.Link)
    assert (*ended[1:4], *ended[6:]) == ("o1", "objective", "o2", False, None, None, None, None, False, "p-ada")
    assert isinstance(begun, rows.Link)
    assert (*begun[1:4], *begun[6:9]) == ("o1", "objective", "o0", True, "contributes", "laddered")
    assert begun[9:] == (Decimal(1), Decimal("0.5"), False, "p-ada")


def test_an_override_is_known_without_its_number() -> None:
    made = rows_of_the_last_event(
        OverrideProgress.model_validate({"objective_id": "o1", "progress": "0.5", "reason": "seen"})
    )
    assert [row[3:] for row in made] == [(TODAY, True)]
