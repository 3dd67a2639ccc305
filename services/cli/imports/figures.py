"""What an import comes to: how many of each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from services.cli.imports.remarks import Remark

_COUNTED_REMARKS: Final[Mapping[str, str]] = {
    "link_counts_nowhere": "links_that_count_nowhere",
    "compared_with_key_results": "compared",
    "same_words_twice": "duplicate_pairs",
    "manager_not_in_file": "without_their_manager",
    "circle_of_managers": "without_their_manager",
    "own_manager": "without_their_manager",
    "manager_refused": "without_their_manager",
    "department_spelled_twice": "second_spellings",
}


def figures(of_commands: Iterable[str], remarks: Iterable[Remark]) -> dict[str, int]:
    """How many commands each figure counts, and how many of what *remarks* found."""
    counts = Counter(of_commands)
    counts.update(_COUNTED_REMARKS[remark.rule] for remark in remarks if remark.rule in _COUNTED_REMARKS)
    return dict(counts)
