"""Every line that our code logs, read from the code itself: a fact in the past tense, with keys that carry units."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from services.chassis.logging import PRIVATE

ROOT: Final = Path(__file__).parents[3]
LOGGERS: Final = {"log", "_log", "seldom", "_seldom"}
LEVELS: Final = {"debug", "info", "warning", "error", "exception", "critical"}
# Past participles of English that do not end in -ed.
IRREGULAR: Final = {
    "begun",
    "bit",
    "built",
    "found",
    "held",
    "left",
    "lost",
    "made",
    "read",
    "rebuilt",
    "set",
    "taken",
    "took",
}
EVENT: Final = re.compile(r"[a-z]+(_[a-z]+)+")
KEY: Final = re.compile(r"[a-z][a-z_]*")
# What measures needs a unit; what only counts has the name of what is counted.
MEASURES: Final = re.compile(r"(duration|elapsed|silent|size|took|wait|limit|age)(?!.*_(ms|s|bytes|mb)$)")
# One word for one thing: what went wrong is the cause, what to do is the fix.
OTHER_WORDS: Final = {"err", "error", "exc", "exception", "hint", "msg", "message", "org", "reason", "remedy", "seq"}


@dataclass(frozen=True, slots=True)
class Line:
    """A call that logs."""

    place: str
    event: str | None
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place} {self.event}"


def lines() -> Iterable[Line]:
    for folder in ("services", "projections"):
        for page in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(page.read_text("utf-8"))):
                if isinstance(node, ast.Call) and is_logging(node.func):
                    first = node.args[0] if node.args else None
                    event = first.value if isinstance(first, ast.Constant) else None
                    keys = tuple(each.arg for each in node.keywords if each.arg is not None)
                    yield Line(
                        f"{page.relative_to(ROOT)}:{node.lineno}", event if isinstance(event, str) else None, keys
                    )


def is_logging(called: ast.expr) -> bool:
    if not isinstance(called, ast.Attribute) or called.attr not in LEVELS:
        return False
    receiver = called.value
    name = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
    return name in LOGGERS


# Seldom passes on the event that it was given.
LINES: Final = [line for line in lines() if not line.place.startswith("services/chassis/seldom.py")]


def test_there_are_lines_to_look_at():
    assert len(LINES) > 30


@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_line_is_a_fact_with_keys(line: Line):
    assert line.event is not None, "the event is written out, so that it can be searched for"
    assert EVENT.fullmatch(line.event)
    assert any(word.endswith("ed") or word in IRREGULAR for word in line.event.split("_")), "in the past tense"
    for key in line.keys:
        assert KEY.fullmatch(key)
        assert not MEASURES.match(key), f"{key}: in which unit?"
        assert key not in PRIVATE, f"{key} would be withheld"
        assert key not in OTHER_WORDS, f"{key}: the word is cause, fix, organisation or sequence"
