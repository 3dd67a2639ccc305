"""
From bytes to a request: what a sender wrote, checked field by field.

Everything that is wrong with the bytes is found here; what is wrong with the command is the deciders' to say.
"""

import re
from difflib import get_close_matches
from typing import Final, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from okr_contracts.commands import COMMANDS, Command
from okr_contracts.fields import IDENTIFIER_PATTERN

_IDENTIFIER: Final = re.compile(IDENTIFIER_PATTERN)


class CommandUnknown(Exception):
    """There is no such command."""

    def __init__(self, name: str) -> None:
        near = get_close_matches(name, COMMANDS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(COMMANDS)}."
        super().__init__(f"There is no command of that name. {hint}")


class FieldsInvalid(Exception):
    """Fields are missing, of the wrong sort or unknown; ``errors`` is a list of pointer, rule and message."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        count = len(errors)
        super().__init__("One field is" if count == 1 else f"{count} fields are")
        self.errors = errors


class IdInvalid(Exception):
    """A command id is not an id."""

    def __init__(self) -> None:
        super().__init__(
            "A command id has 1 to 64 letters, digits, '_' and '-'. Send another, or none and one is made."
        )


def command_type(name: str) -> type[Command]:
    """The class of the command called *name*. Raises CommandUnknown."""
    try:
        return COMMANDS[name]
    except KeyError:
        raise CommandUnknown(name) from None


def command(kind: type[Command], fields: object, pointer: str = "") -> Command:
    """
    The command of parsed JSON.

    *pointer* is where the fields stand in the document that was sent. Raises FieldsInvalid.
    """
    if not isinstance(fields, dict):
        raise FieldsInvalid([{"pointer": pointer, "rule": "object", "message": "A JSON object is wanted."}])
    try:
        return kind.model_validate(fields)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_context=True, include_input=False)
        raise FieldsInvalid([_error(kind, each, pointer) for each in errors]) from None


def command_id(text: str) -> str:
    """The command id that a sender chose, with or without the quotes of a structured header. Raises IdInvalid."""
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not _IDENTIFIER.fullmatch(bare):
        raise IdInvalid
    return bare


def _error(kind: type[Command], error: ErrorDetails, pointer: str) -> dict[str, str]:
    # Names of the branches that a union was tried with are ours, not the document's.
    path = [str(part) for part in error["loc"] if not (isinstance(part, str) and "[" in part)]
    where = pointer + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
    message = error["msg"]
    match error["type"]:
        case "extra_forbidden":
            near = get_close_matches(path[-1], kind.model_fields, n=1) if len(path) == 1 else []
            hint = f"did you mean '{near[0]}'?" if near else "leave it out."
            return {"pointer": where, "rule": "unknown_field", "message": f"There is no such field; {hint}"}
        case "missing":
            return {"pointer": where, "rule": "missing", "message": "The field is required."}
        case "string_pattern_mismatch":
            pattern = cast("dict[str, str]", error.get("ctx", {})).get("pattern", "")
            return {"pointer": where, "rule": "pattern", "message": _pattern_message(pattern)}
        case rule:
            return {"pointer": where, "rule": rule, "message": f"{message[:1].upper()}{message[1:]}."}


def _pattern_message(pattern: str) -> str:
    if pattern == r"^[^\x00]*$":
        return "The character U+0000 cannot be stored."
    if "64" in pattern:
        return "An id has 1 to 64 letters, digits, '_' and '-'."
    return f"The text must match {pattern}."
