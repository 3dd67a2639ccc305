"""Every command that the ledger takes."""

from typing import Final

from okr_contracts.commands.alignment import LinkAlignment, UnlinkAlignment
from okr_contracts.commands.check_in import CorrectCheckIn, RecordCheckIn, WithdrawCheckIn
from okr_contracts.commands.command import Command, ImportSource
from okr_contracts.commands.cycle import OpenCycle, PlanCycle
from okr_contracts.commands.key_result import AddKeyResult, AssignResponsible, NameKeyPartner, RedefineKeyResult
from okr_contracts.commands.objective import CreateObjective, LiftOverride, OverrideProgress, ReviseObjective, SetRollUp
from okr_contracts.commands.organisation import RegisterOrganisation
from okr_contracts.commands.person import AddPerson, ChangeManager, JoinUnit
from okr_contracts.commands.unit import AddUnit

COMMANDS: Final[dict[str, type[Command]]] = {
    command.__name__: command
    for command in (
        RegisterOrganisation,
        AddUnit,
        AddPerson,
        ChangeManager,
        JoinUnit,
        PlanCycle,
        OpenCycle,
        CreateObjective,
        ReviseObjective,
        SetRollUp,
        OverrideProgress,
        LiftOverride,
        AddKeyResult,
        RedefineKeyResult,
        AssignResponsible,
        NameKeyPartner,
        LinkAlignment,
        UnlinkAlignment,
        RecordCheckIn,
        CorrectCheckIn,
        WithdrawCheckIn,
    )
}
"""Name → class, in the order in which a new organisation would use them."""

__all__ = [
    "COMMANDS",
    "AddKeyResult",
    "AddPerson",
    "AddUnit",
    "AssignResponsible",
    "ChangeManager",
    "Command",
    "CorrectCheckIn",
    "CreateObjective",
    "ImportSource",
    "JoinUnit",
    "LiftOverride",
    "LinkAlignment",
    "NameKeyPartner",
    "OpenCycle",
    "OverrideProgress",
    "PlanCycle",
    "RecordCheckIn",
    "RedefineKeyResult",
    "RegisterOrganisation",
    "ReviseObjective",
    "SetRollUp",
    "UnlinkAlignment",
    "WithdrawCheckIn",
]
