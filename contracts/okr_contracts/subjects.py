"""
The names of subjects: what an event is about, as ``<plural>/<id>``.

The plural is one of those below; an alignment is identified by its two ends.
"""

from typing import Final

from okr_contracts.fields import Parent

PLURALS: Final = (
    "organisations",
    "units",
    "people",
    "cycles",
    "objectives",
    "key-results",
    "check-ins",
    "alignments",
    "announcements",
)


def organisation(organisation_id: str) -> str:
    """The subject of an organisation."""
    return f"organisations/{organisation_id}"


def unit(unit_id: str) -> str:
    """The subject of a unit of the organisation chart."""
    return f"units/{unit_id}"


def person(person_id: str) -> str:
    """The subject of a person."""
    return f"people/{person_id}"


def cycle(cycle_id: str) -> str:
    """The subject of a cycle."""
    return f"cycles/{cycle_id}"


def objective(objective_id: str) -> str:
    """The subject of an objective."""
    return f"objectives/{objective_id}"


def key_result(key_result_id: str) -> str:
    """The subject of a key result."""
    return f"key-results/{key_result_id}"


def check_in(check_in_id: str) -> str:
    """The subject of a check-in."""
    return f"check-ins/{check_in_id}"


def alignment(child_id: str, parent: Parent) -> str:
    """The subject of the alignment of an objective with one parent."""
    return f"alignments/{child_id}~{parent.kind}~{parent.id}"


def node(kind: str, node_id: str) -> str:
    """The subject of an objective or a key result; *kind* is ``objective`` or ``key_result``."""
    return objective(node_id) if kind == "objective" else key_result(node_id)


def owner(kind: str, owner_id: str) -> str:
    """The subject of an owner; *kind* is ``person`` or ``unit``."""
    return person(owner_id) if kind == "person" else unit(owner_id)


def announcement(announcement_id: str) -> str:
    """The subject of an announcement of the programme."""
    return f"announcements/{announcement_id}"


COLLECTIONS: Final = ("cycle-contents/", "unit-contents/", "responsibilities/", "reports/")
"""How the names of collections begin: no event is of one; the ledger finds by them what a decision about many needs."""


def is_collection(subject: str) -> bool:
    """Whether *subject* is the name of a collection."""
    return subject.startswith(COLLECTIONS)


def cycle_contents(cycle_id: str) -> str:
    """The objectives that were created in a cycle, and the cycles that were planned within it."""
    return f"cycle-contents/{cycle_id}"


def unit_contents(unit_id: str) -> str:
    """The units that were ever put directly below a unit."""
    return f"unit-contents/{unit_id}"


def responsibilities(person_id: str) -> str:
    """The key results that a person was ever made responsible for."""
    return f"responsibilities/{person_id}"


def reports(key_result_id: str) -> str:
    """The definitions of a key result, and its check-ins with their corrections and withdrawals."""
    return f"reports/{key_result_id}"
