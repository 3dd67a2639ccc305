"""The commands that change objectives and key results: names, words and examples; `sending` makes them."""

from typing import Final

from services.cli import key_result, objective
from services.cli.sending import argument, option, sends

_OBJECTIVE: Final = argument("objective_id", "Id of the objective.")
_KEY_RESULT: Final = argument("key_result_id", "Id of the key result.")
_GRADE: Final = argument("grade", "From 0 to 1.")
_REFLECTION: Final = option("--reflection", "reflection", "What was learnt.")
_PROPOSED: Final = option("--proposed", "proposed", "The grade that was proposed.")
_PERSON: Final = argument("person_id", "Id of the person.")


def _objective() -> None:
    app = objective.app
    owner = argument("owner", "Who owns it: unit:ID or person:ID.", "owner")
    sends(
        app,
        "reassign",
        "ReassignObjective",
        [_OBJECTIVE, owner],
        "Give an objective another owner.",
        "objective reassign o-grow person:p-7f3a",
    )
    top = option("--top-level/--not-top-level", "top_level", "Whether it is.", "flag")
    sends(
        app,
        "top-level",
        "DeclareTopLevel",
        [_OBJECTIVE, top],
        "Declare an objective top-level, whoever owns it.",
        "objective top-level o-grow",
    )
    ambition = argument("ambition", "aspirational or committed.")
    sends(
        app,
        "ambition",
        "SetAmbition",
        [_OBJECTIVE, ambition],
        "Say what falling short of it means.",
        'objective ambition o-grow committed --reason "The board counts on it."',
    )
    labels = argument("labels", "All of its labels.", "list")
    sends(
        app,
        "labels",
        "SetLabels",
        [_OBJECTIVE, labels],
        "Set the labels of an objective.",
        "objective labels o-grow customers 2026",
    )
    readers = option("--reader", "readers", "Who may read it: unit:ID or person:ID.", "owners", required=True)
    sends(
        app,
        "restrict",
        "RestrictObjective",
        [_OBJECTIVE, readers],
        "Let only some read an objective.",
        'objective restrict o-grow --reader unit:board --reason "Not signed yet."',
    )
    sends(
        app,
        "open",
        "OpenObjective",
        [_OBJECTIVE],
        "Bring a restricted objective into the open.",
        "objective open o-grow",
    )
    sends(
        app,
        "abandon",
        "AbandonObjective",
        [_OBJECTIVE],
        "Give an objective up; what it was stays readable.",
        'objective abandon o-grow --reason "The market is gone."',
    )
    sends(
        app,
        "reinstate",
        "ReinstateObjective",
        [_OBJECTIVE],
        "Let an abandoned objective count again.",
        'objective reinstate o-grow --reason "It is back."',
    )
    into = argument("cycle_id", "Id of the cycle in which it goes on.")
    carried = [
        option("--as", "successor_id", "Id of the successor; made of both ids if left out."),
        option("--keep-baselines", "keep_baselines", "Start from the old baselines, not from the last values.", "flag"),
    ]
    sends(
        app,
        "carry-over",
        "CarryOverObjective",
        [_OBJECTIVE, into, *carried],
        "Let an objective go on in another cycle.",
        "objective carry-over o-grow 2026-q2",
    )
    sends(
        app,
        "grade",
        "GradeObjective",
        [_OBJECTIVE, _GRADE, _PROPOSED, _REFLECTION],
        "Close an objective with a grade.",
        'objective grade o-grow 0.7 --reflection "Start with the second region."',
    )
    of = option("--key-result", "key_result_id", "Of one of its key results.")
    sends(
        app,
        "correct-grade",
        "CorrectGrade",
        [_OBJECTIVE, _GRADE, of, _REFLECTION],
        "Say that a grade was wrong.",
        'objective correct-grade o-grow 0.8 --reason "One region was left out."',
    )
    code = argument("code", "Code of the signal, as in reads_like_a_task.")
    sends(
        app,
        "dismiss-signal",
        "DismissSignal",
        [_OBJECTIVE, code, of],
        "Say that a quality signal does not apply.",
        'objective dismiss-signal o-grow has_no_number --reason "The title has it."',
    )


def _key_result() -> None:
    app = key_result.app
    title = argument("title", "What it is called.")
    sends(
        app,
        "revise",
        "ReviseKeyResult",
        [_KEY_RESULT, title],
        "Change the words of a key result.",
        'key-result revise k-1 "Customers who come back"',
    )
    weight = argument("weight", "0 or more; 0 is shown and not counted.")
    sends(
        app,
        "reweigh",
        "ReweighKeyResult",
        [_KEY_RESULT, weight],
        "Let a key result count more or less.",
        'key-result reweigh k-1 2 --reason "It matters most."',
    )
    sends(
        app,
        "release",
        "ReleaseKeyPartner",
        [_KEY_RESULT, _PERSON],
        "Say that somebody is no key partner any more.",
        "key-result release k-1 p-2b90",
    )
    cadence = argument("cadence_days", "Days between two check-ins.", "whole")
    sends(
        app,
        "cadence",
        "SetCadence",
        [_KEY_RESULT, cadence],
        "Say how often check-ins are due.",
        "key-result cadence k-1 14",
    )
    steps = argument("phased_targets", 'Days with values, as in 2026-06-30=45; "" for a straight line.', "steps")
    sends(
        app,
        "phased-targets",
        "SetPhasedTargets",
        [_KEY_RESULT, steps],
        "Say what should be reached by when.",
        'key-result phased-targets k-1 2026-06-30=45 --reason "Starts in summer."',
    )
    sends(
        app,
        "drop",
        "DropKeyResult",
        [_KEY_RESULT],
        "Give a key result up; what it was stays readable.",
        'key-result drop k-1 --reason "Nobody can measure it."',
    )
    sends(
        app,
        "reinstate",
        "ReinstateKeyResult",
        [_KEY_RESULT],
        "Let a dropped key result count again.",
        'key-result reinstate k-1 --reason "We can measure it."',
    )
    sends(
        app,
        "grade",
        "GradeKeyResult",
        [_KEY_RESULT, _GRADE, _PROPOSED, _REFLECTION],
        "Close a key result with a grade.",
        'key-result grade k-1 0.7 --reflection "Fairs work, flyers do not."',
    )


def add_all() -> None:
    """Adds every command to its group."""
    _objective()
    _key_result()
