"""The queries of this service, each with its address, its parameters and whose position it is true for."""

from typing import Final

from projections.programme_health.figure import FIGURES
from services.query import access, alignment, audit, directory, events, positions, programme_health
from services.query.frame import Query
from services.query.progress_routes import PROGRESS_QUERIES

_CYCLE: Final = {"cycle": "Only what is in this cycle."}
_PEOPLE: Final = {
    "unit": "Only of this unit.",
    "below": "true: of the units below that unit too.",
    "manager": "Only whose manager is this person.",
}

_ALIGNMENT: Final = (
    Query(
        "/alignment/report",
        alignment.report,
        "Coverage, balance and credit, each with the list behind it",
        "alignment",
        {**_CYCLE, "list": f"One list alone, in pages: {', '.join(alignment.REPORT_LISTS)}."},
        sorted_by=(str,),
    ),
    Query(
        "/alignment/{kind}/{node_id}/ancestors",
        alignment.ancestors,
        "All that a node leads to, nearest first",
        "alignment",
        sorted_by=(int, str, str),
    ),
    Query(
        "/alignment/{kind}/{node_id}/descendants",
        alignment.descendants,
        "All that leads to a node, nearest first",
        "alignment",
        sorted_by=(int, str, str),
    ),
    Query("/units", directory.units, "The units of the organisation chart", "alignment", sorted_by=(str,)),
    Query("/units/{unit_id}", directory.unit, "One unit of the organisation chart", "alignment"),
    Query(
        "/people",
        directory.people,
        "People and placeholders; addresses of oneself, of all for those who run the programme",
        "alignment",
        _PEOPLE,
        sorted_by=(str,),
    ),
    Query("/people/{person_id}", directory.person, "One person or placeholder", "alignment"),
)

_PART: Final = {
    "cycle": "Only what is in this cycle.",
    "unit": "Only what counts in this unit.",
    "department": "Only what counts in this unit of layer 1, or below it.",
    "layer": "Only what counts in units of this depth; the root unit has 0.",
}
_HEALTH: Final = (
    Query("/programme-health", programme_health.overview, "Every figure as a whole", "programme_health", _PART),
    Query(
        "/programme-health/{figure}",
        programme_health.figure,
        f"One figure: {', '.join(FIGURES)}",
        "programme_health",
        {"by": "Also by group: unit, layer, department or cycle.", **_PART},
    ),
    Query(
        "/programme-health/{figure}/list",
        programme_health.members,
        "The list behind a figure",
        "programme_health",
        {
            "outcome": "Only what has this outcome.",
            "kind": "Only what is of this kind: person, unit, objective, key_result, ….",
            **_PART,
        },
        sorted_by=(str, str, int),
    ),
    Query(
        "/programme-health/{figure}/series",
        programme_health.series,
        "A figure day by day",
        "programme_health",
        {
            "from": "The first day; 30 days before the last if left out.",
            "to": "The last day; the day that is asked about if left out.",
            **_PART,
        },
    ),
)

_AUDIT: Final = (
    Query(
        "/audit",
        audit.audit,
        "Events with what each changed, in the order of recording",
        "audit",
        {
            "subject": "Every event that is about this subject, as in key-results/k1: its own, and also those of other"
            " subjects that name it, such as the check-ins of a key result; each item says whose event it is.",
            "actor": "Only by this actor, or on their behalf: an id, or person/<id>, or service/<id>.",
            "type": "Only events of this type.",
            "from": "Only recorded at or after this instant or day, in the organisation's time zone.",
            "to": "Only recorded at or before this instant, or on or before this day.",
            "q": "Only with all these words in what people wrote.",
        },
        moment=("known_at",),
        sorted_by=(int,),
    ),
)

_LEDGER: Final = (
    Query(
        "/events",
        events.events,
        "The ledger itself, oldest first",
        None,
        {"after": "Only events after this sequence; 0, from the beginning, if left out."},
        moment=("known_at",),
        resumed_by="after",
    ),
    Query("/events/{sequence_text}", events.event, "One event of the ledger", None, moment=("known_at",)),
    Query(
        "/access-records",
        access.records,
        "Who read what is restricted, and which attempts were refused; for auditors and administrators",
        None,
        {
            "actor": "Only of this actor, as in person/p1.",
            "subject": "Only about this subject, as in objectives/o1, or the command that was refused.",
        },
        moment=(),
        sorted_by=(str, str, str, str, str),
    ),
    Query("/positions", positions.positions, "How far each read model has come", None, moment=()),
)

QUERIES: Final = (*PROGRESS_QUERIES, *_ALIGNMENT, *_HEALTH, *_AUDIT, *_LEDGER)
"""Every query but the stream of events; an address with a fixed word comes before one with an id in its place."""
