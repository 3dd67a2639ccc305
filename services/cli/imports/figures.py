"""What an import comes to: how many of each, and how often something had to be assumed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from services.cli.imports.planned import PlannedCommand
from services.cli.imports.remarks import Remark

_COUNTED_REMARKS: Final[Mapping[str, str]] = {
    "link_counts_nowhere": "links_that_count_nowhere",
    "compared_with_key_results": "compared",
    "same_words_twice": "duplicate_pairs",
}


def figures(commands: Iterable[PlannedCommand], remarks: Iterable[Remark]) -> dict[str, int]:
    """How many of each figure *commands* make, and how many of what *remarks* found."""
    counts = Counter(command.figure for command in commands)
    counts.update(_COUNTED_REMARKS[remark.rule] for remark in remarks if remark.rule in _COUNTED_REMARKS)
    return dict(counts)


def assumptions(commands: Sequence[PlannedCommand], first: date, last: date) -> dict[str, int]:
    """What was assumed in *commands*, in words, and for how many of them."""
    kinds = Counter(command.figure for command in commands)
    results = kinds["check_ins_with_value"] + kinds["check_ins_narrative_only"]
    stated = {
        f"results are effective on {last}, the cycle's last day or today": results,
        f"everything else is effective on {first}, the cycle's first day or today": len(commands) - results,
        "a key result is increase, 0 to 100 percent: completion as stated by its authors": kinds["key_results"],
        "a link contributes with share 1, its origin unstated": kinds["links"],
        "a role is a unit under the root, with a placeholder who is responsible": kinds["units"],
        "an objective without parent is top-level": sum(command.data.get("top_level") is True for command in commands),
    }
    return {words: count for words, count in stated.items() if count}
