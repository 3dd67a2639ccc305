"""
What the words of an objective or a key result give away (rule quality/1): signals, never refusals.

Each signal names the words that triggered it, so that whoever reads it can disagree and dismiss it. The rules with
examples are in docs/rules/quality.md. The words are English; other languages give fewer signals, not wrong ones.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from okr_rules.progress import Kind

QualityCode: TypeAlias = Literal["reads_like_a_task", "has_no_number", "yes_no_measure", "objective_states_a_number"]
"""The signals that one title gives by itself."""

_ACTIVITIES: Final = frozenset(
    [
        "attend",
        "begin",
        "build",
        "complete",
        "conduct",
        "configure",
        "create",
        "define",
        "deliver",
        "deploy",
        "design",
        "develop",
        "document",
        "draft",
        "establish",
        "execute",
        "finalise",
        "finalize",
        "finish",
        "hold",
        "host",
        "identify",
        "implement",
        "install",
        "introduce",
        "investigate",
        "launch",
        "migrate",
        "organise",
        "organize",
        "perform",
        "plan",
        "prepare",
        "present",
        "produce",
        "publish",
        "refactor",
        "release",
        "research",
        "review",
        "rewrite",
        "run",
        "schedule",
        "setup",
        "ship",
        "start",
        "submit",
        "update",
        "write",
    ]
)
"""Verbs that say what somebody does, and not what comes of it."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# A quarter, a half, a fiscal or a calendar year is no measure, nor is a reference to something that has a number.
_NO_MEASURE: Final = re.compile(
    r"\bhttps?://\S+|[#&!]\d+|\b(?:(?:Q|H|FY|CY)[- ]?\d{1,4}|(?:19|20)\d\d)(?:[-/]?(?:Q|H)\d)?\b",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"[$€£]?\d[\d.,]*\s?%?|\b(?:zero|half|double|twice|triple|percent)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal, and the words of the title that triggered it; empty where it is what the title lacks."""

    code: QualityCode
    words: str


def numbers_in(title: str) -> list[str]:
    """The numbers that *title* states, as written; periods of time and references apart."""
    return [found.strip() for found in _NUMBER.findall(_NO_MEASURE.sub(" ", title))]


def of_objective(title: str) -> list[Signal]:
    """The signals of an objective's title."""
    numbers = numbers_in(title)
    return [Signal("objective_states_a_number", ", ".join(numbers))] if numbers else []


def of_key_result(title: str, kind: Kind) -> list[Signal]:
    """The signals of a key result's title, together with the kind of what it measures."""
    signals: list[Signal] = []
    numbers = numbers_in(title)
    first = _WORD.search(title)
    if first is not None and not numbers and first.group().casefold() in _ACTIVITIES:
        signals.append(Signal("reads_like_a_task", first.group()))
    if kind == "achieve":
        if numbers:
            signals.append(Signal("yes_no_measure", ", ".join(numbers)))
        else:
            signals.append(Signal("has_no_number", ""))
    return signals


def same_words(title: str) -> str:
    """What two titles have in common that say the same words: case, marks and punctuation apart."""
    letters = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(re.findall(r"\w+", letters))
