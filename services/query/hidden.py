"""What one asker may not read, by id, and which events tell of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from pydantic_core import from_json

_KINDS: Final = {"objectives": "objective", "key-results": "key_result"}


@dataclass(frozen=True, slots=True)
class Hidden:
    """Objectives, and their key results, that somebody may not read."""

    objectives: frozenset[str] = frozenset()
    key_results: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is hidden at all."""
        return bool(self.objectives)

    def has(self, kind: object, node_id: object) -> bool:
        """Whether a node is hidden."""
        return node_id in (self.objectives if kind == "objective" else self.key_results if kind == "key_result" else ())

    def has_subject(self, subject: str) -> bool:
        """
        Whether a subject is hidden, as far as its name tells.

        A check-in does not name its key result: where anything is hidden, it counts as hidden.
        """
        plural, _, subject_id = subject.partition("/")
        if plural == "alignments":
            child, kind, parent = subject_id.split("~")
            return child in self.objectives or self.has(kind, parent)
        return plural == "check-ins" or self.has(_KINDS.get(plural), subject_id)

    def has_event(self, event: bytes) -> bool:
        """Whether an event, as JSON, tells of what is hidden."""
        return self.tells(cast("Mapping[str, object]", from_json(event)))

    def tells(self, event: Mapping[str, object]) -> bool:
        """Whether an event tells of what is hidden."""
        subject = str(event["subject"])
        data = cast("Mapping[str, object] | None", event.get("data")) or {}
        match subject.partition("/")[0]:
            case "objectives" | "alignments":
                return self.has_subject(subject)
            case "key-results":
                # One that was added a moment ago may not be known as a key result yet.
                return self.has_subject(subject) or data.get("objective_id") in self.objectives
            case "check-ins":
                return data.get("key_result_id") in self.key_results
            case "cycles":
                # An exception says why something had to be changed; its end names the grant alone, and not for what.
                on = data.get("on")
                return event["type"] == "ExceptionRevoked" or (isinstance(on, str) and self.has_subject(on))
            case _:
                return False


NOTHING: Final = Hidden()
