"""Before and after, recomputed by hand and by the plain recomputation."""

from tests.plain_recomputation import Change, recompute_changes
from tests.unit.plain_recomputation.story import Story


def test_a_correction_shows_each_field_that_it_changed_and_its_day() -> None:
    story = Story()
    recorded = story.check_in("c", "k", "10", on=3)
    corrected = story.correct("c", "12", on=4)
    withdrawn = story.withdraw("c", on=5)
    changes = recompute_changes(story.events)
    assert Change("value", None, "10") in changes[recorded]
    assert changes[corrected] == [Change("effective_on", "2026-01-03", "2026-01-04"), Change("value", "10", "12")]
    assert Change("value", "12", None) in changes[withdrawn]


def test_a_definition_changes_only_where_it_differs() -> None:
    story = Story()
    story.key_result("k", "o")
    redefined = story.redefine("k", target="80")
    assert recompute_changes(story.events)[redefined] == [Change("target", "100", "80")]


def test_an_override_comes_and_goes() -> None:
    story = Story()
    story.objective("o")
    overridden = story.override("o", "0.5")
    lifted = story.lift("o")
    changes = recompute_changes(story.events)
    assert changes[overridden] == [Change("progress", None, "0.5")]
    assert changes[lifted] == [Change("progress", "0.5", None)]


def test_people_and_partners_are_shown_as_they_stood() -> None:
    story = Story()
    story.key_result("k", "o", partner_ids=["p2"])
    story.tell("ResponsibleAssigned", "key-results/k", key_result_id="k", person_id="p3")
    story.tell("KeyPartnerNamed", "key-results/k", key_result_id="k", person_id="p4")
    story.tell("PersonAdded", "people/p9", person_id="p9", unit_ids=["sales"])
    story.tell("UnitJoined", "people/p9", person_id="p9", unit_id="support", primary=True)
    changes = recompute_changes(story.events)
    assert changes[2] == [Change("responsible_id", "p1", "p3")]
    assert changes[3] == [Change("partner_ids", ["p2"], ["p2", "p4"])]
    assert changes[5] == [Change("unit_ids", ["sales"], ["support", "sales"])]


def test_an_unlinked_alignment_has_nothing_left_and_a_reason_is_no_change() -> None:
    story = Story()
    story.link("a", "objective/b")
    story.tell("AlignmentUnlinked", "alignments/a~objective~b", child_id="a", reason="a mistake")
    assert recompute_changes(story.events)[2] == [
        Change("effect", "contributes", None),
        Change("origin", "unstated", None),
        Change("share", "1", None),
        Change("weight", "1", None),
    ]
