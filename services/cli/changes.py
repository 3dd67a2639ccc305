"""The commands that change what is there: names, words and examples; `sending` makes them."""

from typing import Final

import typer

from services.cli import align, changes_of_okrs, check_in, cycle, organisation
from services.cli.sending import argument, option, sends

unit: Final = typer.Typer(no_args_is_help=True, help="Add, rename, move, lead and close units of the chart.")
staff: Final = typer.Typer(no_args_is_help=True, help="Add, revise, move and erase people; they leave and come back.")
programme: Final = typer.Typer(
    no_args_is_help=True, help="What people were told about OKRs, and what they saw and did."
)

_CYCLE: Final = argument("cycle_id", "Id of the cycle.")
_UNIT: Final = argument("unit_id", "Id of the unit.")
_PERSON: Final = argument("person_id", "Id of the person.")
_CHILD: Final = argument("child_id", "Id of the objective that is aligned.")
_PARENT: Final = argument("parent", "What it is aligned with: objective:ID or key-result:ID.", "node")


def _organisation() -> None:
    app = organisation.app
    limits = [
        option("--acceptance", "alignment_acceptance", "Whose links wait for the parent's owner: none or other_owner."),
        option("--cadence", "cadence_days", "Days between two check-ins where a key result names none.", "whole"),
        option("--most-objectives", "most_objectives", "Of one owner, before it is a signal.", "whole"),
        option("--most-key-results", "most_key_results", "Of one objective, before it is a signal.", "whole"),
        option("--smallest-group", "smallest_group", "Fewer people than that are not shown apart.", "whole"),
    ]
    sends(
        app,
        "settings",
        "ChangeSettings",
        limits,
        "Change what the organisation may choose.",
        "organisation settings --acceptance other_owner --cadence 14",
    )
    role = argument("role", "member, unit_lead, programme_lead, auditor, administrator, import or service.")
    sends(
        app,
        "assign-role",
        "AssignRole",
        [_PERSON, role],
        "Give a person a role, beside those of their token.",
        "organisation assign-role p-7f3a programme_lead",
    )
    sends(
        app,
        "revoke-role",
        "RevokeRole",
        [_PERSON, role],
        "Take a role back that was assigned.",
        "organisation revoke-role p-7f3a programme_lead",
    )
    hold = argument("hold_id", "Id of the hold.")
    sends(
        app,
        "hold",
        "PlaceHold",
        [hold, option("--person", "person_id", "Of whom nothing is erased; anybody if left out.")],
        "Forbid erasures until the hold is released.",
        'organisation hold audit-2026 --person p-7f3a --reason "An audit is under way."',
    )
    sends(
        app,
        "release",
        "ReleaseHold",
        [hold],
        "End a hold.",
        'organisation release audit-2026 --reason "The audit is done."',
    )
    sends(
        app,
        "close",
        "CloseOrganisation",
        [],
        "Close the ledger; everything stays readable.",
        'organisation close --reason "Merged into another one."',
    )


def _directory() -> None:
    name, below = (
        option("--name", "name", "What people call it.", required=True),
        argument("parent_id", "Unit above it."),
    )
    under = option("--below", "parent_id", "The unit above it; the root if left out.")
    sends(
        unit, "add", "AddUnit", [_UNIT, name, under], "Add a unit.", "chart add sales --name Sales", back_datable=True
    )
    sends(
        unit,
        "rename",
        "RenameUnit",
        [_UNIT, argument("name", "Its new name.")],
        "Give a unit another name.",
        'chart rename sales "Sales and service"',
        back_datable=True,
    )
    sends(
        unit,
        "move",
        "MoveUnit",
        [_UNIT, below],
        "Hang a unit, with all below it, below another one.",
        "chart move field sales",
        back_datable=True,
    )
    lead = argument("person_id", 'Who leads it; "" for nobody.', "nobody")
    sends(
        unit,
        "lead",
        "NameUnitLead",
        [_UNIT, lead],
        "Name the lead of a unit.",
        "chart lead sales p-7f3a",
        back_datable=True,
    )
    sends(
        unit,
        "close",
        "CloseUnit",
        [_UNIT],
        "Close a unit below which no other is open.",
        "chart close field",
        back_datable=True,
    )
    vault = [
        option("--name", "name", 'Their name, kept in the vault alone; "" takes it away.', "nobody"),
        option("--email", "email", 'Their address, kept in the vault alone; "" takes it away.', "nobody"),
        option("--title", "title", "Their job title."),
    ]
    units = option("--unit", "unit_ids", "A unit that they are in, the primary one first.", "list")
    manager = option("--manager", "manager_id", "Whom they report to.")
    sends(
        staff,
        "add",
        "AddPerson",
        [_PERSON, *vault, units, manager],
        "Add a person.",
        'staff add p-7f3a --name "Ada Byron" --unit sales',
        back_datable=True,
    )
    sends(
        staff,
        "revise",
        "RevisePerson",
        [_PERSON, *vault],
        "Change name, address or job title.",
        'staff revise p-7f3a --title "Head of Sales"',
        back_datable=True,
    )
    boss = argument("manager_id", 'Whom they report to; "" for nobody.', "nobody")
    sends(
        staff,
        "manager",
        "ChangeManager",
        [_PERSON, boss],
        "Name the manager of a person.",
        "staff manager p-7f3a p-2b90",
        back_datable=True,
    )
    primary = option("--primary", "primary", "It becomes their primary unit.", "flag")
    sends(
        staff,
        "join",
        "JoinUnit",
        [_PERSON, _UNIT, primary],
        "Put a person into a unit.",
        "staff join p-7f3a sales --primary",
        back_datable=True,
    )
    sends(
        staff,
        "leave",
        "LeaveUnit",
        [_PERSON, _UNIT],
        "Take a person out of a unit.",
        "staff leave p-7f3a sales",
        back_datable=True,
    )
    sends(
        staff,
        "deactivate",
        "DeactivatePerson",
        [_PERSON],
        "Say that a person left; shows what they answer for.",
        "staff deactivate p-7f3a",
        back_datable=True,
    )
    sends(
        staff,
        "reactivate",
        "ReactivatePerson",
        [_PERSON],
        "Say that a person is back.",
        "staff reactivate p-7f3a",
        back_datable=True,
    )
    sends(
        staff,
        "erase",
        "ErasePerson",
        [_PERSON],
        "Erase name and address of a person for ever; the id stays.",
        'staff erase p-7f3a --reason "They asked for it."',
    )


