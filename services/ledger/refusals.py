"""What goes wrong with a command, as a problem document."""

from collections.abc import Sequence

from services.chassis.problems import FieldError, Problem
from services.ledger.domain.refusal import Refusal, VersionIsAnother
from services.ledger.exact_json import NotJson, TooDeep
from services.ledger.reading import CommandUnknown, FieldsInvalid, IdInvalid
from services.ledger.statuses import STATUSES


def of_refusal(refusal: Refusal, pointer: str = "") -> Problem:
    """
    The ledger's no: its code, its rule, and what would be accepted.

    *pointer* is where the command's fields stand in the document that was sent.
    """
    errors = [FieldError(pointer + refusal.pointer, refusal.code, str(refusal))] if refusal.pointer else []
    title = (type(refusal).__doc__ or refusal.code).strip().splitlines()[0].rstrip(".")
    problem = Problem(STATUSES[type(refusal)], refusal.code, title, str(refusal), errors)
    if isinstance(refusal, VersionIsAnother):
        problem.extra["current_version"] = refusal.current_version
    return problem


def of_document(fault: NotJson | TooDeep | CommandUnknown | FieldsInvalid | IdInvalid) -> Problem:
    """What is wrong with the document before anybody decides about it."""
    match fault:
        case NotJson():
            return Problem(400, "not_json", "The body is not JSON", f"The body is not unambiguous JSON: {fault}.")
        case TooDeep():
            return Problem(422, "too_deep", "Nested too deep", f"{fault}. Commands are nearly flat.".capitalize())
        case CommandUnknown():
            return Problem(404, "command_unknown", "No such command", str(fault))
        case IdInvalid():
            return Problem(400, "command_id_invalid", "Not a command id", str(fault))
        case FieldsInvalid():
            detail = f"{fault} not as the command wants it: 'errors' names each with its rule."
            return Problem(422, "fields_invalid", "Fields are not valid", detail, _field_errors(fault.errors))


def _field_errors(errors: Sequence[dict[str, str]]) -> list[FieldError]:
    return [FieldError(each["pointer"], each["rule"], each["message"]) for each in errors]
