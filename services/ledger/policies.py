"""Who may send which command: the one place to read it."""

from typing import Final

from okr_contracts.commands import (
    AddPerson,
    AddUnit,
    ChangeManager,
    Command,
    JoinUnit,
    OpenCycle,
    PlanCycle,
    RegisterOrganisation,
)

ROLES: Final = (
    "member",
    "unit_lead",
    "programme_lead",
    "auditor",
    "administrator",
    "import",
    "service",
)
"""Every role that a token can carry. An auditor reads and writes nothing."""

_EVERYBODY: Final = frozenset({"member", "unit_lead", "programme_lead", "administrator", "import", "service"})
_DIRECTORY: Final = frozenset({"programme_lead", "administrator", "import", "service"})
_PROGRAMME: Final = frozenset({"programme_lead", "administrator", "import", "service"})
_NARROWER: Final[dict[type[Command], frozenset[str]]] = {
    RegisterOrganisation: frozenset({"administrator"}),
    AddUnit: _DIRECTORY,
    AddPerson: _DIRECTORY,
    ChangeManager: _DIRECTORY,
    JoinUnit: _DIRECTORY,
    PlanCycle: _PROGRAMME,
    OpenCycle: _PROGRAMME,
}


def roles_for(command: type[Command]) -> frozenset[str]:
    """The roles of which a sender needs one; OKRs themselves are everybody's to write."""
    return _NARROWER.get(command, _EVERYBODY)
