"""
Who the owners of an OKR file are: roles, each a unit of its own and a post in it.

A role is no person. Unless a file of owners says otherwise, nobody is guessed: a placeholder holds the post.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from okr_contracts.fields import IDENTIFIER_PATTERN
from services.cli.imports.ids import fingerprint, subject_id
from services.cli.imports.remarks import Remark, refused, reported

COLUMNS: Final = ("role", "same_as", "person_id")
_PERSON_ID: Final = re.compile(IDENTIFIER_PATTERN)
_SPELLINGS: Final = {"sr": "senior", "jr": "junior", "vp": "vice president", "mgr": "manager", "dir": "director"}
_FILLERS: Final = frozenset({"of", "the", "and", "for"})
_WORDS_OF_A_ROLE: Final = 3


@dataclass(frozen=True, slots=True)
class Owner:
    """A role that owns: its unit, who is responsible in it, and whether that is a placeholder made by the import."""

    role: str
    unit_id: str
    person_id: str
    placeholder: bool

    @property
    def record(self) -> str:
        """The record that stands for the role in command ids and sources."""
        return role_record(self.role)


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a file of owners says: which role is the same as which, and which role is held by whom."""

    same_as: Mapping[str, str]
    person_ids: Mapping[str, str]
    remarks: tuple[Remark, ...] = ()


NOBODY: Final = Mapped({}, {})


def role_record(role: str) -> str:
    """A record id for a role, which has none in the file."""
    return f"owner-{fingerprint(role)[:12]}"


def read_owners(content: bytes) -> Mapped:
    """
    The mapping of a CSV file with the columns ``role, same_as, person_id``.

    ``same_as`` merges a role into another one; ``person_id`` names somebody whom the ledger knows already.
    """
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace"), newline=""))
    if tuple(name.strip() for name in rows.fieldnames or ()) != COLUMNS:
        message = f"The first line of the file of owners must be {','.join(COLUMNS)}."
        return Mapped({}, {}, (refused(1, "", "wrong_owners_header", message, "Put that line first."),))
    same_as: dict[str, str] = {}
    person_ids: dict[str, str] = {}
    remarks: list[Remark] = []
    for row in rows:
        role, same, person = ((row[name] or "").strip() for name in COLUMNS)
        if not role or bool(same) == bool(person) or (person and not _PERSON_ID.fullmatch(person)):
            remarks.append(
                refused(
                    rows.line_num,
                    "",
                    "wrong_owner",
                    "A row of the file of owners needs a role and either same_as or person_id.",
                    "Fill in one of the two; a person_id has up to 64 letters, digits, “_” and “-”.",
                )
            )
        elif same:
            same_as[role] = same
        else:
            person_ids[role] = person
    return Mapped(same_as, person_ids, tuple(remarks))


def owners_of(roles: Iterable[str], import_name: str, mapped: Mapped = NOBODY) -> Mapping[str, Owner]:
    """The owner behind each role, in the order in which the roles first appear."""
    return {role: _owner(_merged(role, mapped.same_as), import_name, mapped.person_ids) for role in roles}


def likely_duplicates(roles: Iterable[str]) -> list[Remark]:
    """Roles that may be one: the same words but for spelling, or one role with words added at its end."""
    remarks: list[Remark] = []
    earlier: dict[tuple[str, ...], str] = {}
    for role in sorted(roles, key=lambda role: (len(role), role)):
        words = _words(role)
        shorter = (words[:length] for length in range(len(words), _WORDS_OF_A_ROLE - 1, -1))
        twin = earlier.get(words) or next((earlier[part] for part in shorter if part in earlier), None)
        if twin is not None:
            remarks.append(
                reported(
                    None,
                    role_record(role),
                    "likely_duplicate_owner",
                    f"“{role}” may be the same role as “{twin}”.",
                    f"If so, merge them with --owners: a row “{role}” with “{twin}” in the column same_as.",
                )
            )
        earlier.setdefault(words, role)
    return remarks


def _owner(role: str, import_name: str, person_ids: Mapping[str, str]) -> Owner:
    own_id = subject_id(import_name, role_record(role))
    return Owner(role, own_id, person_ids.get(role, own_id), placeholder=role not in person_ids)


def _merged(role: str, same_as: Mapping[str, str]) -> str:
    passed = {role}
    while (following := same_as.get(role)) and following not in passed:
        role = following
        passed.add(role)
    return role


def _words(role: str) -> tuple[str, ...]:
    words: list[str] = re.findall(r"\w+", role.casefold())
    return tuple(_SPELLINGS.get(word, word) for word in words if word not in _FILLERS)
