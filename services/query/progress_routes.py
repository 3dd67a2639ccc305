"""The queries of the progress read model: nodes, check-ins, the tree, cycles."""

from typing import Final

from services.query import progress
from services.query.frame import Query

_CYCLE: Final = {"cycle": "Only what is in this cycle."}
_OWNER: Final = {"owner": "Only what this person or unit owns, as person/<id> or unit/<id>."}
_STATUS: Final = {"status": "Only with this status: on_track, at_risk, off_track or not_measured."}
_UNIT: Final = {"unit": "Only of this unit."}
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
    Query("/cycles", progress.cycles, "Cycles", "progress", sorted_by=(str,)),
)
