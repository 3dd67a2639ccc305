"""The figures of programme health: what each counts, in words; the counting itself is one SQL function per figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Figure:
    """
    A figure: everything that it counts has one of its outcomes.

    Its value is the part of ``good`` among ``rated``; a figure without ``good`` has none. ``personal`` ones list who
    saw what: their lists are for those who run the programme.
    """

    rule: str
    outcomes: Mapping[str, str]
    """Each outcome with what it means."""
    good: frozenset[str] = frozenset()
    rated: frozenset[str] = frozenset()
    measure: str | None = None
    """What the median and the greatest are of, with its unit."""
    personal: bool = False


FIGURES: Final[Mapping[str, Figure]] = {
    "adoption": Figure(
        "Active people, placeholders apart, who own, answer for or partner in something live; open units that own"
        " something live; out of all.",
        {"with": "takes part", "without": "has no OKR"},
        good=frozenset({"with"}),
        rated=frozenset({"with", "without"}),
    ),
    "due": Figure(
        "Live key results by their newest due day: start + n × cadence within the cycle, a fresh grid when the cadence"
        " changes.",
        {
            "up_to_date": "a check-in is there since the due day before",
            "due": "the due day has come, and the days of grace are not over",
            "overdue": "the days of grace are over",
            "not_due_yet": "the first due day is still to come",
        },
        good=frozenset({"up_to_date"}),
        rated=frozenset({"up_to_date", "overdue"}),
        measure="days since the due day",
    ),
    "punctuality": Figure(
        "Every due day of every live key result: met by a check-in effective since the one before, punctual if recorded"
        " within the days of grace. Imported check-ins are not rated.",
        {
            "punctual": "recorded in time",
            "late": "recorded after the days of grace",
            "missed": "nothing was reported",
            "awaited": "the days of grace are not over",
            "not_rated": "met by an imported check-in",
        },
        good=frozenset({"punctual"}),
        rated=frozenset({"punctual", "late", "missed"}),
        measure="days from the due day to the recording",
    ),
    "sponsorship": Figure(
        "Executives (leads of the root unit and of departments, and people with reports and no manager) and programme"
        " leads, by their own live objectives.",
        {
            "sponsors": "live, public and punctual",
            "unpunctual": "a check-in is overdue",
            "restricted": "none of them is public",
            "none": "has none",
        },
        good=frozenset({"sponsors"}),
        rated=frozenset({"sponsors", "unpunctual", "restricted", "none"}),
    ),
    "education": Figure(
        "Trainings that were announced: messages sent and delivered, and everybody concerned who saw or finished them.",
        {
            "finished": "an action of the training is recorded",
            "seen": "saw the announcement",
            "not_seen": "is not known to have seen it",
            "sent": "messages sent",
            "delivered": "messages delivered",
        },
        good=frozenset({"finished"}),
        rated=frozenset({"finished", "seen", "not_seen"}),
        personal=True,
    ),
    "reach": Figure(
        "Announcements: messages sent and delivered, and everybody concerned who saw them. What a person did within"
        " days of seeing one counts for the newest that they saw, once.",
        {
            "led_to_action": "saw it, and acted within days",
            "seen": "saw it",
            "not_seen": "is not known to have seen it",
            "sent": "messages sent",
            "delivered": "messages delivered",
        },
        good=frozenset({"led_to_action", "seen"}),
        rated=frozenset({"led_to_action", "seen", "not_seen"}),
        personal=True,
    ),
    "alignment_coverage": Figure(
        "Live objectives that are top-level, or from which a path over any links leads to a live top-level one of their"
        " own or a containing cycle.",
        {"top_level": "is top-level", "covered": "leads to the top", "orphan": "hangs loose"},
        good=frozenset({"top_level", "covered"}),
        rated=frozenset({"top_level", "covered", "orphan"}),
    ),
    "balance": Figure(
        "The links of live objectives, counted in the unit of the child's owner; the value is what was offered up, of"
        " the links whose origin is stated.",
        {"cascaded": "handed down", "laddered": "offered up", "unstated": "not said, and not counted"},
        good=frozenset({"laddered"}),
        rated=frozenset({"cascaded", "laddered"}),
    ),
    "transparency": Figure(
        "Leaders (people with reports, leads of units) whose live objectives are all in the open; those who have none"
        " are listed apart.",
        {"public": "all in the open", "restricted": "some are restricted", "none": "has none"},
        good=frozenset({"public"}),
        rated=frozenset({"public", "restricted"}),
    ),
    "restrictions": Figure(
        "Restrictions in force on live objectives; why stands in the event that restricted one.",
        {"restricted": "is restricted"},
        measure="days in force",
    ),
    "accountability": Figure(
        "Live key results with an active person who answers for them by name.",
        {"named": "an active person", "placeholder": "a post that nobody holds", "vacant": "somebody who left"},
        good=frozenset({"named"}),
        rated=frozenset({"named", "placeholder", "vacant"}),
    ),
    "partnership": Figure(
        "Live key results with at least one key partner.",
        {"with_partner": "has a key partner", "without_partner": "has none"},
        good=frozenset({"with_partner"}),
        rated=frozenset({"with_partner", "without_partner"}),
        measure="key partners",
    ),
    "load": Figure(
        "Active people who answer for live key results.",
        {"responsible": "answers for at least one"},
        measure="key results",
    ),
    "focus": Figure(
        "The vital few: live objectives of an owner, live key results of an objective; above the organisation's limit"
        " is a signal and no more.",
        {"within": "few enough", "above": "more than the limit"},
        good=frozenset({"within"}),
        rated=frozenset({"within", "above"}),
        measure="objectives of an owner, key results of an objective",
    ),
    "quality_signals": Figure(
        "What the words and numbers of live objectives and key results give away: a reason to look, never a verdict.",
        {
            "reads_like_a_task": "the key result begins with an activity and states no number",
            "has_no_number": "the key result is reached or not, and states no number",
            "yes_no_measure": "the key result states a number, and is measured by yes or no",
            "objective_states_a_number": "the objective states a number, which belongs into a key result",
            "same_words_twice": "another one of the same cycle says the same words",
            "all_targets_met_in_week_one": "all targets were met in the first seven days of the cycle",
            "dismissed": "somebody looked at it, and it does not apply",
        },
    ),
    "integrity": Figure(
        "What was redefined after its cycle opened, corrected or withdrawn, done after a lock or by exception; and"
        " where progress rose because the target moved.",
        {
            "redefinition": "what is measured, or how it counts, changed; days since the cycle began",
            "progress_rose": "the same value counted for more after a redefinition",
            "correction": "a check-in or a grade was wrong; days since the day that it is about",
            "withdrawal": "a check-in was taken back",
            "after_lock": "changed after its cycle was locked; days since the cycle ended",
            "exception_granted": "leave to change something after the lock",
            "exception_revoked": "a leave that was taken back",
            "exception_used": "a leave that was used",
        },
        measure="days",
    ),
}
"""By name, one that another one uses before that one; each has a function of its name in ``figures``."""
