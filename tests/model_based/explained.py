"""Explanations as they came over HTTP, computed again from their JSON alone, in a process of its own."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, cast

from tests.plain_recomputation.explanations import Json, differences, levels, read

Explain = Literal["true", "all"]

EXPLAINED: Final = (
    *("increase", "reduce", "stay_above", "stay_below", "stay_within", "achieve", "fed by objectives"),
    *("roll-up of key_results", "roll-up of children", "roll-up of both"),
    *("under an override", "along phased targets", "not measured", "with what does not count"),
)
"""What a long run comes across."""


@dataclass(frozen=True)
class Explained:
    """An answer to ``…/progress?explain=…``, and the moment that it is of."""

    node: str
    explain: Explain
    effective_on: str
    sequence: int
    body: bytes


def computed_again(answers: Sequence[Explained]) -> tuple[Counter[str], list[str]]:
    """How many explanations of what there are in *answers*, and each number of them that does not follow."""
    found: list[str] = []
    seen: Counter[str] = Counter()
    tops: dict[tuple[str, str, int], Json] = {}
    for answer in answers:
        where = f"{answer.node} explained ({answer.explain}) on {answer.effective_on} at {answer.sequence}"
        document = read(answer.body)
        on = date.fromisoformat(answer.effective_on)
        found += (f"{where}: {each}" for each in differences(document, on, answer.sequence))
        explained = levels(document)
        for level in explained:
            seen.update(_explains(level))
        moment = (answer.node, answer.effective_on, answer.sequence)
        if explained and tops.setdefault(moment, explained[0]) != explained[0]:
            found.append(f"{where}: not the same as in the other answer")
    return seen, found


def _explains(level: Json) -> Iterator[str]:
    yield "explanations"
    if level["kind"] == "objective":
        yield f"roll-up of {level['roll_up']}"
    else:
        fed = level["source"] == "children"
        yield "fed by objectives" if fed else str(cast("Json", level["definition"])["kind"])
    if level.get("override") is not None:
        yield "under an override"
    if level["phased_targets"]:
        yield "along phased targets"
    if level["status"] == "not_measured":
        yield "not measured"
    if any(each["why_not"] for each in cast("Sequence[Json]", level.get("inputs", ()))):
        yield "with what does not count"
