"""
`docs/commands.md`: every command and event with its fields and an example, written from the contracts.

``python -m services.cli.reference`` writes it; ``--check`` fails where the committed one says something else.
"""

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from pydantic import BaseModel

from okr_contracts.commands import COMMANDS, Command
from okr_contracts.commands.answers import ANSWERS
from okr_contracts.commands.examples import EXAMPLES
from okr_contracts.events import EVENTS, Event
from okr_contracts.fields import DECIMAL_PATTERN, IDENTIFIER_PATTERN, TEXT_LIMIT, text_fields_of
from services.ledger.policies import roles_for

_Schema: TypeAlias = Mapping[str, object]

_FILE: Final = Path(__file__).parents[2] / "docs" / "commands.md"
_HEAD: Final = """\
# Commands and events

Every command that the ledger takes and every event that it writes, with their fields.
This page is written from [the contracts](../contracts/README.md) by `make schemas`.

A command is sent as `POST /v1/organisations/{organisation}/commands/{command}`, its fields as JSON ([HTTP](http.md)).
Beside its own fields each takes `effective_on`, `reason`, `exception`, `correlation_id` and `causation_id`;
a service with the role `import` also `import_source` and `effective_basis`.
Sent in this order, the examples are all taken: a test sends them.

Each event also has, where given, `reason`, `after_lock` (the cycle whose lock it came after), `import_source` and
`effective_basis`; its envelope is in [events](events.md).
Fields marked *text* are words that people wrote: they can be erased, and are null then.
"""


def text() -> str:
    """The whole page."""
    order = sorted(COMMANDS, key=list(EXAMPLES).index)
    lines = [_HEAD, "## Commands", ""]
    for name in order:
        lines += _command(COMMANDS[name])
    lines += ["## Events", ""]
    for event in EVENTS.values():
        lines += _event(event)
    return "\n".join(lines).rstrip("\n") + "\n"


def _command(command: type[Command]) -> Iterator[str]:
    name = command.__name__
    yield from (f"### {name}", "", _words_of(command), "")
    becomes = ", ".join(f"[{event}](#{event.lower()})" for event in ANSWERS[name])
    yield f"Becomes {becomes}. May be sent by {_listed(sorted(roles_for(command)))}."
    if command.back_datable:
        yield "May be about an earlier day (`effective_on`)."
    yield ""
    yield from _fields(command, Command)
    yield from ("```json", json.dumps(EXAMPLES[name], indent=2, ensure_ascii=False), "```", "")


def _event(event: type[Event]) -> Iterator[str]:
    yield from (f"### {event.__name__}", "", _words_of(event), "")
    answers = [command for command, events in ANSWERS.items() if event.__name__ in events]
    if answers:
        yield "Answers " + ", ".join(f"[{command}](#{command.lower()})" for command in answers) + "."
        yield ""
    yield from _fields(event, Event)


def _words_of(model: type[BaseModel]) -> str:
    return inspect.cleandoc(model.__doc__ or "").replace("``", "`")


def _fields(model: type[BaseModel], base: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema()
    properties = cast("dict[str, _Schema]", schema["properties"])
    definitions = cast("dict[str, _Schema]", schema.get("$defs", {}))
    required = set(cast("list[str]", schema.get("required", [])))
    own = {name: each for name, each in properties.items() if name not in base.model_fields}
    if not own:
        return
    text = text_fields_of(model)
    yield from ("| field | what | left out |", "|---|---|---|")
    for name, each in own.items():
        mark = ", *text*" if name in text and issubclass(model, Event) else ""
        left_out = "never" if name in required else _default(each)
        yield f"| `{name}` | {_type(each, definitions)}{mark} | {left_out} |"
    yield ""


def _default(field: _Schema) -> str:
    default = field.get("default")
    if default is None:
        return ""
    return f"`{json.dumps(default)}`"


def _type(field: _Schema, definitions: Mapping[str, _Schema]) -> str:
    if "$ref" in field:
        return _object(definitions[str(field["$ref"]).rpartition("/")[2]], definitions)
    if "anyOf" in field:
        given = [each for each in cast("list[_Schema]", field["anyOf"]) if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(_type(each, definitions) for each in given))
    if "enum" in field:
        return _listed([str(word) for word in cast("list[object]", field["enum"])])
    if "const" in field:
        return f"`{field['const']}`"
    if "items" in field:
        return f"list of {_type(cast('_Schema', field['items']), definitions)}"
    return _scalar(field)


def _scalar(field: _Schema) -> str:
    match field:
        case {"pattern": str(pattern)} if pattern == IDENTIFIER_PATTERN:
            return "id"
        case {"pattern": str(pattern)} if pattern == DECIMAL_PATTERN:
            return "decimal, true or false" if "boolean" in cast("list[str]", field["type"]) else "decimal"
        case {"format": "date"}:
            return "day"
        case {"format": "date-time"}:
            return "instant"
        case {"type": "string"}:
            return "words" if field.get("maxLength") == TEXT_LIMIT else "text"
        case {"type": "integer"}:
            return "whole number"
        case {"type": "boolean"}:
            return "true or false"
        case _:
            return "value"


def _object(schema: _Schema, definitions: Mapping[str, _Schema]) -> str:
    properties = cast("dict[str, _Schema]", schema.get("properties", {}))
    return "{" + ", ".join(f"`{name}`: {_type(each, definitions)}" for name, each in properties.items()) + "}"


def _listed(words: list[str]) -> str:
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def main() -> int:
    """Write the page, or with ``--check`` say whether it is as it should be."""
    wanted = text()
    if "--check" in sys.argv[1:]:
        if _FILE.exists() and _FILE.read_text("utf-8") == wanted:
            return 0
        print("docs/commands.md is not what the contracts say: run `make schemas`", file=sys.stderr)
        return 1
    _FILE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
