"""Who may send which command: the one place to read it."""

from typing import Final

from okr_contracts.commands import (
    AddPerson,
    AddUnit,
    Announce,
    AssignRole,
    ChangeManager,
    ChangeSettings,
    CloseCycle,
    CloseOrganisation,
    CloseUnit,
    Command,
    DeactivatePerson,
    ErasePerson,
    GrantException,
    JoinUnit,
    LeaveUnit,
    LockCycle,
    MoveUnit,
    NameUnitLead,
    OpenCycle,
    PlaceHold,
    PlanCycle,
    ReactivatePerson,
    RecordAction,
    RecordViews,
    RegisterOrganisation,
    ReleaseHold,
    RenameUnit,
    ReopenCycle,
    ReviseCycle,
    RevisePerson,
    RevokeException,
    RevokeRole,
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
_RUNS_IT: Final = frozenset({"programme_lead", "administrator", "import", "service"})
"""Whoever keeps the directory and runs the programme."""
_ANSWERS_FOR_IT: Final = frozenset({"administrator"})
_NARROWER: Final[dict[type[Command], frozenset[str]]] = {
    RegisterOrganisation: _ANSWERS_FOR_IT,
    CloseOrganisation: _ANSWERS_FOR_IT,
    AssignRole: _ANSWERS_FOR_IT,
    RevokeRole: _ANSWERS_FOR_IT,
    PlaceHold: _ANSWERS_FOR_IT,
    ReleaseHold: _ANSWERS_FOR_IT,
    ErasePerson: _ANSWERS_FOR_IT,
    ChangeSettings: frozenset({"programme_lead", "administrator"}),
    **dict.fromkeys((AddUnit, RenameUnit, MoveUnit, NameUnitLead, CloseUnit), _RUNS_IT),
    **dict.fromkeys((AddPerson, RevisePerson, ChangeManager, JoinUnit, LeaveUnit), _RUNS_IT),
    **dict.fromkeys((DeactivatePerson, ReactivatePerson), _RUNS_IT),
    **dict.fromkeys((PlanCycle, ReviseCycle, OpenCycle, LockCycle, ReopenCycle, CloseCycle), _RUNS_IT),
    # A person who answers for the programme, by name: the decider refuses a service.
    **dict.fromkeys((GrantException, RevokeException), frozenset({"programme_lead"})),
    **dict.fromkeys((Announce, RecordViews, RecordAction), _RUNS_IT),
}


PASS_RESTRICTIONS: Final = frozenset({"administrator"})
"""Whose holders change a restricted objective without being among its readers; domain/restriction.py has the rule."""


def roles_for(command: type[Command]) -> frozenset[str]:
    """The roles of which a sender needs one; OKRs themselves are everybody's to write, but restricted ones."""
    return _NARROWER.get(command, _EVERYBODY)