def _cycle() -> None:
    app = cycle.app
    days = [
        option("--name", "name", "What people call it."),
        option("--starts", "starts_on", "First day, as in 2026-01-01."),
        option("--ends", "ends_on", "Last day."),
    ]
    sends(
        app,
        "revise",
        "ReviseCycle",
        [_CYCLE, *days],
        "Change name or days; freely while the cycle is planned.",
        "cycle revise 2026-q1 --ends 2026-03-29",
    )
    sends(
        app,
        "lock",
        "LockCycle",
        [_CYCLE],
        "Lock a cycle: what it holds changes by exception alone.",
        "cycle lock 2026-q1",
    )
    sends(
        app,
        "close",
        "CloseCycle",
        [_CYCLE],
        "Close a locked cycle in which everything came to its end.",
        "cycle close 2026-q1",
    )
    to = argument("to", "open or locked.")
    sends(
        app,
        "reopen",
        "ReopenCycle",
        [_CYCLE, to],
        "Open a locked or closed cycle again, by exception.",
        'cycle reopen 2026-q1 open --exception 812 --reason "A figure was wrong."',
    )
    granted = [
        argument("command", "The command that is allowed, as in RecordCheckIn."),
        argument("on", "The subject that it is allowed on, as in key-results/k-1."),
        option("--to", "grantee_id", "The only person who may use it."),
        option("--expires", "expires_at", "Until when, as in 2026-04-09T12:00:00Z; a week if left out."),
    ]
    sends(
        app,
        "grant",
        "GrantException",
        [_CYCLE, *granted],
        "Let somebody else send one command in spite of the lock.",
        'cycle grant 2026-q1 RecordCheckIn key-results/k-1 --reason "Figures came late."',
    )
    sequence = argument("granted", "Sequence of the grant.", "whole")
    sends(
        app,
        "revoke",
        "RevokeException",
        [_CYCLE, sequence],
        "Take a grant back that was not used.",
        "cycle revoke 2026-q1 812",
    )


def _alignment() -> None:
    app = align.app
    said = [
        option("--effect", "effect", "contributes or supports."),
        option("--origin", "origin", "cascaded, laddered or unstated."),
        option("--weight", "weight", "How much it counts there."),
        option("--share", "share", "The part of it that this parent claims."),
    ]
    sends(
        app,
        "change",
        "ChangeAlignment",
        [_CHILD, _PARENT, *said],
        "Change how an objective is aligned.",
        'align change o-field objective:o-grow --share 0.5 --reason "Half of it."',
    )
    to = argument("to_parent", "What it is aligned with instead: objective:ID or key-result:ID.", "node")
    sends(
        app,
        "move",
        "MoveAlignment",
        [_CHILD, _PARENT, to, *said],
        "Align an objective elsewhere, in one step.",
        'align move o-field objective:o-grow key-result:k-1 --reason "It moves this one."',
    )
    sends(
        app,
        "accept",
        "AcceptAlignment",
        [_CHILD, _PARENT],
        "Accept, as the parent's owner, that it contributes.",
        "align accept o-field objective:o-grow",
    )
    sends(
        app,
        "decline",
        "DeclineAlignment",
        [_CHILD, _PARENT],
        "Decline, as the parent's owner, that it contributes.",
        'align decline o-field objective:o-grow --reason "It serves another goal."',
    )


def _programme() -> None:
    check_in_id = argument("check_in_id", "Id of the check-in.")
    reader = option("--person", "person_id", "Who has read it; whoever sends it if left out.")
    sends(
        check_in.app,
        "acknowledge",
        "AcknowledgeCheckIn",
        [check_in_id, reader],
        "Say that a check-in was read.",
        "check-in acknowledge c-1",
    )
    announcement = argument("announcement_id", "Id of the announcement.")
    told = [
        argument("kind", "news, training or reminder."),
        argument("title", "What it was called."),
        option("--sent", "sent", "How many messages were sent.", "whole"),
        option("--delivered", "delivered", "How many of them arrived.", "whole"),
    ]
    sends(
        programme,
        "announce",
        "Announce",
        [announcement, *told],
        "Record that something went out to everybody.",
        'programme announce a-1 training "How to write a key result" --sent 40',
    )
    done = argument("action", "What was done, as in training_finished.")
    sends(
        programme,
        "action",
        "RecordAction",
        [announcement, _PERSON, done],
        "Record what a person did.",
        "programme action a-1 p-7f3a training_finished",
    )


def add_all() -> None:
    """Adds every command to its group."""
    for group in (_organisation, _directory, _cycle, changes_of_okrs.add_all, _alignment, _programme):
        group()
