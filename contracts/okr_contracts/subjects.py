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
