"""The queries of the progress read model: nodes, check-ins, the tree, cycles."""

from typing import Final

from services.query import change, grading, progress
from services.query.frame import Query

_CYCLE: Final = {"cycle": "Only what is in this cycle."}
_OWNER: Final = {"owner": "Only what this person or unit owns, as person/<id> or unit/<id>."}
_STATUS: Final = {"status": "Only with this status: on_track, at_risk, off_track or not_measured."}
_UNIT: Final = {"unit": "Only of this unit."}
_SERIES: Final = {
    "from": "The first day; that of its start if left out.",
    "to": "The last day; the day asked about if left out.",
}
_EXPLAIN: Final = {"explain": "true: with one level of explanation; all: with all levels."}

PROGRESS_QUERIES: Final = (
    Query(
        "/objectives",
        progress.objectives,
        "Objectives with their progress",
        "progress",
        {**_CYCLE, **_OWNER, **_UNIT, **_STATUS},
        sorted_by=(str,),
    ),
    Query("/objectives/{objective_id}", progress.objective, "One objective", "progress"),
    Query(
        "/objectives/{objective_id}/progress",
        progress.objective_progress,
        "The progress of an objective, explained if asked for",
        "progress",
        _EXPLAIN,
    ),
    Query("/key-results/{key_result_id}", progress.key_result, "One key result", "progress"),
    Query(
        "/key-results/{key_result_id}/progress",
        progress.key_result_progress,
        "The progress of a key result, explained if asked for",
        "progress",
        _EXPLAIN,
    ),
    Query(
        "/key-results/{key_result_id}/check-ins",
        progress.check_ins,
        "The check-ins of a key result, with corrections and withdrawals",
        "progress",
        sorted_by=(int,),
    ),
    Query(
        "/tree",
        progress.tree,
        "Objectives and key results, parents first, each once",
        "progress",
        {
            "root": "Only this objective or key result and what is below it.",
            "depth": "So many levels below the root at most; 0 is the root alone.",
            **_CYCLE,
            **_OWNER,
            **_UNIT,
            **_STATUS,
        },
        sorted_by=(int, str, str),
    ),
    Query(
        "/objectives/{objective_id}/series",
        change.objective_series,
        "The progress of an objective day by day",
        "progress",
        _SERIES,
    ),
    Query(
        "/key-results/{key_result_id}/series",
        change.key_result_series,
        "The progress of a key result day by day",
        "progress",
        _SERIES,
    ),
    Query(
        "/difference",
        change.difference,
        "What is different from an earlier moment, node by node and field by field",
        "progress",
        {
            "since_effective_on": "The earlier day; the day asked about if left out.",
            "since_known_at": "The sequence that was known then; what is known now if left out.",
            **_CYCLE,
        },
        sorted_by=(str,),
    ),
    Query("/cycles", progress.cycles, "Cycles", "progress", sorted_by=(str,)),
    Query("/cycles/{cycle_id}/closing", grading.closing, "How a cycle closes: grades, and what is missing", "progress"),
    Query(
        "/objectives/{objective_id}/grade",
        grading.objective_grade,
        "The grade of an objective, and what would be proposed now",
        "progress",
    ),
    Query(
        "/key-results/{key_result_id}/grade",
        grading.key_result_grade,
        "The grade of a key result, and what would be proposed now",
        "progress",
    ),
)
